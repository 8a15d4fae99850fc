"""Which messages mean what a question means? Cosines of all; of a long past from sign bits, exact where they are high."""

import numpy as np
from numpy.typing import NDArray

from memory.packing import unpacked
from memory.recall.columns import Column

Floats = NDArray[np.float32]

# Above this many vectors the sign bits come first: 10,000 vectors cost 0.5 ms instead of 2.5 (bench/memory).
EXACT_UP_TO = 2_048
CANDIDATES = 256


class Vectors:
    """Unit vectors of one embedder, by place. How many numbers they have, the first question's vector tells."""

    def __init__(self) -> None:
        self._packed: dict[int, bytes] = {}  # as their rows keep them, until the next question
        self._count = 0
        self._given: Column | None = None
        self._bits = Column(np.uint64, 1)
        self._there = Column(np.bool_)

    def __len__(self) -> int:
        return self._count

    def add(self, vectors: list[bytes | None]) -> None:
        """Vectors of the next messages, as rows keep them; None where there is none."""
        self._packed |= {place: one for place, one in enumerate(vectors, self._count) if one}
        self._count += len(vectors)

    def put(self, place: int, vector: bytes) -> None:
        """The vector of a message that came without one."""
        self._packed[place] = vector

    def cosines(self, vector: NDArray[np.float32]) -> Floats | None:
        """Of each message with the vector; of one without its own, the mean, so that it is neither near nor far."""
        asked = np.asarray(vector, np.float32).reshape(-1)
        if self._given is None or self._given.rows.shape[1] == len(asked):
            self._unpack(len(asked))
        there = self._there.rows
        if self._given is None or self._given.rows.shape[1] != len(asked) or not there.any():
            return None
        found = self._given.rows @ asked if len(self) <= EXACT_UP_TO else self._near(asked)
        if not there.all():
            found[~there] = found[there].mean()
        # Sums of floats depend on their order in the last digit: it must not decide between two that are alike.
        near: Floats = np.asarray(found, np.float32).round(4)
        return near

    def _near(self, asked: Floats) -> Floats:
        """Random hyperplanes' estimate (Charikar 2002) for all, the cosine itself for those that it puts first."""
        assert self._given is not None
        apart = np.bitwise_count(self._bits.rows ^ _signs(asked[None])).sum(1, dtype=np.int32)
        near = np.argpartition(apart, CANDIDATES)[:CANDIDATES]
        found = np.cos(np.arange(len(asked) + 1) * (np.pi / len(asked))).astype(np.float32)[apart]
        found[near] = self._given.rows[near] @ asked
        return np.asarray(found)

    def _unpack(self, dim: int) -> None:
        """Take in what came since the last question; a vector of another length is none."""
        if self._given is None:
            self._given, self._bits = Column(np.float32, dim), Column(np.uint64, -(-dim // 64))
        if len(self._there.rows) == self._count and not self._packed:
            return
        for column in (self._given, self._bits, self._there):
            column.grow(self._count)
        for places, rows in unpacked(self._packed, dim):
            self._given.rows[places], self._bits.rows[places], self._there.rows[places] = rows, _signs(rows), True
        self._packed.clear()


def _signs(vectors: Floats) -> NDArray[np.uint64]:
    bits = np.packbits(vectors > 0, axis=1)
    padded = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8)))
    return np.ascontiguousarray(padded).view(np.uint64)
