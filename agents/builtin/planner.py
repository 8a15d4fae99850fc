"""What is to be done? A conversation's last message becomes a plan of steps, a question back, or an answer.

A plan is made anew from the conversation each time it is needed: nothing is remembered but what was said. An answer to
our own question is joined to the request that raised it. Neighbours: reader (a request of its own), follow_ups (what refers
to the one before), second_thoughts, carrying.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.builtin.complaints import in_one
from agents.builtin.desk import Ask, Desk
from agents.builtin.drafting import Outcome
from agents.builtin.fill_posts import moment
from agents.builtin.follow_ups.answers import LEFT, says_more
from agents.builtin.follow_ups.joining import join
from agents.builtin.follow_ups.second_thoughts import thought_again
from agents.builtin.follow_ups.taking_up import plan_again
from agents.builtin.follow_ups.threads import Thread, asks
from agents.builtin.heads import plainly
from agents.builtin.reader import Done, Reader
from agents.builtin.replies import OFFERED
from agents.builtin.said import Said, hear
from agents.builtin.small_talk import essence
from agents.builtin.studio.unmade import unmade

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


def plan(talk: Sequence[Exchange], reader: Reader) -> Outcome:
    """What the last message of a conversation comes to; those before it tell what it refers to."""
    outcome, done = Outcome(), Done()
    for place, exchange in enumerate(talk):
        replied_before = talk[place - 1].replied if place else ""
        outcome = _next(exchange.asked, Thread(reader, outcome, replied_before, done))
        if outcome.lost and (place == len(talk) - 1 or OFFERED in exchange.replied):
            outcome = reader.offering(outcome)
        if outcome.steps:
            done = Done(outcome.steps, exchange.replied)
    return outcome


def _next(text: str, thread: Thread) -> Outcome:
    before, replied = thread.before, thread.replied
    text = essence(text, thread.reader.names())
    text = in_one(hear(text, thread.reader.names())) or text
    if before.offered and before.words in replied:
        read = hear(text, []).read.strip()
        if YES.fullmatch(read):
            return _accepted(thread)
        if NO.fullmatch(read):
            return Outcome(words=LEFT, focus=before.focus)
    waits = before.question is not None and (str(before.question) in replied or asks(replied))
    if waits and not says_more(text, thread) and (answered := _answered(text, thread)):
        return answered
    return unmade(text, thread, thought_again(text, thread) or plan_again(text, thread))


def _accepted(thread: Thread) -> Outcome:
    """What was offered, now that it was said yes to."""
    before = thread.before
    if isinstance(before.offered, str):
        return thread.reader.joined([before.offered], before, "")
    return Outcome(before.offered, before.notes, focus=before.focus, clauses=before.clauses)


def _answered(text: str, thread: Thread) -> Outcome | None:
    """The earlier request with this answer joined to it; None when the message is something new."""
    before, question = thread.before, thread.before.question
    assert question is not None
    said = hear(text, thread.reader.names())
    read = plainly(said).read
    if re.match(
        r"(?:never ?mind|cancel|forget|no,? (?:thanks|thank you|leave|forget)|stop|leave it|drop it"
        r"|nothing|nope|no)\b[^§]{0,25}$",
        read,
    ):
        return Outcome(words=LEFT, focus=before.focus)
    if question.kind == "persona" and str(question).startswith("Do you mean"):
        if not re.match(r"(?:yes|yep|yeah|sure|right|exactly|correct|i do|that's right|y)\b", said.read):
            return None
        return _mended(question, thread)
    if not _fits(question, said, text, thread.reader):
        return None
    clauses = list(before.clauses)
    clauses[before.at] = join(clauses[before.at], question, text, said)
    outcome = thread.reader.joined(clauses, before, thread.replied)
    if outcome.question is not None and str(outcome.question) == str(question):
        return None
    return outcome if outcome.steps or outcome.question else None


def _mended(question: Ask, thread: Thread) -> Outcome:
    """The request with the name that was meant in place of the one that was written."""
    name = str(question).removeprefix("Do you mean ").rstrip("?")
    clauses, at = list(thread.before.clauses), thread.before.at
    said = hear(clauses[at], thread.reader.names())
    guessed = re.search(r"§p\d+", said.read)
    if guessed:
        start, end = said.at[guessed.start()], said.at[guessed.end()]
        clauses[at] = said.raw[:start] + name + said.raw[end:]
    return thread.reader.joined(clauses, thread.before, "")


def _fits(question: Ask, said: Said, text: str, reader: Reader) -> bool:
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
        try:
            return moment(said, Desk(reader.context))[0] is not None
        except Ask:
            return True
    if question.kind == "link":
        return bool(said.links())
    fresh = reader.by_itself(text, Outcome(), "")
    if fresh.steps and not said.read.strip().startswith("§q"):
        return False
    return question.kind != "persona"
