"""The face of a persona over REST: uploaded, approved, locked; and who may do so."""

import httpx
import pytest
from fastapi import FastAPI

from bots.core import Core
from gator.clock import now
from gator.principal import Principal
from memory.models import Persona
from tests.api.conftest import SignedIn, visiting
from tests.api.test_public import add_asset, png

FACE = "/api/v1/personas/nova/appearance"


async def uploaded(owner: httpx.AsyncClient, data: bytes = b"", **form: str) -> httpx.Response:
    files = {"file": ("nova.png", data or png(), "image/png")}
    return await owner.post(f"{FACE}/upload", files=files, data=form)


async def test_an_upload_becomes_the_locked_face(owner: httpx.AsyncClient, nova: Persona) -> None:
    assert (await uploaded(owner)).status_code == 422, "it must say what it shows"
    made = await uploaded(owner, shows="made")
    assert made.status_code == 201, made.text
    seed = made.json()["views"]["front"]
    assert (await owner.get(f"/api/v1/content/{seed}")).json()["rating"] == "unknown"

    unseen = await owner.post(f"{FACE}/approve", json={})
    assert (unseen.status_code, "look at the pictures" in unseen.text) == (422, True)
    locked = await owner.post(f"{FACE}/approve", json={"views": {"front": seed}})
    assert (locked.json()["state"], locked.json()["views"]) == ("locked", {"front": seed})
    assert (await owner.put(f"{FACE}/views/profile", json={"asset": seed})).status_code == 409
    assert (await owner.delete(f"/api/v1/content/{seed}")).status_code == 409
    assert (await owner.post(f"{FACE}/unlock")).json()["state"] == "approved"
    assert (await owner.put(f"{FACE}/threshold", json={"threshold": 0.7})).json()["threshold"] == 0.7
    assert (await owner.post(f"{FACE}/lock")).json()["state"] == "locked"
    assert [one["version"] for one in (await owner.get(FACE)).json()["faces"]] == [1]


async def test_views_are_ordered_as_a_version_to_approve(
    owner: httpx.AsyncClient, core: Core, operator: Principal, nova: Persona
) -> None:
    assert (await owner.post(f"{FACE}/views", json={})).status_code == 422, "no face is approved"
    views = (await uploaded(owner, shows="made")).json()["views"]
    await owner.post(f"{FACE}/approve", json={"views": views})
    assert "image model" in (await owner.post(f"{FACE}/views", json={})).json()["detail"]
    async with core.store.open_work(operator) as work:
        hers = await work.personas.get(nova.id)
        media = {"picture_model": "openai:gpt-image-1"}
        await work.personas.change(hers, {**hers.character, "media": media}, author="tests", note="")

    made = await owner.post(f"{FACE}/views", json={"views": ["profile", "full-body"]})

    assert (made.status_code, made.json()["version"], [*made.json()["views"]]) == (202, 2, ["profile", "full-body"])
    [candidate, locked] = (await owner.get(FACE)).json()["faces"]
    assert (candidate["state"], locked["state"]) == ("candidate", "locked")
    assert candidate["flags"] == {"profile": "still being made", "full-body": "still being made"}
    assert (await owner.get(f"/api/v1/jobs/{made.json()['jobs']['profile']}")).json()["state"] == "queued"


async def test_a_real_person_needs_a_consent(
    owner: httpx.AsyncClient, core: Core, operator: Principal, nova: Persona
) -> None:
    assert "consent" in (await uploaded(owner, shows="real")).json()["detail"]
    async with core.store.open_work(operator) as work:
        told = await work.consents.add("Ada", "likeness", "Pictures.", given_at=now(), evidence_sha256="ab" * 32)
        assert not await work.assets.recent(kind="picture"), "nothing was kept"
    assert (await uploaded(owner, shows="real", consent=told.id)).json()["consent"] == told.id
    file = {"file": ("side.png", png(), "image/png")}
    seen = await owner.post(f"{FACE}/views/profile/upload", files=file)
    assert [*seen.json()["views"]] == ["front", "profile"], seen.text
    assert (await uploaded(owner, b"no picture", shows="made")).status_code == 422


@pytest.mark.parametrize("role", ["viewer", "fan"])
async def test_others_do_not_move_it(
    owner: httpx.AsyncClient,
    signed_in: SignedIn,
    core: Core,
    operator: Principal,
    nova: Persona,
    role: str,
) -> None:
    picture = await add_asset(core, operator)
    assert (await owner.post(FACE, json={"seed": picture.id})).status_code == 201
    assert (await owner.post(f"{FACE}/approve", json={"views": {"front": picture.id}})).status_code == 200
    other = await signed_in(role)
    for method, path, body in (
        ("POST", FACE, {"seed": picture.id}),
        ("POST", f"{FACE}/unlock", None),
        ("POST", f"{FACE}/views", {}),
        ("POST", f"{FACE}/approve", {"views": {"front": picture.id}}),
        ("PUT", f"{FACE}/threshold", {"threshold": 0.0}),
        ("PUT", f"/api/v1/content/{picture.id}/rating", {"rating": "general"}),
        ("POST", f"/api/v1/content/{picture.id}/accept", None),
    ):
        assert (await other.request(method, path, json=body)).status_code == 403, path
    assert (await owner.get(FACE)).json()["faces"][0]["state"] == "locked"


async def test_a_picture_is_rated_by_a_person(owner: httpx.AsyncClient, core: Core, operator: Principal) -> None:
    picture = await add_asset(core, operator, rating="unknown", likeness="drifted")
    path = f"/api/v1/content/{picture.id}"
    assert (await owner.put(f"{path}/rating", json={"rating": "fine"})).status_code == 422
    assert (await owner.put(f"{path}/rating", json={"rating": "general"})).json()["rating"] == "general"
    assert (await owner.post(f"{path}/accept")).json()["likeness"] == "accepted"
    assert (await owner.post(f"{path}/accept")).status_code == 409
    assert (await owner.get(path)).json()["likeness"] == "accepted"


async def test_a_person_says_whom_an_upload_shows(owner: httpx.AsyncClient, core: Core, operator: Principal) -> None:
    path = f"/api/v1/content/{(await add_asset(core, operator, origin='operator')).id}"
    assert (await owner.put(f"{path}/rating", json={"rating": "general", "shows": "real"})).status_code == 422
    assert (await owner.put(f"{path}/rating", json={"rating": "general", "shows": "nobody"})).status_code == 200
    assert (await owner.get(path)).json()["provenance"]["shows"] == "nobody"


async def test_a_face_in_use_is_changed_by_whoever_may_approve_one(
    app: FastAPI, owner: httpx.AsyncClient, core: Core, operator: Principal, nova: Persona
) -> None:
    side = (await add_asset(core, operator)).id
    seed = (await owner.post(FACE, json={"seed": side})).json()["views"]["front"]
    assert (await owner.post(f"{FACE}/approve", json={"views": {"profile": side}})).status_code == 409
    assert (await owner.post(f"{FACE}/approve", json={"views": {"front": seed}})).status_code == 200
    await owner.post(f"{FACE}/unlock")
    made = await owner.post("/api/v1/tokens", json={"name": "writer", "scopes": ["personas:read", "personas:write"]})
    async with visiting(app, made.json()["key"]) as writer:
        refused = await writer.put(f"{FACE}/views/profile", json={"asset": side})
    assert (refused.status_code, "in use" in refused.json()["detail"]) == (403, True)
    assert (await owner.put(f"{FACE}/views/profile", json={"asset": side})).status_code == 200
