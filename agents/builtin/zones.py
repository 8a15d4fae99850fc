"""Which time zone does a place, an abbreviation or an offset mean? Names of IANA, from the tz database itself.

Neighbours: moments (times in zones), portraits (a persona's time zone).
"""

import re
from datetime import timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

# What people say that is no city of the tz database.
PLACES = {
    "new york city": "America/New_York", "nyc": "America/New_York", "boston": "America/New_York",
    "miami": "America/New_York",
    "washington": "America/New_York", "washington dc": "America/New_York", "atlanta": "America/New_York",
    "philadelphia": "America/New_York",
    "montreal": "America/Toronto", "ottawa": "America/Toronto", "la": "America/Los_Angeles",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles", "portland": "America/Los_Angeles", "san diego": "America/Los_Angeles",
    "las vegas": "America/Los_Angeles", "california": "America/Los_Angeles", "houston": "America/Chicago",
    "dallas": "America/Chicago",
    "austin": "America/Chicago", "texas": "America/Chicago", "new orleans": "America/Chicago",
    "salt lake city": "America/Denver",
    "calgary": "America/Edmonton", "rio": "America/Sao_Paulo", "rio de janeiro": "America/Sao_Paulo",
    "brasilia": "America/Sao_Paulo",
    "buenos aires": "America/Argentina/Buenos_Aires", "medellin": "America/Bogota", "quito": "America/Guayaquil",
    "munich": "Europe/Berlin", "hamburg": "Europe/Berlin", "frankfurt": "Europe/Berlin", "cologne": "Europe/Berlin",
    "germany": "Europe/Berlin", "barcelona": "Europe/Madrid", "spain": "Europe/Madrid", "valencia": "Europe/Madrid",
    "seville": "Europe/Madrid", "milan": "Europe/Rome", "italy": "Europe/Rome", "naples": "Europe/Rome",
    "venice": "Europe/Rome",
    "florence": "Europe/Rome", "turin": "Europe/Rome", "lyon": "Europe/Paris", "marseille": "Europe/Paris",
    "france": "Europe/Paris",
    "nice": "Europe/Paris", "bordeaux": "Europe/Paris", "geneva": "Europe/Zurich", "basel": "Europe/Zurich",
    "bern": "Europe/Zurich",
    "switzerland": "Europe/Zurich", "porto": "Europe/Lisbon", "portugal": "Europe/Lisbon", "edinburgh": "Europe/London",
    "manchester": "Europe/London", "england": "Europe/London", "uk": "Europe/London", "glasgow": "Europe/London",
    "rotterdam": "Europe/Amsterdam", "the hague": "Europe/Amsterdam", "netherlands": "Europe/Amsterdam",
    "antwerp": "Europe/Brussels",
    "krakow": "Europe/Warsaw", "gdansk": "Europe/Warsaw", "poland": "Europe/Warsaw", "bergen": "Europe/Oslo",
    "norway": "Europe/Oslo",
    "gothenburg": "Europe/Stockholm", "sweden": "Europe/Stockholm", "reykjavik": "Atlantic/Reykjavik",
    "iceland": "Atlantic/Reykjavik",
    "kyiv": "Europe/Kyiv", "saint petersburg": "Europe/Moscow", "salzburg": "Europe/Vienna", "graz": "Europe/Vienna",
    "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "new delhi": "Asia/Kolkata", "bangalore": "Asia/Kolkata",
    "india": "Asia/Kolkata",
    "chennai": "Asia/Kolkata", "beijing": "Asia/Shanghai", "china": "Asia/Shanghai", "shenzhen": "Asia/Shanghai",
    "osaka": "Asia/Tokyo", "kyoto": "Asia/Tokyo", "japan": "Asia/Tokyo", "hanoi": "Asia/Bangkok",
    "saigon": "Asia/Ho_Chi_Minh",
    "abu dhabi": "Asia/Dubai", "tel aviv": "Asia/Jerusalem", "islamabad": "Asia/Karachi", "bali": "Asia/Makassar",
    "cape town": "Africa/Johannesburg", "marrakesh": "Africa/Casablanca", "canberra": "Australia/Sydney",
    "wellington": "Pacific/Auckland",
    "new zealand": "Pacific/Auckland", "hawaii": "Pacific/Honolulu", "sao paulo": "America/Sao_Paulo",
    "são paulo": "America/Sao_Paulo",
    "central european": "Europe/Berlin", "eastern european": "Europe/Athens", "western european": "Europe/Lisbon",
    "eastern": "America/New_York", "us eastern": "America/New_York", "pacific": "America/Los_Angeles",
    "us pacific": "America/Los_Angeles",
    "central": "America/Chicago", "us central": "America/Chicago", "mountain": "America/Denver",
    "us mountain": "America/Denver",
    "british": "Europe/London", "uk's": "Europe/London", "german": "Europe/Berlin", "japanese": "Asia/Tokyo",
    "indian": "Asia/Kolkata",
    "east coast": "America/New_York", "west coast": "America/Los_Angeles", "universal": "UTC", "greenwich": "UTC",
    "greenwich mean": "UTC",
    "zulu": "UTC", "zürich": "Europe/Zurich", "bogotá": "America/Bogota",
}  # fmt: skip
# By habit an abbreviation names the place's clock the whole year round.
SHORT = {
    "utc": "UTC", "gmt": "UTC", "z": "UTC", "cet": "Europe/Berlin", "cest": "Europe/Berlin", "mez": "Europe/Berlin",
    "mesz": "Europe/Berlin",
    "bst": "Europe/London", "wet": "Europe/Lisbon", "west": "Europe/Lisbon", "eet": "Europe/Athens",
    "eest": "Europe/Athens",
    "msk": "Europe/Moscow", "est": "America/New_York", "edt": "America/New_York", "et": "America/New_York",
    "cst": "America/Chicago",
    "cdt": "America/Chicago", "ct": "America/Chicago", "mst": "America/Denver", "mdt": "America/Denver",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles", "akst": "America/Anchorage", "hst": "Pacific/Honolulu",
    "brt": "America/Sao_Paulo", "art": "America/Argentina/Buenos_Aires", "ist": "Asia/Kolkata", "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "hkt": "Asia/Hong_Kong", "sgt": "Asia/Singapore", "aest": "Australia/Sydney", "aedt": "Australia/Sydney",
    "acst": "Australia/Adelaide",
    "awst": "Australia/Perth", "nzst": "Pacific/Auckland", "nzdt": "Pacific/Auckland", "sast": "Africa/Johannesburg",
    "gst": "Asia/Dubai",
}  # fmt: skip
OFFSET = re.compile(r"(?:utc|gmt)\s*([+-−])\s*(\d{1,2})(?::?(\d{2}))?\b")


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
    return cities | PLACES


def zone_of(text: str) -> str | None:
    """The IANA zone that a text names: a zone, a city, a country with one clock, an abbreviation, an offset of whole hours."""
    text = re.sub(r"\s+", " ", text.strip(" .,()").lower())
    text = re.sub(r"(?:'s)?(?: standard| daylight| summer| local)?(?: time)?(?: ?zone)?$", "", text).strip()
    offset = OFFSET.fullmatch(text)
    if offset:
        return _fixed(offset)
    exact = _exact().get(text)
    return exact or SHORT.get(text) or _cities().get(text.removeprefix("the "))


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
