"""Who or what is "the other one"? What there is besides that which the last request was about.

Where exactly one is left it is meant; where several are, it is asked. Neighbours: taking_up (which asks), shown (how a
thing is called in a request), singled (the only thing shown).
"""

import re
from typing import Any

from agents.builtin import shown
from agents.builtin.desk import Ask, Step, either
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.alterations import leftover
from agents.builtin.follow_ups.threads import Thread, outcome_of
from agents.builtin.said import Said

OTHER = re.compile(
    r"\bthe (?:other|remaining)(?: (?P<noun>persona|character|feed|source|post|job|task|render))?(?: one)?\b(?!s"
    r"| (?:ones|[a-z]+s)\b)"
)
KINDS = {
    "job": "jobs", "task": "jobs", "render": "jobs", "post": "posts", "feed": "feeds", "source": "feeds",
    "persona": "personas", "character": "personas",
}  # fmt: skip
LABEL = {"jobs": "title", "posts": "text", "feeds": "name", "personas": "name"}
LEADS = re.compile(r"\b(?:and|what|how|about|too|also|as well|now|then|please|the same|same|for|with|do|to)\b|[^\w§]")


def the_other(_text: str, said: Said, thread: Thread) -> Outcome | None:
    """A request about the other one of two: the last request again with it, or what is said of it now."""
    hit = OTHER.search(said.read)
    last = thread.done.steps[-1] if thread.done.steps else None
    if hit is None or last is None:
        return None
    kind = _kind(hit["noun"], last)
    rows = _left(kind, thread) if kind else []
    if not rows:
        return None
    bare = not LEADS.sub("", said.without(*hit.span()).read).strip() or not leftover(said.without(*hit.span()))
    if len(rows) > 1:
        return _which(rows, kind, said, last, thread)
    if bare and _argument(kind) in last.args:
        return outcome_of(thread, [Step(last.tool, {**last.args, _argument(kind): _value(rows[0], kind)})])
    row = shown.Row(kind, rows[0])
    start, end = said.at[hit.start()], said.at[hit.end()]
    request = f"{said.raw[:start]}{shown.named_anew(row, 0)}{said.raw[end:]}"
    if kind == "personas":
        outcome = thread.reader.fresh(request, thread.before, thread.replied, thread.done)
        return outcome if outcome.steps else None
    return outcome_of(thread, steps) if (steps := thread.reader.about(row, request, thread.before)) else None


def _argument(kind: str) -> str:
    return kind.removesuffix("s")


def _kind(noun: str | None, last: Step) -> str:
    if noun:
        return KINDS[noun]
    return next((kind for kind in ("jobs", "posts", "feeds", "personas") if _argument(kind) in last.args), "")


def _left(kind: str, thread: Thread) -> list[dict[str, Any]]:
    """What there is of a kind besides that which the last request named."""
    used = {str(step.args.get(_argument(kind), "")).lower() for step in thread.done.steps}
    names = ("id", "name", "slug", "url")
    return [
        row
        for row in thread.reader.context.get(kind) or []
        if not used & {str(row.get(name) or "\0").lower() for name in names}
    ]


def _value(row: dict[str, Any], kind: str) -> str:
    return str(row["id"] if kind in ("jobs", "posts") else row["name"])


def _which(rows: list[dict[str, Any]], kind: str, said: Said, last: Step, thread: Thread) -> Outcome:
    names = either([str(row.get(LABEL[kind]) or row.get("id")) for row in rows[:5]])
    question = Ask(f"Which {_argument(kind)}: {names}?", " as " if kind == "personas" else " ", _argument(kind))
    own = leftover(said.without(*OTHER.search(said.read).span()))  # type: ignore[union-attr]
    pending = OTHER.sub(f"the {_argument(kind)}", said.read) if own else last.tool.replace("_", " ")
    return Outcome(words=str(question), question=question, focus=thread.before.focus, clauses=(pending,))
