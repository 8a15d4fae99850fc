"""Which messages mean what a question means? Cosines of all; of a long past from sign bits, exact where they are high."""

import numpy as np
from numpy.typing import NDArray

from memory.recall.columns import Column

Floats = NDArray[np.float32]

# Above this many vectors the sign bits come first: 10,000 vectors cost 0.5 ms instead of 2.5 (bench/memory).
EXACT_UP_TO = 2_048
CANDIDATES = 256


class Vectors:
    """Unit vectors of one embedder, by place. How long they are, the first one tells."""

    def __init__(self) -> None:
        self._given: Column | None = None
        self._bits = Column(np.uint64, 1)
        self._there = Column(np.bool_)

    @property
    def there(self) -> NDArray[np.bool_]:
        """Which messages have a vector."""
        return self._there.rows

    def __len__(self) -> int:
        return len(self._there.rows)

    def add(self, vectors: list[bytes | None]) -> None:
        """Vectors of the next messages, as little-endian floats; None where there is none, or one of another model."""
        dim = self._dim or next((len(one) // 4 for one in vectors if one), 0)
        if dim and self._given is None:
            self._open(dim)
        fits = [one if one and len(one) == 4 * dim else None for one in vectors]
        if self._given is not None:
            rows = np.frombuffer(b"".join(one or b"\0" * (4 * dim) for one in fits), "<f4").reshape(-1, dim)
            self._given.extend(rows)
            self._bits.extend(_signs(rows))
        self._there.extend([one is not None for one in fits])

    def put(self, place: int, vector: bytes) -> None:
        """The vector of a message that came without one."""
        if self._given is None:
            self._open(len(vector) // 4)
        if self._given is not None and len(vector) == 4 * self._dim:
            row = np.frombuffer(vector, "<f4")
            self._given.rows[place], self._bits.rows[place] = row, _signs(row[None])[0]
            self._there.rows[place] = True

    def cosines(self, vector: NDArray[np.float32]) -> Floats | None:
        """Of each message with the vector; of one without its own, the mean, so that it is neither near nor far."""
        asked = np.asarray(vector, np.float32).reshape(-1)
        if self._given is None or len(asked) != self._dim or not self.there.any():
            return None
        found = self._given.rows @ asked if len(self) <= EXACT_UP_TO else self._near(asked)
        if not self.there.all():
            found[~self.there] = found[self.there].mean()
        # Sums of floats depend on their order in the last digit: it must not decide between two that are alike.
        near: Floats = np.asarray(found, np.float32).round(4)
        return near

    def _near(self, asked: Floats) -> Floats:
        """Random hyperplanes' estimate (Charikar 2002) for all, the cosine itself for those that it puts first."""
        assert self._given is not None
        apart = np.bitwise_count(self._bits.rows ^ _signs(asked[None])).sum(1, dtype=np.int32)
        near = np.argpartition(apart, CANDIDATES)[:CANDIDATES]
        found = np.cos(np.arange(self._dim + 1) * (np.pi / self._dim)).astype(np.float32)[apart]
        found[near] = self._given.rows[near] @ asked
        return np.asarray(found)

    @property
    def _dim(self) -> int:
        return self._given.rows.shape[1] if self._given is not None else 0

    def _open(self, dim: int) -> None:
        """Room for vectors of that length, and for those messages that came before without one."""
        self._given, self._bits = Column(np.float32, dim), Column(np.uint64, -(-dim // 64))
        if before := len(self):
            empty = np.zeros((before, dim), np.float32)
            self._given.extend(empty)
            self._bits.extend(_signs(empty))


def _signs(vectors: Floats) -> NDArray[np.uint64]:
    bits = np.packbits(vectors > 0, axis=1)
    padded = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8)))
    return np.ascontiguousarray(padded).view(np.uint64)
