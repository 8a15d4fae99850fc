"""Which of the lorebook entries that were called come, where chance decides? Inclusion groups and probabilities.

As SillyTavern has them (https://docs.sillytavern.app/usage/core-concepts/worldinfo/, "Inclusion Group" and "Probability"):
of a group one entry comes, by weight, or the prioritized one of the highest order; then its probability is asked. What
stays from an earlier turn is not asked again. The dice are a hash of the turn and the entry: run twice, a turn is the same.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar


class Chances(Protocol):
    """What is asked of an entry."""

    @property
    def id(self) -> str: ...
    @property
    def order(self) -> float: ...
    @property
    def probability(self) -> float: ...
    @property
    def group(self) -> str: ...
    @property
    def group_weight(self) -> float: ...
    @property
    def group_override(self) -> bool: ...


Entry = TypeVar("Entry", bound=Chances)


def chosen(called: Sequence[Entry], awake: Iterable[Chances], stays: Callable[[Entry], bool], seed: str) -> list[Entry]:
    """Those of `called` that come, in their order. `awake` are here already; `stays` tells who goes on from an earlier turn."""
    taken = {name for one in awake for name in groups_of(one)}
    left = list(called)
    for name in dict.fromkeys(name for one in called for name in groups_of(one)):
        members = [one for one in left if name in groups_of(one)]
        winner = _winner(members, stays, f"{seed}:{name}") if members and name not in taken else None
        left = [one for one in left if one is winner or name not in groups_of(one)]
    return [one for one in left if stays(one) or 100 * dice(f"{seed}:{one.id}") < one.probability]


def groups_of(one: Chances) -> list[str]:
    return [name.strip() for name in one.group.split(",") if name.strip()]


def dice(seed: str) -> float:
    """A number from 0 to 1, the same for the same seed, evenly spread over seeds."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") / 2**64


def _winner(members: Sequence[Entry], stays: Callable[[Entry], bool], seed: str) -> Entry:
    staying = [one for one in members if stays(one)]
    first = [one for one in members if one.group_override]
    if staying or first:
        return staying[0] if staying else max(first, key=lambda one: one.order)
    point = dice(seed) * sum(one.group_weight for one in members)
    for one in members:
        point -= one.group_weight
        if point < 0:
            return one
    return members[-1]
