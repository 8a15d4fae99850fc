"""Where does a conversation stand when a message comes in? What was last done, what was said to it, what is asked back.

Neighbours: reader (what a message is by itself); taking_up, answers, pointing and repetitions, which read it against this.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.builtin.desk import Desk, Step
from agents.builtin.drafting import Outcome
from agents.builtin.reader import Done, Reader

ASKS = re.compile(
    r"\?|\b(?:which|what|when|who|whose|where|how (?:many|old|long|often)|are you sure|tell me|let me know|give me"
    r"|i(?:'d| would)?"
    r" (?:still )?need|please (?:tell|give|name|say|specify|choose|pick|provide|confirm))\b",
    re.IGNORECASE,
)
STATED = re.compile(
    r"\b(?:done|i've|i have (?!to)|is on its way|are on their way|(?:is|was|has been|have been"
    r"|are) (?:now )?(?:scheduled|created|removed"
    r"|moved|added|posted|queued|paused|ready|cancelled|live|gone|updated)|here(?:'s| is| are)|wrote|created"
    r"|queued|all set|scheduled"
    r" (?:for|it)|added|removed|moved)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a conversation stands when a message comes in."""

    reader: Reader
    before: Outcome  # what the message before came to
    replied: str  # what was said to it
    done: Done

    @property
    def undone(self) -> bool:
        """Whether the reply to the message before asks something instead of telling what was done."""
        return bool(self.replied) and asks(self.replied) and not states(self.replied)

    def desk(self) -> Desk:
        return Desk(
            self.reader.context,
            focus=self.before.focus,
            before=list(self.done.steps),
            said_before=self.done.reply,
            asked=" ".join(self.before.clauses),
        )


def asks(reply: str) -> bool:
    """Whether a reply asks something back."""
    body = reply.split("\n\n(No language model")[0].strip()
    last = body.rsplit("\n\n", 1)[-1]
    return body.endswith("?") or (bool(ASKS.search(questions_in(body) or last)) and ("?" in body or not states(body)))


def questions_in(reply: str) -> str:
    return " ".join(part for part in re.split(r"(?<=[.!?])\s+|\n+", reply) if part.rstrip(" ”\"')").endswith("?"))


def states(reply: str) -> bool:
    """Whether a reply tells that something was done, in a sentence that is no question."""
    parts = re.split(r"(?<=[.!?])\s+|\n+", reply)
    return any(STATED.search(part) for part in parts if "?" not in part)


def outcome_of(thread: Thread, steps: Sequence[Step] = (), words: str = "", notes: Sequence[str] = ()) -> Outcome:
    lacking = [step.tool for step in steps if step.tool not in thread.reader.tools]
    if lacking:
        steps, words = (), f"That would need {lacking[0].replace('_', ' ')}, which I do not have in this conversation."
    people = [str(step.args["persona"]) for step in steps if step.args.get("persona")]
    focus = people[-1] if people else thread.before.focus
    return replace(
        thread.before, steps=tuple(steps), words=words, notes=tuple(notes), question=None, focus=focus,
        clauses=thread.before.clauses,
    )  # fmt: skip
