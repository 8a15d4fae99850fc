"""Which word of time is this a slip of? "tommorow", "wendsday", "2morow".

A slip here would leave a day unread, and something would be done on another; so it is mended more boldly than other words,
and where it is not mended nothing is done without it. Neighbours: lexicon (all other slips), drafting (who asks).
"""

import re
from functools import cache

from agents.builtin.speech.phrases import load

LONG = 8  # from so many letters on, two may be wrong
SHORTEST = 6
# What may well mean a day or a time of day, however it is written.
ENDS = re.compile(r"[a-z]{2,}(?:day|dya|dai|morrow|morow|orow|night|nite|ember|uary)s?|2m[a-z]+|2ni[a-z]+")
TIMELY = re.compile(
    r"\b(?:tomorrow|tonight|today|yesterday|noon|midnight|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?"
    r"|weekdays?|mornings?|afternoons?|evenings?|nights?)\b"
)


def meant_time(word: str, *, capital: bool = False) -> str:
    """The word of time that a word in small letters is a slip of, else empty. A capital may make a short one a name."""
    own = word.endswith("'s")
    plain = re.sub(r"^2(?=m|n)", "to", word.removesuffix("'s"))
    if not plain.isalpha() or len(plain) < SHORTEST or plain in _times():
        return ""
    found = _nearest(plain)
    if not found or (capital and len(found) < LONG):
        return ""
    return f"{found}'s" if own else found


def names_time(text: str) -> bool:
    """Whether unread words may be a day or a time of day, rightly written or not."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return bool(TIMELY.search(text.lower())) or any(ENDS.fullmatch(word) or _nearest(word, loose=1) for word in words)


@cache
def _times() -> tuple[str, ...]:
    return tuple(load("trade")["words"]["times"].split())


def _nearest(word: str, loose: int = 0) -> str:
    from rapidfuzz.distance import OSA

    if len(word) < SHORTEST:
        return ""
    near = []
    for target in _times():
        limit = (2 if len(target) >= LONG else 1) + loose
        distance = OSA.distance(word, target, score_cutoff=limit)
        if distance <= limit and _begins(word, target):
            near.append((distance, target))
    return min(near)[1] if near else ""


def _begins(word: str, target: str) -> bool:
    """The first letter is seldom wrong, but it may be swapped with the second."""
    return word[0] == target[0] or word[:2] == target[1::-1]
