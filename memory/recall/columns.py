"""How do numbers of many messages lie in memory? In rows that grow: a turn adds one and must not copy all the others."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


@cache
def _empty(kind: Any, width: int) -> NDArray[Any]:
    return np.zeros((0, width) if width else 0, kind)


class Column:
    """Rows of one kind of number. `width` 0: one number a row, else so many."""

    def __init__(self, kind: Any, width: int = 0) -> None:
        self._room: NDArray[Any] = _empty(kind, width)
        self._count = 0

    @property
    def rows(self) -> NDArray[Any]:
        return self._room[: self._count]

    def extend(self, rows: Any) -> None:
        fresh = np.asarray(rows, self._room.dtype)
        if fresh.ndim != self._room.ndim:
            fresh = fresh.reshape(-1, *self._room.shape[1:])
        if not self._count:  # the first ones stay where they lie: a whole past comes at once
            self._room, self._count = fresh, len(fresh)
            return
        if not len(fresh):
            return
        start = self._count
        self.grow(start + len(fresh))
        self._room[start : self._count] = fresh

    def grow(self, count: int) -> None:
        """So many rows from now on, the new ones 0."""
        if count > len(self._room):
            room = np.zeros((count + count // 4 + 8, *self._room.shape[1:]), self._room.dtype)
            room[: self._count] = self.rows
            self._room = room
        self._count = count

    def put_in(self, order: NDArray[np.int64]) -> None:
        """The rows in another order."""
        self._room = self.rows[order]
