"""What was said just before and after, and in the same sitting? Answers stand beside their questions."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

SILENCE_S = 6 * 3600.0  # a longer silence ends a sitting (memory.sittings)
AROUND = (-2, -1, 1, 2)


class Layout:
    """The order of messages: by id, which is by time. Made anew when messages were added, in some 0.1 ms for 10,000."""

    def __init__(self, ids: Sequence[str], talks: NDArray[np.int32], at: NDArray[np.float64], *, sorted_: bool) -> None:
        count = len(ids)
        order = np.arange(count) if sorted_ else np.array(sorted(range(count), key=ids.__getitem__), np.int64)
        self.order: Places = order.astype(np.int64)
        new = np.ones(count, bool)
        talks, at = talks[self.order], at[self.order]
        new[1:] = (talks[1:] != talks[:-1]) | (np.diff(at) > SILENCE_S)
        self._sitting = np.empty(count, np.int64)
        sitting = np.cumsum(new) - 1
        self._sitting[self.order] = sitting
        self._starts = np.flatnonzero(new)
        self._beside = {off: self._neighbours(off, sitting) for off in AROUND}

    def _neighbours(self, off: int, sitting: Places) -> tuple[Places, NDArray[np.bool_]]:
        """For each place, where the message so far from it lies, and whether it is of the same sitting."""
        count = len(self.order)
        at = np.clip(np.arange(count) + off, 0, count - 1)
        same = (sitting[at] == sitting) & (at == np.arange(count) + off)
        places, there = np.empty(count, np.int64), np.empty(count, bool)
        places[self.order], there[self.order] = self.order[at], same
        return places, there

    def beside(self, values: Floats, off: int) -> Floats:
        """The values of what was said `off` messages later (earlier when below 0); 0 where nothing was."""
        places, there = self._beside[off]
        return np.where(there, values[places], np.float32(0))

    def around(self, has: NDArray[np.bool_], before: int, after: int) -> NDArray[np.bool_]:
        """For rows of what messages have or not: whether the message or one of those around it has it."""
        near = has.copy()
        for off, (places, there) in self._beside.items():
            if -before <= off <= after:
                near |= has[:, places] & there
        return near

    def best_other(self, values: Floats) -> Floats:
        """The highest value of another message of the same sitting; the message's own where it is alone."""
        inside, sitting = values[self.order], self._sitting[self.order]
        best = np.maximum.reduceat(inside, self._starts)
        is_best = inside >= best[sitting]
        rest = np.where(is_best, np.float32(-1e9), inside)
        second = np.maximum.reduceat(rest, self._starts)
        other = np.where(is_best, second[sitting], best[sitting])
        found = np.empty_like(values)
        found[self.order] = np.where(other < -1e8, inside, other)
        return found

    def near(self, place: int) -> tuple[list[int], list[int]]:
        """Places of the two messages before and the two after, nearest first, of the same sitting."""
        at = {off: int(places[place]) for off, (places, there) in self._beside.items() if there[place]}
        return [at[off] for off in (-1, -2) if off in at], [at[off] for off in (1, 2) if off in at]
