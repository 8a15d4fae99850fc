"""Over REST: which media look like this one, and who may see those of fans?"""

import httpx

from bots.core import Core
from gator.principal import Principal
from tests.api.conftest import SignedIn
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


async def test_what_a_fan_sent_or_was_given_is_for_those_who_read_what_fans_say(
    signed_in: SignedIn, core: Core, operator: Principal, fan: Principal
) -> None:
    sent = await add_asset(core, operator, origin="fan", fan_id=fan.subject)
    given = await add_asset(core, operator, kind="document", fan_id=fan.subject)
    ours = await add_asset(core, operator)
    viewer, reviewer = await signed_in("viewer"), await signed_in("reviewer")

    for id in (sent.id, given.id):
        for what in ("", "/file", "/repeats", "/captions.vtt"):
            assert (await viewer.get(f"/api/v1/content/{id}{what}")).status_code == 404, what
        assert (await reviewer.get(f"/api/v1/content/{id}")).status_code == 200
    assert [one["id"] for one in (await viewer.get("/api/v1/content")).json()["items"]] == [ours.id]
    assert given.id in {one["id"] for one in (await reviewer.get("/api/v1/content")).json()["items"]}
