"""When is that? Times, days, zones and repetitions in plain English, as aware datetimes and RFC 5545 rules.

A time is reckoned in the zone that the text names, else in the operator's. A time that is past rolls on to its next
occurrence; what is left open is either taken by a rule that is said (`note`) or asked about (`Unclear`).
Neighbours: days, times_of_day, zones, repeats.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from agents.builtin.counting import AMOUNT, number
from agents.builtin.times import repeats
from agents.builtin.times.days import MONTH, WEEKDAY, Day, find_day, later
from agents.builtin.times.impossible import find_impossible
from agents.builtin.times.times_of_day import Clock, find_clock
from agents.builtin.times.zones import find_zone, tz

NOW = re.compile(
    r"\b(?:right now|right away|straight away|straightaway|immediately|at once|asap|as soon as possible"
    r"|this instant|now)\b"
)
UNITS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "m": 60, "h": 3600, "hr": 3600, "hour": 3600}
UNIT = r"(seconds?|secs?|minutes?|mins?|hours?|hrs?|h|s)"
DEFAULT_HOUR = 9


class Unclear(Exception):
    """A time that cannot be used before something is asked; the message is the question."""


@dataclass(frozen=True, slots=True)
class When:
    """A moment that a text names. `at` is None for "now"."""

    at: datetime | None
    repeat: str = ""
    zone: str = ""
    note: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    dated: bool = True  # a day was said; else only a time
    question: str = ""  # what must be asked before `at` holds: a day without a time of day


TOP_OF_HOUR = re.compile(r"\b(?:at |on )?the top of the (?:next )?hour\b|\b(?:at |on )the next full hour\b")


def find_when(read: str, now: datetime, zone: str, *, base: datetime | None = None) -> When | None:
    """The moment in a text; `base` is what "two hours later" counts from. Raises Unclear when it must be asked about."""
    if found := _stamp(read, zone):
        return found
    if full := TOP_OF_HOUR.search(read):
        start = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return When(start, zone=zone, spans=(full.span(),))
    if wrong := find_impossible(read):
        raise Unclear(wrong.question)
    if repeats.once_or_monthly(read):
        raise Unclear("Every month, or only this month? And at what time?")
    if repeats.too_vague(read):
        raise Unclear("On which days, and at what time?")
    named = find_zone(read, _after_clock(read))
    spans = []
    if named:
        spans.append(named[:2])
        read = _blank(read, [named[:2]])
        zone = named[2]
    local = now.astimezone(tz(zone))
    if found := _ahead(read, now, base):
        return When(found.at, zone=zone, spans=(*spans, *found.spans))
    if base and (found := _after(read, base, zone)):
        return When(found.at, zone=zone, spans=(*spans, *found.spans))
    if rule := repeats.find_rule(read, local.date()):
        return _repeated(read, rule, local, zone, spans)
    return _once(read, local, zone, spans, base)


# So many days after the one that was just spoken of; "the day after tomorrow" is a day of its own.
AFTER = re.compile(
    rf"\b(?:on )?(?:the )?(?:(?P<near>day|week|month) (?P<way>after|before)(?: that| this)?(?! (?:tomorrow|yesterday|\w*day\b))"
    rf"|(?:very )?(?:next|following) (?P<next>day)|following (?P<unit>week|month)"
    rf"|(?P<amount>{AMOUNT}) (?P<units>days?|weeks?|months?) (?P<lag>later|after(?:wards)?|earlier|before"
    rf"|sooner)(?: that| this)?)\b"
)


def _after(read: str, base: datetime, zone: str) -> When | None:
    """ "The day after", "a week later", counted from what was just spoken of; at its time where no other is said."""
    if (hit := AFTER.search(read)) is None:
        same = re.search(r"\bat (?:exactly )?the same (?:time|moment)\b", read)
        return When(base, zone=zone, spans=(same.span(),)) if same and not find_day(read, base.date()) else None
    amount = number(hit["amount"]) if hit["amount"] else 1
    unit = (hit["near"] or hit["next"] or hit["unit"] or hit["units"]).rstrip("s")
    back = (hit["way"] or hit["lag"] or "") in ("before", "earlier", "sooner")
    start = base.astimezone(tz(zone))
    day = later(start.date(), -(amount or 1) if back else (amount or 1), unit)
    clock = find_clock(_blank(read, [hit.span()]))
    spans = (hit.span(), *(clock[0] if clock else ()))
    at = time(clock[1].hour, clock[1].minute) if clock else start.time().replace(tzinfo=None)
    return When(_real(datetime.combine(day, at), zone), zone=zone, spans=spans)


def _blank(read: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        read = read[:start] + " " * (end - start) + read[end:]
    return read


def _after_clock(read: str) -> int | None:
    clock = find_clock(read)
    return max(end for _, end in clock[0]) if clock else None


def _stamp(read: str, zone: str) -> When | None:
    """2026-12-03T20:00:05+01:00, with or without its parts."""
    hit = re.search(
        r"\b(?:at |on |for )?(\d{4}-\d{2}-\d{2})(?:t|\s+(?:at\s+)?)(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(z\b"
        r"|[+-]\d{2}:?\d{2}\b)?",
        read,
    )
    if not hit:
        return None
    try:
        at = datetime.fromisoformat(f"{hit[1]}T{hit[2]}{(hit[3] or '').upper()}")
    except ValueError:
        return None
    spans = [hit.span()]
    if at.tzinfo is None:
        named = find_zone(read[hit.end() :], 0)
        if named:
            zone = named[2]
            spans.append((hit.end() + named[0], hit.end() + named[1]))
        at = at.replace(tzinfo=tz(zone))
    return When(at, zone=zone, spans=tuple(spans))


def _ahead(read: str, now: datetime, base: datetime | None) -> When | None:
    """In two hours; an hour and a half from now; two hours later, counted from `base`."""
    mixed = re.search(r"\bin (\d+)\s?h(?:ours?)? ?(?:and )?(\d+)\s?(?:m|min|minutes)?\b", read)
    if mixed:
        return When(now + timedelta(hours=int(mixed[1]), minutes=int(mixed[2])), spans=(mixed.span(),))
    hit = re.search(
        rf"\b(?:in|after|for|by)?\s*(?:about |just |only )?({AMOUNT})(?:(?<=\d)|[-\s])\s*{UNIT}(?: and (a half"
        rf"|a quarter"
        rf"|{AMOUNT} {UNIT}))?(?:'s?)?(?: time)?"
        r"(\s+(?:from now|later|earlier|forward|back|after that|sooner))?\b",
        read,
    )
    if not hit:
        return None
    lead = re.match(r"in\b|after\b", hit[0].strip())
    tail = (hit[5] or "").strip()
    if not (lead or tail or "time" in hit[0] or (base and re.match(r"by\b", hit[0].strip()))):
        return None
    seconds = _seconds(hit)
    if seconds is None:
        return None
    if base and (tail in ("later", "earlier", "forward", "back", "sooner") or not lead):
        sign = -1 if tail in ("earlier", "forward", "sooner") else 1
        return When(base + timedelta(seconds=sign * seconds), spans=(hit.span(),))
    return When(now + timedelta(seconds=seconds), spans=(hit.span(),))


def _seconds(hit: re.Match[str]) -> float | None:
    amount = number(hit[1])
    if amount is None:
        return None
    seconds = amount * UNITS[hit[2].rstrip("s") or "s"]
    if hit[3] == "a half":
        seconds += UNITS[hit[2].rstrip("s") or "s"] / 2
    elif hit[3] == "a quarter":
        seconds += UNITS[hit[2].rstrip("s") or "s"] / 4
    elif hit[3]:
        seconds += (number(hit[3].rsplit(" ", 1)[0]) or 0) * UNITS[(hit[4] or "s").rstrip("s") or "s"]
    return seconds


def _repeated(read: str, rule: repeats.Rule, local: datetime, zone: str, spans: list[tuple[int, int]]) -> When:
    from dateutil.rrule import rrulestr

    rest = _blank(read, [*rule.spans])
    clock = find_clock(rest)
    spoken, time_of_day = clock if clock else ([], None)
    note = question = ""
    if time_of_day is None:
        if rule.clocked:
            hour = rule.hour if rule.hour is not None else DEFAULT_HOUR
            time_of_day = Clock(hour)
            question = "" if rule.hour is not None else "At what time?"
            note = f"No time was given, so I took {hour}:00."
        else:
            time_of_day = Clock(local.hour, local.minute, local.second)
    elif time_of_day.note:
        note = time_of_day.note
    start = _beginning(_blank(rest, spoken), local.date(), sure=rule.may_start)
    begin = start.day if start else local.date()
    first_day = datetime.combine(begin, time(time_of_day.hour, time_of_day.minute, time_of_day.second))
    naive = local.replace(tzinfo=None)
    ruled = rrulestr(rule.text, dtstart=first_day)
    first = ruled.after(naive, inc=False) if first_day <= naive else ruled.after(first_day, inc=True)
    if first is None:
        raise Unclear("That would never happen. When should it first be posted?")
    found = [*spans, *rule.spans, *spoken, *([(start.start, start.end)] if start else [])]
    return When(_real(first, zone), rule.text, zone, note, tuple(found), question=question)


def _beginning(rest: str, today: date, *, sure: bool) -> Day | None:
    """From which day on; of rules that name days themselves only where a word says that they begin."""
    from_then = re.search(
        r"\b(?:from|start(?:s|ing)?(?: on| from)?|begin(?:s|ning)?(?: on| from)?|as of|effective)\s+", rest
    )
    if sure or from_then is None:
        return find_day(rest, today) if sure else None
    day = find_day(" " * from_then.end() + rest[from_then.end() :], today)
    return day if day and not rest[from_then.end() : day.start].strip() else None


def _once(read: str, local: datetime, zone: str, spans: list[tuple[int, int]], base: datetime | None) -> When | None:
    day = find_day(read, local.date())
    if day and day.question:
        raise Unclear(day.question)
    rest = _blank(read, [(day.start, day.end)]) if day else read
    clock = find_clock(rest) or (find_clock(read) if day else None)
    if clock is None and day is None:
        hit = NOW.search(read)
        if (
            re.search(
                r"\b(?:next|later this|some ?time this) (?:week|month|year)\b|\b(?:soon|later|some ?time|sometime)\b",
                read,
            )
            and not hit
        ):
            raise Unclear("On which day, and at what time?")
        return When(None, zone=zone, spans=(*spans, hit.span())) if hit else None
    if clock is None:
        assert day is not None
        return _day_only(day, local, zone, spans, base)
    spoken, said = clock
    found = [*spans, *spoken, *([(day.start, day.end)] if day else [])]
    at = _at(day.day if day else None, said, local, base)
    return When(_real(at, zone), zone=zone, note=said.note, spans=tuple(found), dated=day is not None)


def _day_only(day: Day, local: datetime, zone: str, spans: list[tuple[int, int]], base: datetime | None) -> When:
    found = (*spans, (day.start, day.end))
    if base is not None:  # a post that is moved to another day keeps its time
        at = datetime.combine(day.day, base.astimezone(tz(zone)).time().replace(tzinfo=None))
        return When(_real(at, zone), zone=zone, spans=found)
    if day.day == local.date():
        return When(None, zone=zone, spans=found)
    at = datetime.combine(day.day, time(DEFAULT_HOUR))
    return When(_real(at, zone), zone=zone, spans=found, question="At what time?")


def _at(day: date | None, said: Clock, local: datetime, base: datetime | None) -> datetime:
    """The wall time meant. Without a day it is the next such time; an hour left open may then be the later one of today."""
    clock = time(said.hour, said.minute, said.second)
    naive = local.replace(tzinfo=None)
    if day is None and base is not None:
        return datetime.combine(base.astimezone(local.tzinfo).date(), clock)
    at = datetime.combine(day or naive.date(), clock)
    if at > naive:
        return at
    if day is None:
        soon = not said.sure and said.hour in (6, 7) and at + timedelta(hours=12) > naive
        return at + (timedelta(hours=12) if soon else timedelta(days=1))
    if day == naive.date() and not said.sure and said.hour < 12 and at + timedelta(hours=12) > naive:
        return at + timedelta(hours=12)
    if day == naive.date() and clock == time(0):
        return at + timedelta(days=1)  # "today at midnight" is the coming one
    if day == naive.date():
        raise Unclear(f"{clock:%H:%M} today has passed. When instead?")
    raise Unclear("That day has passed. When instead?")


def _real(wall: datetime, zone: str) -> datetime:
    """The moment of a wall time. In the hour that a change to summer time skips it is as much later as the clocks moved."""
    from dateutil.tz import resolve_imaginary

    return resolve_imaginary(wall.replace(tzinfo=tz(zone)))


def find_range(read: str, now: datetime, zone: str) -> tuple[datetime | None, datetime | None]:
    """Since when and until when a list is asked for; (None, None) when it is not said."""
    local = now.astimezone(tz(zone))
    today = local.date()
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    weeks = {"this": 0, "current": 0, "next": 1, "coming": 1, "last": -1, "past": -1, "previous": -1}

    def span(start: date, end: date) -> tuple[datetime, datetime]:
        return _real(datetime.combine(start, time()), zone), _real(datetime.combine(end, time()), zone)

    if dated := _from_to(read, today):
        return span(dated[0], dated[1] + timedelta(days=1))
    if hit := re.search(rf"\b(?:next|coming|following) ({AMOUNT}) (hour|day|week|month)s?\b", read):
        return now, _shifted(now, number(hit[1]) or 1, hit[2])
    if hit := re.search(rf"\b(?:last|past|previous) ({AMOUNT}) (hour|day|week|month)s?\b", read):
        return _shifted(now, -(number(hit[1]) or 1), hit[2]), now
    if hit := re.search(r"\b(this|current|next|coming|last|past|previous) (week|weekend|month)\b", read):
        step = weeks[hit[1]]
        if hit[2] == "week":
            return span(monday + timedelta(weeks=step), monday + timedelta(weeks=step + 1))
        if hit[2] == "weekend":
            return span(monday + timedelta(weeks=step, days=5), monday + timedelta(weeks=step + 1))
        from dateutil.relativedelta import relativedelta

        return span(first + relativedelta(months=step), first + relativedelta(months=step + 1))
    return _bounded(read, today, span)


# "from the 25th to the 31st", "between Monday and Friday", "the last week of December"
FROM_TO = re.compile(
    r"\b(?:from|between)\s+(?P<first>(?:the )?[^,;§?]{2,20}?)\s+(?:to|until|till|through|and|-)\s+"
    r"(?P<last>(?:the )?[^,;§?]{2,25})"
)
END_WEEK = re.compile(rf"\b(?P<which>first|last) week (?:of|in) (?P<month>{MONTH})\b")


def _from_to(read: str, today: date) -> tuple[date, date] | None:
    """The first and the last day of a stretch that is told by both."""
    if hit := FROM_TO.search(read):
        first = find_day(f"on {hit['first']}", today)
        last = find_day(f"on {hit['last']}", first.day if first else today)
        if first and last and last.day >= first.day and not first.question and not last.question:
            return first.day, last.day
    if hit := END_WEEK.search(read):
        begin = find_day(f"on 1 {hit['month']}", today)
        if begin and hit["which"] == "first":
            return begin.day, begin.day + timedelta(days=6)
        if begin:
            following = (begin.day + timedelta(days=32)).replace(day=1)
            return following - timedelta(days=7), following - timedelta(days=1)
    return None


def _shifted(now: datetime, amount: float, unit: str) -> datetime:
    from dateutil.relativedelta import relativedelta

    if unit == "month":
        return now + relativedelta(months=int(amount))
    return now + timedelta(**{f"{unit}s": amount})


def _bounded(
    read: str, today: date, span: Callable[[date, date], tuple[datetime, datetime]]
) -> tuple[datetime | None, datetime | None]:
    weekend = re.search(r"\b(?:over |at |on )?the weekend\b", read)
    if weekend:
        saturday = today + timedelta(days=(5 - today.weekday()) % 7)
        return span(saturday, saturday + timedelta(days=2))
    day = find_day(read, today)
    if day is None and re.search(r"\btonight\b", read):
        return span(today, today + timedelta(days=1))
    if day is None or day.question:
        return None, None
    start, end = span(day.day, day.day + timedelta(days=1))
    lead = read[: day.start].rstrip()
    if (
        re.search(r"\b(?:since|from|after|starting)$", lead)
        and day.day > today
        and re.search(WEEKDAY, read[day.start : day.end])
    ):
        return start - timedelta(weeks=1), None
    if re.search(r"\b(?:since|from|after|starting)$", lead) or re.match(r"since|from", read[day.start : day.end]):
        return start, None
    if re.search(r"\b(?:until|till|before|up to|by)$", lead):
        return None, start if lead.endswith("before") else end
    return start, end
