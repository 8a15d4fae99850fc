"""What does a new fact do to those that are held? It replaces, ends, corrects or dates them; pure, on rows of one vault.

Facts may be learned late, from an edited message or by a model: what was told later then ends them, never the other way.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from memory import fact_dates
from memory.found_fact import SINGLE, FoundFact, opposite
from memory.models import Fact

# A plan is held for so long after its day, so that the fan can be asked how it went.
AFTERWARDS = timedelta(days=14)
# What is corrected was told right before.
CORRECTED_WITHIN = timedelta(hours=6)
TAKEN_BACK_WITHIN = timedelta(minutes=30)
_MISTAKEN = re.compile(
    r"\W*(?:(?:oh|ah|hm+|äh+|ach|ne+)\b\W*)?(?:no|nope|sorry|oops|wait|correction|my mistake|my bad|wrong|typo|scratch that"
    r"|i mean|nein|nee|quatsch|ups|falsch|verschrieben|vertippt|korrektur|moment|entschuldigung|pardon|ich meine)\b",
    re.IGNORECASE,
)
# "No, I moved to Koblenz" answers; then the old home was one.
_CHANGED = re.compile(
    r"\b(?:now|nowadays|these days|any ?more|moved|changed|switched|became|left|quit|used to|since|jetzt|inzwischen|mittlerweile"
    r"|nicht mehr|\w*gezogen|gewechselt|gekündigt|seit)\b",
    re.IGNORECASE,
)
BY_HAND = frozenset({"fan", "operator"})  # sources of a fact that a person wrote down
_NAMED = frozenset({"name", "home", "origin", "employer", "family", "partner", "pet", "language", "study"})
_ALONE = frozenset(
    {"single", "divorced", "widowed", "widow", "widower", "separated", "ledig", "geschieden", "verwitwet"}
)
_WED = {"married": frozenset({"husband", "wife", "spouse"}), "engaged": frozenset({"fiancé", "fiancée"})}


@dataclass(frozen=True, slots=True)
class Validity:
    """Since when a fact holds, until when, and the day of what it tells."""

    since: datetime
    until: datetime | None = None
    happens_at: datetime | None = None


def validity(fact: FoundFact, said: datetime, *, alone: bool) -> Validity:
    """`alone`: no other fact stands in the same sentence, so that a date there is this one's."""
    words = fact.quote if alone else fact.value
    if fact.past:
        ended = min(fact_dates.until(words, said, past=True) or said, said)
        return Validity(min(fact_dates.since(words, said) or ended, ended), ended)
    if fact.kind == "plan":
        day = fact_dates.happens(words, said)
        return Validity(said, day + AFTERWARDS if day else None, day)
    if fact.kind == "event":
        return Validity(said, None, fact_dates.happens(words, said, past=True))
    until = fact_dates.until(words, said)
    return Validity(min(fact_dates.since(words, said) or said, said), until if until and until > said else None)


def same(fact: FoundFact, row: Fact) -> bool:
    return (fact.kind, fact.subject, fact.value.casefold()) == (row.kind, row.subject, row.value.casefold())


def told_later(row: Fact, message_id: str, at: datetime) -> bool:
    """Whether it was told, or written down by hand, after that message."""
    return row.message_id > message_id or row.valid_from > at or (row.source in BY_HAND and row.created_at > at)


def ended_by(fact: FoundFact, later: Sequence[Fact], at: datetime) -> datetime | None:
    """When the first of what was `told_later` took the place of a fact told `at`; None while nothing did."""
    held = (row for row in later if row.valid_to is None or row.valid_to > max(at, row.valid_from))
    return min((row.valid_from for row in held if ends(_as_found(row), fact)), default=None)


def _as_found(row: Fact) -> FoundFact:
    return FoundFact(row.kind, row.subject, row.value, row.quote, row.confidence)


def ends(fact: FoundFact, row: Fact | FoundFact) -> bool:
    """Whether the fact, now told, means that the row no longer holds."""
    if fact.kind == "relationship" and row.kind == "partner" and fact.value in _ALONE:
        return not fact.ends
    if fact.ends and fact.kind == "partner" and not fact.subject:  # "we broke up"
        return row.kind == "partner" or (row.kind == "relationship" and row.value not in _ALONE)
    if fact.ends and fact.kind == "relationship" and row.kind == "partner":  # "I'm not married"
        return row.subject in _WED.get(fact.value, ()) or fact.value in row.quote.casefold()
    if fact.ends and fact.kind == "pet":
        return row.kind == "pet" and _that_pet(fact, row)
    if fact.subject != row.subject:
        return False
    same_value = fact.value.casefold() == row.value.casefold()
    if fact.ends:
        return fact.kind == row.kind and (not fact.value or same_value)
    if opposite(fact.kind) == row.kind:
        return same_value
    return fact.kind == row.kind and fact.kind in SINGLE and not same_value


def _that_pet(fact: FoundFact, row: Fact | FoundFact) -> bool:
    """Whether it is the animal that is gone: the one of that name, the one without a name, or all of its kind."""
    if fact.subject and fact.subject != row.subject:
        return False
    named = fact.value.casefold() == row.value.casefold()
    return named or (bool(fact.subject) and not (fact.value and row.value[:1].isupper()))


def corrected(fact: FoundFact, held: Sequence[Fact], said: datetime) -> Fact | None:
    """Which of the facts told shortly before "no, I meant Lisbon" corrects; None unless it can only be one."""
    recent = sorted((row for row in held if said - row.created_at <= CORRECTED_WITHIN), key=lambda row: row.id)[-8:]
    if not recent:
        return None
    if fact.subject == "spelling":
        fitting = [row for row in recent if row.kind in _NAMED and _alike(row.value, fact.value)]
    elif fact.subject:
        fitting = [row for row in recent if row.value.casefold() == fact.subject.casefold()]
    else:
        fitting = _last_told([row for row in recent if _of_its_form(row, fact.value)])
    return fitting[0] if len(fitting) == 1 else None


def _last_told(rows: Sequence[Fact]) -> list[Fact]:
    """Those of them that the last message told."""
    return [row for row in rows if row.message_id == max(one.message_id for one in rows)]


def taken_back(fact: FoundFact, row: Fact, said: datetime) -> bool:
    """Whether what now takes the row's place says that it was never so: "no, sorry, I live in Koblenz", a moment later."""
    if fact.ends or fact.kind != row.kind or fact.kind not in SINGLE:
        return False
    moments = said - row.created_at <= TAKEN_BACK_WITHIN
    return moments and bool(_MISTAKEN.match(fact.quote)) and not _CHANGED.search(fact.quote)


def _of_its_form(row: Fact, value: str) -> bool:
    """Whether the value could stand for the row's: a number for a number, a name for a name."""
    if value.isdigit():
        return row.kind == "age"
    return row.kind in _NAMED and row.value[:1].isupper()


def _alike(one: str, other: str) -> bool:
    return one.casefold() != other.casefold() and SequenceMatcher(None, one.casefold(), other.casefold()).ratio() >= 0.5
