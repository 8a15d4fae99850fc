"""Are two processes one Gator? Two servers on one PostgreSQL: with a Redis between them, without one, and while it is away."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests import databases
from tests.e2e.program import Program, program
from tests.servers.redis import RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
WAIT_S = 30


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="gator-redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        yield server
        server.kill()


@asynccontextmanager
async def two(tmp_path: Path, **settings: str) -> AsyncIterator[tuple[Program, Program]]:
    with databases.emptied(databases.postgres_url()) as url:
        settings |= {"GATOR_DATABASE_URL": url, "GATOR_SECRET_KEY": "a key that both of them have"}
        async with AsyncExitStack() as stack:
            started = []
            for name in ("one", "other"):
                home = tmp_path / name / "home"
                home.mkdir(parents=True)
                started.append(await stack.enter_async_context(program(home, **settings)))
            yield started[0], started[1]


class Device:
    """A fan's device on one of the two."""

    def __init__(self, socket: ClientConnection, chat: dict[str, Any]) -> None:
        self._socket, self.chat = socket, chat
        self.seen: list[dict[str, Any]] = []

    async def send(self, type: str, **fields: Any) -> None:
        await self._socket.send(json.dumps({"type": type, "conversation_id": self.chat["conversation"], **fields}))

    async def until(self, true: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        async with asyncio.timeout(WAIT_S):
            while True:
                frame: dict[str, Any] = json.loads(await self._socket.recv())
                self.seen.append(frame)
                if true(frame):
                    return frame

    def said(self) -> list[tuple[str, str]]:
        return [
            (one["message"]["author"], one["message"]["content"]) for one in self.seen if one["type"] == "new_message"
        ]


@asynccontextmanager
async def device(at: Program, secret: str = "") -> AsyncIterator[Device]:
    """A new fan of the first persona, or with a secret the same one again; joined."""
    async with httpx.AsyncClient(base_url=at.url) as client:
        slug = (await client.get("/api/v1/public/personas")).json()[0]["slug"]
        ask = {"cookie": False, "refresh_token": secret}
        chat = (await client.post(f"/api/v1/public/personas/{slug}/session", json=ask)).json()
    address = f"{at.url.replace('http', 'ws', 1)}/ws/{chat['user']}"
    async with connect(address, additional_headers={"Authorization": f"Bearer {chat['access_token']}"}) as socket:
        made = Device(socket, chat)
        await made.send("join_conversation", after="")
        await made.until(lambda frame: frame["type"] == "conversation_joined")
        yield made


@asynccontextmanager
async def devices(one: Program, other: Program) -> AsyncIterator[tuple[Device, Device]]:
    """Two devices of one fan, each on another process."""
    async with device(one) as here, device(other, here.chat["refresh_token"]) as there:
        assert here.chat["conversation"] == there.chat["conversation"]
        yield here, there


def reply(frame: dict[str, Any]) -> bool:
    return frame["type"] == "new_message" and bool(frame["message"]["author"] == "persona")


async def test_with_redis_both_show_the_same_as_it_happens(tmp_path: Path, redis: RedisServer) -> None:
    async with two(tmp_path, GATOR_BROKER_URL=redis.url) as (one, other), devices(one, other) as (here, there):
        await here.send("send_message", content="Hello from here!")
        for end in (here, there):
            await end.until(reply)
        assert here.said() == there.said()
        assert any(frame["type"] == "message_delta" for frame in there.seen)
        redis.kill()  # from here on rows tell
        await there.send("send_message", content="Still with me?")
        for end in (there, here):
            await end.until(reply)
        assert here.said() == there.said()


async def test_without_redis_rows_tell_the_other_process(tmp_path: Path) -> None:
    async with two(tmp_path) as (one, other), devices(one, other) as (here, there):
        await here.send("send_message", content="Hello from here!")
        for end in (here, there):
            await end.until(reply)
        assert here.said() == there.said()


async def test_a_session_that_ends_in_one_process_ends_in_the_other(tmp_path: Path, redis: RedisServer) -> None:
    async with two(tmp_path, GATOR_BROKER_URL=redis.url) as (one, other), device(one) as here:
        bearer = {"Authorization": f"Bearer {here.chat['access_token']}"}
        async with httpx.AsyncClient(base_url=other.url, headers=bearer) as client:
            assert (await client.post("/api/v1/auth/sign-out")).status_code == 204
        frame = await here.until(lambda one: one["type"] == "error")
        assert frame["code"] == "4401"
