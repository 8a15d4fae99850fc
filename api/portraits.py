"""What does a persona look like on a page? The picture of its card, made anew: a card's PNG carries the whole character in it."""

import asyncio
import io
from collections import OrderedDict
from collections.abc import Awaitable, Callable

SIDE_PX = 640
_KEPT = 64  # portraits in memory, some 60 kB each; the pictures they were made of, up to 32 MB, are not kept
_MOST_PIXELS = 50_000_000  # as many as a card's picture may have (tools.personas.cards.limits)


class Portraits:
    """The portraits made last, each for one version of its persona."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, int], bytes] = OrderedDict()

    async def of(self, persona: str, version: int, read: Callable[[], Awaitable[bytes | None]]) -> bytes | None:
        """A JPEG of at most SIDE_PX, without anything but the picture; `read` gives the card's, when it is needed."""
        key = (persona, version)
        if key not in self._made:
            picture = await read()
            if picture is None:
                return None
            self._made[key] = await asyncio.to_thread(_drawn, picture)
            if len(self._made) > _KEPT:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        return self._made[key]


def _drawn(picture: bytes) -> bytes:
    from PIL import Image

    with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG", "WEBP")) as card:
        if card.width * card.height > _MOST_PIXELS:
            raise ValueError("the portrait is too large")
        shown = card.convert("RGB")
    shown.thumbnail((SIDE_PX, SIDE_PX))
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=86)
    return out.getvalue()
