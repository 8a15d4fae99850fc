"""Which day does a text name? "the day after tomorrow", "next Friday", "3 December", "Christmas Eve". Neighbour: moments."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from agents.builtin.counting import AMOUNT, ORDINAL, SPELLED, number, ordinal

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = (
    r"(mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday|s)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
FEASTS = {
    "christmas eve": (12, 24), "christmas day": (12, 25), "christmas": (12, 25), "xmas": (12, 25),
    "boxing day": (12, 26),
    "new year's eve": (12, 31), "new years eve": (12, 31), "new year's day": (1, 1), "new year's": (1, 1),
    "new year": (1, 1),
    "valentine's day": (2, 14), "valentines day": (2, 14), "valentine's": (2, 14), "halloween": (10, 31),
    "april fools' day": (4, 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it was said. `loose` days name a year or month only by habit, so that a past one rolls to the next."""

    start: int
    end: int
    day: date
    question: str = ""  # what must be asked before it can be used


def weekday_number(text: str) -> int:
    return next(n for n, name in enumerate(WEEKDAYS) if name.startswith(text[:3]))


def month_number(text: str) -> int:
    return next(n for n, name in enumerate(MONTHS, 1) if name.startswith(text[:3]))


def find_day(read: str, today: date) -> Day | None:
    """The first kind of day that fits, the exact ones first."""
    for reader in (_iso, _by_month, _slashed, _counted, _near, _feast, _weekday, _of_month):
        if found := reader(read, today):
            return found
    return None


def _made(hit: re.Match[str], year: int, month: int, day: int) -> Day | None:
    try:
        return Day(*hit.span(), date(year, month, day))
    except ValueError:
        return None


def _rolled(hit: re.Match[str], today: date, month: int, day: int, year: str | None) -> Day | None:
    """The next such day; a year that was said is kept."""
    if year:
        return _made(hit, int(year) + (2000 if int(year) < 100 else 0), month, day)
    for candidate in range(today.year, today.year + 9):  # 29 February comes at least every eight years
        found = _made(hit, candidate, month, day)
        if found and found.day >= today:
            return found
    return None


def _iso(read: str, _today: date) -> Day | None:
    hit = re.search(r"\b(?:on )?(\d{4})-(\d{1,2})-(\d{1,2})\b", read)
    return _made(hit, int(hit[1]), int(hit[2]), int(hit[3])) if hit else None


def _by_month(read: str, today: date) -> Day | None:
    first = re.search(
        rf"\b(?:on )?(?:{WEEKDAY},? )?(?:the )?(\d{{1,2}}|{ORDINAL})(?:st|nd|rd"
        rf"|th)?\.?\s+(?:of\s+)?{MONTH}\b\.?(?:,?\s+(\d{{4}}))?",
        read,
    )
    if first and (place := ordinal(first[2])):
        return _rolled(first, today, month_number(first[3]), place, first[4])
    second = re.search(
        rf"\b(?:on )?(?:{WEEKDAY},? )?{MONTH}\.?\s+(?:the\s+)?(\d{{1,2}}(?:st|nd|rd|th)?"
        rf"|{ORDINAL})\b(?![:.]\d)(?:,?\s+(\d{{4}}))?",
        read,
    )
    if second and (place := ordinal(second[3])):
        return _rolled(second, today, month_number(second[2]), place, second[4])
    return None


def _slashed(read: str, today: date) -> Day | None:
    dotted = re.search(r"(?<![\d.])(?:on (?:the )?)?(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?(?![\d])", read)
    if dotted and int(dotted[2]) <= 12:
        return _rolled(dotted, today, int(dotted[2]), int(dotted[1]), dotted[3])
    hit = re.search(r"(?<![\w/:])(?:on )?(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/:])", read)
    if not hit:
        return None
    one, two = int(hit[1]), int(hit[2])
    if one <= 12 and two <= 12 and one != two:
        a, b = f"{one} {MONTHS[two - 1].title()}", f"{two} {MONTHS[one - 1].title()}"
        return Day(*hit.span(), today, question=f"Is {hit[1]}/{hit[2]} the {a} or the {b}?")
    return _rolled(hit, today, two, one, hit[3]) if two <= 12 else _rolled(hit, today, one, two, hit[3])


def _near(read: str, today: date) -> Day | None:
    words = {
        "the day after tomorrow": 2,
        "day after tomorrow": 2,
        "overmorrow": 2,
        "the day before yesterday": -2,
        "tomorrow": 1,
    }
    words |= {"tmrw": 1, "tmr": 1, "tomorow": 1, "yesterday": -1, "today": 0, "this day": 0}
    for word, days in words.items():
        if hit := re.search(rf"\b{word}(?:'s)?\b", read):
            return Day(*hit.span(), today + timedelta(days=days))
    hit = re.search(r"\b(?:tonight|this (?:morning|afternoon|evening))\b", read)
    return Day(hit.start(), hit.start(), today) if hit else None  # the word itself stays: it is the time of day as well


