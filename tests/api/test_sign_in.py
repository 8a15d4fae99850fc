"""Does signing in let in the right people, for as long as it should?"""

import httpx
import pytest
from fastapi import FastAPI

from api import passwords
from api.tokens import make_signin_code
from bots.core import Core
from gator.clock import now
from gator.principal import Principal
from tests.api.conftest import SignedIn, visiting

PASSWORD = "correct horse battery staple"


@pytest.fixture
async def code(core: Core, operator: Principal) -> str:
    async with core.store.open_work(operator) as work:
        return await make_signin_code(work, await work.people.user(operator.subject))


@pytest.fixture
async def with_password(core: Core, operator: Principal) -> str:
    """The owner has a password; gives the owner's name."""
    hashed = await passwords.hash_password(PASSWORD)
    async with core.store.open_work(operator) as work:
        user = await work.people.user(operator.subject)
        await work.people.set_password(user, hashed)
    return user.name


async def test_a_code_signs_in_once(anybody: httpx.AsyncClient, code: str) -> None:
    first = await anybody.post("/api/v1/auth/sign-in", json={"code": code, "cookie": False})
    again = await anybody.post("/api/v1/auth/sign-in", json={"code": code})

    assert first.status_code == 200
    bearer = {"Authorization": f"Bearer {first.json()['access_token']}"}
    me = (await anybody.get("/api/v1/me", headers=bearer)).json()
    assert (me["name"], me["roles"]) == ("owner", ["owner"])
    assert again.status_code == 401
    assert "used" in again.json()["detail"]


async def test_a_name_and_password_sign_in_and_nothing_else_does(
    anybody: httpx.AsyncClient, with_password: str
) -> None:
    good = await anybody.post("/api/v1/auth/sign-in", json={"name": with_password, "password": PASSWORD})
    bad = await anybody.post("/api/v1/auth/sign-in", json={"name": with_password, "password": PASSWORD + "!"})
    unknown = await anybody.post("/api/v1/auth/sign-in", json={"name": "nobody", "password": PASSWORD})
    empty = await anybody.post("/api/v1/auth/sign-in", json={})

    assert good.status_code == 200
    assert {bad.status_code, unknown.status_code, empty.status_code} == {401}
    assert bad.json()["detail"] == unknown.json()["detail"]


async def test_a_user_without_a_password_cannot_sign_in_with_an_empty_one(
    anybody: httpx.AsyncClient, operator: Principal
) -> None:
    answer = await anybody.post("/api/v1/auth/sign-in", json={"name": "owner", "password": ""})
    assert answer.status_code == 401


async def test_sign_ins_that_fail_lock_the_door_for_a_while(anybody: httpx.AsyncClient, with_password: str) -> None:
    wrong = {"name": with_password, "password": "guess guess guess"}
    tried = [(await anybody.post("/api/v1/auth/sign-in", json=wrong)).status_code for _ in range(6)]
    right = await anybody.post("/api/v1/auth/sign-in", json={"name": with_password, "password": PASSWORD})

    assert tried == [401] * 5 + [429]
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) > 60


async def test_the_cookie_is_for_browsers_only_and_writes_need_the_pages_token(
    anybody: httpx.AsyncClient, code: str
) -> None:
    answer = await anybody.post("/api/v1/auth/sign-in", json={"code": code})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert answer.json()["refresh_token"] is None

    assert (await anybody.get("/api/v1/me")).status_code == 200
    key = {"name": "k", "scopes": ["me"]}
    bare = await anybody.post("/api/v1/tokens", json=key)
    token = {"X-CSRF-Token": (await anybody.get("/api/v1/me")).json()["csrf_token"]}
    wrong = await anybody.post("/api/v1/tokens", json=key, headers={"X-CSRF-Token": "guessed"})
    elsewhere = await anybody.post("/api/v1/tokens", json=key, headers=token | {"Origin": "https://evil.example"})
    good = await anybody.post("/api/v1/tokens", json=key, headers=token | {"Origin": "http://127.0.0.1:8000"})

    assert [bare.status_code, wrong.status_code, elsewhere.status_code, good.status_code] == [403, 403, 403, 201]


