"""What else may be said over the socket: changes, files, older messages, asking for a person, answering in a persona's place."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from api.tokens import Session, make_api_key, open_session
from bots.core import Core
from gator.cli import serving
from gator.principal import Principal
from memory.founding import principal_of
from memory.models import Conversation, Persona, User
from tests.api.conftest import session_of
from tests.api.test_public import add_asset
from tests.api.test_socket import Line, lined, open_fan


@pytest.fixture
async def chat(core: Core, fan: Principal) -> Conversation:
    return await core.converse(fan)


@pytest.fixture
async def line(served: str, fan: Principal, fans_session: Session, chat: Conversation) -> AsyncIterator[Line]:
    """The fan's socket, in the chat."""
    async with lined(served, fan.subject, fans_session.access) as opened:
        await opened.send("join_conversation", conversation_id=chat.id)
        await opened.until("conversation_joined", handoff="")
        yield opened


async def audited(core: Core, who: Principal) -> list[tuple[str, str]]:
    async with core.store.open_work(who, reads=True) as work:
        return [(row.action, row.subject) for row in await work.audit.recent()]


async def key_of(core: Core, who: Principal, *scopes: str) -> tuple[User, str]:
    """A new operator, with a key of these scopes only."""
    await session_of(core, who.workspace, "operator")
    async with core.store.open_work(who) as work:
        user = await work.people.user_named("a-operator")
        assert user
        return user, (await make_api_key(work, user.id, name=scopes[-1], scopes=list(scopes), lives=None))[1]


async def say(line: Line, chat: Conversation, text: str) -> str:
    await line.send("send_message", conversation_id=chat.id, content=text, client_id=text)
    return str((await line.until("message_accepted"))["message_id"])


async def test_ones_own_message_is_changed_and_deleted(
    core: Core, line: Line, chat: Conversation, fan: Principal, lines: list[Any]
) -> None:
    lines += ["Hello!", "Hello!"]
    id = await say(line, chat, "helo")
    await line.send("edit_message", conversation_id=chat.id, message_id=id, content="hello")
    changed = (await line.until("message_edited"))["message"]
    assert (changed["id"], changed["content"], changed["edited"]) == (id, "hello", True)
    await line.send("delete_message", conversation_id=chat.id, message_id=id)
    assert (await line.until("message_deleted"))["message"]["id"] == id
    await line.send("get_history", conversation_id=chat.id)
    shown = {one["id"]: one for one in (await line.until("history"))["messages"]}
    assert (shown[id]["content"], shown[id]["deleted"]) == ("", True)


async def test_somebody_elses_message_is_not_changed(
    core: Core, line: Line, chat: Conversation, fan: Principal, nova: Persona, lines: list[Any]
) -> None:
    bo, _, theirs = await open_fan(core, nova, "Bo")
    async with core.store.open_work(bo) as work:
        said = await work.conversations.say(theirs, "fan", "mine")
        answer = await work.conversations.say(chat.id, "persona", "Nova's")
    for id in (said.id, answer.id):
        await line.send("edit_message", conversation_id=chat.id, message_id=id, content="changed")
        assert (await line.until("error"))["code"] in ("not_found", "forbidden")
        await line.send("delete_message", conversation_id=theirs, message_id=id)
        assert (await line.until("error"))["code"] == "not_found"


async def test_only_files_of_this_conversation_are_attached(
    core: Core, line: Line, chat: Conversation, operator: Principal
) -> None:
    asset = await add_asset(core, operator)
    for id in (asset.id, "nonsense"):
        await line.send("send_message", conversation_id=chat.id, content="look", attachments=[id], client_id="one")
        refused = await line.until("error")
        assert (refused["code"], refused["client_id"]) == ("not_found", "one")
    await line.send("send_message", conversation_id=chat.id, content="", attachments=[])
    assert (await line.until("error"))["code"] == "malformed"


async def test_older_messages_come_in_pages(core: Core, line: Line, chat: Conversation, fan: Principal) -> None:
    async with core.store.open_work(fan) as work:
        said = [await work.conversations.say(chat.id, "persona", str(number)) for number in range(25)]
    before, got = None, list[str]()
    while True:
        await line.send("get_history", conversation_id=chat.id, before=before, limit=10)
        page = await line.until("history")
        got = [one["content"] for one in page["messages"]] + got
        before = page["messages"][0]["id"]
        if not page["more"]:
            break
    assert got == [str(number) for number in range(25)]
    assert before == said[0].id


