"""Which messages mean what a question means? Cosines of all; of a long past from sign bits, exact where they are high."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from memory.packing import unpacked, widened
from memory.recall.columns import Column

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

# Above this many vectors the sign bits come first: 10,000 vectors cost 0.5 ms instead of 2.5 (bench/memory).
EXACT_UP_TO = 2_048
CANDIDATES = 256


class Vectors:
    """Unit vectors of one embedder, by place. How many numbers they have, the first question's vector tells."""

    def __init__(self) -> None:
        # As their rows keep them, until the next question: places of many and their vectors, and single ones.
        self._blocks: list[tuple[NDArray[np.int64], Bytes]] = []
        self._packed: dict[int, bytes] = {}
        self._count = 0
        self._given: Column | None = None
        self._bits = Column(np.uint64, 1)  # of the first so many
        self._there = Column(np.bool_)

    def __len__(self) -> int:
        return self._count

    def add(self, vectors: list[bytes | None]) -> None:
        """Vectors of the next messages, as rows keep them; None where there is none."""
        self._packed |= {place: one for place, one in enumerate(vectors, self._count) if one}
        self._count += len(vectors)

    def add_many(self, there: Flags, vectors: Bytes) -> None:
        """As `add`: which of the next messages have one, and those, one under the other."""
        self._blocks.append((self._count + np.flatnonzero(there), vectors))
        self._count += len(there)

    def put(self, place: int, vector: bytes) -> None:
        """The vector of a message that came without one."""
        self._packed[place] = vector

    def put_in(self, order: NDArray[np.int64]) -> None:
        """The messages in another order."""
        if self._given is not None:
            self._unpack(self._given.rows.shape[1])
            self._given.put_in(order)
            self._there.put_in(order)
        self._bits = Column(np.uint64, self._bits.rows.shape[1])
        to = np.empty(len(order), np.int64)
        to[order] = np.arange(len(order))
        self._packed = {int(to[place]): one for place, one in self._packed.items()}
        self._blocks = [(to[places], rows) for places, rows in self._blocks]

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
        near: Floats = np.asarray(found, np.float32).round(5)
        return near

    def _near(self, asked: Floats) -> Floats:
        """Random hyperplanes' estimate (Charikar 2002) for all, the cosine itself for those that it puts first."""
        assert self._given is not None
        if len(self._bits.rows) < self._count:
            self._bits.extend(_signs(self._given.rows[len(self._bits.rows) :]))
        apart = np.zeros(len(self._bits.rows), np.int32)
        for words, asked_word in zip(self._bits.rows.T, _signs(asked[None])[0], strict=True):
            apart += np.bitwise_count(words ^ asked_word)  # a sum over rows this short takes three times as long
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
        blocks = [(places, rows) for places, raw in self._blocks if (rows := _numbers(raw, dim)) is not None]
        if len(blocks) == 1 and len(blocks[0][0]) == self._count and not len(self._given.rows):
            self._given.extend(blocks.pop()[1])
            self._there.extend(np.ones(self._count, np.bool_))
        for column in (self._given, self._there):
            column.grow(self._count)
        for places, rows in blocks:
            self._lay(places, rows)
        for keys, rows in unpacked(self._packed, dim):
            self._lay(np.array(keys), rows)
        self._packed.clear()
        self._blocks.clear()

    def _lay(self, places: NDArray[np.int64], rows: NDArray[Any]) -> None:
        assert self._given is not None
        self._given.rows[places], self._there.rows[places] = rows, True
        late = places[places < len(self._bits.rows)]
        if len(late):
            self._bits.rows[late] = _signs(self._given.rows[late])


def _numbers(raw: Bytes, dim: int) -> Floats | None:
    """Vectors of that many numbers, from what rows keep; None where they have another number."""
    if raw.shape[1] == 2 * dim:
        return widened(raw.view("<f2"))
    return raw.view("<f4").astype(np.float32) if raw.shape[1] == 4 * dim else None


def _signs(vectors: Floats) -> NDArray[np.uint64]:
    bits = np.packbits(vectors > 0, axis=1)
    if lacking := -bits.shape[1] % 8:
        bits = np.pad(bits, ((0, 0), (0, lacking)))
    return bits.view(np.uint64)
