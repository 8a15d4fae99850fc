"""What does a question ask for? A time, a number, a name, a place, advice; of whom, and of which days."""

import re
from dataclasses import dataclass
from datetime import datetime

from memory.recall.speakers import Meant, Names, meant
from memory.recall.times import Days, days_of
from memory.recall.words import Words, terms

_WHEN = re.compile(
    r"\s*(?:(?:since|until|till) )?when\b|\s*how long\b|\s*(?:on|in|at|by|during|since)? ?(?:what|which)"
    r" (?:days?|dates?|years?|months?|time|week|season)\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(r"\bhow (?:many|much|old|far|long|tall|high|often|fast|big)\b", re.IGNORECASE)
_WHO = re.compile(r"^\s*(?:(?:with|from|to|for|by) )?who(?:m|se)?\b|\bnames?\b|\b(?:named|called)\b", re.IGNORECASE)
_WHERE = re.compile(
    r"^\s*where\b|^\s*(?:in|to|at|from) (?:what|which)\b|\b(?:what|which) (?:city|town|country|place)", re.IGNORECASE
)
_TOLD = re.compile(
    r"\b(?:suggest|advi[cs]e|recommend|tip|propos|urg|warn|caution|tell|told|encourag|idea|say|said|ask|offer|invit)",
    re.IGNORECASE,
)
_ANCHOR = re.compile(
    r"\b(?P<unit>day|night|evening|morning|week|weekend|month|year) (?P<side>before|after) (?P<what>[^?.!,]+)",
    re.IGNORECASE,
)
_LONG = {"week": 7, "weekend": 7, "month": 30, "year": 365}
_NAME = re.compile(r"(?<=\s)[A-Z][\w’'-]+")


@dataclass(frozen=True, slots=True)
class Anchor:
    """Days that are told from something else: "the day before my exam"."""

    terms: list[str]
    first: int  # days from it, below 0 before it
    last: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was understood."""

    terms: list[str]  # the words that carry meaning, without the names of the two
    names: list[str]  # those of them that are names: of people, places, things
    meant: Meant
    when: bool
    how_many: bool
    who: bool
    where: bool
    told: bool
    days: Days | None  # of which the question asks
    anchor: Anchor | None


def understand(question: str, names: Names, at: datetime | None) -> Asked:
    """Read the question as asked at that time."""
    own = {term for name in names.all for term in terms(name)}
    when = bool(_WHEN.match(question))
    return Asked(
        terms=[term for term in dict.fromkeys(terms(question)) if term not in own],
        names=[term for term in dict.fromkeys(terms(" ".join(_NAME.findall(question)))) if term not in own],
        meant=meant(question, names),
        when=when,
        how_many=bool(_HOW_MANY.search(question)),
        who=bool(_WHO.search(question)),
        where=bool(_WHERE.search(question)),
        told=bool(_TOLD.search(question)),
        days=None if when or at is None else days_of(Words(question), at),
        anchor=_anchor(question, own),
    )


def _anchor(question: str, own: set[str]) -> Anchor | None:
    found = _ANCHOR.search(question)
    what = [term for term in terms(found["what"]) if term not in own] if found else []
    if found is None or not what:
        return None
    length = _LONG.get(found["unit"].casefold(), 1)
    return Anchor(what, -length, -1) if found["side"].casefold() == "before" else Anchor(what, 1, length)