def _counted(read: str, today: date) -> Day | None:
    ahead = re.search(
        rf"\b(?:in )?({AMOUNT}) (day|week|fortnight|month|year)s?(?:'s? time)?(?: (?:from|after) (now|today"
        rf"|tomorrow|{WEEKDAY}))?\b",
        read,
    )
    if not ahead or not (ahead[0].startswith("in ") or ahead[3] or "time" in ahead[0]):
        return None
    amount = number(ahead[1])
    if amount is None:
        return None
    base = today
    if ahead[3] == "tomorrow":
        base = today + timedelta(days=1)
    elif ahead[4]:
        base = coming(today, weekday_number(ahead[4]))
    day = later(base, amount, ahead[2])
    named = re.search(rf"\bon (?:a |the )?{WEEKDAY}\b", read[ahead.end() :])
    if named and ahead[2] in ("week", "fortnight"):
        day += timedelta(days=weekday_number(named[1]) - day.weekday())
        return Day(ahead.start(), ahead.end() + named.end(), day)
    return Day(*ahead.span(), day)


def later(base: date, amount: float, unit: str) -> date:
    """A day so many days, weeks, months or years after another."""
    from dateutil.relativedelta import relativedelta

    if unit == "day":
        return base + timedelta(days=amount)
    if unit in ("week", "fortnight"):
        return base + timedelta(weeks=amount * (2 if unit == "fortnight" else 1))
    return base + (relativedelta(months=int(amount)) if unit == "month" else relativedelta(years=int(amount)))


def coming(today: date, weekday: int) -> date:
    """The next such weekday after today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _feast(read: str, today: date) -> Day | None:
    for name, (month, day) in FEASTS.items():
        if hit := re.search(
            rf"\b(?:on |at )?{name}\b(?! (?:card|post|video|greeting|picture|caption|story|wish|message|special))", read
        ):
            return _rolled(hit, today, month, day, None)
    return None


def _weekday(read: str, today: date) -> Day | None:
    of_week = re.search(
        rf"\b(?:on )?{WEEKDAY},? (?:of )?(next|this|the following) week\b|\b(next|this"
        rf"|the following) week,? (?:on )?{WEEKDAY}\b",
        read,
    )
    if of_week:
        monday = today - timedelta(days=today.weekday())
        weeks = 0 if "this" in (of_week[2], of_week[3]) else 1
        return Day(*of_week.span(), monday + timedelta(weeks=weeks, days=weekday_number(of_week[1] or of_week[4])))
    week_later = re.search(rf"\b{WEEKDAY} week\b|\ba week on {WEEKDAY}\b", read)
    if week_later:
        return Day(
            *week_later.span(), coming(today, weekday_number(week_later[1] or week_later[2])) + timedelta(weeks=1)
        )
    hit = re.search(
        rf"\b(?:on |by )?(?:(next|this|coming|the|this coming|the coming|the following|a"
        rf"|last) )?{WEEKDAY}(?:'s)?\b(?!-)",
        read,
    )
    if not hit or (hit[2] in ("sat", "sun", "wed", "mon") and not re.search(r"\bon |next |this ", hit[0])):
        return None
    if hit[1] == "last":
        return Day(
            *hit.span(),
            coming(today, weekday_number(hit[2])) - timedelta(weeks=1),
        )
    day = coming(today, weekday_number(hit[2]))
    if hit[1] == "this" and today.weekday() == weekday_number(hit[2]):
        day = today
    if hit[1] == "next" and day == today + timedelta(days=1):
        day += timedelta(weeks=1)  # whoever means tomorrow says so
    return Day(*hit.span(), day)


def _of_month(read: str, today: date) -> Day | None:
    hit = re.search(
        rf"\b(?:on|for|until|till|to|make (?:it|that)) the ({ORDINAL})\b(?! (?:of (?:every|each)|stor|post|one|pic"
        rf"|card|vid|head"
        rf"|feed|version|{SPELLED}))",
        read,
    )
    if not hit:
        return None
    place = ordinal(hit[1])
    if not place or place > 31:
        return None
    month, year = today.month, today.year
    for _ in range(13):
        found = _made(hit, year, month, place)
        if found and found.day >= today:
            return found
        month, year = (1, year + 1) if month == 12 else (month + 1, year)
    return None
