"""Morning or evening? An hour that was left open, read against the time of the post that it moves. Neighbours: moments."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from agents.builtin.desk import Desk
from agents.builtin.times.zones import tz

NEAR = 150  # minutes: on another day, or in a request of its own, only so near a time is taken for the one meant
HALVED = re.compile(
    r"(?<![\d.:])0\d(?!\d)|(?<=\d)\s?[ap]\.?m\b|\b(?:am|pm|a\.m|p\.m|morning|evening|afternoon|night|tonight|noon|midday"
    r"|midnight|(?<![:.])(?:1[3-9]|2[0-3])(?=[:h.\s]|$)|(?:lunch|breakfast|dinner)(?:time)?|hours?|minutes?|mins?"
    r"|later|earlier)\b"
)


def in_same_half(when: Any, base: datetime | None, read: str, desk: Desk, *, near: bool = False) -> Any:
    """An hour left open is the one that lies nearer to the time it replaces: "make that 7" of a post at 18:00 is 19:00."""
    if base is None or when.at is None or when.repeat or HALVED.search(read):
        return when
    if re.search(r"\d:\d\d", read) and re.search(r"\b(?:1[3-9]|2[0-3])[:h.]\d\d", desk.asked):
        return when  # somebody who writes 18:00 means 9:30 as it stands
    at = when.at.astimezone(tz(when.zone or desk.zone))
    before = base.astimezone(at.tzinfo)
    shown = at.hour * 60 + at.minute
    other = (shown + 720) % 1440
    meant = before.hour * 60 + before.minute
    nearer = abs(other - meant) < abs(shown - meant)
    if not nearer or ((when.dated or near) and abs(other - meant) > NEAR) or shown == meant:
        return when
    return replace(when, at=at.replace(hour=other // 60, minute=other % 60))
