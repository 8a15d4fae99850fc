"""Is a picture wanted that only a model makes, where none is here? What nothing else understood is read once more so.

It is ordered all the same: the tool says what is missing, and how to get it. Neighbours: planner (which asks here last),
changes and follow_ups.takes (the same words where there is a model).
"""

import re
from typing import Any

from agents.builtin.desk import GIVES, Cannot, Desk, Step
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.takes import taken_once_more
from agents.builtin.follow_ups.threads import Thread
from agents.builtin.said import Said, hear
from agents.builtin.studio import looks
from agents.builtin.studio.changes import change_of
from agents.builtin.studio.pictures_meant import last_was_picture

# Said of what nobody pictures: "add a new user".
_NOT_SEEN = re.compile(
    r"\b(?:users?|admins?|members?|fans?|keys?|tokens?|webhooks?|channels?|bots?|accounts?|models?|consents?|records?|links?)\b"
)


def unmade(text: str, thread: Thread, outcome: Outcome) -> Outcome:
    """The order of that picture; the outcome itself where it was understood, or where this is none."""
    reader, question = thread.reader, outcome.question
    missed = outcome.lost or (question is not None and question.kind in ("text", "persona"))
    if not missed or reader.context.get("image_model") or "make_picture" not in reader.tools:
        return outcome
    try:
        args = _wanted(text, thread.desk(), reader.names(), lost=outcome.lost)
    except Cannot as cannot:
        return Outcome(words=str(cannot), focus=outcome.focus)
    return Outcome((Step("make_picture", args),), focus=outcome.focus, clauses=(text,)) if args else outcome


def _wanted(text: str, desk: Desk, names: list[str], *, lost: bool) -> dict[str, Any] | None:
    said = hear(text, names)
    behind = _picture_before(desk) and not _NOT_SEEN.search(said.read)
    if lost and (found := taken_once_more(said, behind=behind) or _wears(said)):
        return found
    return change_of(text, said, desk, behind=behind)


def _picture_before(desk: Desk) -> bool:
    """Whether the last thing that was made, or asked for, is a picture; a card is one for whoever has no other."""
    made = [GIVES[step.tool] for step in desk.before if step.tool in GIVES]
    return made[-1] == "picture" if made else last_was_picture(desk)


def _wears(said: Said) -> dict[str, Any] | None:
    """A scene in the manner of a LoRA, which nothing else has."""
    worn, rest = looks.loras(said)
    words = " ".join(rest.text().split()).strip(" ,.;")
    return {"prompt": words, "loras": worn} if worn and words else None
