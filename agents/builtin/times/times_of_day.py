"""Which time of day does a text name? "half past seven", "18h30", "nine in the evening", "noon". Neighbour: moments."""

import re
from dataclasses import dataclass

from agents.builtin.counting import SPELLED, whole

HOURS = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
PARTS = {
    "early morning": 7, "early in the morning": 7, "late morning": 11, "late in the morning": 11, "early afternoon": 13,
    "late afternoon": 17, "late in the afternoon": 17, "early evening": 18, "late evening": 21, "late at night": 22,
    "mid-morning": 10,
    "breakfast time": 8, "breakfast": 8, "lunchtime": 12, "lunch time": 12, "lunch": 12, "dinner time": 19,
    "dinnertime": 19,
    "end of the day": 18, "end of day": 18, "eod": 18, "sunrise": 7, "sunset": 18, "morning": 9, "afternoon": 15,
    "evening": 19,
    "tonight": 20, "night": 21,
}  # fmt: skip
PART = re.compile(
    rf"\b(?:in the |at |this |the |around "
    rf"|during the )?({'|'.join(sorted(PARTS, key=len, reverse=True))})s?\b(?! (?:news|post|card|story|show))"
)
MERIDIEM = r"(?:\s*(am|pm|a\.m\.?|p\.m\.?)(?![a-z]))"


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as it was said. `sure` is false where morning or evening was left open; `note` says what was taken."""

    hour: int
    minute: int = 0
    second: int = 0
    sure: bool = True
    note: str = ""


def find_clock(read: str, *, bare: bool = True) -> tuple[list[tuple[int, int]], Clock] | None:
    """The time of day in a text and the stretches that say it; `bare` allows "at nine" without more."""
    exact = _exact(read) or _worded(read) or _named(read) or (_plain(read) if bare else None)
    part = _part(read, exact[0] if exact else None)
    if exact is None:
        if part is None:
            return None
        name = part[2]
        hour = PARTS[name]
        return [part[:2]], Clock(hour, note=f"I took {_called(name)} to be {hour}:00.")
    span, clock = exact
    if part is None:
        return [span], clock
    return [span, part[:2]], _in_part(clock, part[2])


def _called(name: str) -> str:
    return f'"{name}"'


def _part(read: str, taken: tuple[int, int] | None) -> tuple[int, int, str] | None:
    hits = [hit for hit in PART.finditer(read) if taken is None or hit.end() <= taken[0] or hit.start() >= taken[1]]
    return (hits[0].start(), hits[0].end(), hits[0][1]) if hits else None


def _in_part(clock: Clock, part: str) -> Clock:
    if clock.sure and clock.hour > 12:
        return clock
    late = any(word in part for word in ("afternoon", "evening", "night", "tonight", "dinner", "sunset", "end", "eod"))
    hour = clock.hour % 12 if clock.hour == 12 and not late else clock.hour
    if late and clock.hour < 12 and not ("night" in part and clock.hour < 5):
        hour = clock.hour + 12
    elif late and clock.hour == 12 and "night" in part:
        hour = 0
    elif "morning" not in part and not late and clock.hour < 7:
        hour = clock.hour + 12
    return Clock(hour, clock.minute, clock.second)


def _with_meridiem(hour: int, mark: str | None) -> int | None:
    if mark is None:
        return hour if hour <= 24 else None
    if not 1 <= hour <= 12:
        return hour if 12 < hour < 24 and mark.startswith("p") else None
    return hour % 12 + (12 if mark.startswith("p") else 0)


def _exact(read: str) -> tuple[tuple[int, int], Clock] | None:
    """Digits with minutes, or with am, pm or o'clock."""
    pattern = (
        rf"(?<![\w.:/-])(?:at |@ ?|by |around |for )?(\d{{1,2}})(?:[:h]|\.(?=\d\d(?!\d)(?:\s*[ap]\.?m|\b(?!\.?\d"
        rf"|x))))(\d{{2}})(?::(\d{{2}}))?(?:h|hrs|\s+hours)?(?!\d|:\d|%){MERIDIEM}?"
    )
    for hit in re.finditer(pattern, read):
        hour, minute = _with_meridiem(int(hit[1]), hit[4]), int(hit[2])
        if hour is None or minute > 59 or hour > 24 or (hour == 24 and minute):
            continue
        if "." in hit[0] and not hit[4] and not re.match(r"(?:at|by|around) ", hit[0]):
            continue
        return hit.span(), Clock(hour % 24, minute, int(hit[3] or 0))
    hours = re.search(
        r"(?<![\w.:/-])(?<!in )(?<!after )(?<!every )(?<!by )(?<!back )(?:at |@ ?)?([01]?\d|2[0-4])\s?h(?:rs)?\b(?!\d)",
        read,
    )
    if hours and not re.search(r"\b(?:in|after|every|by|back|for) (?:the next )?$", read[: hours.start()]):
        return hours.span(), Clock(int(hours[1]) % 24)
    oclock = rf"(?<![\w.:/-])(?:at |@ ?|by |around )?(\d{{1,2}}|{HOURS})(?:{MERIDIEM}|\s*o'?\s?clock(?:\s*(am|pm))?)"
    full = re.search(oclock, read)
    if full:
        said = whole(full[1])
        mark = full[2] or full[3]
        hour = _with_meridiem(said, mark) if said is not None else None
        if hour is not None:
            return full.span(), _settled(hour, 0) if mark is None else Clock(hour)
    thousand = re.search(r"\bat ((?:[01]\d|2[0-3]))([0-5]\d)\b(?: ?(?:h|hrs|hours))?", read)
    if thousand:
        return thousand.span(), Clock(int(thousand[1]), int(thousand[2]))
    return None


