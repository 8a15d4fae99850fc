"""When does a repeating post fall due? RFC 5545 rules, reckoned on the clock of a zone, as instants in UTC.

- A rule of days or longer keeps the time on the wall: 09:00 stays 09:00 when the clocks change.
- A time that the clock skips (02:30 in spring) is read with the offset from before the change, so the post comes as much
  later as was skipped (03:30); one that comes twice (02:30 in autumn) is the first. Both as RFC 5545 section 3.3.5 says.
- A plain rule of hours or less counts time that passes: every two hours is that on the day of a change, too.
"""

import calendar
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from gator.errors import Refused
from prompts.words import say
from tools.wording import zone_named

MAX_RULE_CHARS = 200  # the column's width
MAX_COUNT = 1000
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
_SUBDAILY = ("HOURLY", "MINUTELY", "SECONDLY")
# BYWEEKNO, BYYEARDAY, BYEASTER and BYSECOND are left out: nobody says them, and rules that never come true hide there.
_PARTS = re.compile(
    r"(FREQ|INTERVAL|COUNT|UNTIL|BYMONTH|BYMONTHDAY|BYDAY|BYHOUR|BYMINUTE|BYSETPOS|WKST)=([A-Z0-9,+-]+)"
)
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAYS = frozenset(_WEEK)


def read_rule(repeat: str) -> str:
    """The rule in its one spelling. Raises Refused for one that we cannot keep, or that would post without end."""
    text = repeat.strip().upper().removeprefix("RRULE:").strip(";").replace(" ", "")
    if len(text) > MAX_RULE_CHARS:
        raise Refused(f"A repetition has at most {MAX_RULE_CHARS} characters.")
    parts: dict[str, str] = {}
    for part in text.split(";"):
        found = _PARTS.fullmatch(part)
        if not found or found[1] in parts:
            raise _odd(part)
        parts[found[1]] = found[2]
    _check(parts)
    return text


def _odd(part: str) -> Refused:
    return Refused(
        f"'{part[:60]}' is no repetition that can be kept.", remedy="Write it like FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR."
    )


def _check(parts: dict[str, str]) -> None:
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise _odd(f"FREQ={frequency}")
    if "COUNT" in parts and "UNTIL" in parts:
        raise Refused("A repetition ends after a number of times or at a date, not both.")
    for name, most in (("INTERVAL", 1000), ("COUNT", MAX_COUNT)):
        value = parts.get(name, "1")
        if not value.isdigit() or not 1 <= int(value) <= most:
            raise Refused(f"{name} goes from 1 to {most}.")
    if "UNTIL" in parts and not _UNTIL.fullmatch(parts["UNTIL"]):
        raise _odd(f"UNTIL={parts['UNTIL']}")
    if frequency in ("MINUTELY", "SECONDLY") and "COUNT" not in parts and "UNTIL" not in parts:
        raise Refused("Posting every minute needs an end.", remedy="Add a COUNT or an UNTIL, or post every hour.")
    if frequency in _SUBDAILY and {"BYMONTH", "BYMONTHDAY", "BYSETPOS"} & parts.keys():
        raise Refused("A repetition by hours cannot name months or days of the month.")
    if frequency not in ("YEARLY", "MONTHLY") and "BYSETPOS" in parts:
        raise Refused("BYSETPOS goes with months and years only.")
    _check_weekdays(parts, frequency)
    _check_days(parts)


def _check_weekdays(parts: dict[str, str], frequency: str) -> None:
    for day in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        found = _DAY.fullmatch(day)
        place = abs(int(found[1] or 1)) if found else 0
        if not 1 <= place <= {"MONTHLY": 5, "YEARLY": 53}.get(frequency, 1):
            raise _odd(f"BYDAY={day}")


def _check_days(parts: dict[str, str]) -> None:
    """Refuse the 30th of February here: dateutil would look for it through all years to 9999."""
    try:
        months = [int(month) for month in parts.get("BYMONTH", "1").split(",")]
        days = [int(day) for day in parts.get("BYMONTHDAY", "1").split(",")]
    except ValueError as wrong:
        raise _odd("BYMONTH") from wrong
    if not all(1 <= month <= 12 for month in months) or not all(1 <= abs(day) <= 31 for day in days):
        raise Refused("Months go from 1 to 12, their days from 1 to 31.")
    longest = max(calendar.monthrange(2024, month)[1] for month in months) if "BYMONTH" in parts else 31
    if all(abs(day) > longest for day in days):
        raise Refused("That day does not exist in that month.")


