"""Which day do the words of a fact name? "on Friday", "until 2019", "seit drei Jahren", seen from when they were said.

Days begin at midnight UTC; a fan's own zone would move them by hours at most. Read by `memory.vault` when a fact is learned.
"""

import re
from datetime import datetime, timedelta
from functools import cache

from memory.typed import spelled


def _by_word(lists: tuple[str, ...], start: int) -> dict[str, int]:
    return {word: number for number, words in enumerate(lists, start) for word in words.split()}


_COUNT = _by_word(
    ("a an one ein eine einem einer", "two zwei", "three drei", "four vier", "five fünf", "six sechs", "seven sieben",
     "eight acht", "nine neun", "ten zehn", "eleven elf", "twelve zwölf"), 1
)  # fmt: skip
_DAY = _by_word(
    ("monday mon montag", "tuesday tue dienstag", "wednesday wed mittwoch", "thursday thu donnerstag",
     "friday fri freitag", "saturday sat samstag weekend wochenende", "sunday sun sonntag"), 0
)  # fmt: skip
_MONTH = _by_word(
    ("january jan januar", "february feb februar", "march mar märz", "april apr", "may mai", "june jun juni",
     "july jul juli", "august aug", "september sept sep", "october oct oktober", "november nov", "december dec dezember"), 1
)  # fmt: skip
_SEASON = {"winter": 1, "spring": 4, "frühling": 4, "summer": 7, "sommer": 7, "autumn": 10, "fall": 10, "herbst": 10}
_LENGTH = {"day": 1, "tag": 1, "week": 7, "woche": 7, "month": 30, "monat": 30, "year": 365, "jahr": 365}
_NEAR = {
    "yesterday": -1, "last night": -1, "gestern": -1, "today": 0, "tonight": 0, "this morning": 0, "this evening": 0,
    "heute": 0, "übermorgen": 2, "tomorrow": 1, "morgen": 1,
}  # fmt: skip
_SOME = "(?P<n>\\d{1,2}|" + "|".join(_COUNT) + ") (?P<unit>" + "|".join(_LENGTH) + ")\\w{0,2}"
_A_MONTH = "(?P<month>" + "|".join(_MONTH) + ")"


def happens(words: str, said: datetime, *, past: bool = False) -> datetime | None:
    """The day that the words name, the next of that name or with `past` the last; None when they name none."""
    words = spelled(words)
    if near := _find(rf"\b({'|'.join(_NEAR)})\b", words):
        return _midnight(said) + timedelta(days=_NEAR[near[1].lower()])
    if distance := _find(rf"\bin {_SOME}", words):
        return _midnight(said) + _span(distance)
    if distance := _find(rf"\b{_SOME} ago\b|\bvor {_SOME.replace('<n>', '<n2>').replace('<unit>', '<unit2>')}", words):
        return _midnight(said) - _span(distance)
    return _of_calendar(words, said, past) or _weekday(words, said, past) or _period(words, said, past)


def until(words: str, said: datetime, *, past: bool = False) -> datetime | None:
    """When it ended, or will end: "until 2019", "bis März"."""
    words = spelled(words)
    found = _find(r"\b(?:until|till|bis(?: zum)?) (?P<when>[\wä]+(?: [\wä]+)?)", words)
    if found is None:
        return None
    year = _find(r"\b(?:19|20)\d\d\b", found["when"])
    return (
        datetime(int(year[0]), 12, 31, tzinfo=said.tzinfo) if year else happens(f"in {found['when']}", said, past=past)
    )


def since(words: str, said: datetime) -> datetime | None:
    """Since when it is so: "since 2015", "for six years now", "seit drei Jahren", "two years ago"."""
    words = spelled(words)
    if found := _find(
        r"\b(?:since|seit) (?:last |letztem )?(?P<when>\w+(?: (?:19|20)\d\d)?)\b(?! [Jj]ahr| [Mm]onat| [Ww]oche)", words
    ):
        year = _find(r"\b(?:19|20)\d\d\b", found["when"])
        return (
            datetime(int(year[0]), 1, 1, tzinfo=said.tzinfo)
            if year
            else happens(f"in {found['when']}", said, past=True)
        )
    lasting = _find(rf"\b(?:for|seit)(?: the last| about| over| almost| fast| über)? {_SOME}", words)
    lasting = lasting or _find(rf"\b{_SOME} ago\b", words)
    return _midnight(said) - _span(lasting) if lasting else None


