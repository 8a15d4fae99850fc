"""What does a question ask for? A time, a number, a name, a place, advice; of whom, and of which days."""

import re
from dataclasses import dataclass
from datetime import datetime

from memory.recall.speakers import Meant, Names, meant
from memory.recall.times import Days, named_in
from memory.recall.words import Words, terms

_WHEN = re.compile(
    r"\s*(?:(?:since|until|till|seit|bis|ab) )?(?:when|wann)\b|\s*(?:how long|wie lange)\b"
    r"|\s*(?:on|in|at|by|during|since)? ?(?:what|which)"
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
_ANCHOR_DE = re.compile(
    r"\b(?P<unit>Tag|Nacht|Abend|Morgen|Woche|Wochenende|Monat|Jahr) (?P<side>vor|nach) (?P<what>[^?.!,]+)",
    re.IGNORECASE,
)
_MINE = re.compile(r"\b(?:(?:mein|dein|unser)(?:e[mnrs])|de[mns]|eine[mnr])\b", re.IGNORECASE)
_LONG = {"week": 7, "weekend": 7, "month": 30, "year": 365, "woche": 7, "wochenende": 7, "monat": 30, "jahr": 365}
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
    named = named_time(question, at) if at else None
    return Asked(
        terms=[term for term in dict.fromkeys(terms(question)) if term not in own],
        names=[term for term in dict.fromkeys(terms(" ".join(_NAME.findall(question)))) if term not in own],
        meant=meant(question, names),
        when=when,
        how_many=bool(_HOW_MANY.search(question)),
        who=bool(_WHO.search(question)),
        where=bool(_WHERE.search(question)),
        told=bool(_TOLD.search(question)),
        days=None if when or named is None else named[0],
        anchor=_anchor(question, own),
    )


def named_time(question: str, at: datetime) -> tuple[Days, tuple[int, int]] | None:
    """The days that the question names, asked at that time, with where it names them; "the day before Christmas", too."""
    anchor = _anchored(question)
    if anchor and (named := named_in(Words(anchor["what"]), at)):
        side = _anchor_of(anchor, [])
        days = Days(named[0].first, named[0].first) if side.last < 0 else Days(named[0].last, named[0].last)
        return Days(days.first + side.first, days.last + side.last), anchor.span()
    return named_in(Words(question), at)


def _anchored(question: str) -> re.Match[str] | None:
    return _ANCHOR.search(question) or _ANCHOR_DE.search(question)


def _anchor(question: str, own: set[str]) -> Anchor | None:
    found = _anchored(question)
    what = [term for term in terms(_MINE.sub("", found["what"])) if term not in own] if found else []
    if found is None or not what:
        return None
    return _anchor_of(found, what)


def _anchor_of(found: re.Match[str], what: list[str]) -> Anchor:
    length = _LONG.get(found["unit"].casefold(), 1)
    before = found["side"].casefold() in ("before", "vor")
    return Anchor(what, -length, -1) if before else Anchor(what, 1, length)
