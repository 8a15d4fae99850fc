"""What does a persona look like on a page? The picture of its card, made anew: a card's PNG carries the whole character in it."""

import asyncio
import io
from functools import lru_cache

SIDE_PX = 640
_KEPT = 64  # portraits in memory, some 60 kB each
_MOST_PIXELS = 40_000_000


async def portrait_jpeg(persona: str, version: int, png: bytes) -> bytes:
    """A JPEG of at most SIDE_PX, without anything but the picture; kept while the persona's version is the same."""
    return await asyncio.to_thread(_drawn, persona, version, png)


@lru_cache(maxsize=_KEPT)
def _drawn(_persona: str, _version: int, png: bytes) -> bytes:
    from PIL import Image

    with Image.open(io.BytesIO(png), formats=("PNG", "JPEG", "WEBP")) as card:
        if card.width * card.height > _MOST_PIXELS:
            raise ValueError("the portrait is too large")
        picture = card.convert("RGB")
    picture.thumbnail((SIDE_PX, SIDE_PX))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=86)
    return out.getvalue()
