"""How fast does a persona write? As a person does, where its character says so; else at once.

Pure functions of the character's pace: when an answer may begin (reading, and the night in the persona's zone), into which
pieces a long one falls, and when each of them has been typed. Operators never wait, and neither does whoever may be in
danger: the core asks here for fans' messages in which care has found nothing.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tools.personas.character import Pace

PIECE = 240  # characters: what people send at once
MOST_PIECES = 5  # more are a flood
LEAST = 25  # a piece shorter than that goes with the one before it
_MINUTE = timedelta(minutes=1)
_WHOLE = re.compile(r"```|^\s*(?:[-*+]|\d+[.)])\s|^\s*[>#|]", re.MULTILINE)  # code, lists, quotations: not for cutting
_END = re.compile(r"(?<=[.!?…])[\"'”’»)*_]*\s+(?=\S)|(?<=[。！？])(?=\S)")


def hold_until(pace: Pace, zone: str, received: list[datetime], text: str, now: datetime) -> datetime:
    """From when on the messages may be answered: once they are read, and not in the persona's night.

    `received` are the times at which they came, `text` what they say together.
    """
    at = now
    if received and pace.reads_cps:
        at = max(now, max(received) + _at_most(len(text) / pace.reads_cps, pace))
    return awake_at(pace, zone, at)


def awake_at(pace: Pace, zone: str, at: datetime) -> datetime:
    """That moment, or the end of the night that it lies in."""
    if not pace.quiet_from or not pace.quiet_until or not _in_quiet(pace, zone, at):
        return at
    local = at.astimezone(ZoneInfo(zone or "UTC"))
    until = time.fromisoformat(pace.quiet_until)
    days = (local.date(), local.date() + timedelta(days=1))
    ends = [_moment(day, until, zone, fold) for day in days for fold in (0, 1)]
    end = min(one for one in ends if one > at)
    while _in_quiet(pace, zone, end):  # the clock was put back meanwhile: the hour comes twice
        end += _MINUTE
    while end - _MINUTE > at and not _in_quiet(pace, zone, end - _MINUTE):  # put forward: the hour does not come at all
        end -= _MINUTE
    return end


def spread(pace: Pace, pieces: list[str], start: datetime) -> list[datetime]:
    """When each piece has been typed, one after the other; nobody types longer than `longest_s` at one."""
    if not pace.types_cps:
        return [start] * len(pieces)
    typed: list[datetime] = []
    for one in pieces:
        start += _at_most(len(one) / pace.types_cps, pace)
        typed.append(start)
    return typed


def parts(pace: Pace, text: str) -> list[str]:
    """The reply as a person sends it: in a few pieces that end where a thought ends. Nothing of it is lost."""
    if not pace.splits or len(text) <= LEAST or _WHOLE.search(text):
        return [text]
    thoughts = [line for block in re.split(r"\n\s*\n", text.strip()) for line in _sentences(block.strip())]
    pieces: list[str] = []
    for thought in thoughts:
        fits = pieces and (len(pieces[-1]) + 1 + len(thought) <= PIECE or min(len(pieces[-1]), len(thought)) < LEAST)
        if fits:
            pieces[-1] = f"{pieces[-1]} {thought}"
        else:
            pieces.append(thought)
    return [*pieces[: MOST_PIECES - 1], " ".join(pieces[MOST_PIECES - 1 :])] if len(pieces) > MOST_PIECES else pieces


def _sentences(block: str) -> list[str]:
    """A paragraph as it is when it is short enough, else its sentences."""
    return [block] if len(block) <= PIECE else _END.split(block)


def _at_most(seconds: float, pace: Pace) -> timedelta:
    return timedelta(seconds=min(seconds, pace.longest_s))


def _in_quiet(pace: Pace, zone: str, at: datetime) -> bool:
    """Whether the persona's clock on the wall shows a quiet hour."""
    wall = at.astimezone(ZoneInfo(zone or "UTC")).time()
    start, end = time.fromisoformat(pace.quiet_from), time.fromisoformat(pace.quiet_until)
    return start <= wall < end if start <= end else wall >= start or wall < end


def _moment(day: date, wall: time, zone: str, fold: int) -> datetime:
    return datetime.combine(day, wall.replace(fold=fold), ZoneInfo(zone or "UTC")).astimezone(UTC)
