"""What is to be done? A conversation's last message becomes a plan of steps, a question back, or an answer.

A plan is made anew from the conversation each time it is needed: nothing is remembered but what was said. An answer to
our own question is joined to the request that raised it. Neighbours: intents, fillers, carrying.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agents.builtin import orders, replies
from agents.builtin.answers import says_more
from agents.builtin.asides import CONDITION, asks_ability, elliptic, harmless, specifies
from agents.builtin.clauses import split
from agents.builtin.corrections import drop
from agents.builtin.desk import Ask, Cannot, Desk, Step, Unknown
from agents.builtin.fill_posts import moment
from agents.builtin.fillers import FILLERS
from agents.builtin.follow_ups import take_up
from agents.builtin.heads import Reading, plainly, take_apart
from agents.builtin.intents import intent_of
from agents.builtin.joining import join
from agents.builtin.said import Said, hear
from agents.builtin.second_thoughts import thought_again
from agents.builtin.small_talk import essence, is_small_talk, kindly
from agents.builtin.threads import Done, Thread, asks

TALK = {
    "thanks": "You're welcome.", "hello": "Hello! Tell me what to do, or ask what I can do.",
    "bye": "All right. I am here when you need me.",
    "approve": "I may not approve anything myself, that is yours to do: use the buttons on the request, or /approve in"
    " the chat, or `gator approve` on the command line.",
}  # fmt: skip

# Said after something else was talked of, these are no word on what was done before that.
TAKES_BACK = re.compile(r"(?i)\s*(?:cancel|stop|abort|undo|never|forget|scratch|drop|leave|don't|no\b|take)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a message comes to: steps, or words; `question` is set when the words ask something that is needed."""

    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    words: str = ""
    question: Ask | None = None
    focus: str | None = None
    clauses: tuple[str, ...] = ()
    at: int = 0  # the clause that asks
    joined: int = 0  # how many answers went into it


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message of the operator and our last reply to it."""

    asked: str
    replied: str = ""


@dataclass(slots=True)
class Planner:
    """Plans for one conversation, in one context, with the tools that are bound."""

    context: dict[str, Any]
    tools: Sequence[str] = ()
    known: dict[int, Outcome] = field(default_factory=dict)

    def plan(self, talk: Sequence[Exchange]) -> Outcome:
        """What the last message of a conversation comes to; those before it tell what it refers to."""
        outcome, done = Outcome(), Done()
        for place, exchange in enumerate(talk):
            replied_before = talk[place - 1].replied if place else ""
            outcome = self._next(exchange.asked, Thread(self, outcome, replied_before, done))
            if outcome.steps:
                done = Done(outcome.steps, exchange.replied)
        return outcome

    def _next(self, text: str, thread: Thread) -> Outcome:
        before, replied = thread.before, thread.replied
        text = essence(text, self._names())
        waits = before.question is not None and (str(before.question) in replied or asks(replied))
        if waits and not says_more(text, thread) and (answered := self._answered(text, before, replied)):
            return answered
        return thought_again(text, thread) or self.plan_again(text, thread)

    def plan_again(self, text: str, thread: Thread) -> Outcome:
        """A message as a follow-up to what was said before, else as a request of its own."""
        if taken_up := take_up(text, thread):
            return taken_up
        if kind := kindly(hear(text, self._names())):
            return Outcome(words=TALK[kind], focus=thread.before.focus)
        return self.fresh(text, thread.before, thread.replied, thread.done)

    def fresh(self, text: str, before: Outcome, replied: str, done: Done) -> Outcome:
        """A message as a request of its own; "it" may stand for what an earlier one left."""
        if not before.steps and done.steps and not TAKES_BACK.match(text):
            before, replied = replace(before, steps=done.steps), done.reply
        outcome = self._fresh(text, before, replied)
        focus = outcome.focus or before.focus
        steps = outcome.steps
        return Outcome(steps, outcome.notes, outcome.words, outcome.question, focus, outcome.clauses, outcome.at)

    def _answered(self, text: str, before: Outcome, replied: str) -> Outcome | None:
        """The earlier request with this answer joined to it; None when the message is something new."""
        question = before.question
        assert question is not None
        said = hear(text, self._names())
        read = plainly(said).read
        if re.match(
            r"(?:never ?mind|cancel|forget|no,? (?:thanks|thank you|leave|forget)|stop|leave it|drop it"
            r"|nothing|nope|no)\b[^§]{0,25}$",
            read,
        ):
            return Outcome(words="All right, I leave it.", focus=before.focus)
        if question.kind == "persona" and str(question).startswith("Do you mean"):
            if not re.match(r"(?:yes|yep|yeah|sure|right|exactly|correct|i do|that's right|y)\b", said.read):
                return None
            return self._mended(before, question)
        if not self._fits(question, said, text):
            return None
        clauses = list(before.clauses)
        clauses[before.at] = join(clauses[before.at], question, text, said)
        outcome = self._steps(clauses, Outcome(focus=before.focus), replied)
        if outcome.question is not None and str(outcome.question) == str(question):
            return None
        return outcome if outcome.steps or outcome.question else None

    def _mended(self, before: Outcome, question: Ask) -> Outcome:
        name = str(question).removeprefix("Do you mean ").rstrip("?")
        clauses = list(before.clauses)
        said = hear(clauses[before.at], self._names())
        guessed = re.search(r"§p\d+", said.read)
        if guessed:
            start, end = said.at[guessed.start()], said.at[guessed.end()]
            clauses[before.at] = said.raw[:start] + name + said.raw[end:]
        return self._steps(clauses, Outcome(focus=before.focus), "")

    def _fits(self, question: Ask, said: Said, text: str) -> bool:
        """Whether a message can be the answer; a whole new request is none."""
        if question.kind == "persona" and said.named():
            return (
                not re.search(
                    r"\w",
                    re.sub(
                        r"§p\d+(?:'s)?|\b(?:as|for|by|with|the|persona|please|use|take|it's|is|let|and|post"
                        r"|she|one|should|do|write|speak|it|of course|both|me|in|voice|gallery|on|to|make|from"
                        r"|would|be|ok|yes)\b",
                        "",
                        said.read,
                    ),
                )
                or len(said.read.split()) <= 6
            )
        if question.kind == "time":
            desk = self._desk(Outcome())
            try:
                return moment(said, desk)[0] is not None
            except Ask:
                return True
        if question.kind == "link":
            return bool(said.links())
        fresh = self._fresh(text, Outcome(), "")
        if fresh.steps and not said.read.strip().startswith("§q"):
            return False
        return question.kind != "persona"

    def _names(self) -> list[str]:
        return [str(one["name"]) for one in self.context.get("personas") or []]

    def _desk(self, before: Outcome, replied: str = "") -> Desk:
        return Desk(self.context, focus=before.focus, before=list(before.steps), said_before=replied)

    def _fresh(self, text: str, before: Outcome, replied: str) -> Outcome:
        clauses = []
        for point in orders.enumerated(hear(text, self._names())):
            said = hear(orders.whole(point), self._names()) if orders.whole(point) else point
            for clause in split(said):
                clauses += orders.several_personas(clause) or [clause.text()]
        asking = [clause for clause in clauses if not is_small_talk(hear(clause, self._names()))]
        return self._steps(asking or clauses or [text], before, replied)

    def read(self, clauses: list[str], before: Outcome, replied: str) -> Outcome:
        """Clauses that were put together anew, as a request of their own."""
        return self._steps(clauses, Outcome(focus=before.focus), replied)

    def _steps(self, clauses: list[str], before: Outcome, replied: str) -> Outcome:
        """All clauses read in order on one desk. Nothing is planned unless all of it was understood."""
        desk = self._desk(before, replied)
        words: list[str] = []
        previous = ""
        merged = list(clauses)
        place = 0
        while place < len(merged):
            text = merged[place]
            said = hear(text, desk.personas)
            try:
                outcome, intent = self._clause(said, desk, previous)
            except Unknown:
                if place and self._continues(said, previous):
                    # More about what was asked for just before: read both as one.
                    merged[place - 1 : place + 1] = [f"{merged[place - 1].rstrip(' .!?')}, {text}"]
                    return self._steps(merged, before, replied)
                if harmless(said) and len(merged) > 1:
                    place += 1
                    continue
                return Outcome(words=replies.not_understood(text, self.tools), focus=desk.focus, clauses=tuple(merged))
            except Ask as question:
                if place + 1 < len(merged) and self._completes(merged[place + 1], text, desk):
                    merged[place : place + 2] = [f"{text.rstrip(' .!?')}, {merged[place + 1]}"]
                    return self._steps(merged, before, replied)
                return Outcome(
                    words=str(question), question=question, focus=desk.focus, clauses=tuple(merged), at=place
                )
            except Cannot as cannot:
                if len(merged) == 1 or not desk.steps:
                    return Outcome(words=str(cannot), focus=desk.focus, clauses=tuple(merged))
                desk.note(str(cannot))
                break
            if intent == "merge":
                merged[place - 1 : place + 1] = [f"{merged[place - 1].rstrip(' .!?')}, {text}"]
                return self._steps(merged, before, replied)
            if outcome:
                words.append(outcome)
            elif intent:
                previous = intent
            place += 1
        if unbound := [step.tool for step in desk.steps if step.tool not in self.tools]:
            return Outcome(
                words=f"That would need {unbound[0].replace('_', ' ')}, which I do not have in this conversation.",
                focus=desk.focus,
            )
        if desk.steps:
            kept = [one for one in words if one not in TALK.values()]
            return Outcome(tuple(desk.steps), (*kept, *desk.notes), focus=desk.focus, clauses=tuple(merged))
        return Outcome(
            words=" ".join(dict.fromkeys(words)) or replies.not_understood(" ".join(merged), self.tools),
            focus=desk.focus,
            clauses=tuple(merged),
        )

    def _clause(self, said: Said, desk: Desk, previous: str) -> tuple[str, str]:
        """Put down the steps of one clause, or give the words that answer it."""
        for _ in range(2):  # a time in front of "as Nova post …" is moved first
            if plain := orders.clause(plainly(said)):
                said = hear(plain, desk.personas)
        if again := elliptic(said, previous):
            said = hear(again, desk.personas)
        if re.match(
            r"(?:yes|yep|yeah|sure|ok(?:ay)?),? (?:please )?(?:post|publish|approve|do|go|schedule) (?:it|that"
            r"|this|them|so|ahead)\b[\s.!]*$",
            said.read.strip(),
        ):
            return TALK["approve"], "approve"
        if CONDITION.match(said.read) and not said.read.rstrip().endswith("?"):
            raise Cannot("I cannot wait for a condition. Tell me a time, or tell me when it has come about.")
        if asks_ability(said):
            return replies.how_to(self.tools, self._would(take_apart(said))), "can"
        reading = take_apart(said)
        if reading.denied and not reading.cause and intent_of(reading, desk) != "nevermind":
            return self._denied(reading, desk, previous)
        if previous == "create_persona" and re.match(
            r"(?:(?:and |also |then )*(?:she|he|they|her|his|their|she's|he's|they're)\b(?! should (?:write"
            r"|post|say)))|(?:age|aged|interests?|hobbies|traits?|personality|occupation|job|home|languages?"
            r"|backstory|time ?zone|likes|loves|lives|works|speaks|from|city|location|name|profession|job|based)\b",
            reading.read,
        ):
            return "", "merge"
        intent = intent_of(reading, desk)
        if (
            previous in ("draw_card", "speak_text", "make_video", "schedule_post", "write_text", "add_feed")
            and intent in ("correct", "")
            and specifies(reading.read)
        ):
            return "", "merge"
        if intent in FILLERS:
            FILLERS[intent](reading, desk)
            return "", intent
        return self._talked(intent, reading, desk), intent

    def _denied(self, reading: Reading, desk: Desk, previous: str) -> tuple[str, str]:
        """What must not be done is not done; said of what was just asked for, it may still change that."""
        if previous in ("make_video", "draw_card", "create_persona", "speak_text") and re.search(
            r"\b(?:captions?|subtitles?|voice|music|sound)\b", reading.read
        ):
            return "", "merge"
        if (
            re.search(r"§p\d+|\b(?:her|him)\b", reading.read)
            and re.search(r"\b(?:let|have|allow)\b", reading.read)
            and not re.search(r"\b(?:post|publish|write it)\b", reading.read)
        ):
            FILLERS["change_persona"](reading, desk)
            return "", "change_persona"
        return "All right, I leave that alone.", ""

    def _completes(self, text: str, asking: str, desk: Desk) -> bool:
        """Whether the next clause gives what this one lacks."""
        read = plainly(hear(text, desk.personas)).read
        if re.search(r"\b(?:persona|character)\b", asking, re.IGNORECASE) and re.match(
            r"(?:she|he|they|her|his|their|it|the name|name|call|age)\b", read
        ):
            return True
        return specifies(read) and not harmless(hear(text, desk.personas))

    def _continues(self, said: Said, previous: str) -> bool:
        return previous in (
            "draw_card",
            "speak_text",
            "make_video",
            "schedule_post",
            "write_text",
            "add_feed",
            "create_persona",
            "read_feeds",
            "list_posts",
            "list_media",
        ) and specifies(plainly(said).read)

    def _talked(self, intent: str, reading: Reading, desk: Desk) -> str:
        if intent in TALK:
            return TALK[intent]
        if intent in ("help",):
            return replies.abilities(self.tools)
        if intent == "self":
            return (
                "I am Gator, the software that runs your personas: no person. I understand plain requests; ask"
                " what I can do."
            )
        if intent in ("how", "can"):
            return replies.how_to(self.tools, self._would(reading))
        if intent == "nevermind":
            return drop(reading, desk)
        raise Unknown(reading.said.text())

    def _would(self, reading: Reading) -> list[str]:
        """Which capabilities a question about how to do something is about."""
        rest = re.sub(
            r"^(?:how (?:do|can|would|should|could) (?:i|we|one|you)|how to|what's the (?:best )?way to"
            r"|what do i (?:have to )?(?:say|type|write) to|can you (?:explain|tell me|show me) how(?: to"
            r"| i can)?|can you|do you|are you able to)\s*",
            "",
            reading.read,
        )
        said = hear(
            reading.said.cut(len(reading.read) - len(rest), len(reading.read)).text().rstrip("?! "), self._names()
        )
        return [intent_of(take_apart(said), self._desk(Outcome()))]
