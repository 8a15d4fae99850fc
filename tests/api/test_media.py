"""Do files go to those who hold a signed address, and to nobody else?"""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bots.core import Core
from gator.clock import set_to
from gator.links import media_url
from gator.principal import Principal
from memory.models import Asset
from tests.api.test_public import add_asset, png


@pytest.fixture
async def asset(core: Core, operator: Principal) -> Asset:
    return await add_asset(core, operator, title="A Heron: <at> dawn")


async def test_a_signed_address_gives_the_file_with_its_type_and_name(
    anybody: httpx.AsyncClient, core: Core, asset: Asset
) -> None:
    answer = await anybody.get(media_url(core.settings, asset.id))

    assert (answer.status_code, answer.content) == (200, png())
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == 'inline; filename="a-heron-at-dawn.png"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "private" in answer.headers["cache-control"]


async def test_parts_of_a_film_can_be_asked_for(anybody: httpx.AsyncClient, core: Core, operator: Principal) -> None:
    film = await add_asset(core, operator, bytes(range(100)), kind="video", mime="video/mp4")
    url = media_url(core.settings, film.id)
    part = await anybody.get(url, headers={"Range": "bytes=10-19"})
    beyond = await anybody.get(url, headers={"Range": "bytes=500-"})

    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    assert part.headers["content-range"] == "bytes 10-19/100"
    assert beyond.status_code == 416


async def test_a_file_of_another_type_is_a_download(
    anybody: httpx.AsyncClient, core: Core, operator: Principal
) -> None:
    page = await add_asset(core, operator, b"<script>alert(1)</script>", mime="text/html", title="x")
    answer = await anybody.get(media_url(core.settings, page.id))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_changed_address_is_refused(
    anybody: httpx.AsyncClient, core: Core, operator: Principal, asset: Asset
) -> None:
    other = await add_asset(core, operator, png("red"))
    url = media_url(core.settings, asset.id)
    exp = url.partition("exp=")[2].partition("&")[0]
    for changed in (
        url.replace(asset.id, other.id),
        url.replace(exp, str(int(exp) + 3600)),
        url[:-2] + "xx",
        url.partition("&sig")[0] + "&sig=",
    ):
        assert (await anybody.get(changed)).status_code == 403, changed
    assert (await anybody.get(url.partition("&")[0])).status_code == 422


async def test_an_address_ends(anybody: httpx.AsyncClient, core: Core, asset: Asset) -> None:
    with set_to(lambda: datetime.now(UTC) - timedelta(hours=4)):
        old = media_url(core.settings, asset.id)
    assert (await anybody.get(old)).status_code == 403


async def test_no_address_leads_out_of_the_media(anybody: httpx.AsyncClient, core: Core) -> None:
    (core.settings.home / "secret.key").write_text("the secret")
    out = ["../secret.key", "..%2f..%2fsecret.key", "%2e%2e/secret.key", "....//secret.key", "/etc/passwd", "x%00y"]
    for path in [
        way for name in out for way in (f"/media/{name}?exp=9999999999&sig=x", f"/static/{name}", f"/static/../{name}")
    ]:
        answer = await anybody.get(path)
        assert answer.status_code in (403, 404, 422), path
        assert "the secret" not in answer.text
        assert "root:" not in answer.text


async def test_what_is_not_ready_has_no_file(anybody: httpx.AsyncClient, core: Core, operator: Principal) -> None:
    pending = await add_asset(core, operator, state="pending")
    assert (await anybody.get(media_url(core.settings, pending.id))).status_code == 404


async def test_the_owner_is_led_to_the_file(
    owner: httpx.AsyncClient, core: Core, operator: Principal, stranger: Principal, asset: Asset
) -> None:
    shown = (await owner.get(f"/api/v1/content/{asset.id}")).json()
    led = await owner.get(f"/api/v1/content/{asset.id}/file")
    foreign = await add_asset(core, stranger)

    assert shown["url"] == led.headers["location"]
    assert (led.status_code, (await owner.get(shown["url"])).status_code) == (307, 200)
    assert (await owner.get(f"/api/v1/content/{foreign.id}")).status_code == 404
    listed = (await owner.get("/api/v1/content?kind=picture&state=ready")).json()["items"]
    assert [one["id"] for one in listed] == [asset.id]