async def test_history_is_read_by_those_who_may_and_that_is_written_down(
    served: str, core: Core, line: Line, chat: Conversation, operator: Principal
) -> None:
    await line.send("get_history", conversation_id=chat.id)
    await line.until("history")
    user, key = await key_of(core, operator, "chat", "conversations:read")
    async with lined(served, user.id, key) as reads:
        await reads.send("get_history", conversation_id=chat.id)
        await reads.until("history")
        assert await audited(core, operator) == [("conversation.read", chat.id)]
        await reads.send("join_conversation", conversation_id=chat.id)
        await reads.until("conversation_joined")
        await reads.send("get_history", conversation_id=chat.id)
        await reads.until("history")
        assert len(await audited(core, operator)) == 2  # who has joined turns pages of what was noted already
    user, key = await key_of(core, operator, "chat")
    async with lined(served, user.id, key) as reads:
        await reads.send("get_history", conversation_id=chat.id)
        assert (await reads.until("error"))["code"] == "not_found"


async def test_a_key_that_may_not_answer_does_not_answer_what_its_owner_took_over(
    served: str, core: Core, chat: Conversation, operator: Principal
) -> None:
    user, key = await key_of(core, operator, "chat", "conversations:read")
    await core.desk.take(principal_of(user), chat.id)
    async with lined(served, user.id, key) as desk:
        await desk.send("join_conversation", conversation_id=chat.id)
        await desk.until("conversation_joined", handoff="taken")
        await desk.send("send_message", conversation_id=chat.id, content="Still me.", client_id="k")
        assert (await desk.until("error"))["code"] == "forbidden"
        await desk.send("typing_start", conversation_id=chat.id)
        assert (await desk.until("error"))["code"] == "forbidden"


@pytest.mark.usefixtures("row_watch")
async def test_a_fan_asks_for_a_person_and_sees_one_take_over(
    served: str, core: Core, line: Line, chat: Conversation, operator: Principal
) -> None:
    await line.send("want_person", conversation_id=chat.id, reason=" my order\x00 ")
    assert (await line.until("handoff_update"))["state"] == "wanted"
    async with core.store.open_work(operator, reads=True) as work:
        assert [one.text for one in await work.handoffs.of(chat.id)] == ["my order"]
    await core.desk.take(operator, chat.id)
    assert (await line.until("handoff_update"))["state"] == "taken"
    async with core.store.open_work(operator) as work:
        session = await open_session(work, core.settings.secret, operator)
    async with lined(served, operator.subject, session.access) as desk:
        await desk.send("join_conversation", conversation_id=chat.id)
        await desk.until("conversation_joined", handoff="taken")
        await desk.send("typing_start", conversation_id=chat.id)
        assert (await line.until("typing_indicator"))["user_id"] == "operator"
        await desk.send("send_message", conversation_id=chat.id, content="Kim here.", client_id="k")
        assert (await desk.until("message_accepted"))["message_id"]
    assert (await line.said_by("operator"))["content"] == "Kim here."
    await core.desk.hand_back(operator, chat.id)
    assert (await line.until("handoff_update", state="returned"))["conversation_id"] == chat.id


async def test_whoever_vanishes_without_a_word_is_found(
    app: FastAPI, fan: Principal, fans_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert serving.PING_S + serving.PONG_S < 60
    monkeypatch.setattr(serving, "PING_S", 0.2)
    monkeypatch.setattr(serving, "PONG_S", 0.2)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(serving.web_config(app))
    task = asyncio.create_task(server._serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    async with lined(f"127.0.0.1:{listening.getsockname()[1]}", fan.subject, fans_session.access) as line:
        await line.until("online_users")
        assert len(app.state.sockets) == 1
        line.socket.transport.pause_reading()  # nothing is answered any more, no ping either
        async with asyncio.timeout(20):
            while len(app.state.sockets):
                await asyncio.sleep(0.02)
        line.socket.transport.abort()
    server.should_exit = True
    await task
