"""Over REST: which media look like this one?"""

import httpx

from bots.core import Core
from gator.principal import Principal
from tests.api.test_public import add_asset


async def test_media_that_look_alike_are_given_with_their_files(
    owner: httpx.AsyncClient, anybody: httpx.AsyncClient, core: Core, operator: Principal
) -> None:
    heron = await add_asset(core, operator, looks=["00ff" * 16])
    copy = await add_asset(core, operator, looks=["00ff" * 15 + "00f8"])
    await add_asset(core, operator, looks=["0f0f" * 16])

    found = (await owner.get(f"/api/v1/content/{heron.id}/repeats")).json()
    assert [(one["id"], "/media/" in one["url"]) for one in found] == [(copy.id, True)]
    assert (await owner.get("/api/v1/content/nothing/repeats")).status_code == 404
    assert (await anybody.get(f"/api/v1/content/{heron.id}/repeats")).status_code == 401
