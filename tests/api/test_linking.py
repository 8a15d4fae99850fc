"""A fan on the web links a chat app: with a code and a yes, and from then on the persona knows both."""

import asyncio
from typing import Any

import httpx
import pytest
from langchain_core.messages import BaseMessage

from api.tokens import Session
from bots import commands, linking
from bots.channel import Inbound
from bots.core import Core
from bots.doorway import Person
from gator.ids import new_id
from gator.principal import Principal
from memory.models import Account, Persona
from tests.api.conftest import SignedIn

PORTO = "My name is Ada and I live in Porto."


@pytest.fixture
def fan_client(anybody: httpx.AsyncClient, fans_session: Session) -> httpx.AsyncClient:
    anybody.headers["Authorization"] = f"Bearer {fans_session.access}"
    return anybody


@pytest.fixture
async def telegram(core: Core, operator: Principal, nova: Persona) -> Account:
    async with core.store.open_work(operator) as work:
        row = Account(channel="telegram", name="nova", external_id="7", persona_id=nova.id, credential="")
        return await work.accounts.add(row)


async def say(core: Core, account: Account, text: str) -> None:
    """What somebody writes to Nova on Telegram, answered."""
    seat = await core.doorway.seat(account, Person("1001", "Ada", "en"), "1001")
    assert seat is not None
    room = seat.conversation.id
    await core.receive(Inbound("telegram", account.id, new_id(), room, seat.principal, text))
    await answered(core, seat.principal, room)


async def answered(core: Core, who: Principal, room: str) -> None:
    async with asyncio.timeout(20):
        while True:
            async with core.store.open_work(who, reads=True) as work:
                if not await work.turns.waiting(room):
                    return
            await asyncio.sleep(0.02)


async def test_what_was_told_in_one_is_known_in_both_until_they_part(
    fan_client: httpx.AsyncClient,
    core: Core,
    telegram: Account,
    fan: Principal,
    lines: list[Any],
) -> None:
    prompts: list[str] = []

    def hear(messages: list[BaseMessage]) -> str:
        prompts.append(messages[0].text)
        return f"I hear you, {len(prompts)}."

    lines += [hear] * 5
    await say(core, telegram, PORTO)
    chat = await core.converse(fan)
    path = f"/api/v1/conversations/{chat.id}/messages"

    async def say_on_the_web(text: str) -> str:
        assert (await fan_client.post(path, json={"text": text})).status_code == 202
        await answered(core, fan, chat.id)
        return prompts[-1]

    assert "Porto" not in await say_on_the_web("Do you know where I live?")

    made = (await fan_client.post("/api/v1/me/link", json={})).json()
    assert made["code"] in made["text"]
    seat = await core.doorway.seat(telegram, Person("1001", "Ada", "en"), "1001")
    for n, argument in enumerate((made["code"], f"{made['code']} yes")):
        assert await commands.obey(core, telegram, seat, Person("1001"), "link", argument, f"update {n}") == ""
    assert "Porto" in await say_on_the_web("And now, do you know where I live?")
    assert (await fan_client.get(path)).status_code == 200

    parted = (await fan_client.post("/api/v1/me/unlink", json={"language": "de"})).json()
    assert (parted["apps"], "getrennt" in parted["text"]) == (2, True)
    assert "Porto" not in await say_on_the_web("And now that we are two?")
    assert (await fan_client.post("/api/v1/me/unlink", json={})).json()["apps"] == 0


async def test_a_code_from_a_chat_is_explained_before_it_is_used_on_the_web(
    fan_client: httpx.AsyncClient, core: Core, telegram: Account, fan: Principal
) -> None:
    seat = await core.doorway.seat(telegram, Person("1001", "Ada", "en"), "1001")
    assert seat is not None
    async with core.store.open_work(seat.principal) as work:
        code = await linking.make(work, core.settings.secret, seat.principal.subject)
    ask = {"code": code.lower()}
    explained = (await fan_client.post("/api/v1/me/link", json=ask)).json()
    assert (explained["outcome"], "stricter" in explained["text"]) == ("explain", True)
    assert (await fan_client.post("/api/v1/me/link", json=ask | {"agreed": True})).json()["outcome"] == "linked"
    assert (await fan_client.post("/api/v1/me/link", json=ask | {"agreed": True})).json()["outcome"] == "wrong"
    async with core.store.open_work(fan, reads=True) as work:
        assert (await work.people.fan(fan.subject)).person_id == seat.principal.subject


async def test_wrong_codes_are_few(fan_client: httpx.AsyncClient) -> None:
    outcomes = [
        (await fan_client.post("/api/v1/me/link", json={"code": "ZZZZ-ZZZZ"})).json()["outcome"] for _ in range(6)
    ]
    assert outcomes == ["wrong"] * 5 + ["slow"]


async def test_operators_have_nothing_to_link(signed_in: SignedIn, anybody: httpx.AsyncClient) -> None:
    assert (await anybody.post("/api/v1/me/link", json={})).status_code == 401
    assert (await (await signed_in("owner")).post("/api/v1/me/link", json={})).status_code == 403
    assert (await (await signed_in("owner")).post("/api/v1/me/unlink", json={})).status_code == 403
