"""What was said just before and after, and in the same sitting? Answers stand beside their questions."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

SILENCE_S = 6 * 3600.0  # a longer silence ends a sitting (memory.sittings)


class Layout:
    """Which messages, in the order in which they were said, are of one sitting. Made anew when messages were added."""

    def __init__(self, talks: NDArray[np.int32], at: NDArray[np.float64]) -> None:
        new = np.ones(len(at), bool)
        np.not_equal(talks[1:], talks[:-1], out=new[1:])
        new[1:] |= np.subtract(at[1:], at[:-1]) > SILENCE_S
        self._starts = np.flatnonzero(new)
        self._sitting = np.cumsum(new) - 1
        one = ~new[1:]  # whether a message and the next one are of the same sitting; and the one after that
        self._same: dict[int, Flags] = {1: one, 2: one[1:] & one[:-1]}

    def beside(self, values: Floats, off: int) -> Floats:
        """The values of what was said `off` messages later (earlier when below 0), two at most; 0 where nothing was."""
        found, far = np.zeros(len(values), np.float32), abs(off)
        same = self._same[far]
        if off < 0:
            np.multiply(values[:-far], same, out=found[far:])
        else:
            np.multiply(values[far:], same, out=found[:-far])
        return found

    def around(self, has: Flags, reach: int) -> Flags:
        """For rows of what messages have or not: whether the message or one of so many around it, two at most, has it."""
        near = has.copy()
        for far in range(1, reach + 1):
            same = self._same[far]
            near[:, far:] |= has[:, :-far] & same
            near[:, :-far] |= has[:, far:] & same
        return near

    def best_other(self, values: Floats) -> Floats:
        """The highest value of another message of the same sitting; the message's own where it is alone."""
        best = np.maximum.reduceat(values, self._starts)[self._sitting]
        is_best = values >= best
        second = np.maximum.reduceat(np.where(is_best, np.float32(-1e9), values), self._starts)[self._sitting]
        other = np.where(is_best, second, best)
        return np.where(other < -1e8, values, other)

    def near(self, place: int) -> tuple[list[int], list[int]]:
        """Places of the two messages before and the two after, nearest first, of the same sitting."""
        count, sitting = len(self._sitting), self._sitting
        there = {off for off in (-2, -1, 1, 2) if 0 <= place + off < count and sitting[place + off] == sitting[place]}
        return [place + off for off in (-1, -2) if off in there], [place + off for off in (1, 2) if off in there]
