"""Do links open one file, for a time, without a session, and tell nobody anything else?"""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from bots.core import Core
from gator.clock import set_to
from gator.principal import Principal
from memory.models import Asset
from tests.api.conftest import SignedIn
from tests.api.test_public import add_asset, png


@pytest.fixture
async def asset(core: Core, operator: Principal) -> Asset:
    return await add_asset(core, operator, title="A Heron")


async def shared(owner: httpx.AsyncClient, asset: Asset, **ask: int) -> str:
    """The link's path."""
    answer = await owner.post(f"/api/v1/content/{asset.id}/links", json=ask)
    assert answer.status_code == 201, answer.text
    assert answer.json()["url"].startswith("http://127.0.0.1:8000/shared/")
    parts = urlsplit(answer.json()["url"])
    return f"{parts.path}?{parts.query}"


async def test_a_link_opens_the_file_for_whoever_has_it(
    owner: httpx.AsyncClient, anybody: httpx.AsyncClient, asset: Asset
) -> None:
    link = await shared(owner, asset)
    answer = await anybody.get(link, headers={"Range": "bytes=0-7"})
    assert (answer.status_code, answer.content) == (206, png()[:8])
    assert answer.headers["content-type"] == "image/png"
    assert (await anybody.head(link)).headers["content-length"] == str(len(png()))


async def test_a_link_ends_and_says_so(owner: httpx.AsyncClient, anybody: httpx.AsyncClient, asset: Asset) -> None:
    link = await shared(owner, asset, lives_s=600)
    for later, status in ((599, 200), (600, 410)):
        with set_to(lambda: datetime.now(UTC) + timedelta(seconds=later)):  # noqa: B023
            assert (await anybody.get(link)).status_code == status
    assert (await owner.post(f"/api/v1/content/{asset.id}/links", json={"lives_s": 10})).status_code == 422


async def test_a_changed_link_opens_nothing_and_looks_like_any_other(
    owner: httpx.AsyncClient, anybody: httpx.AsyncClient, core: Core, operator: Principal, asset: Asset
) -> None:
    other = await add_asset(core, operator, png("red"))
    link = await shared(owner, asset)
    query = dict(part.split("=") for part in link.partition("?")[2].split("&"))
    changed = [
        link.replace(asset.id, other.id),
        link.replace(f"exp={query['exp']}", f"exp={int(query['exp']) + 60}"),
        link.replace(query["n"], query["n"][:-1] + ("1" if query["n"].endswith("0") else "0")),
        link[:-2] + "xx",
        link.replace(asset.id, "01900000-0000-7000-8000-000000000000"),
        link.replace("/shared/", "/shared/x"),
    ]
    said = [await anybody.get(one) for one in changed]
    assert {one.status_code for one in said} == {404}
    assert {one.json()["detail"] for one in said} == {"There is nothing at this address."}
    assert (await anybody.get(link.replace("/shared/", "/media/"))).status_code == 403
    page = (await owner.get(f"/api/v1/content/{asset.id}")).json()["url"]
    assert (await anybody.get(f"{page}&n=x".replace("/media/", "/shared/"))).status_code == 404


async def test_links_are_revoked_one_by_one_or_all(
    owner: httpx.AsyncClient, anybody: httpx.AsyncClient, asset: Asset
) -> None:
    first, second, third = [await shared(owner, asset) for _ in range(3)]
    listed = (await owner.get(f"/api/v1/content/{asset.id}/links")).json()
    assert len(listed) == 3
    assert all("url" not in one and one["revoked_at"] is None for one in listed)

    assert (await owner.delete(f"/api/v1/content/{asset.id}/links/{listed[0]['id']}")).status_code == 204
    assert [(await anybody.get(one)).status_code for one in (first, second, third)] == [404, 200, 200]
    assert (await owner.delete(f"/api/v1/content/{asset.id}/links")).status_code == 204
    assert [(await anybody.get(one)).status_code for one in (first, second, third)] == [404, 404, 404]
    assert (await owner.delete(f"/api/v1/content/{asset.id}/links/{asset.id}")).status_code == 404


async def test_what_is_removed_is_gone_with_its_links_and_bytes(
    owner: httpx.AsyncClient, anybody: httpx.AsyncClient, core: Core, asset: Asset
) -> None:
    link, sha256 = await shared(owner, asset), asset.sha256
    page = (await owner.get(f"/api/v1/content/{asset.id}")).json()["url"]
    assert (await owner.delete(f"/api/v1/content/{asset.id}")).status_code == 204
    assert (await anybody.get(link)).status_code == 404
    assert (await anybody.get(page)).status_code == 404
    assert not core.blobs.path(sha256).exists()
    assert (await owner.get("/api/v1/content")).json()["items"] == []


async def test_what_a_fan_sent_and_what_is_not_there_has_no_link(
    owner: httpx.AsyncClient, core: Core, operator: Principal, stranger: Principal, fan: Principal
) -> None:
    theirs = await add_asset(core, operator, origin="fan", fan_id=fan.subject, rating="unknown")
    pending = await add_asset(core, operator, state="pending")
    foreign = await add_asset(core, stranger)
    for asset, status in ((theirs, 422), (pending, 409), (foreign, 404)):
        assert (await owner.post(f"/api/v1/content/{asset.id}/links", json={})).status_code == status
        if asset is not theirs:
            assert (await owner.delete(f"/api/v1/content/{asset.id}")).status_code == status


async def test_who_may_only_read_makes_no_links(signed_in: SignedIn, asset: Asset) -> None:
    viewer = await signed_in("viewer")
    assert (await viewer.post(f"/api/v1/content/{asset.id}/links", json={})).status_code == 403
    assert (await viewer.delete(f"/api/v1/content/{asset.id}/links")).status_code == 403


@pytest.mark.parametrize("rating", ["unknown", "mature"])
async def test_what_is_not_fit_for_everybody_has_no_link(
    owner: httpx.AsyncClient, anybody: httpx.AsyncClient, core: Core, operator: Principal, asset: Asset, rating: str
) -> None:
    hidden = await add_asset(core, operator, rating=rating)
    assert (await owner.post(f"/api/v1/content/{hidden.id}/links", json={})).status_code == 422
    link = await shared(owner, asset)
    async with core.store.open_work(operator) as work:
        (await work.assets.get(asset.id)).rating = rating
    assert (await anybody.get(link)).status_code == 404
