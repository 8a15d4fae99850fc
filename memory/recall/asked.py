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
# Words without one of which the patterns above find nothing; one of all patterns a question takes half a search.
_SIDES = frozenset(["before", "after", "vor", "nach"])
_WHO_WORDS = frozenset(["who", "whom", "whose", "name", "names", "named", "called"])
_WHERE_WORDS = frozenset(["where", "what", "which"])
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
    said, own = Words(question), {term for name in names.all for term in terms(name)}
    when = bool(_WHEN.match(question))
    anchored = _anchored(said)
    named = _named_time(said, anchored, at) if at and not when else None
    called = _NAME.findall(question)
    return Asked(
        terms=[term for term in dict.fromkeys(said.terms) if term not in own],
        names=[term for term in dict.fromkeys(terms(" ".join(called))) if term not in own] if called else [],
        meant=meant(question, names),
        when=when,
        how_many="how" in said.bag and bool(_HOW_MANY.search(question)),
        who=not _WHO_WORDS.isdisjoint(said.bag) and bool(_WHO.search(question)),
        where=not _WHERE_WORDS.isdisjoint(said.bag) and bool(_WHERE.search(question)),
        told=bool(_TOLD.search(question)),
        days=named[0] if named else None,
        anchor=_anchor(anchored, own),
    )


def named_time(question: str, at: datetime) -> tuple[Days, tuple[int, int]] | None:
    """The days that the question names, asked at that time, with where it names them; "the day before Christmas", too."""
    said = Words(question)
    return _named_time(said, _anchored(said), at)


def _named_time(said: Words, anchor: re.Match[str] | None, at: datetime) -> tuple[Days, tuple[int, int]] | None:
    if anchor and (named := named_in(Words(anchor["what"]), at)):
        side = _anchor_of(anchor, [])
        days = Days(named[0].first, named[0].first) if side.last < 0 else Days(named[0].last, named[0].last)
        return Days(days.first + side.first, days.last + side.last), anchor.span()
    return named_in(said, at)


def _anchored(said: Words) -> re.Match[str] | None:
    if _SIDES.isdisjoint(said.bag):
        return None
    return _ANCHOR.search(said.text) or _ANCHOR_DE.search(said.text)


def _anchor(found: re.Match[str] | None, own: set[str]) -> Anchor | None:
    what = [term for term in terms(_MINE.sub("", found["what"])) if term not in own] if found else []
    if found is None or not what:
        return None
    return _anchor_of(found, what)


def _anchor_of(found: re.Match[str], what: list[str]) -> Anchor:
    length = _LONG.get(found["unit"].casefold(), 1)
    before = found["side"].casefold() in ("before", "vor")
    return Anchor(what, -length, -1) if before else Anchor(what, 1, length)
