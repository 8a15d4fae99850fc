"""Portraits: made once for each version of a persona, and nothing of the card is kept with them."""

import io

import pytest
from PIL import Image

from api.portraits import Portraits


def png(side: int = 900) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (side, side), (20, 90, 60, 255)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("side", [900, 20])
async def test_a_portrait_is_drawn_once_for_each_version(side: int) -> None:
    portraits, reads = Portraits(), []

    async def read() -> bytes:
        reads.append(side)
        return png(side)

    first = await portraits.of("nova", 1, read)
    assert await portraits.of("nova", 1, read) == first
    assert len(reads) == 1
    await portraits.of("nova", 2, read)
    assert len(reads) == 2
    assert first is not None
    assert Image.open(io.BytesIO(first)).size == (min(side, 640),) * 2


async def test_a_persona_without_a_picture_is_asked_about_again() -> None:
    portraits = Portraits()
    pictures: list[bytes | None] = [None, png()]

    async def read() -> bytes | None:
        return pictures.pop(0)

    assert await portraits.of("nova", 1, read) is None
    assert await portraits.of("nova", 1, read)


async def test_only_so_many_are_kept() -> None:
    portraits, drawn = Portraits(), png(2)

    async def read() -> bytes:
        return drawn

    for version in range(80):
        await portraits.of("nova", version, read)
    assert len(portraits._made) == 64
