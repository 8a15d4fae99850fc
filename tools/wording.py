"""How do times, counts and sizes read in a sentence? For the words of results; the data beside them are exact."""

from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from gator.clock import now
from gator.errors import Refused
from prompts.words import say

_STEPS = ((86400 * 2, 86400, "day"), (3600 * 2, 3600, "hour"), (60 * 2, 60, "minute"))


def ago(at: datetime) -> str:
    """`3 hours ago`, `yesterday` is `27 hours ago`: coarse, and never wrong about the day in some zone."""
    past_s = (now() - at).total_seconds()
    if past_s < 120:
        return "just now"
    for least_s, unit_s, name in _STEPS:
        if past_s >= least_s:
            return f"{int(past_s // unit_s)} {name}s ago"
    return "just now"


def counted(number: int, one: str, more: str = "") -> str:
    """`1 story`, `3 stories`, `no fans`."""
    return f"{number or 'no'} {one if number == 1 else more or one + 's'}"


def sized(size_bytes: int) -> str:
    """In the unit in which people would say it."""
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if size_bytes >= size:
            return f"{size_bytes / size:.1f} {unit}"
    return f"{ceil(size_bytes / 1e3)} kB"


def counted_as(what: str, number: int, language: str) -> str:
    """As `counted`, of what the catalogue has words for one and for a few of."""
    return say(f"{what}_one" if number == 1 else f"{what}_few", language, count=str(number))


def zone_named(name: str) -> ZoneInfo:
    """The zone of that IANA name. Raises Refused for any other."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as unknown:
        raise Refused(f"'{name}' is no time zone.", remedy="Write it like Europe/Berlin.") from unknown


def clock_time(at: datetime, zone: str, language: str = "en") -> str:
    """`Mon 2 Nov 2026, 09:00 (Europe/Berlin)`."""
    local = at.astimezone(zone_named(zone))
    day, month = say("short_days", language).split(), say("short_months", language).split()
    return say(
        "clock_time",
        language,
        day=day[local.weekday()],
        date=str(local.day),
        month=month[local.month - 1],
        year=str(local.year),
        time=f"{local:%H:%M}",
        zone=zone,
    )
