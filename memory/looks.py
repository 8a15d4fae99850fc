"""Do two pictures look alike? By a hash that a smaller copy, or one saved again, keeps nearly whole.

The worker takes it (`look`, a difference hash: each bit says whether a place is brighter than the one left of it);
`memory.repositories.assets` compares. It finds copies: a crop, or another picture of the same thing, looks different to it.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

# Measured on 15 cards of one seed in each of five designs: copies (half and a third the size, JPEG 40 and 50, WebP 60)
# differ by 5 bits at most, but for two of 375; cards of other words by 9 or more, but by 3 or more where a few small
# words stand on an empty ground (`minimal`). With 64 bits, the usual length, other cards differ no more than copies do.
NEAR_BITS = 5
_SIDE = 16
_CLEARLY = 2  # of 255: less is noise of compression on an even ground


def look(picture: "Image.Image") -> str:
    """The hash: 256 bits as hexadecimal digits."""
    import numpy as np
    from PIL import Image

    small = picture.convert("L").resize((_SIDE + 1, _SIDE), Image.Resampling.BOX)
    grey = np.asarray(small, dtype=np.int16)
    return np.packbits(grey[:, 1:] > grey[:, :-1] + _CLEARLY).tobytes().hex()


def parsed(looks: Collection[str]) -> tuple[int, ...]:
    return tuple(int(one, 16) for one in looks)


def alike(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether there are as many frames in both, and each looks like the other's."""
    if not one or len(one) != len(other):
        return False
    return all((left ^ right).bit_count() <= NEAR_BITS for left, right in zip(one, other, strict=True))
