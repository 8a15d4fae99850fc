"""Are a link, an alt text and the captions told of what is there, and of nothing that is a fan's?"""

from urllib.parse import parse_qs, urlsplit

import pytest

from gator.errors import Forbidden, NotFound
from gator.ids import new_id
from gator.links import check_media_url
from gator.principal import Principal
from memory.models import Asset
from tools.capability import Turn
from tools.files_told import MediaTold, ShowMedia, show_media


async def taken(turn: Turn, kind: str, title: str, *, alt_text: str = "") -> Asset:
    async with turn.open_work() as work:
        id = new_id()
        captions = [{"text": "Later", "start_s": 1.6, "end_s": 2}, {"text": "Hello", "start_s": 0, "end_s": 1.5}]
        said = {"captions": captions} if kind == "video" else {}
        about = {"title": title, "alt_text": alt_text, "provenance": said}
        await work.assets.take(id, kind=kind, sha256="0" * 64, size_bytes=1, **about)
        return await work.assets.get(id)


async def told(turn: Turn, **ask: str) -> MediaTold:
    found = await show_media(ShowMedia.model_validate(ask), turn)
    assert isinstance(found, MediaTold)
    return found


async def test_the_link_of_the_newest_opens_that_file_until_it_ends(turn: Turn) -> None:
    video = await taken(turn, "video", "Herons")
    await taken(turn, "picture", "A card")

    found = await told(turn, kind="video", part="link")

    address = urlsplit(found.link)
    asked = parse_qs(address.query)
    check_media_url(turn.settings, video.id, int(asked["exp"][0]), asked["sig"][0])
    assert address.path == f"/media/{video.id}"
    assert found.link_ends_at is not None
    assert int(asked["exp"][0]) == found.link_ends_at.timestamp()
    assert f"until {found.link_ends_at:%Y-%m-%d %H:%M} UTC" in found.in_words()


async def test_the_alt_text_and_the_captions_are_told(turn: Turn) -> None:
    picture = await taken(turn, "picture", "A card", alt_text="A heron at dawn")
    await taken(turn, "video", "Herons")

    assert (await told(turn, media=picture.id, part="alt_text")).in_words() == 'The picture "A card": A heron at dawn'
    captions = (await told(turn, kind="video", part="captions")).in_words()
    assert "1\n00:00:00,000 --> 00:00:01,500\nHello" in captions
    assert "2\n00:00:01,600 --> 00:00:02,000\nLater" in captions  # in time, though its voices are in another order
    assert (await told(turn, part="alt_text")).in_words() == 'The video "Herons" has no alt text.'
    assert (await told(turn, kind="picture", part="captions")).in_words() == 'The picture "A card" has no captions.'


async def test_nothing_is_told_of_what_is_not_there_nor_to_fans(turn: Turn, fan: Principal) -> None:
    from dataclasses import replace

    with pytest.raises(NotFound, match="no video"):
        await told(turn, kind="video")
    with pytest.raises(NotFound):
        await told(turn, media=new_id())
    with pytest.raises(Forbidden):
        await show_media(ShowMedia(), replace(turn, principal=fan))


async def test_what_a_fan_sent_has_no_link(turn: Turn) -> None:
    async with turn.open_work() as work:
        id = new_id()
        await work.assets.take(id, kind="picture", title="", sha256="0" * 64, size_bytes=1, origin="fan")

    with pytest.raises(NotFound):
        await told(turn, media=id)
