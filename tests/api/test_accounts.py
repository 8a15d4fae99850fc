"""Accounts and pairing over REST: proved with the platform, tokens never shown, and only for whoever may."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bots.core import Core
from gator.principal import Principal
from memory.models import Account
from tests.api.conftest import SignedIn
from tests.servers import telegram


@pytest.fixture
async def bots() -> AsyncIterator[telegram.BotApi]:
    async with telegram.running() as server:
        yield server


def ask(server: telegram.BotApi, **more: object) -> dict[str, object]:
    return {"channel": "telegram", "token": server.bot(7, "gator_bot").token, "base_url": server.url, **more}


async def row_of(core: Core, operator: Principal, name: str) -> Account:
    async with core.store.open_work(operator, reads=True) as work:
        return await work.accounts.named(name)


async def test_an_account_is_proved_kept_sealed_switched_and_removed(
    owner: httpx.AsyncClient, core: Core, operator: Principal, bots: telegram.BotApi
) -> None:
    made = await owner.post("/api/v1/accounts", json=ask(bots, name="desk"))
    assert made.status_code == 201
    assert made.json() | {"id": ""} == {
        "id": "",
        "channel": "telegram",
        "name": "desk",
        "handle": "gator_bot",
        "persona": None,
        "state": "waiting",
        "error": "",
        "seen_at": made.json()["seen_at"],
        "address": "https://t.me/gator_bot",
        "notes": made.json()["notes"],
    }
    token = str(ask(bots)["token"])
    assert token not in made.text + (await owner.get("/api/v1/accounts")).text
    assert token not in (await row_of(core, operator, "desk")).credential
    assert (await owner.get(made.headers["Location"])).json()["name"] == "desk"

    again = await owner.post("/api/v1/accounts", json=ask(bots, name="another"))
    assert again.status_code == 409

    off = await owner.patch("/api/v1/accounts/desk", json={"enabled": False})
    assert off.json()["state"] == "off"
    assert (await owner.delete("/api/v1/accounts/desk")).status_code == 204
    assert (await owner.get("/api/v1/accounts")).json() == []
    log = (await owner.get("/api/v1/audit")).json()["items"]
    assert {"account.add", "account.disable", "account.remove"} <= {row["action"] for row in log}
    assert token not in str(log)


async def test_a_token_that_the_platform_does_not_take_is_not_kept(
    owner: httpx.AsyncClient, bots: telegram.BotApi
) -> None:
    for token in ("8:" + "B" * 35, "not a token", "", "x" * 600):
        refused = await owner.post("/api/v1/accounts", json=ask(bots) | {"token": token})
        assert refused.status_code == 422, token
        assert token not in refused.text or not token
    assert (await owner.get("/api/v1/accounts")).json() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": "carrier-pigeon"},
        {"base_url": "file:///etc"},
        {"name": "a b"},
        {"persona": "nobody"},
        {"surprise": 1},
    ],
)
async def test_what_makes_no_sense_is_refused(
    owner: httpx.AsyncClient, bots: telegram.BotApi, wrong: dict[str, object]
) -> None:
    assert (await owner.post("/api/v1/accounts", json=ask(bots) | wrong)).status_code in (404, 422)


async def test_a_check_says_what_the_platform_says_and_the_row_keeps_it(
    owner: httpx.AsyncClient, bots: telegram.BotApi
) -> None:
    made = await owner.post("/api/v1/accounts", json=ask(bots))
    assert made.json()["name"] == "gator_bot"
    (side,) = bots.bots.values()
    del bots.bots[side.token]  # revoked
    assert (await owner.post("/api/v1/accounts/gator_bot/check")).status_code == 422
    assert (await owner.get("/api/v1/accounts/gator_bot")).json()["state"] == "broken"

    bots.bots["7:" + "C" * 35] = side
    renewed = await owner.patch("/api/v1/accounts/gator_bot", json={"token": "7:" + "C" * 35})
    assert (renewed.status_code, renewed.json()["state"]) == (200, "waiting")
    other = bots.bot(8, "other_bot").token
    assert (await owner.patch("/api/v1/accounts/gator_bot", json={"token": other})).status_code == 422


async def test_only_whoever_may_touches_accounts(signed_in: SignedIn, anybody: httpx.AsyncClient) -> None:
    assert (await anybody.get("/api/v1/accounts")).status_code == 401
    operator = await signed_in("operator")
    assert (await operator.get("/api/v1/accounts")).status_code == 403
    assert (await operator.post("/api/v1/pairing", json={"user": "owner"})).status_code == 403
    assert (await (await signed_in("viewer")).post("/api/v1/pairing", json={})).status_code == 403


async def test_a_pairing_code_comes_with_a_link_where_the_platform_has_them(
    owner: httpx.AsyncClient, signed_in: SignedIn, bots: telegram.BotApi
) -> None:
    await owner.post("/api/v1/accounts", json=ask(bots))
    made = (await (await signed_in("operator")).post("/api/v1/pairing", json={})).json()
    plain = made["code"].replace("-", "")
    assert made["links"] == {"gator_bot": f"https://t.me/gator_bot?start=pair_{plain}"}
    assert len(plain) == 8


async def test_operators_see_and_end_where_they_are_known(
    owner: httpx.AsyncClient, signed_in: SignedIn, core: Core, operator: Principal
) -> None:
    async with core.store.open_work(operator) as work:
        await work.accounts.admit("telegram", "1001", operator.subject, "Ada")
    (known,) = (await owner.get("/api/v1/pairing")).json()
    assert (known["channel"], known["external_id"], known["display_name"]) == ("telegram", "1001", "Ada")
    other = await signed_in("operator")
    assert (await other.delete("/api/v1/pairing/telegram/1001")).status_code == 404
    assert (await owner.delete("/api/v1/pairing/telegram/1001")).status_code == 204
    assert (await owner.get("/api/v1/pairing")).json() == []