def _of_calendar(words: str, said: datetime, past: bool) -> datetime | None:
    """A day of a month, or only the day: "on 3 May", "May 3rd", "am 9. März", "on the 3rd"."""
    found = _find(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?(?: of)? {_A_MONTH}\b", words)
    if found := found or _find(rf"\b{_A_MONTH} (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)", words):
        return _next(said, _MONTH[found["month"].lower()], int(found["day"]), past)
    if found := _find(r"\b(?:on the|am) (?P<day>\d{1,2})(?:st|nd|rd|th|\.)", words):
        return _in_a_month(said, int(found["day"]), past)
    return None


def _weekday(words: str, said: datetime, past: bool) -> datetime | None:
    found = _find(rf"\b(?P<which>this|last|next|letzten|nächsten)? ?(?P<day>{'|'.join(_DAY)})s?\b", words)
    if found is None:
        return None
    past = past or found["which"] in ("last", "letzten")
    ahead = (_DAY[found["day"].lower()] - said.weekday()) % 7
    if past:
        return _midnight(said) + timedelta(days=ahead - 7)
    return _midnight(said) + timedelta(days=ahead or (0 if found["which"] == "this" else 7))


def _period(words: str, said: datetime, past: bool) -> datetime | None:
    """The first day of a week, month, season or year that is named."""
    if found := _find(
        r"\b(?P<which>next|last|nächste[nrs]?|letzte[nrs]?) (?P<unit>week|month|year|woche|monat|jahr)\b", words
    ):
        sign = -1 if found["which"].lower().startswith(("last", "letzt")) else 1
        return _midnight(said) + sign * timedelta(days=_LENGTH[found["unit"].lower()])
    if found := _find(
        rf"\b(?:in|this|next|last|im|the end of|by) (?:early |late |next |last )?{_A_MONTH}\b(?: (?P<year>(?:19|20)\d\d))?",
        words,
    ):
        month = _MONTH[found["month"].lower()]
        return (
            said.replace(year=int(found["year"]), month=month, day=1) if found["year"] else _next(said, month, 1, past)
        )
    if found := _find(
        rf"\b(?P<which>this|next|last|in|im|letzten|nächsten)(?: the)? (?P<season>{'|'.join(_SEASON)})\b", words
    ):
        past = past or found["which"].lower() in ("last", "letzten")
        return _next(said, _SEASON[found["season"].lower()], 1, past)
    if found := _find(r"\bin (?P<year>(?:19|20)\d\d)\b", words):
        return datetime(int(found["year"]), 1, 1, tzinfo=said.tzinfo)
    return None


def _next(said: datetime, month: int, day: int, past: bool) -> datetime | None:
    """That day of this year, or of the next or last one."""
    today = _midnight(said)
    years = (said.year, said.year - 1) if past else (said.year, said.year + 1)
    days = [one for year in years if (one := _day(said, year, month, day))]
    return next((one for one in days if (one <= today if past else one >= today)), None)


def _in_a_month(said: datetime, day: int, past: bool) -> datetime | None:
    """That day of this month, or of the nearest one that has it."""
    months = [(said.year + (said.month - 1 + step) // 12, (said.month - 1 + step) % 12 + 1)
              for step in ((0, -1, -2) if past else (0, 1, 2))]  # fmt: skip
    today = _midnight(said)
    days = [one for year, month in months if (one := _day(said, year, month, day))]
    return next((one for one in days if (one <= today if past else one >= today)), None)


def _day(said: datetime, year: int, month: int, day: int) -> datetime | None:
    try:
        return datetime(year, month, day, tzinfo=said.tzinfo)
    except ValueError:  # there is no such day
        return None


def _span(found: "re.Match[str]") -> timedelta:
    groups = {name: value for name, value in found.groupdict().items() if value}
    number, unit = groups.get("n") or groups["n2"], groups.get("unit") or groups["unit2"]
    count = int(number) if number.isdigit() else _COUNT[number.lower()]
    return timedelta(days=count * _LENGTH[unit.lower()])


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _find(pattern: str, words: str) -> "re.Match[str] | None":
    return _compiled(pattern).search(words)


@cache
def _compiled(pattern: str) -> "re.Pattern[str]":
    return re.compile(pattern, re.IGNORECASE)
