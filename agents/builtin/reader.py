"""What does a message come to as a request of its own? It is cut into clauses, and these are drafted in their order.

Nothing here knows what the message answers or repeats: that is read above, and comes back here with its words put together.
Neighbours: drafting (clauses into steps), threads (where a conversation stands), planner.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.builtin import (
    dictation,
    gapping,
    german,
    german_lists,
    german_reels,
    german_voices,
    german_words,
    orders,
    preambles,
    replies,
    shown,
)
from agents.builtin.clauses import split
from agents.builtin.desk import Desk, Step
from agents.builtin.drafting import Draft, Outcome
from agents.builtin.said import hear
from agents.builtin.small_talk import is_small_talk

# Said after something else was talked of, these are no word on what was done before that.
TAKES_BACK = re.compile(r"(?i)\s*(?:cancel|stop|abort|undo|never|forget|scratch|drop|leave|don't|no\b|take)")


@dataclass(frozen=True, slots=True)
class Done:
    """The last request that led to something, and the reply to it."""

    steps: tuple[Step, ...] = ()
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads requests in one context, with the tools that are bound."""

    context: dict[str, Any]
    tools: Sequence[str] = ()

    def names(self) -> list[str]:
        """The personas there are."""
        return [str(one["name"]) for one in self.context.get("personas") or []]

    def fresh(self, text: str, before: Outcome, replied: str, done: Done) -> Outcome:
        """A message as a request of its own; "it" may stand for what an earlier one left."""
        if not before.steps and done.steps and not TAKES_BACK.match(text):
            before, replied = replace(before, steps=done.steps), done.reply
        outcome = self.by_itself(text, before, replied)
        return replace(outcome, focus=outcome.focus or before.focus)

    def by_itself(self, text: str, before: Outcome, replied: str) -> Outcome:
        """As `fresh`, with nothing left but what the message before came to."""
        if german_words.asks_abilities(text):
            who = next(iter(self.names()), "Nova")
            return Outcome(words=replies.abilities_in_german(self.tools, who), focus=before.focus)
        for whole in (
            german.in_english,
            german_reels.in_english,
            german_words.in_english,
            german_lists.in_english,
            german_voices.in_english,
            dictation.quoted,
            gapping.spelled_out,
        ):
            text = whole(hear(text, self.names())) or text
        outcome = self._read_through(text, before, replied)
        which = outcome.question is not None and outcome.question.kind in ("post", "job", "feed", "persona")
        if outcome.lost or which or (outcome.offered and not isinstance(outcome.offered, str)):
            return self._untold(text, before, replied) or outcome
        return outcome

    def joined(self, clauses: Sequence[str], before: Outcome, replied: str) -> Outcome:
        """Clauses that were put together anew, as a request of their own."""
        return self._draft(clauses, Outcome(focus=before.focus), replied)

    def about(self, row: shown.Row, request: str, before: Outcome) -> list[Step]:
        """The steps of a request with only this row on the desk; none where it asks for what is not done to such a thing."""
        rows: list[dict[str, Any]] = [row.row]
        alone = {row.kind: rows} if row.kind in ("posts", "jobs", "media", "feeds") else {}
        apart = Reader({**self.context, **alone}, self.tools)
        outcome = apart.fresh(request, replace(before, steps=(), focus=None), "", Done())
        if not outcome.steps or not {step.tool for step in outcome.steps} <= shown.TOOLS[row.kind]:
            return []
        pinned = {"posts": "post", "jobs": "job"}.get(row.kind)
        if not pinned:
            return list(outcome.steps)
        return [Step(step.tool, {**step.args, pinned: str(row.row["id"])}) for step in outcome.steps]

    def offering(self, lost: Outcome) -> Outcome:
        """What was not understood, with the likeliest requests by meaning to be said yes to."""
        return Draft(self.context, self.tools, Outcome(focus=lost.focus), "").offering(lost)

    def _untold(self, text: str, before: Outcome, replied: str) -> Outcome | None:
        """A message that was not understood, without what it tells before it asks."""
        desk = Desk(self.context, focus=before.focus, before=list(before.steps), said_before=replied)
        told = preambles.told_before(hear(text, self.names()), desk)
        if told is None:
            return None
        if told.row is not None:
            steps = self.about(told.row, told.request, before)
            return Outcome(tuple(steps), focus=before.focus, clauses=(told.request,)) if steps else None
        outcome = self._read_through(told.request, before, replied)
        return outcome if outcome.steps or outcome.question else None

    def _read_through(self, text: str, before: Outcome, replied: str) -> Outcome:
        clauses = []
        for point in orders.enumerated(hear(text, self.names())):
            said = hear(orders.whole(point), self.names()) if orders.whole(point) else point
            for clause in split(said):
                clauses += orders.several_personas(clause) or [clause.text()]
        asking = [clause for clause in clauses if not is_small_talk(hear(clause, self.names()))]
        outcome = self._draft(asking or clauses or [text], before, replied)
        if not outcome.lost and not outcome.offered and not (outcome.question and len(clauses) > 1):
            return outcome
        whole = Draft(self.context, self.tools, before, replied).at_once(text, lost=outcome.lost)
        return whole if whole.steps or whole.question else outcome

    def _draft(self, clauses: Sequence[str], before: Outcome, replied: str) -> Outcome:
        return Draft(self.context, self.tools, before, replied).of(clauses)
