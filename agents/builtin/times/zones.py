"""Which time zone does a place, an abbreviation or an offset mean? Names of IANA, from the tz database itself.

Neighbours: moments (times in zones), portraits (a persona's time zone); what people call zones is in
`prompts/builtin/places.toml`.
"""

import re
from datetime import timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from agents.builtin.speech.phrases import load

OFFSET = re.compile(r"(?:utc|gmt)\s*([+-−])\s*(\d{1,2})(?::?(\d{2}))?\b")


def _called(table: str) -> dict[str, str]:
    """What people say -> the zone that they mean by it."""
    return {
        name.strip(): zone
        for zone, names in load("places")[table].items()
        for name in names.replace("\n", " ").split(",")
    }


@cache
def _short() -> dict[str, str]:
    return _called("short")


@cache
def _cities() -> dict[str, str]:
    """The last part of every zone's name, as people write it, -> the zone."""
    cities: dict[str, str] = {}
    for name in sorted(available_timezones()):
        area, _, city = name.rpartition("/")
        if area and not area.startswith(
            ("Etc", "posix", "right", "SystemV", "US", "Mexico", "Brazil", "Canada", "Chile")
        ):
            cities.setdefault(city.replace("_", " ").lower(), name)
    return cities | _called("places")


def zone_of(text: str) -> str | None:
    """The IANA zone that a text names: a zone, a city, a country with one clock, an abbreviation, an offset of whole hours."""
    text = re.sub(r"\s+", " ", text.strip(" .,()").lower())
    text = re.sub(r"(?:'s)?(?: standard| daylight| summer| local)?(?: time)?(?: ?zone)?$", "", text).strip()
    offset = OFFSET.fullmatch(text)
    if offset:
        return _fixed(offset)
    exact = _exact().get(text)
    return exact or _short().get(text) or _cities().get(text.removeprefix("the "))


@cache
def _exact() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones() if "/" in name or name == "UTC"}


def _fixed(offset: re.Match[str]) -> str | None:
    """An offset as a zone; those with minutes have no name of their own and are told by Unnamed offsets in `tz`."""
    sign = "-" if offset[1] == "+" else "+"  # Etc/GMT-2 lies two hours east: the sign is POSIX's
    hours = int(offset[2])
    if offset[3] not in (None, "00") or hours > 14:
        return None
    return "UTC" if hours == 0 else f"Etc/GMT{sign}{hours}"


def tz(name: str) -> tzinfo:
    """A zone by name; UTC where the database lacks it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return timezone(timedelta(0))


def find_zone(read: str, after: int | None = None) -> tuple[int, int, str] | None:
    """Where a text names a clock to reckon by, and which; `after` is the end of a time of day that it may follow bare."""
    for pattern in (OFFSET, re.compile(r"\b[a-z]+/[a-z_]+(?:/[a-z_]+)?\b")):
        for hit in pattern.finditer(read):
            if zone := zone_of(hit[0]):
                return hit.start(), hit.end(), zone
    for hit in re.finditer(r"\btime(?: ?zone)?\b", read):
        if found := _before(read, hit.start(), hit.end()):
            return found
    place = re.search(r"\btime in ((?:the )?[\w' ]{2,30})", read)
    if place and (named := _longest(place[1])):
        return place.start(), place.start(1) + named[0], named[1]
    return _following(read, after) if after is not None else None


def _before(read: str, start: int, end: int) -> tuple[int, int, str] | None:
    """A place of up to three words right before "time"."""
    words = list(re.finditer(r"[^\s,;]+", read[:start]))[-3:]
    for first in range(len(words)):
        begin = words[first].start()
        if zone := zone_of(read[begin:start]):
            return begin, end, zone
    return None


def _following(read: str, after: int) -> tuple[int, int, str] | None:
    lead = re.match(r"\s*\(?(?:in |on )?(?:the )?", read[after:])
    begin = after + (lead.end() if lead else 0)
    named = _longest(read[begin : begin + 40])
    return (begin, begin + named[0], named[1]) if named else None


def _longest(text: str) -> tuple[int, str] | None:
    """The longest beginning of a text, of at most three words, that names a zone, and its length."""
    ends = [hit.end() for hit in re.finditer(r"[^\s,;.()!?]+", text)][:3]
    for end in reversed(ends):
        if zone := zone_of(text[:end]):
            return end, zone
    return None