def slots(repeat: str, start: datetime, zone: str) -> Iterator[datetime]:
    """The instants at which the rule of `read_rule` falls due from `start` on, each later than the one before."""
    where = _clock(repeat, zone)
    start = start.replace(microsecond=0)
    local = start.astimezone(where).replace(tzinfo=None)
    try:
        rule = rrulestr(_with_local_end(repeat, where), dtstart=local)
    except ValueError as wrong:
        raise Refused(f"That repetition cannot be kept: {wrong}.") from wrong
    last = datetime.min.replace(tzinfo=UTC)
    for moment in _moments(rule):
        # A start in the second of two like hours is where it is, though its clock reads the same in the first.
        at = max(moment.replace(tzinfo=where, fold=0).astimezone(UTC), start)
        if at > last:  # a skipped hour may fall on the next one: they are one post
            last = at
            yield at


def _moments(rule: Iterable[datetime]) -> Iterator[datetime]:
    try:
        yield from rule
    except ValueError as wrong:  # dateutil notices some parts that contradict each other only on the way
        raise Refused(f"That repetition cannot be kept: {wrong}.") from wrong


def first(repeat: str, start: datetime, zone: str) -> datetime:
    """The first time from `start` on. Raises Refused when there is none, or when minutes go on and on."""
    by_minutes = _parts(repeat)["FREQ"] in ("MINUTELY", "SECONDLY")
    found = list(islice(slots(repeat, start, zone), MAX_COUNT + 1 if by_minutes else 1))
    if not found:
        raise Refused("That repetition never comes true.")
    if len(found) > MAX_COUNT:
        raise Refused(f"That would be more than {MAX_COUNT} posts by the minute.", remedy="Set an earlier end.")
    return found[0]


def after(repeat: str, start: datetime, zone: str, slot: datetime, not_before: datetime) -> tuple[datetime | None, int]:
    """The next time after `slot` that is not before `not_before`, and how many were passed over for that."""
    passed = 0
    for at in slots(repeat, start, zone):
        if at <= slot:
            continue
        if at >= not_before:
            return at, passed
        passed += 1
    return None, passed


def _parts(repeat: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in repeat.split(";"))


def _clock(repeat: str, zone: str) -> ZoneInfo:
    parts = _parts(repeat)
    elapsed = parts["FREQ"] in _SUBDAILY and not {"BYDAY", "BYHOUR", "BYMINUTE"} & parts.keys()
    return ZoneInfo("UTC") if elapsed else zone_named(zone)


def _with_local_end(repeat: str, where: ZoneInfo) -> str:
    """UNTIL on the rule's own clock, as dateutil wants it; a bare date includes that day."""
    found = _UNTIL.fullmatch(_parts(repeat).get("UNTIL", ""))
    if not found:
        return repeat
    end = f"{found[1]}T{found[2] or '235959'}"
    if found[3]:
        instant = datetime.strptime(end, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        end = instant.astimezone(where).strftime("%Y%m%dT%H%M%S")
    return repeat.replace(f"UNTIL={found[0]}", f"UNTIL={end}")


def start_of(repeat: str, asked: datetime | None, at: datetime) -> tuple[str, datetime]:
    """Rule and start where somebody named no first time: then the rule's own hour counts, on the full minute."""
    parts = _parts(repeat)
    if asked is not None or not {"BYHOUR", "BYMINUTE"} & parts.keys():
        return repeat, (asked or at).replace(microsecond=0)
    whole = repeat if "BYMINUTE" in parts else f"{repeat};BYMINUTE=0"
    return whole, at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def in_words(repeat: str, language: str = "en") -> str:
    """`every weekday, 5 times`; a rule that has no short name is shown as it is."""
    parts = _parts(repeat)
    count, until = parts.pop("COUNT", ""), parts.pop("UNTIL", "")
    parts.pop("WKST", None)
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    what = _short_name(parts, language) or say("every_by_rule", language, rule=rule)
    if count:
        return say("every_times", language, rule=what, count=count)
    date = f"{until[:4]}-{until[4:6]}-{until[6:8]}"
    return say("every_until", language, rule=what, date=date) if until else what


def _short_name(parts: dict[str, str], language: str) -> str:
    frequency, every = parts["FREQ"], parts.get("INTERVAL", "1")
    rest = {name: value for name, value in parts.items() if name not in ("FREQ", "INTERVAL")}
    if not rest and frequency in ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"):
        unit = frequency.lower()
        return say(f"every_{unit}", language) if every == "1" else say(f"every_few_{unit}", language, count=every)
    together = f" {say('and', language)} "
    days = rest.get("BYDAY", "").split(",")
    if frequency in ("WEEKLY", "DAILY") and rest.keys() == {"BYDAY"} and every == "1" and _DAYS.issuperset(days):
        if sorted(days) == ["FR", "MO", "TH", "TU", "WE"]:
            return say("every_workday", language)
        names = dict(zip(_WEEK, say("days", language).split(), strict=True))
        named = [names[day] for day in days]
        return say("every_day_named", language, days=together.join(filter(None, [", ".join(named[:-1]), named[-1]])))
    if frequency == "MONTHLY" and rest.keys() == {"BYMONTHDAY"} and every == "1":
        return say("every_month_on", language, days=rest["BYMONTHDAY"].replace(",", together))
    return ""
