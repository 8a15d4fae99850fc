"""What does a persona say of herself, and may she say it again? Found by the rules that find a fan's facts; checked here.

Her card comes first, then what she said to this fan, then what she said to everybody. What goes against what comes
before it is kept with the reason and never told again. Only what she posted is for everybody: what she told one fan in
private stays there, and what a fan told is nothing of hers.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from memory import found_fact
from memory.facts import extract
from memory.found_fact import SINGLE, FoundFact, opposite

# Of herself and lasting: a plan is over tomorrow.
KINDS = found_fact.KINDS - {"plan", "event", "health", "learning"}
_OF_THE_CARD = {"name": "name", "age": "age", "home": "home", "job": "occupation"}


def said_of_herself(text: str) -> list[FoundFact]:
    """What lasts of what a persona says of herself in a line."""
    return [one for one in extract(text) if one.kind in KINDS and not one.ends and not one.past]


def card_of(character: Mapping[str, Any]) -> dict[str, str]:
    """What her card says that she may not contradict, by kind."""
    return {kind: str(character[name]) for kind, name in _OF_THE_CARD.items() if character.get(name)}


def doubt_about(found: FoundFact, card: Mapping[str, str], before: Iterable[tuple[str, str, str]]) -> str:
    """Why she may not say it again: against her "card", or against what she said "before"; "" when she may.

    `before` holds (kind, subject, value) of what she said.
    """
    if not found.subject and found.kind in card and not _same(found.value, card[found.kind]):
        return "card"
    for kind, subject, value in before:
        if subject != found.subject:
            continue
        if kind == found.kind and kind in SINGLE and not _same(value, found.value):
            return "before"
        if kind == opposite(found.kind) and _same(value, found.value):
            return "before"
    return ""


def _same(one: str, other: str) -> bool:
    """Whether both say the same, one perhaps more fully: "Lisbon", "Lisbon, Portugal"."""
    words = [set(text.casefold().replace(",", " ").split()) for text in (one, other)]
    return bool(words[0] & words[1]) and (words[0] <= words[1] or words[1] <= words[0])
