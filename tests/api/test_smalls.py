"""Are small pictures made once, shown in place of the whole ones, and gone with them?"""

import asyncio
import io
from pathlib import Path

import httpx

from bots.core import Core
from gator.links import small_url
from gator.principal import Principal
from memory.models import Asset, Persona
from tests import files
from tests.api.test_public import add_asset, add_post, png
from tests.browser import chromium, tab


def speckled(side: int = 900) -> bytes:
    """A PNG that weighs too much to be shown as it is, with a see-through corner."""
    from PIL import Image

    picture = Image.effect_noise((side, side), 80).convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 90, 90))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def url_of(core: Core, asset: Asset) -> str:
    found = small_url(core.settings, asset.id, asset.kind)
    assert found
    return found


def kept(core: Core) -> list[Path]:
    return [one for one in (core.blobs.folder / "small").rglob("*") if one.is_file()]


async def test_a_picture_is_shrunk_once_whoever_asks(
    anybody: httpx.AsyncClient, core: Core, operator: Principal
) -> None:
    from PIL import Image

    asset = await add_asset(core, operator, speckled())
    answers = await asyncio.gather(*(anybody.get(url_of(core, asset)) for _ in range(3)))
    (file,) = kept(core)
    made = file.stat().st_mtime_ns
    again = await anybody.get(url_of(core, asset))

    for answer in (*answers, again):
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
        assert "private" in answer.headers["cache-control"]
    assert file.stat().st_mtime_ns == made
    with Image.open(io.BytesIO(again.content)) as small:
        assert (small.format, small.size) == ("WEBP", (640, 640))
        assert small.convert("RGBA").getpixel((10, 10))[3] < 40  # type: ignore[index]
    assert len(again.content) < asset.size_bytes / 4


async def test_a_video_has_a_poster(
    anybody: httpx.AsyncClient, core: Core, operator: Principal, tmp_path: Path
) -> None:
    from PIL import Image

    film = await add_asset(core, operator, files.film(), kind="video", mime="video/mp4")
    answer = await anybody.get(url_of(core, film))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    with Image.open(io.BytesIO(answer.content)) as poster:
        assert max(poster.size) <= 640


async def test_a_light_picture_is_shown_as_it_is_and_sound_has_no_picture(
    anybody: httpx.AsyncClient, core: Core, operator: Principal
) -> None:
    light = await add_asset(core, operator)
    voice = await add_asset(core, operator, b"RIFF", kind="voice", mime="audio/wav")
    torn = await add_asset(core, operator, b"\0\0\0\x18ftypmp42 and no more", kind="video", mime="video/mp4")
    answer = await anybody.get(url_of(core, light))
    assert (answer.content, answer.headers["content-type"]) == (png(), "image/png")
    assert small_url(core.settings, voice.id, "voice") is None
    for _ in range(2):
        assert (await anybody.get(url_of(core, torn))).status_code == 404
    assert kept(core) == []


async def test_the_address_is_signed_like_the_files(
    anybody: httpx.AsyncClient, core: Core, operator: Principal
) -> None:
    asset, other = await add_asset(core, operator), await add_asset(core, operator, png("red"))
    url = url_of(core, asset)
    for changed in (url.replace(asset.id, other.id), url[:-2] + "xx"):
        assert (await anybody.get(changed)).status_code == 403


async def test_a_small_picture_goes_with_its_file(
    owner: httpx.AsyncClient, anybody: httpx.AsyncClient, core: Core, operator: Principal
) -> None:
    asset = await add_asset(core, operator, speckled())
    url = url_of(core, asset)
    assert (await anybody.get(url)).status_code == 200
    assert kept(core)
    assert (await owner.delete(f"/api/v1/content/{asset.id}")).status_code == 204
    assert kept(core) == []
    assert (await anybody.get(url)).status_code == 404


async def test_pages_load_small_pictures_and_posters_and_lead_to_the_whole(
    served: str, core: Core, operator: Principal, nova: Persona, row_watch: None
) -> None:
    picture = await add_asset(core, operator, speckled())
    film = await add_asset(core, operator, files.film(), kind="video", mime="video/mp4")
    await add_post(core, operator, nova, assets=[picture.id, film.id])
    with chromium() as browser:
        async with tab(browser) as page:
            await page.open(f"http://{served}/p/nova")
            assert await page.until("document.querySelector('img.piece').naturalWidth === 640")
            loaded = await page.until(
                "((got) => got.length >= 2 && got)(performance.getEntriesByType('resource')"
                ".map((one) => new URL(one.name).pathname).filter((one) => one.startsWith('/media/')))"
            )
            whole = await page.run("document.querySelector('a.whole').pathname")
            assert page.errors == []
    assert set(loaded) == {f"/media/{picture.id}/small", f"/media/{film.id}/small"}
    assert whole == f"/media/{picture.id}"
