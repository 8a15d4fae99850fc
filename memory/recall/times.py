"""Which days does a text speak of? "Last summer", "in May 2023", "three weeks ago", "yesterday", told from its own time."""

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from memory.recall import days, times_de
from memory.recall.days import Days
from memory.recall.words import Words

__all__ = ["Days", "days_of", "named_in", "speaks_of_time"]

MONTHS = {name.casefold(): at for at, name in enumerate(calendar.month_name) if name}
_MONTH = "|".join(name.capitalize() for name in MONTHS)
_WEEKDAY = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
WEEKDAYS = _WEEKDAY.split("|")
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}  # their first months
_SEASON = "|".join(SEASONS)
_COUNT = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
          "nine": 9, "ten": 10, "couple of": 2, "a couple of": 2, "few": 3, "a few": 3}  # fmt: skip
_UNIT = {"day": 1, "week": 7, "month": 30, "year": 365}

_PLAN = re.compile(r"\b(?:will|going to|have an?|have to|plan|coming|due|is|are)\b|['’]ll\b", re.IGNORECASE)
LASTING = frozenset(
    ["since", *(unit + plural for unit in ("year", "month", "week", "day", "hour") for plural in ("", "s"))]
)
_RELATIVE = frozenset(["week", "weekend", "month", "year"])
_NEAR = frozenset(["yesterday", "today", "tonight", "tomorrow"])
_BEFORE = ("last", "next", "on", "since", "until", "by")
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
    "twentieth", "thirtieth",
)  # fmt: skip
# Whoever says one of these words names a time; "lastmonday" is one word.
_TIMES = frozenset([*_NEAR, *MONTHS, *WEEKDAYS, *_ORDINALS, *(one + day for one in _BEFORE for day in WEEKDAYS)])
# And so does who says one of these in the right company.
_MAYBE_TIMES = frozenset([*_RELATIVE, *SEASONS, "night", "morning", "ago", "twenty"])
_NUMERAL = re.compile(r"(?:19|20)\d\d|\d+(?:st|nd|rd|th)")
_PHRASE = re.compile(
    rf"\b(?:(?:last|next|this) (?:night|week|month|year|weekend|morning|{_SEASON})"
    r"|\w+ (?:days?|weeks?|months?|years?) ago|twenty-\w+)\b"
)


def speaks_of_time(said: Words) -> bool:
    if not _TIMES.isdisjoint(said.bag) or not times_de.TIMES.isdisjoint(said.bag) or said.holds("teenth"):
        return True
    if not _MAYBE_TIMES.isdisjoint(said.bag) and _PHRASE.search(said.folded):
        return True
    return any(map(_NUMERAL.fullmatch, said.numerals))


def days_of(said: Words, at: datetime) -> Days | None:
    """The days that the text names first, told at that time; None where it names none."""
    named = named_in(said, at)
    return named[0] if named else None


def named_in(said: Words, at: datetime) -> tuple[Days, tuple[int, int]] | None:
    """As `days_of`, with where in the text they are named."""
    if _DAYS.isdisjoint(said.bag):
        return None
    for words, form, read in _READERS:
        if not words.isdisjoint(said.bag) and (found := form.search(said.text)) and (named := read(found, at.date())):
            return named, found.span()
    return None


def _on_date(found: re.Match[str], today: date) -> Days:
    day, month = found["day"] or found["day2"], MONTHS[found["month"].casefold()]
    return days.of_date(int(day), month, _year(found), today) if day else days.of_month(month, _year(found), today)


def _in_month(found: re.Match[str], today: date) -> Days:
    return days.of_month(MONTHS[found["month"].casefold()], _year(found), today)


def _in_season(found: re.Match[str], today: date) -> Days:
    over = (found["which"] or "").casefold() == "last"
    return days.of_season(SEASONS[found["season"].casefold()], _year(found), today, over=over)


def _in_year(found: re.Match[str], today: date) -> Days:  # noqa: ARG001
    return days.of_year(int(found["year"]))


