"""Does the websocket let in whom it should, keep conversations apart, and survive what clients send?"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.tokens import Session, open_session, sign_access
from bots.core import Core
from gator.clock import now
from gator.ids import new_id
from gator.principal import Kind, Principal
from memory.models import Conversation, Persona
from tests.api.conftest import session_of

WAIT_S = 20


class Line:
    """One open socket, spoken to in frames."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seen: list[dict[str, Any]] = []

    async def send(self, type: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": type, **fields}))

    async def next(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(self.socket.recv(), WAIT_S))
        self.seen.append(frame)
        return frame

    async def until(self, *types: str, **facts: Any) -> dict[str, Any]:
        """The next frame of one of these types, in which these facts stand."""
        while True:
            frame = await self.next()
            if frame["type"] in types and all(frame.get(name) == value for name, value in facts.items()):
                return frame

    async def said_by(self, author: str) -> dict[str, Any]:
        while True:
            message: dict[str, Any] = (await self.until("new_message"))["message"]
            if message["author"] == author:
                return message

    async def closed(self) -> tuple[int, str]:
        """Code and reason of the end."""
        with pytest.raises(ConnectionClosed) as ended:
            while True:
                await self.next()
        assert ended.value.rcvd is not None
        return ended.value.rcvd.code, ended.value.rcvd.reason


@asynccontextmanager
async def lined(served: str, user: str, token: str | None, **options: Any) -> AsyncIterator[Line]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with connect(f"ws://{served}/ws/{user}", additional_headers=headers, proxy=None, **options) as socket:
        yield Line(socket)


async def open_fan(core: Core, nova: Persona, name: str) -> tuple[Principal, str, str]:
    """A fan of Nova's with a session: who, access token, conversation."""
    async with core.store.open_work(Principal(nova.workspace, Kind.service, "tests")) as work:
        fan = await work.people.meet_fan("web", new_id(), name)
        who = Principal(nova.workspace, Kind.fan, fan.id, persona=nova.id)
        session = await open_session(work, core.settings.secret, who)
    return who, session.access, (await core.converse(who)).id


@pytest.fixture
async def chat(core: Core, fan: Principal) -> Conversation:
    return await core.converse(fan)


async def test_a_fan_talks_with_a_persona(
    served: str, fan: Principal, fans_session: Session, chat: Conversation, lines: list[Any]
) -> None:
    lines.append("Hello Ada! The tide is low today. I was at the pools. Come along next time.")
    async with lined(served, fan.subject, fans_session.access) as line:
        await line.until("authenticated", user_id=fan.subject)
        assert (await line.until("online_users"))["users"] == [fan.subject]
        await line.send("join_conversation", conversation_id=chat.id)
        await line.until("conversation_joined", conversation_id=chat.id)
        await line.send("send_message", conversation_id=chat.id, content="Hi, I am Ada.", client_id="one")
        mine = await line.said_by("fan")
        notice = await line.said_by("notice")
        reply = await line.said_by("persona")

    kinds = [frame["type"] for frame in line.seen]
    assert (mine["content"], mine["is_ai"], mine["sender_id"]) == ("Hi, I am Ada.", False, fan.subject)
    assert "AI" in notice["content"]
    assert "The tide is low today." in reply["content"]
    assert reply["is_ai"]
    assert kinds.index("message_delta") < kinds.index("new_message", kinds.index("message_delta"))
    assert {"message_accepted", "typing_indicator"} <= set(kinds)
    assert all(frame["timestamp"] for frame in line.seen)


async def test_the_token_may_come_as_subprotocol_or_as_the_first_frame(
    served: str, fan: Principal, fans_session: Session
) -> None:
    bearer = f"gator.bearer.{fans_session.access}"
    async with lined(served, fan.subject, None, subprotocols=["gator", bearer]) as line:
        assert line.socket.subprotocol == "gator"
        await line.until("authenticated")
    async with lined(served, fan.subject, None) as line:
        await line.send("authenticate", token=fans_session.access)
        await line.until("authenticated")


async def test_without_a_good_token_nothing_is_said(
    served: str, fan: Principal, fans_session: Session, core: Core, operator: Principal
) -> None:
    expelled = {
        "forged": fans_session.access[:-4] + "AAAA",
        "another's session": sign_access(core.settings.secret, operator, fans_session.id)[0],
        "an unknown key": "gtr_guess",
    }
    for name, token in expelled.items():
        async with lined(served, fan.subject, token) as line:
            assert (await line.closed())[0] == 4401, name
        assert [frame["type"] for frame in line.seen] == ["error"], name
    for first in ('{"type": "join_conversation", "conversation_id": "x"}', "", "[]", '{"type": "authenticate"}'):
        async with lined(served, fan.subject, None) as line:
            await line.socket.send(first)
            assert (await line.closed())[0] == 4401, first


async def test_a_token_in_the_address_is_not_taken(served: str, fan: Principal, fans_session: Session) -> None:
    async with connect(f"ws://{served}/ws/{fan.subject}?token={fans_session.access}", proxy=None) as socket:
        await socket.send('{"type": "ping"}')
        assert (await Line(socket).closed())[0] == 4401


async def test_the_address_must_name_the_tokens_subject(
    served: str, fan: Principal, fans_session: Session, operator: Principal
) -> None:
    async with lined(served, operator.subject, fans_session.access) as line:
        assert (await line.closed())[0] == 4403


async def test_a_page_of_another_site_gets_no_socket(served: str, fan: Principal, fans_session: Session) -> None:
    for origin in ("https://evil.example", "null", f"http://{served}.evil.example"):
        with pytest.raises(InvalidStatus) as refused:
            async with lined(served, fan.subject, fans_session.access, origin=origin):
                pass
        assert refused.value.response.status_code == 403, origin
    async with lined(served, fan.subject, fans_session.access, origin=f"http://{served}") as line:
        await line.until("authenticated")


async def test_another_fans_conversation_is_not_there(
    served: str, core: Core, nova: Persona, fan: Principal, fans_session: Session, chat: Conversation
) -> None:
    _, _, theirs = await open_fan(core, nova, "Bo")
    async with core.store.open_work(fan) as work:
        await work.conversations.say(theirs, "fan", "my secret")
    async with lined(served, fan.subject, fans_session.access) as line:
        for type, more in {
            "join_conversation": {"after": ""},
            "typing_start": {},
            "send_message": {"content": "hi"},
        }.items():
            await line.send(type, conversation_id=theirs, **more)
            assert (await line.until("error"))["code"] in ("not_found", "forbidden"), type
        await line.send("join_conversation", conversation_id=new_id())
        assert (await line.until("error"))["code"] == "not_found"
    assert "my secret" not in json.dumps(line.seen)


async def test_frames_of_one_conversation_reach_nobody_else(
    served: str, core: Core, nova: Persona, fan: Principal, fans_session: Session, chat: Conversation
) -> None:
    other, token, theirs = await open_fan(core, nova, "Bo")
    async with lined(served, fan.subject, fans_session.access) as one, lined(served, other.subject, token) as two:
        await one.send("join_conversation", conversation_id=chat.id)
        await two.send("join_conversation", conversation_id=theirs)
        await one.until("conversation_joined")
        await two.until("conversation_joined")
        core.hub.publish(chat.id, {"type": "new_message", "message": {"content": "for Ada only"}})
        await one.until("new_message")
        await two.send("get_online_status", user_ids=[fan.subject, other.subject, "x"])
        status = (await two.until("online_status"))["status"]
    assert status == {fan.subject: False, other.subject: True, "x": False}
    assert "for Ada only" not in json.dumps(two.seen)
    assert fan.subject not in json.dumps([frame for frame in two.seen if frame["type"] != "online_status"])


async def test_two_devices_of_a_user_see_the_same_and_typing_is_not_told_to_oneself(
    served: str, core: Core, fan: Principal, fans_session: Session, chat: Conversation
) -> None:
    async with (
        lined(served, fan.subject, fans_session.access) as one,
        lined(served, fan.subject, fans_session.access) as two,
    ):
        for line in (one, two):
            await line.send("join_conversation", conversation_id=chat.id)
            await line.until("conversation_joined")
        await one.send("typing_start", conversation_id=chat.id)
        await one.send("typing_stop", conversation_id=chat.id)
        core.hub.publish(chat.id, {"type": "typing_indicator", "user_id": "persona", "is_typing": True})
        for line in (one, two):
            assert (await line.until("typing_indicator"))["user_id"] == "persona"
        await two.send("leave_conversation", conversation_id=chat.id)
        await two.until("conversation_left")
        core.hub.publish(chat.id, {"type": "new_message", "message": {"content": "only the first"}})
        await one.until("new_message")
        await two.send("ping")
        await two.until("pong")
    assert "only the first" not in json.dumps(two.seen)


async def test_missed_messages_are_replayed_from_the_last_one_seen(
    served: str, core: Core, fan: Principal, fans_session: Session, chat: Conversation
) -> None:
    async with core.store.open_work(fan) as work:
        said = [await work.conversations.say(chat.id, "persona", f"message {number}") for number in range(5)]
    async with lined(served, fan.subject, fans_session.access) as line:
        await line.send("join_conversation", conversation_id=chat.id, after=said[2].id)
        await line.until("conversation_joined")
        missed = [frame["message"]["content"] for frame in line.seen if frame["type"] == "new_message"]
        await line.send("join_conversation", conversation_id=chat.id, after="")
        await line.until("conversation_joined")
        everything = [frame["message"]["id"] for frame in line.seen if frame["type"] == "new_message"][2:]
    assert missed == ["message 3", "message 4"]
    assert everything == [one.id for one in said]


async def test_however_many_messages_were_missed_all_are_replayed(
    served: str, core: Core, fan: Principal, fans_session: Session, chat: Conversation
) -> None:
    async with core.store.open_work(fan) as work:
        said = [await work.conversations.say(chat.id, "persona", str(number)) for number in range(450)]
    async with lined(served, fan.subject, fans_session.access) as line:
        await line.send("join_conversation", conversation_id=chat.id, after=said[0].id)
        await line.until("conversation_joined")
    ids = [frame["message"]["id"] for frame in line.seen if frame["type"] == "new_message"]
    assert ids == [one.id for one in said[1:]]


async def test_a_message_sent_twice_is_one(
    served: str, core: Core, fan: Principal, fans_session: Session, chat: Conversation, lines: list[Any]
) -> None:
    lines.append("Once.")
    async with lined(served, fan.subject, fans_session.access) as line:
        await line.send("join_conversation", conversation_id=chat.id)
        for _ in range(2):
            await line.send("send_message", conversation_id=chat.id, content="Hello?", client_id="same")
        accepted = [await line.until("message_accepted"), await line.until("message_accepted")]
        if not any(frame.get("message", {}).get("author") == "persona" for frame in line.seen):
            await line.said_by("persona")
    assert [frame["duplicate"] for frame in accepted] == [False, True]
    async with core.store.open_work(fan, reads=True) as work:
        rows = await work.conversations.window(chat.id)
    assert [row.author for row in rows].count("fan") == 1


MALFORMED = [
    "",
    "{",
    "null",
    "7",
    '"text"',
    "[]",
    "{}",
    '{"type": "send_message"}',
    '{"type": "send_message", "conversation_id": 7, "content": []}',
    '{"type": "drop_tables"}',
    '{"type": "join_conversation", "conversation_id": "' + "x" * 1000 + '"}',
    '{"type": "get_online_status", "user_ids": "everybody"}',
    '{"type": "decide", "approval_id": "x"}',
    "\u0000",
    "[" * 2000,
    '{"type": "typing_start", "conversation_id": "../../x"}',
    '{"type": "send_message", "conversation_id": "x", "content": ""}',
]


async def test_malformed_frames_are_answered_and_the_socket_lives_on(
    served: str, fan: Principal, fans_session: Session
) -> None:
    async with lined(served, fan.subject, fans_session.access) as line:
        for text in MALFORMED:
            await line.socket.send(text)
            refused = await line.until("error")
            assert refused["message"], text
            assert "client_id" not in refused, text
        for content, told in (('"client_id": "c-1", "content": 7', "c-1"), ('"client_id": 7', None)):
            await line.socket.send(f'{{"type": "send_message", "conversation_id": "x", {content}}}')
            assert (await line.until("error")).get("client_id") == told
        await line.socket.send(b"\x00\xff")
        await line.until("error")
        await line.send("ping")
        await line.until("pong")


async def test_a_frame_that_is_too_large_ends_the_socket(served: str, fan: Principal, fans_session: Session) -> None:
    async with lined(served, fan.subject, fans_session.access) as line:
        await line.socket.send("x" * (64 * 1024 + 1))
        assert (await line.closed())[0] == 1009


async def test_a_flood_is_slowed_and_then_ended(served: str, fan: Principal, fans_session: Session) -> None:
    async with lined(served, fan.subject, fans_session.access) as line:
        for _ in range(400):
            await line.send("ping")
        assert (await line.closed())[0] == 1008
    assert any(frame.get("code") == "too_many" for frame in line.seen)


async def test_a_reader_that_falls_too_far_behind_is_closed_and_told_why(
    served: str, core: Core, fan: Principal, fans_session: Session, chat: Conversation
) -> None:
    async with lined(served, fan.subject, fans_session.access) as line:
        await line.send("join_conversation", conversation_id=chat.id)
        await line.until("conversation_joined")
        for number in range(3000):  # at once: more than a watcher's queue holds
            core.hub.publish(chat.id, {"type": "message_delta", "delta": str(number)})
        code, reason = await line.closed()
    assert code == 1013
    assert "slowly" in reason


async def test_signing_out_ends_the_sockets_of_the_session(
    served: str, core: Core, operator: Principal, app: FastAPI
) -> None:
    session = await session_of(core, operator.workspace, "operator")
    async with core.store.open_work(operator, reads=True) as work:
        user = await work.people.user_named("a-operator")
    assert user is not None
    async with lined(served, user.id, session.access) as line:
        await line.until("online_users")
        async with httpx.AsyncClient(base_url=f"http://{served}", trust_env=False) as client:
            bearer = {"Authorization": f"Bearer {session.access}"}
            assert (await client.post("/api/v1/auth/sign-out", headers=bearer)).status_code == 204
        assert (await line.closed())[0] == 4401


async def test_a_revoked_key_and_a_new_password_end_the_sockets_they_opened(
    served: str, core: Core, operator: Principal
) -> None:
    session = await session_of(core, operator.workspace, "operator")
    async with core.store.open_work(operator, reads=True) as work:
        user = await work.people.user_named("a-operator")
    assert user is not None
    bearer = {"Authorization": f"Bearer {session.access}"}
    async with httpx.AsyncClient(base_url=f"http://{served}", trust_env=False, headers=bearer) as client:
        made = (await client.post("/api/v1/tokens", json={"name": "watcher", "scopes": ["chat"]})).json()
        async with lined(served, user.id, made["key"]) as by_key, lined(served, user.id, session.access) as signed_in:
            await by_key.until("online_users")
            await signed_in.until("online_users")
            assert (await client.delete(f"/api/v1/tokens/{made['id']}")).status_code == 204
            assert (await by_key.closed())[0] == 4401
            new = {"new": "a long walk by the river"}
            assert (await client.post("/api/v1/me/password", json=new)).status_code == 204
            assert (await signed_in.closed())[0] == 4401


async def test_a_revoked_session_can_send_nothing_more(
    served: str, core: Core, fan: Principal, fans_session: Session, chat: Conversation
) -> None:
    async with lined(served, fan.subject, fans_session.access) as line:
        await line.until("online_users")
        async with core.store.open_work(fan) as work:
            await work.people.revoke_token(fans_session.id)
        await line.send("send_message", conversation_id=chat.id, content="still here?")
        assert (await line.closed())[0] == 4401
    async with core.store.open_work(fan, reads=True) as work:
        assert await work.conversations.window(chat.id) == []


async def test_a_socket_takes_a_fresh_token_of_the_same_person_only(
    served: str, core: Core, nova: Persona, fan: Principal, fans_session: Session
) -> None:
    _, token, _ = await open_fan(core, nova, "Bo")
    async with lined(served, fan.subject, fans_session.access) as line:
        await line.until("online_users")
        await line.send("authenticate", token=sign_access(core.settings.secret, fan, fans_session.id)[0])
        await line.until("authenticated")
        await line.send("authenticate", token=token)
        assert (await line.until("error"))["code"] == "forbidden"


async def test_an_operator_decides_by_frame_and_a_viewer_or_fan_cannot(
    served: str, core: Core, operator: Principal, fan: Principal, fans_session: Session
) -> None:
    from datetime import timedelta

    conversation = await core.converse(operator)
    async with core.store.open_work(operator) as work:
        asked = await work.approvals.ask(
            "schedule_post", "publish", {}, "hash", summary="Publish it", key="k", turn_id=new_id(),
            conversation_id=conversation.id, lives=timedelta(minutes=5),
        )  # fmt: skip
        session = await open_session(work, core.settings.secret, operator)
    async with lined(served, fan.subject, fans_session.access) as line:
        await line.send("decide", approval_id=asked.id, approved=True)
        assert (await line.until("error"))["code"] == "forbidden"
    async with lined(served, operator.subject, session.access) as line:
        await line.send("decide", approval_id=asked.id, approved=False)
        decided = await line.until("decided")
        assert (decided["state"], decided["conversation_id"], decided["left"]) == ("rejected", conversation.id, 0)
        await line.send("decide", approval_id=asked.id, approved=True)
        assert (await line.until("error"))["code"] == "conflict"


async def test_an_operator_may_watch_a_fans_conversation_and_not_speak_in_it(
    served: str, core: Core, operator: Principal, fan: Principal, fans_session: Session, chat: Conversation
) -> None:
    async with core.store.open_work(operator) as work:
        session = await open_session(work, core.settings.secret, operator)
    async with (
        lined(served, operator.subject, session.access) as watcher,
        lined(served, fan.subject, fans_session.access) as line,
    ):
        await line.send("join_conversation", conversation_id=chat.id)
        await line.until("conversation_joined")
        await watcher.send("join_conversation", conversation_id=chat.id)
        await watcher.until("conversation_joined")
        await watcher.send("send_message", conversation_id=chat.id, content="I am Nova")
        assert (await watcher.until("error"))["code"] == "forbidden"
        await watcher.send("typing_start", conversation_id=chat.id)
        assert (await watcher.until("error"))["code"] == "forbidden"
        core.hub.publish(chat.id, {"type": "approval_request", "approval": {}})
        await watcher.until("approval_request")
        await line.send("ping")
        await line.until("pong")
    async with core.store.open_work(operator, reads=True) as work:
        assert [row.action for row in await work.audit.recent()] == ["conversation.read"]
    assert operator.subject not in json.dumps(line.seen)
    assert "approval_request" not in [frame["type"] for frame in line.seen]


async def test_a_message_with_media_comes_with_signed_addresses(
    served: str, core: Core, operator: Principal, fan: Principal, fans_session: Session, chat: Conversation
) -> None:
    from tests.api.test_public import add_asset

    asset = await add_asset(core, operator)
    unfit = [(await add_asset(core, operator, rating=rating)).id for rating in ("unknown", "mature")]
    async with core.store.open_work(fan) as work:
        await work.conversations.say(chat.id, "persona", "Look!", assets=[asset.id, *unfit])
    async with lined(served, fan.subject, fans_session.access) as line:
        await line.send("join_conversation", conversation_id=chat.id, after="")
        (shown,) = (await line.until("new_message"))["message"]["media"]
    assert shown["kind"] == "picture"
    async with httpx.AsyncClient(base_url=f"http://{served}", trust_env=False) as client:
        assert (await client.get(shown["url"])).headers["content-type"] == "image/png"


async def test_a_socket_ends_with_its_token(
    served: str, core: Core, fan: Principal, fans_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    monkeypatch.setattr("api.tokens.ACCESS_LIVES", timedelta(seconds=2))
    token, ends = sign_access(core.settings.secret, fan, fans_session.id)
    assert ends > now()
    async with lined(served, fan.subject, token) as line:
        assert (await line.closed())[0] == 4401
