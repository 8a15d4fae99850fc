"""Which day or time does a text name that there is none of? "February 30", "31 June", "13/13", "25:00".

Such a thing is asked about: left aside, it would let a post go out today. Neighbours: days, times_of_day, moments.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from agents.builtin.said import hear
from agents.builtin.times.days import MONTH, MONTHS, month_number

LEAP = 2028  # a year not said may be one that has a 29 February
LEAD = r"(?:on|for|to|by|until|till|from|due)(?: the)?"
ENDS = r"(?=\s*(?:$|[,;.!?]|(?:at|as|by|in the|o'?\s?clock|on|tomorrow|today|tonight|every)\b|\d{1,2}(?::|\s?[ap]m)))"
DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
YEAR = r"(?:,?\s+(\d{4}))?"


@dataclass(frozen=True, slots=True)
class Impossible:
    """Where it stands, and what is to be asked."""

    start: int
    end: int
    question: str


def find_impossible(read: str) -> Impossible | None:
    """The first such thing in a text."""
    for pattern, why in RULES:
        for hit in pattern.finditer(read):
            if wrong := why(hit):
                return Impossible(*hit.span(), f"{wrong} When should it be?")
    return None


def without_impossible(text: str) -> str:
    """A request without the days and times that there are none of: an answer stands in their place."""
    while wrong := find_impossible((said := hear(text, [])).read):
        text = text[: said.at[wrong.start]] + text[said.at[wrong.end] :]
    return text


def _there_is(day: int, month: int, year: str | None) -> bool:
    try:
        date(int(year) + (2000 if len(year) == 2 else 0) if year else LEAP, month, day)
    except ValueError:
        return False
    return True


def _no_day(day: int, month: int, year: str | None) -> str:
    if _there_is(day, month, year):
        return ""
    return f"There is no {day} {MONTHS[month - 1].title()}{f' {year}' if year else ''}."


def _iso(hit: re.Match[str]) -> str:
    if 1 <= int(hit[2]) <= 12:
        return _no_day(int(hit[3]), int(hit[2]), hit[1])
    return f"There is no day {hit[1]}-{hit[2]}-{hit[3]}."


def _day_month(hit: re.Match[str]) -> str:
    # "40 may come", "12 march on": what is also a verb is a month only where the day can be one or is led up to.
    if hit[3] in ("may", "march", "mar") and int(hit[2]) > 31 and not hit[1]:
        return ""
    return _no_day(int(hit[2]), month_number(hit[3]), hit[4])


def _month_day(hit: re.Match[str]) -> str:
    if hit[2] in ("may", "march", "mar") and int(hit[3]) > 31 and not hit[1]:
        return ""
    return _no_day(int(hit[3]), month_number(hit[2]), hit[4])


def _slashed(hit: re.Match[str]) -> str:
    one, two = int(hit[1]), int(hit[2])
    day, month = (one, two) if two <= 12 else (two, one)
    if 1 <= month <= 12:
        return _no_day(day, month, hit[3])
    return f"There is no day {hit[1]}/{hit[2]}."


def _dotted(hit: re.Match[str]) -> str:
    if 1 <= int(hit[2]) <= 12:
        return _no_day(int(hit[1]), int(hit[2]), hit[3])
    return f"There is no day {hit[1]}.{hit[2]}."


def _of_month(hit: re.Match[str]) -> str:
    return "" if 1 <= int(hit[1]) <= 31 else f"No month has a day {hit[1]}."


def _clock(hit: re.Match[str]) -> str:
    hour, minute = int(hit[1]), int(hit[2])
    late = hour > 24 or (hour == 24 and minute)
    return f"There is no time {hit[1]}:{hit[2]}." if late or minute > 59 else ""


def _hour(hit: re.Match[str]) -> str:
    return f"There is no hour {hit[1]}." if int(hit[1]) > 24 else ""


def _meridiem(hit: re.Match[str]) -> str:
    hour = int(hit[1])
    fits = 1 <= hour <= 12 or (hit[2] == "p" and 12 < hour < 24)
    return "" if fits else f"There is no time {hit[1]} {hit[2]}m."


COUNTED = r"(?!\s*(?:%|percent\b))"
RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?:\bon )?(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)"), _iso),
    (re.compile(rf"(?:\b({LEAD}) )?(?<![\d.:/])\b{DAY}\.?\s+(?:of\s+)?{MONTH}\b\.?{YEAR}"), _day_month),
    (re.compile(rf"(?:\b({LEAD}) )?\b{MONTH}\.?\s+(?:the\s+)?{DAY}\b(?![:.]\d){COUNTED}{YEAR}"), _month_day),
    (re.compile(rf"\b{LEAD} (\d{{1,2}})/(\d{{1,2}})(?:/(\d{{4}}|\d{{2}}))?(?![\d/:]){COUNTED}"), _slashed),
    (re.compile(rf"(?<![\w/:])(\d{{1,2}})/(\d{{1,2}})(?:/(\d{{4}}|\d{{2}}))?(?![\d/:]){ENDS}"), _slashed),
    (re.compile(rf"\b{LEAD} (\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}}|\d{{2}})?(?!\d)"), _dotted),
    (re.compile(rf"\b{LEAD} (\d{{1,2}})(?:st|nd|rd|th)\b{ENDS}"), _of_month),
    (re.compile(r"(?:\bat |@ ?|\bby |\baround )?(?<![\w.:/-])(?<!in )(\d{1,2})[:h](\d{2})(?![\d:%])"), _clock),
    (re.compile(rf"(?:\bat |@ ?)(\d{{2}})(?:\s?h\b)?{ENDS}"), _hour),
    (re.compile(r"(?:\bat |@ ?)?(?<![\w.:/-])(\d{1,2})\s?([ap])\.?m\b"), _meridiem),
)  # fmt: skip
