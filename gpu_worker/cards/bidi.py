"""In which order do letters stand? The Unicode bidirectional algorithm (UAX #9) for text without embeddings.

Explicit embeddings and isolates are taken out before (`typeset` does), so the rules X1-X8 have nothing to do; brackets
take the direction of what surrounds them as other neutrals do.
"""

import unicodedata
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_STRONG = {"L": "L", "R": "R", "AL": "R"}


def base_level(text: str) -> int:
    """0 for a paragraph that runs left to right, 1 for right to left: its first strong letter says (rules P2, P3)."""
    strong = next((_STRONG[kind] for kind in map(unicodedata.bidirectional, text) if kind in _STRONG), "L")
    return int(strong == "R")


def levels(letters: Sequence[str], base: int) -> list[int]:
    """The embedding level of each letter (or grapheme: its first letter speaks for it)."""
    kinds = [unicodedata.bidirectional(letter[0]) or "L" for letter in letters]
    _resolve_weak(kinds, "R" if base else "L")
    _resolve_neutral(kinds, "R" if base else "L")
    return [_level(kind, base) for kind in kinds]


def _resolve_weak(kinds: list[str], outer: str) -> None:
    """Rules W1-W7: marks, numbers and what belongs to them."""
    before, strong = outer, outer
    for at, kind in enumerate(kinds):
        if kind == "NSM":
            kinds[at] = kind = before
        if kind == "EN" and strong == "AL":
            kinds[at] = kind = "AN"
        strong = kind if kind in _STRONG else strong
        before = kind
    for at in range(1, len(kinds) - 1):
        left, right = kinds[at - 1], kinds[at + 1]
        if left == right and ((kinds[at] in ("ES", "CS") and left == "EN") or (kinds[at] == "CS" and left == "AN")):
            kinds[at] = left
    _join_terminators(kinds)
    strong = outer
    for at, kind in enumerate(kinds):
        strong = _STRONG.get(kind, strong)
        if kind in ("ES", "ET", "CS"):
            kinds[at] = "ON"
        elif kind == "AL":
            kinds[at] = "R"
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"


def _join_terminators(kinds: list[str]) -> None:
    """W5: currency and percent signs beside a number are part of it."""
    for order in (range(1, len(kinds)), range(len(kinds) - 2, -1, -1)):
        step = -1 if order.step == 1 else 1
        for at in order:
            if kinds[at] == "ET" and kinds[at + step] == "EN":
                kinds[at] = "EN"


def _resolve_neutral(kinds: list[str], outer: str) -> None:
    """Rules N1 and N2: what is between two of one direction goes with them, else with the paragraph."""
    at = 0
    while at < len(kinds):
        if kinds[at] in ("L", "R", "EN", "AN"):
            at += 1
            continue
        end = at
        while end < len(kinds) and kinds[end] not in ("L", "R", "EN", "AN"):
            end += 1
        left = _side(kinds[at - 1]) if at else outer
        right = _side(kinds[end]) if end < len(kinds) else outer
        kinds[at:end] = [left if left == right else outer] * (end - at)
        at = end


def _side(kind: str) -> str:
    return "L" if kind == "L" else "R"  # numbers count as R here (N1)


def _level(kind: str, base: int) -> int:
    """Rules I1 and I2."""
    if base % 2 == 0:
        return base + {"L": 0, "R": 1}.get(kind, 2)
    return base + {"R": 0}.get(kind, 1)


def reordered(items: Sequence[T], item_levels: Sequence[int]) -> list[T]:
    """The items of one line as they stand from left to right (rule L2)."""
    order = list(range(len(items)))
    highest = max(item_levels, default=0)
    lowest_odd = min((level for level in item_levels if level % 2), default=highest + 1)
    for level in range(highest, lowest_odd - 1, -1):
        at = 0
        while at < len(order):
            if item_levels[order[at]] < level:
                at += 1
                continue
            end = at
            while end < len(order) and item_levels[order[end]] >= level:
                end += 1
            order[at:end] = order[at:end][::-1]
            at = end
    return [items[place] for place in order]
