"""How is a vector kept in a row? In half precision: half the disk, and what is near stays near (docs/decisions/0002).

Sums are made in single precision. Rows of an earlier checkout are in single precision, too: a row's length tells which,
beside that of the vector that it is compared with.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from memory.minilm import Floats

    Packed = NDArray[Any]

K = TypeVar("K")


def packed(vector: "Floats") -> bytes:
    """A unit vector as a row keeps it."""
    import numpy as np

    return np.asarray(vector, "<f2").tobytes()


def unpacked(rows: Mapping[K, bytes], dim: int) -> "Iterator[tuple[list[K], Packed]]":
    """Those rows that keep `dim` numbers, by precision: their keys, and the vectors, one under the other."""
    import numpy as np

    for kind in ("<f2", "<f4"):
        keys = [key for key, row in rows.items() if row and len(row) == np.dtype(kind).itemsize * dim]
        if keys:
            yield keys, np.frombuffer(b"".join(rows[key] for key in keys), kind).reshape(-1, dim)


def widened(halves: "Packed") -> "Floats":
    """Finite numbers in half precision as the same in single precision: NumPy's own way takes four times as long.

    Sign, exponent and fraction are put where single precision has them; the exponents of the two count from 15 and 127.
    """
    import numpy as np

    bits = halves.view("<i2").astype(np.int32)
    bits <<= 13
    bits &= np.int32(-0x7000_2000)  # 0x8FFFE000: of the sign, which was spread, one bit
    found: Floats = bits.view(np.float32)
    found *= np.float32(2.0**112)
    return found
