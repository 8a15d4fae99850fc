"""And if a message corrects itself? "… at 5, sorry, I mean 6", "scratch that, list my feeds": the later word wins.

Neighbours: taking_up (how each half is read), alterations (how a step takes a change).
"""

import re
from dataclasses import replace

from agents.builtin.clauses import starts_request
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.repetitions import change_last
from agents.builtin.follow_ups.taking_up import plan_again
from agents.builtin.follow_ups.threads import Thread
from agents.builtin.heads import plainly
from agents.builtin.said import Said, hear

MARK = re.compile(
    r"\s*(?:[,.;!?–—…(-]|\.\.\.|\b(?:or|and|but)\b)*\s*(?:\b(?:oh|ah|hmm+|uh|um|er|erm|oops|ups|argh)[\s,.…]+)*"
    r"(?:\b(?:(?:oh )?(?:no|wait)[,.\s]+(?:no|wait|sorry|actually|hold on|hang on|make)|hold on|hang on|(?:scratch"
    r"|strike|forget"
    r"|ignore) that|correction"
    r"|i mean(?:t)?|(?:or )?make that|on second thoughts?|i meant to say|or rather|sorry[,.\s]+(?:i mean(?:t)?|no"
    r"|make (?:it|that)|not that)"
    r"|no[,.\s]+(?:i mean(?:t)?|make (?:it|that)|rather))\b"
    r"|(?<=[,.;!?–—…-] )(?:no|nope|wait|sorry|actually|rather|oops)\b(?=[,.:\s])"
    r"|(?<=[,.;!?–—…-] )(?:ah|oh|eh|uh|um|er|hmm)[\s,]+(?:no|nope|wait|sorry|actually|oops)\b(?=[,.:\s]))"
    r"(?:[\s,.:;–—…-]+(?:i mean(?:t)?|actually|no|sorry|wait|make (?:it|that)|let's (?:do|make it|say)|better"
    r"|rather)\b)*[\s,.:;–—…!-]*"
)


# "Not that one, cancel the tea post": what was just spoken of is set aside, and something else asked for.
SET_ASIDE = re.compile(
    r"\s*(?:(?:oh|no|nope|sorry|wait|hm+|ah|ok(?:ay)?)[\s,.!]+)*(?:not (?:that|this|it|her|him)(?: (?:one|post|job"
    r"|feed|persona|card))?"
    r"|(?:that's |that is )?(?:the )?wrong (?:one|post|job|feed|persona)|never ?mind(?: (?:that|it))?|forget (?:it|that)"
    r"|leave (?:it|that)(?: (?:be|alone))?|on second thoughts?)[\s,.;:!–—-]+(?:(?:i meant|and|but|rather|instead|just"
    r"|please)[\s,]+)*"
)


TAKEN_BACK = re.compile(r"(?:take|pull|call|get) (?:it|that|this)(?: back)? (?:down|off|back|out)\b")


def thought_again(text: str, thread: Thread) -> Outcome | None:
    """A message that takes something of itself back, read as it was meant in the end; None when it does not."""
    said = hear(text, thread.desk().personas)
    aside = SET_ASIDE.match(said.read)
    if aside and (starts_request(said.read[aside.end() :]) or TAKEN_BACK.match(said.read[aside.end() :])):
        return plan_again(said.cut(aside.end(), len(said.read)).text(), thread)
    hits = [hit for hit in MARK.finditer(said.read) if hit.start() > 0 and hit.end() < len(said.read.rstrip())]
    for hit in reversed(hits):
        head, tail = said.cut(0, hit.start()), said.cut(hit.end(), len(said.read)).stripped()
        if found := _meant(head, tail, hit[0], thread):
            return found
    return None


def _meant(head: Said, tail: Said, mark: str, thread: Thread) -> Outcome | None:
    first = plan_again(head.text(), thread)
    if first.steps:
        desk = thread.desk()
        if changed := change_last(list(first.steps), tail, desk):
            notes = tuple(note for note in first.notes if not note.startswith("No time was given"))
            return replace(first, steps=tuple(changed), notes=notes)
    if named := _other_name(head, tail):
        renamed = plan_again(named, thread)
        if [step.tool for step in renamed.steps] == [step.tool for step in first.steps]:
            return renamed
    whole = starts_request(plainly(tail).read) and not re.match(r"(?:make|change) (?:it|that)\b", plainly(tail).read)
    if whole and re.search(
        r"scratch|strike|forget|ignore|wait|hold on|mean|sorry|second thought|rather|correction", mark
    ):
        second = plan_again(tail.text(), thread)
        return second if second.steps or second.question else None
    if not first.steps and not whole:
        clauses = list(first.clauses) or [head.text()]
        at = min(first.at, len(clauses) - 1)
        begun = clauses[at].rstrip(" .!?,")
        # "the MX, I mean TXT records of …": the word before is the one that is taken back.
        for kept in (begun.rpartition(" ")[0], *([begun] if first.question else [])):
            clauses[at] = f"{kept} {tail.text()}"
            joined = thread.reader.joined(clauses, thread.before, thread.replied)
            if joined.steps:
                return joined
    return None


def _other_name(head: Said, tail: Said) -> str:
    """The request with the names at its end replaced by those that the correction begins with: "… Max, I mean Mia"."""
    names = re.match(r"(?:[A-Z][\w'’-]*\s?)+", tail.text())
    said = head.text().rstrip(" ,.;:–—-")
    before = re.search(r"(?:\b[A-Z][\w'’-]*\s?)+$", said)
    if not names or not before or before.start() == 0:
        return ""
    return f"{said[: before.start()]}{tail.text()}"
