"""How is a vector kept in a row? In half precision: half the disk, and what is near stays near (docs/decisions/0002).

Sums are made in single precision. Rows of an earlier checkout are in single precision, too: a row's length tells which,
beside that of the vector that it is compared with.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from memory.minilm import Floats

K = TypeVar("K")


def packed(vector: "Floats") -> bytes:
    """A unit vector as a row keeps it."""
    import numpy as np

    return np.asarray(vector, "<f2").tobytes()


def unpacked(rows: Mapping[K, bytes], dim: int) -> "tuple[list[K], Floats]":
    """The keys of the rows that keep `dim` numbers, and these: (keys, dim) float32."""
    import numpy as np

    keys: list[K] = []
    parts = [np.zeros((0, dim), np.float32)]
    for kind in ("<f2", "<f4"):
        own = [key for key, row in rows.items() if row and len(row) == np.dtype(kind).itemsize * dim]
        if own:
            keys += own
            numbers = np.frombuffer(b"".join(rows[key] for key in own), kind)
            parts.append(numbers.reshape(-1, dim).astype(np.float32))
    return keys, np.concatenate(parts)
