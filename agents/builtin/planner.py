"""What is to be done? A conversation's last message becomes a plan of steps, a question back, or an answer.

A plan is made anew from the conversation each time it is needed: nothing is remembered but what was said. An answer to
our own question is joined to the request that raised it. Neighbours: intents, fillers, carrying.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.builtin import dictation, gapping, orders, preambles, replies
from agents.builtin.answers import says_more
from agents.builtin.clauses import split
from agents.builtin.desk import Ask, Desk
from agents.builtin.drafting import TALK, Draft, Outcome
from agents.builtin.fill_posts import moment
from agents.builtin.follow_ups import take_up
from agents.builtin.heads import plainly
from agents.builtin.joining import join
from agents.builtin.pointing import about
from agents.builtin.said import Said, hear
from agents.builtin.second_thoughts import thought_again
from agents.builtin.small_talk import essence, is_small_talk, kindly
from agents.builtin.threads import Done, Thread, asks

# Said after something else was talked of, these are no word on what was done before that.
TAKES_BACK = re.compile(r"(?i)\s*(?:cancel|stop|abort|undo|never|forget|scratch|drop|leave|don't|no\b|take)")
NO = re.compile(
    r"(?:(?:no|nope|nah|neither|never ?mind|forget (?:it|that)|leave it|don't|rather not|thanks|thank you|not that"
    r"|wrong)[\s,.!]*)+"
)
YES = re.compile(
    r"(?:(?:yes|yep|yeah|yup|y|sure|ok|okay|right|exactly|correct|please|do|that|it|so|go ahead|go on|i do|i did"
    r"|indeed|of course"
    r"|that's (?:it|right|what i meant|the one)|i meant that|the first(?: one)?|absolutely|definitely)[\s,.!]*)+"
)


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

    def plan(self, talk: Sequence[Exchange]) -> Outcome:
        """What the last message of a conversation comes to; those before it tell what it refers to."""
        outcome, done = Outcome(), Done()
        for place, exchange in enumerate(talk):
            replied_before = talk[place - 1].replied if place else ""
            outcome = self._next(exchange.asked, Thread(self, outcome, replied_before, done))
            if outcome.lost and (place == len(talk) - 1 or replies.OFFERED in exchange.replied):
                outcome = Draft(self.context, self.tools, Outcome(focus=outcome.focus), "").offering(outcome)
            if outcome.steps:
                done = Done(outcome.steps, exchange.replied)
        return outcome

    def _next(self, text: str, thread: Thread) -> Outcome:
        before, replied = thread.before, thread.replied
        text = essence(text, self._names())
        if before.offered and before.words in replied and YES.fullmatch(hear(text, []).read.strip()):
            return self._accepted(before)
        if before.offered and before.words in replied and NO.fullmatch(hear(text, []).read.strip()):
            return Outcome(words="All right, I leave it.", focus=before.focus)
        waits = before.question is not None and (str(before.question) in replied or asks(replied))
        if waits and not says_more(text, thread) and (answered := self._answered(text, before, replied)):
            return answered
        return thought_again(text, thread) or self.plan_again(text, thread)

    def _accepted(self, before: Outcome) -> Outcome:
        """What was offered, now that it was said yes to."""
        if isinstance(before.offered, str):
            return self._draft([before.offered], Outcome(focus=before.focus), "")
        return Outcome(before.offered, before.notes, focus=before.focus, clauses=before.clauses)

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
        return replace(outcome, focus=outcome.focus or before.focus)

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
        outcome = self._draft(clauses, Outcome(focus=before.focus), replied)
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
        return self._draft(clauses, Outcome(focus=before.focus), "")

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
        for whole in (dictation.quoted, gapping.spelled_out):
            text = whole(hear(text, self._names())) or text
        outcome = self._read_through(text, before, replied)
        which = outcome.question is not None and outcome.question.kind in ("post", "job", "feed", "persona")
        if outcome.lost or which or (outcome.offered and not isinstance(outcome.offered, str)):
            return self._untold(text, before, replied) or outcome
        return outcome

    def _untold(self, text: str, before: Outcome, replied: str) -> Outcome | None:
        """A message that was not understood, without what it tells before it asks."""
        told = preambles.told_before(hear(text, self._names()), self._desk(before, replied))
        if told is None:
            return None
        if told.row is not None:
            steps = about(told.row, told.request, Thread(self, before, replied, Done()))
            return Outcome(tuple(steps), focus=before.focus, clauses=(told.request,)) if steps else None
        outcome = self._read_through(told.request, before, replied)
        return outcome if outcome.steps or outcome.question else None

    def _read_through(self, text: str, before: Outcome, replied: str) -> Outcome:
        clauses = []
        for point in orders.enumerated(hear(text, self._names())):
            said = hear(orders.whole(point), self._names()) if orders.whole(point) else point
            for clause in split(said):
                clauses += orders.several_personas(clause) or [clause.text()]
        asking = [clause for clause in clauses if not is_small_talk(hear(clause, self._names()))]
        outcome = self._draft(asking or clauses or [text], before, replied)
        if not outcome.lost and not outcome.offered and not (outcome.question and len(clauses) > 1):
            return outcome
        whole = Draft(self.context, self.tools, before, replied).at_once(text, lost=outcome.lost)
        return whole if whole.steps or whole.question else outcome

    def read(self, clauses: list[str], before: Outcome, replied: str) -> Outcome:
        """Clauses that were put together anew, as a request of their own."""
        return self._draft(clauses, Outcome(focus=before.focus), replied)

    def _draft(self, clauses: list[str], before: Outcome, replied: str) -> Outcome:
        return Draft(self.context, self.tools, before, replied).of(clauses)
