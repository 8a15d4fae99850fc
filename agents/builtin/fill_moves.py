"""To when is a post moved? A clause about another time for a post as a step of a plan.

Neighbours: which_post (which is meant), moments (when), fill_posts.
"""

import re
from datetime import datetime, timedelta

from agents.builtin import counting
from agents.builtin.desk import Ask, Desk
from agents.builtin.fill_posts import moment
from agents.builtin.heads import Reading
from agents.builtin.times.halves import in_same_half
from agents.builtin.times.zones import tz
from agents.builtin.which_post import which_post


def reschedule_post(reading: Reading, desk: Desk) -> None:
    said = reading.said
    target = re.search(r"\b(?:to|until|till|by|for|from .* to|at|forward|back|later|earlier|on)\b", said.read)
    # What stands before "to" names the post, what follows names the time.
    cut = [hit.start() for hit in re.finditer(r"\b(?:to|until|till)\b(?! (?:be|post|publish)\b)", said.read)]
    naming = said.cut(0, cut[-1]) if cut else said
    post, rest, row = which_post(naming, desk, when_words=bool(cut) or bool(target), day_behind=bool(cut))
    timing = said.cut(cut[-1], len(said.read)) if cut else rest
    base = datetime.fromisoformat(str(row["due_at"])) if row and row.get("due_at") else None
    if base is not None and not cut and (moved := _moved(said.read, base, desk)):
        desk.put("reschedule_post", post=post, at=moved.isoformat())
        return
    when, _ = moment(timing, desk, base=base)
    if when is None:
        raise Ask("To when should it be moved?", " to ", "time")
    when = when if when.dated else in_same_half(when, base, timing.read, desk, near=True)
    at = when.at
    earlier = re.search(r"\b(?:forward|ahead|earlier|sooner)\b", said.read) and re.search(
        r"\bby\b|\bearlier\b|\bsooner\b", said.read
    )
    if at is not None and base is not None and earlier and not cut and at > base:
        at = base - (at - base)
    if at is not None and at <= desk.now and base is not None and not when.dated:
        at = moment(timing, desk)[0].at
    desk.put("reschedule_post", post=post, at=(at or desk.now).isoformat())


_UNIT = r"(minutes?|mins?|hours?|hrs?|h|days?|weeks?)"
BY = re.compile(
    rf"\b(?:by|(?P<lead>back|forward|ahead|earlier|later|on|up|off))\s+(?:by\s+)?(?:another\s+)?(?P<amount>{counting.AMOUNT})"
    rf"(?:(?<=\d)|[-\s])\s*{_UNIT}\b(?:\s+(?P<tail>later|earlier|sooner|forward|ahead|back|on))?"
    rf"|\b(?P<amount2>{counting.AMOUNT})(?:(?<=\d)|[-\s])\s*{_UNIT}\s+(?P<tail2>later|earlier|sooner|forward|ahead|back|on)\b"
)


def _moved(read: str, base: datetime, desk: Desk) -> datetime | None:
    """A post moved by so much of its own time: "back an hour", "two days earlier". In its own zone a day is a day."""
    hit = BY.search(read)
    amount = counting.number(hit["amount"] or hit["amount2"]) if hit else None
    if hit is None or amount is None:
        return None
    unit = next(group for group in (hit[3], hit[6]) if group)
    way = hit["lead"] or hit["tail"] or hit["tail2"] or ""
    sooner = way in ("earlier", "sooner", "forward", "ahead", "up") or (
        not way and re.match(r"(?:bring|pull|advance)\b", read)
    )
    if unit[0] in "dw":
        local = base.astimezone(tz(desk.zone))
        step = timedelta(days=amount * (7 if unit[0] == "w" else 1))
        return local - step if sooner else local + step
    step = timedelta(minutes=amount * (60 if unit[0] == "h" else 1))
    return base - step if sooner else base + step