async def test_another_site_cannot_sign_a_browser_in(anybody: httpx.AsyncClient, code: str) -> None:
    headers = {"Origin": "https://evil.example"}
    assert (await anybody.post("/api/v1/auth/sign-in", json={"code": code}, headers=headers)).status_code == 403
    assert (await anybody.post("/sign-in", data={"code": code}, headers=headers)).status_code == 403


async def test_signing_out_ends_the_cookie_and_every_access_token_of_the_session(
    anybody: httpx.AsyncClient, code: str
) -> None:
    said = (await anybody.post("/api/v1/auth/sign-in", json={"code": code, "cookie": False})).json()
    fresh = (await anybody.post("/api/v1/auth/refresh", json={"refresh_token": said["refresh_token"]})).json()
    bearer = {"Authorization": f"Bearer {fresh['access_token']}"}

    assert (await anybody.post("/api/v1/auth/sign-out", headers=bearer)).status_code == 204
    assert (await anybody.get("/api/v1/me", headers=bearer)).status_code == 401
    old = {"Authorization": f"Bearer {said['access_token']}"}
    assert (await anybody.get("/api/v1/me", headers=old)).status_code == 401
    again = await anybody.post("/api/v1/auth/refresh", json={"refresh_token": said["refresh_token"]})
    assert again.status_code == 401


async def test_a_new_password_ends_all_sessions(app: FastAPI, signed_in: SignedIn) -> None:
    client, other = await signed_in("operator"), await signed_in("operator")
    short = await client.post("/api/v1/me/password", json={"new": "short"})
    set_first = await client.post("/api/v1/me/password", json={"new": PASSWORD})

    assert (short.status_code, set_first.status_code) == (422, 204)
    assert {(await one.get("/api/v1/me")).status_code for one in (client, other)} == {401}
    async with visiting(app) as anew:
        assert (
            await anew.post("/api/v1/auth/sign-in", json={"name": "a-operator", "password": PASSWORD})
        ).status_code == 200


async def test_the_current_password_is_asked_for_before_a_new_one(
    anybody: httpx.AsyncClient, with_password: str
) -> None:
    said = (await anybody.post("/api/v1/auth/sign-in", json={"name": with_password, "password": PASSWORD})).json()
    bearer = {"Authorization": f"Bearer {said['access_token']}"}
    ask = {"current": "not this one", "new": "another long password"}
    assert (await anybody.post("/api/v1/me/password", json=ask, headers=bearer)).status_code == 401


async def test_a_disabled_user_is_out_at_once(core: Core, signed_in: SignedIn, operator: Principal) -> None:
    client = await signed_in("operator")
    async with core.store.open_work(operator) as work:
        user = await work.people.user_named("a-operator")
        assert user is not None
        user.disabled_at = now()
        await work.session.flush()
    assert (await client.get("/api/v1/me")).status_code == 401


async def test_the_form_signs_in_and_leads_to_the_console(
    anybody: httpx.AsyncClient, code: str, operator: Principal
) -> None:
    page = await anybody.get("/sign-in", params={"code": code})
    assert code in page.text
    away = await anybody.get("/console", headers={"Accept": "text/html"})
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in")

    answer = await anybody.post("/sign-in", data={"code": code})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    wrong = await anybody.post("/sign-in", data={"code": "<b>x</b>"})
    assert wrong.status_code == 401
    assert 'role="alert"' in wrong.text


async def test_who_comes_by_a_code_may_set_a_password_at_once(anybody: httpx.AsyncClient, code: str) -> None:
    short = await anybody.post("/sign-in", data={"code": code, "new_password": "short"})
    assert (short.status_code, code in short.text) == (422, True)  # the code is not used up by that

    came = await anybody.post("/sign-in", data={"code": code, "new_password": PASSWORD})
    assert (came.status_code, came.headers["location"]) == (303, "/console")
    cookie = {"Cookie": f"gator_session={came.cookies['gator_session']}"}
    assert (await anybody.get("/api/v1/me", headers=cookie)).status_code == 200
    again = await anybody.post("/api/v1/auth/sign-in", json={"name": "owner", "password": PASSWORD})
    assert again.status_code == 200
