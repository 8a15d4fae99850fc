"""Which days of the calendar does a named time have, told from the day on which it is said? Read by `memory.recall.times`."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

# Feasts of a fixed day: month, day, how many days.
FEASTS = {
    "new year": (1, 1, 1), "valentine": (2, 14, 1), "halloween": (10, 31, 1), "saint nicholas": (12, 6, 1),
    "christmas eve": (12, 24, 1), "christmas": (12, 24, 3), "new year's eve": (12, 31, 1),
}  # fmt: skip
# And those that are told from Easter Sunday: days after it, how many days.
BY_EASTER = {"easter": (-2, 4), "pentecost": (49, 2)}


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day to the last, as `date.toordinal` counts them."""

    first: int
    last: int

    def moved(self, days: int) -> "Days":
        return Days(self.first + days, self.last + days)


def one(day: date) -> Days:
    return Days(day.toordinal(), day.toordinal())


def of_date(day: int, month: int, year: int | None, today: date) -> Days:
    """That day; without a year the latest that was."""
    that = _date(year or today.year, month, day)
    return one(that if year or that <= today else _date(today.year - 1, month, day))


def of_month(month: int, year: int | None, today: date) -> Days:
    """That month; without a year the latest that has begun."""
    year = year or (today.year if month <= today.month else today.year - 1)
    first = date(year, month, 1)
    return Days(first.toordinal(), first.toordinal() + calendar.monthrange(year, month)[1] - 1)


def of_season(month: int, year: int | None, today: date, *, over: bool = False) -> Days:
    """The season that begins in that month; without a year the latest that has begun, or with `over` that is over, too."""
    first = date(year or today.year, month, 1)
    if not year and first > today:
        first = date(today.year - 1, month, 1)
    if not year and over and (today - first).days < 92:  # "last summer", said in summer
        first = date(first.year - 1, month, 1)
    return Days(first.toordinal(), first.toordinal() + 91)


def of_year(year: int) -> Days:
    return Days(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal())


def of_feast(name: str, year: int | None, today: date) -> Days:
    """That feast; without a year the latest that has begun."""
    if year:
        return _feast(name, year)
    this = _feast(name, today.year)
    return this if this.first <= today.toordinal() else _feast(name, today.year - 1)


def ago(count: int, days: int, today: date) -> Days:
    """So many units of so many days back; half a unit early or late where it is not a day."""
    slack = 0 if days == 1 else days // 2
    at = today.toordinal() - min(count * days, today.toordinal() - slack - 1)
    return Days(at - slack, at + slack)


def of_unit(unit: str, step: int, today: date) -> Days:
    """The week, weekend, month or year so many steps from this one."""
    now = today.toordinal()
    if unit == "week":
        monday = now - today.weekday() + 7 * step
        return Days(monday, monday + 6)
    if unit == "weekend":
        saturday = now - today.weekday() + 5 + 7 * step
        return Days(saturday, saturday + 1)
    if unit == "month":
        year, month = divmod(today.year * 12 + today.month - 1 + step, 12)
        return of_month(month + 1, year, today)
    return of_year(today.year + step)


def of_weekday(day: int, today: date, *, coming: bool) -> Days:
    """The last of that name before today; or the next."""
    ahead = (day - today.weekday()) % 7
    return one(today + timedelta(days=(ahead or 7) if coming else ahead - 7))


def _feast(name: str, year: int) -> Days:
    if name in BY_EASTER:
        after, length = BY_EASTER[name]
        first = _easter(year).toordinal() + after
    else:
        month, day, length = FEASTS[name]
        first = date(year, month, day).toordinal()
    return Days(first, first + length - 1)


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), (i, k) = divmod(b, 4), divmod(c, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    length = (32 + 2 * e + 2 * i - h - k) % 7
    month, day = divmod(h + length - 7 * ((a + 11 * h + 22 * length) // 451) + 114, 31)
    return date(year, month, day + 1)


def _date(year: int, month: int, day: int) -> date:
    return date(year, month, max(1, min(day, calendar.monthrange(year, month)[1])))
