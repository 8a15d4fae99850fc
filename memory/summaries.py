"""How does a long conversation stay short? What leaves the window is folded into a bounded summary of quoted lines.

Extractive and deterministic: the summary holds what was said, dated, word for word, so it can be checked against the
messages whose ids stand in the conversation's notes under "summary". No model is called.
"""

import re
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from memory.facts import extract
from memory.models import Conversation, Message
from memory.prepared import Prepared
from memory.repositories.base import table_of
from memory.work import Work

WINDOW = 20  # messages a turn loads word for word
SLACK = 10  # so many more may wait, so that one turn in ten pays for folding
LONGEST = 1_200  # characters of a summary
LINE = 160  # characters of one quoted line
AT_ONCE = 200  # messages folded in one go: an imported history takes several turns

_M = table_of(Message)
_FAR = Prepared(
    select(_M.c.id)
    .where(_M.c.conversation_id == bindparam("which"), _M.c.id > bindparam("upto"))
    .order_by(_M.c.id)
    .offset(bindparam("far"))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Line:
    """One quoted line of a summary, and how much it tells."""

    message_id: str
    text: str
    weight: int


async def roll_up(work: Work, conversation: Conversation) -> bool:
    """Fold what lies beyond the window into the summary, when enough waits there; whether anything changed.

    On an ordinary turn this is one look into the index at WINDOW + SLACK messages after the summary's end.
    """
    if not await _waiting(work, conversation):
        return False
    conversation = await work.conversations.get(conversation.id)  # as it is in this transaction, to be written
    later = await work.conversations.after(conversation.id, conversation.summary_upto, WINDOW + AT_ONCE)
    folded = later[:-WINDOW]
    kept = _fit(_kept_lines(conversation) + [line for message in folded if (line := _line(message))])
    conversation.summary = "\n".join(line.text for line in kept)
    conversation.summary_upto = folded[-1].id
    notes = [[line.message_id, line.weight] for line in kept]
    conversation.notes = {**conversation.notes, "summary": notes}
    await work.session.flush()
    return True


async def _waiting(work: Work, conversation: Conversation) -> bool:
    values = {"which": conversation.id, "upto": conversation.summary_upto or "", "far": WINDOW + SLACK}
    return bool(await _FAR.run(work.session, values))


def _kept_lines(conversation: Conversation) -> list[Line]:
    """The summary as it stands, line by line, with the messages it was taken from."""
    sources = conversation.notes.get("summary", [])
    texts = conversation.summary.split("\n") if conversation.summary else []
    return [Line(id, text, weight) for (id, weight), text in zip(sources, texts, strict=True)]


def _line(message: Message) -> Line | None:
    """The message as a dated line; None for what tells nothing and for what code sent."""
    words = " ".join(message.text.split())
    weight = _weight(message.author, words)
    if weight <= 0 or message.author not in ("fan", "persona", "operator"):
        return None
    shown = words if len(words) <= LINE else words[: LINE - 1].rsplit(" ", 1)[0] + "…"
    return Line(message.id, f"{message.created_at:%Y-%m-%d} {message.author}: “{shown}”", weight)


def _weight(author: str, words: str) -> int:
    """How much a line tells: facts of the fan's own above all, then names, numbers and length; small talk nothing."""
    own_facts = 5 * len(extract(words)) if author == "fan" else 0
    names = len(re.findall(r"(?<=[\w,;] )[A-Z]\w+", words))
    numbers = len(re.findall(r"\d+", words))
    length = min(3, len(words.split()) // 6)
    return own_facts + min(3, names) + min(2, numbers) + length + (1 if author == "fan" and length else 0)


def _fit(lines: list[Line]) -> list[Line]:
    """Drop what tells least, the oldest first among equals, until the rest fits."""
    size = sum(len(line.text) + 1 for line in lines)
    for line in sorted(lines, key=lambda line: (line.weight, line.message_id)):
        if size <= LONGEST:
            break
        size -= len(line.text) + 1
        lines = [one for one in lines if one is not line]
    return lines