def _ago(found: re.Match[str], today: date) -> Days:
    word = found["count"].casefold()
    return days.ago(int(word) if word.isdigit() else _COUNT[word], _UNIT[found["unit"].casefold()], today)


def _relative(found: re.Match[str], today: date) -> Days:
    step = {"last": -1, "this": 0, "next": 1}[found["which"].casefold()]
    return days.of_unit(found["unit"].casefold(), step, today)


def _near_day(found: re.Match[str], today: date) -> Days:
    off = {"yesterday": -1, "last night": -1, "today": 0, "tonight": 0, "this morning": 0, "tomorrow": 1}
    return days.one(today + timedelta(days=off[found[0].casefold()]))


def _weekday(found: re.Match[str], today: date) -> Days:
    """The last of that name before today; the next where a plan is told."""
    coming = (found["which"] or "").casefold() == "next" or _PLAN.search(found.string, 0, found.start())
    return days.of_weekday(WEEKDAYS.index(found["day"].casefold()), today, coming=bool(coming))


def _year(found: re.Match[str]) -> int | None:
    return int(found["year"]) if found["year"] else None


Reader = tuple[frozenset[str], re.Pattern[str], Callable[[re.Match[str], date], Days | None]]
_YEAR = r"(?:,? (?P<year>(?:19|20)\d\d))"
_MONTHS = frozenset(MONTHS)
# "May" and "March" are words, too: a month is written large, with a day, a year or a little word before it. Before each
# form the words of which one must be there: most messages name no day, and ten forms take their time.
_READERS: list[Reader] = [
    (_MONTHS, re.compile(rf"\b(?:(?P<day>\d\d?)(?:st|nd|rd|th|\.)?(?: of)? (?P<month>{_MONTH})(?P<day2>)?{_YEAR}?)\b"),
     _on_date),
    (_MONTHS, re.compile(rf"\b(?P<month>{_MONTH}) (?P<day2>\d\d?)(?:st|nd|rd|th)?\b(?P<day>)?{_YEAR}?"), _on_date),
    (_MONTHS, re.compile(rf"\b(?P<month>{_MONTH}){_YEAR}"), _in_month),
    (_MONTHS, re.compile(rf"\b(?:[Ii]n|[Ll]ast|[Tt]his|[Oo]f|[Dd]uring|[Ss]ince|[Bb]y|[Uu]ntil) (?P<month>{_MONTH})\b"
                         r"(?P<year>)?"), _in_month),
    (frozenset(SEASONS), re.compile(rf"\b(?:(?P<which>last|this) |in |during |of )(?:the )?(?P<season>{_SEASON})(?: of)?"
                                    rf"{_YEAR}?\b", re.IGNORECASE), _in_season),
    (frozenset(["ago"]), re.compile(r"\b(?P<count>\d{1,9}|(?:a )?(?:couple of|few)|an?|one|two|three|four|five|six|seven|eight"
                                    r"|nine|ten) (?P<unit>day|week|month|year)s? ago\b", re.IGNORECASE), _ago),
    (_RELATIVE, re.compile(r"\b(?P<which>last|this|next) (?P<unit>weekend|week|month|year)\b", re.IGNORECASE), _relative),
    (_NEAR | {"night", "morning"}, re.compile(r"\b(?:yesterday|last night|today|tonight|this morning|tomorrow)\b",
                                              re.IGNORECASE), _near_day),
    (frozenset(WEEKDAYS), re.compile(rf"\b(?:(?P<which>last|next|on|this) )?(?P<day>{_WEEKDAY})\b", re.IGNORECASE),
     _weekday),
    (frozenset(map(str, range(1900, 2100))), re.compile(r"\b(?:in|during|of|since) (?P<year>(?:19|20)\d\d)\b",
                                                        re.IGNORECASE), _in_year),
    *times_de.READERS,
]  # fmt: skip
_DAYS = frozenset().union(*(words for words, _, _ in _READERS))