def _worded(read: str) -> tuple[tuple[int, int], Clock] | None:
    """half past seven, a quarter to nine, ten past six, half eight, nine thirty."""
    hour = rf"(\d{{1,2}}|{HOURS}|noon|midnight)"
    past = re.search(
        rf"\b(?:at |by |around )?(half|a quarter|quarter|{SPELLED}|\d{{1,2}})(?:\s+minutes?)?\s+(past|after|to"
        rf"|before)\s+{hour}\b{MERIDIEM}?",
        read,
    )
    if past and not (past[2] in ("to", "after", "before") and not re.search(r"quarter|past|minute|^at ", past[0])):
        minutes = 30 if past[1] == "half" else 15 if "quarter" in past[1] else whole(past[1])
        named = {"noon": 12, "midnight": 24}.get(past[3]) or whole(past[3])
        if minutes is not None and named is not None and minutes < 60:
            full = _with_meridiem(named, past[4])
            if full is not None:
                if past[4] is None and 1 <= full <= 5:
                    full += 12  # small hours without am are meant for the afternoon
                total = (full * 60 + (minutes if past[2] in ("past", "after") else -minutes)) % 1440
                if past[4] or past[3] in ("noon", "midnight"):
                    return past.span(), Clock(total // 60, total % 60)
                return past.span(), _settled(total // 60, total % 60)
    followed = (
        r"(?=\s*(?:$|[,.;!?]|tomorrow|today|tonight|on\b|in the\b|this\b|next\b|every\b|sharp\b"
        r"|mon|tue|wed|thu|fri|sat|sun))"
    )
    british = re.search(rf"\b(?:at |by )half ({HOURS})\b", read) or re.search(rf"\bhalf ({HOURS}){followed}", read)
    if british:
        return british.span(), _settled(whole(british[1]) or 0, 30)
    spelled = re.search(
        rf"\b(?:at |by |around )?({HOURS})\s+(oh five|thirty(?:[- ]five)?|fifteen|forty[- ]five|forty"
        rf"|twenty(?:[- ]five)?|ten|fifty(?:[- ]five)?)\b(?!\s*(?:sec|min|hour|day|year|stor|post)){MERIDIEM}?",
        read,
    )
    if spelled:
        full = _with_meridiem(whole(spelled[1]) or 0, spelled[3])
        minutes = 5 if spelled[2] == "oh five" else whole(spelled[2]) or 0
        if full is not None:
            return spelled.span(), Clock(full, minutes) if spelled[3] else _settled(full, minutes)
    return None


def _named(read: str) -> tuple[tuple[int, int], Clock] | None:
    hit = re.search(r"\b(?:at |around |by )?(noon|midday|mid-day|midnight|high noon)\b", read)
    if hit:
        return hit.span(), Clock(0 if hit[1] == "midnight" else 12)
    return None


def _plain(read: str) -> tuple[tuple[int, int], Clock] | None:
    """A bare hour: after "at", or right after a day."""
    unit = (
        r"(?!\s*(?:%|x|px|sec|min|hour|day|week|month|year|times|second|st\b|nd\b|rd\b|th\b|stor|post|pic|car|vid"
        r"|percent|-|[/.:]\d))"
    )
    days = (
        r"(?:tomorrow|today|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|daily|weekdays?|days?"
        r"|morning|evening)s?"
    )
    hit = re.search(rf"(?:\bat |\bto |\bby |\baround |@ ?|\bfor (?=\d))(\d{{1,2}}|{HOURS})\b{unit}", read) or re.search(
        rf"\b{days},? (\d{{1,2}}|{HOURS})\b{unit}", read
    )
    if not hit:
        part = r"(?:tonight|this (?:evening|morning|afternoon)|in the (?:morning|evening|afternoon)|at night)"
        hit = re.search(rf"(?<![\w.:/-])(\d{{1,2}}|{HOURS})(?=\s+{part}\b)", read)
    if not hit:
        return None
    hour = whole(hit[1])
    if hour is None or hour > 24:
        return None
    start = hit.start() if not re.match(days, hit[0]) else hit.start(1)
    return (start, hit.end()), _settled(hour % 24, 0, literal=len(hit[1]) == 2 and hit[1].startswith("0"))


def _settled(hour: int, minute: int, *, literal: bool = False) -> Clock:
    """An hour without am or pm: one to five is meant for the afternoon, unless it was written as a clock shows it."""
    if literal or not 1 <= hour <= 5:
        return Clock(hour, minute, sure=literal or hour > 12 or hour == 0)
    return Clock(hour + 12, minute, sure=False, note=f"I took {hour}:{minute:02d} to be in the afternoon.")
