"""Users: invited by a link that works once, never more than whoever invites them, and never nobody left to manage them."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from api.tokens import make_api_key
from bots.core import Core
from gator.principal import Principal, service
from memory.models import Workspace
from memory.store import Store
from tests.api.conftest import SignedIn, session_of, visiting

USERS = "/api/v1/users"


async def add(client: httpx.AsyncClient, name: str, *roles: str) -> httpx.Response:
    return await client.post(USERS, json={"name": name, "roles": list(roles)})


async def enter(app: FastAPI, code: str) -> httpx.Response:
    async with visiting(app) as client:
        return await client.post("/api/v1/auth/sign-in", json={"code": code, "cookie": False})


async def test_an_invitation_signs_in_once_and_a_new_one_ends_it(app: FastAPI, owner: httpx.AsyncClient) -> None:
    made = (await add(owner, " Mia   Berg ", "operator")).json()
    assert (made["user"]["name"], made["user"]["roles"], made["user"]["state"]) == ("Mia Berg", ["operator"], "invited")
    assert dict(parse_qsl(urlsplit(made["url"]).query)) == {"code": made["code"]}

    again = (await owner.post(f"{USERS}/Mia Berg/invitation")).json()
    assert (await enter(app, made["code"])).status_code == 401
    came = (await enter(app, again["code"])).json()
    assert (await enter(app, again["code"])).status_code == 401

    async with visiting(app, came["access_token"]) as mia:
        me = (await mia.get("/api/v1/me")).json()
    assert (me["name"], me["roles"], "personas:write" in me["permissions"]) == ("Mia Berg", ["operator"], True)
    assert (await owner.get(f"{USERS}/{made['user']['id']}")).json()["state"] == "active"


async def test_who_is_disabled_is_let_in_nowhere_until_enabled(app: FastAPI, owner: httpx.AsyncClient) -> None:
    made = (await add(owner, "Mia", "operator")).json()
    came = (await enter(app, made["code"])).json()
    async with visiting(app, came["access_token"]) as mia:
        assert (await mia.get("/api/v1/me")).status_code == 200
        assert (await owner.post(f"{USERS}/Mia/disable")).json()["state"] == "disabled"
        assert (await mia.get("/api/v1/me")).status_code == 401
    assert (await owner.post(f"{USERS}/Mia/invitation")).status_code == 409
    assert (await owner.post(f"{USERS}/Mia/enable")).json()["state"] == "active"
    link = (await owner.post(f"{USERS}/Mia/invitation")).json()
    assert (await enter(app, link["code"])).status_code == 200


async def test_roles_change_at_once_and_are_those_there_are(app: FastAPI, owner: httpx.AsyncClient) -> None:
    made = (await add(owner, "Mia", "viewer")).json()
    came = (await enter(app, made["code"])).json()
    changed = await owner.put(f"{USERS}/Mia/roles", json={"roles": ["reviewer"]})
    assert changed.json()["roles"] == ["reviewer"]
    async with visiting(app, came["access_token"]) as mia:
        assert (await mia.get("/api/v1/approvals")).status_code == 200
    for roles in (["owner"], ["boss"]):
        wrong = await owner.put(f"{USERS}/Mia/roles", json={"roles": roles})
        assert (wrong.status_code, "admin, operator, reviewer, viewer" in wrong.json()["remedy"]) == (422, True)
    assert (await add(owner, "mia", "viewer")).status_code == 409
    assert (await add(owner, "a/b", "viewer")).status_code == 422
    assert (await owner.get(f"{USERS}/Nobody")).status_code == 404


async def test_the_owner_stays_what_they_are(owner: httpx.AsyncClient) -> None:
    assert (await owner.post(f"{USERS}/owner/disable")).status_code == 409
    assert (await owner.put(f"{USERS}/owner/roles", json={"roles": ["viewer"]})).status_code == 409
    assert (await owner.post(f"{USERS}/owner/invitation")).status_code == 409


async def test_no_name_hides_another_user_and_of_two_at_once_one_has_it(
    owner: httpx.AsyncClient, store: Store, operator: Principal
) -> None:
    mia = (await add(owner, "Mia", "viewer")).json()["user"]
    await add(owner, mia["id"], "admin")
    assert (await owner.get(f"{USERS}/{mia['id']}")).json()["name"] == "Mia"

    async def at_once() -> bool:
        async with store.open_work(operator) as work:
            await work.people.add_user("Ben", ["viewer"])
        return True

    added = await asyncio.gather(*(at_once() for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in added) == ["Conflict", "Conflict", "Conflict", "bool"]


@pytest.fixture
async def only_admin(app: FastAPI, core: Core) -> AsyncIterator[httpx.AsyncClient]:
    """The only user of a workspace that has no owner."""
    async with core.store.open_work(service("", "tests")) as work:
        work.session.add(workspace := Workspace(slug="other", name="Other"))
        await work.session.flush()
    session = await session_of(core, workspace.id, "admin")
    async with visiting(app, session.access) as client:
        yield client


async def test_the_last_one_who_manages_users_stays(only_admin: httpx.AsyncClient) -> None:
    await add(only_admin, "Mia", "operator")
    for refused in (
        await only_admin.post(f"{USERS}/a-admin/disable"),
        await only_admin.put(f"{USERS}/a-admin/roles", json={"roles": ["viewer"]}),
    ):
        assert (refused.status_code, "last one" in refused.json()["detail"]) == (409, True)
    await add(only_admin, "Ben", "admin")
    assert (await only_admin.put(f"{USERS}/a-admin/roles", json={"roles": ["admin", "viewer"]})).status_code == 200
    assert (await only_admin.post(f"{USERS}/a-admin/disable")).status_code == 200


async def test_nobody_makes_or_becomes_somebody_beyond_them(
    app: FastAPI, core: Core, operator: Principal, owner: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await add(owner, "Ann", "admin")
    assert (await add(await signed_in("operator"), "Mia", "viewer")).status_code == 403
    async with core.store.open_work(operator) as work:
        _, key = await make_api_key(work, operator.subject, name="hr", scopes=["users:write", "me"], lives=None)
    async with visiting(app, key) as keyed:
        assert (await add(keyed, "Mia", "admin")).status_code == 403
        for refused in (
            await keyed.post(f"{USERS}/Ann/invitation"),
            await keyed.post(f"{USERS}/Ann/disable"),
            await keyed.put(f"{USERS}/Ann/roles", json={"roles": ["viewer"]}),
        ):
            assert refused.status_code == 403
