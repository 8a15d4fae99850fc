"""Is something pointed at that was just shown? "Remove number 2", "the octopus one", "both", as a request or as an answer.

Neighbours: shown (what was listed, and which is meant), threads.
"""

import re

from agents.builtin import shown
from agents.builtin.clauses import starts_request
from agents.builtin.desk import Step
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.alterations import leftover
from agents.builtin.follow_ups.threads import Thread, asks, outcome_of
from agents.builtin.heads import plainly
from agents.builtin.reader import Done
from agents.builtin.references import needs
from agents.builtin.said import Said

# Said without a name, it could mean anything: what was listed must be known line by line, else it is asked.
SWEEPING = re.compile(
    r"(?:remove|delete|erase|drop|get rid of|trash|kill|purge|unfollow|discard|scrap)\s+(?:them|these|those|both"
    r"|everything|all)"
    r"(?: (?:all|of (?:them|these|those)|three|two|four|five))*[\s.!]*"
)


def sweeping(_text: str, said: Said, thread: Thread) -> Outcome | None:
    """Removing "all of them" where it is not plain of what: nothing is done."""
    if not SWEEPING.fullmatch(plainly(said).read):
        return None
    return outcome_of(
        thread, words="I am not sure what that would remove, so I did nothing. Please name what should go."
    )


def one_of_them(_text: str, said: Said, thread: Thread) -> Outcome | None:
    """A request about things that were shown, or the answer which of them is meant."""
    rows = shown.shown(thread.replied, thread.reader.context)
    pointed = shown.pointed(said, rows) if rows else None
    if not pointed:
        return _called_by_words(said, rows, thread)
    kind = pointed.rows[0].kind
    rest = said.without(pointed.start, pointed.end)
    own = starts_request(rest.read.strip()) or re.search(r"\b(?:can|may|should|must|has to) go\b", rest.read)
    bare = not leftover(plainly(rest)) and not own
    if bare and not asks(thread.replied):
        return None
    if kind == "media" and len(pointed.rows) > 1:
        return _of_these(said, pointed, thread)
    steps: list[Step] = []
    for row in pointed.rows:
        request = _pending(row, thread) if bare else _renamed(said, pointed, row, rows.index(row))
        found = thread.reader.about(row, request, thread.before) if request else []
        if not found or (len(pointed.rows) > 1 and any(needs(step.args) for step in found)):
            return None
        steps += found
    return outcome_of(thread, steps)


def _of_these(said: Said, pointed: shown.Pointed, thread: Thread) -> Outcome | None:
    """A request about several pictures that were shown, each called by its title."""
    if any(row.row.get("kind") != "picture" or not row.row.get("title") for row in pointed.rows):
        return None
    titles = " and ".join(f"the {row.row['title']} picture" for row in pointed.rows)
    start, end = said.at[pointed.start], said.at[pointed.end]
    outcome = thread.reader.fresh(f"{said.raw[:start]}{titles}{said.raw[end:]}", thread.before, "", Done())
    meant = {str(row.row["id"]) for row in pointed.rows}
    whole = bool(outcome.steps) and meant <= {str(one) for one in outcome.steps[0].args.get("pictures") or []}
    return outcome_of(thread, outcome.steps) if whole else None


KINDS_ASKED = {"feed": "feeds", "post": "posts"}


def _called_by_words(said: Said, rows: list[shown.Row | None], thread: Thread) -> Outcome | None:
    """The answer which one is meant, by words of its name alone."""
    if not asks(thread.replied) or len(said.read.split()) > 5 or starts_request(plainly(said).read):
        return None
    kind = KINDS_ASKED.get(thread.before.question.kind if thread.before.question else "", "")
    known = [row for row in rows if row is not None] or [
        shown.Row(kind, row) for row in thread.reader.context.get(kind) or []
    ]
    found = shown.called(plainly(said).text(), known)
    if found is None or found.kind not in ("feeds", "posts"):
        return None
    steps = thread.reader.about(found, _pending(found, thread), thread.before)
    return outcome_of(thread, steps) if steps else None


def _renamed(said: Said, pointed: shown.Pointed, row: shown.Row, place: int) -> str:
    start, end = said.at[pointed.start], said.at[pointed.end]
    return f"{said.raw[:start]}{' ' if start else ''}{shown.named_anew(row, place)}{said.raw[end:]}"


def _pending(row: shown.Row, thread: Thread) -> str:
    """The request that the question was about, with what is meant named in it."""
    if not thread.before.clauses:
        return ""
    clause = thread.before.clauses[min(thread.before.at, len(thread.before.clauses) - 1)]
    name = shown.named_anew(row, 0)
    if row.kind == "personas":
        return f"{clause.rstrip(' .!?')} as {name}" if thread.before.question else ""
    pronoun = re.compile(
        rf"(?i)\b(?:it|that one|that|this|one of (?:them|my \w+|the \w+)|(?:a|an|the|my|one of my|that"
        rf"|this) (?:[\w-]+ )?(?:{shown.NOUN[row.kind]}))\b"
    )
    return pronoun.sub(lambda _: name, clause, count=1) if pronoun.search(clause) else f"{clause.rstrip(' .!?')} {name}"
