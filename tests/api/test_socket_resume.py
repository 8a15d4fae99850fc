"""Is nothing missed and nothing doubled, wherever the line breaks? Random talks with random interruptions."""

import asyncio
import contextlib
import random

import pytest
from websockets.exceptions import ConnectionClosed

from api.tokens import Session
from bots.core import Core
from bots.frames import new_message
from bots.pieces import sender_of
from gator.ids import new_id
from gator.principal import Principal
from memory.models import Conversation
from tests.api.test_socket import Line, lined

ROUNDS = 40


@pytest.fixture
async def chat(core: Core, fan: Principal) -> Conversation:
    return await core.converse(fan)


class Talk:
    """Somebody who writes, sometimes a little later under an earlier id, as another process may."""

    def __init__(self, core: Core, who: Principal, chat: Conversation, dice: random.Random) -> None:
        self._core, self._who, self._chat, self._dice = core, who, chat, dice
        self._late: list[str] = []
        self.written: list[str] = []

    async def go_on(self) -> None:
        for _ in range(self._dice.randrange(4)):
            if self._dice.random() < 0.2:
                self._late.append(new_id())
            elif self._late and self._dice.random() < 0.5:
                await self._write(self._late.pop())
            else:
                await self._write(new_id())

    async def end(self) -> None:
        while self._late:
            await self._write(self._late.pop())

    async def _write(self, id: str) -> None:
        async with self._core.store.open_work(self._who) as work:
            said = await work.conversations.say(self._chat.id, "persona", id, id=id)
        self.written.append(id)
        await asyncio.sleep(0)  # between the row and its frame anything may happen
        self._core.hub.publish(self._chat.id, new_message(said, sender_of(said, self._chat)))


async def _read(line: Line, got: list[str], until: str) -> None:
    """Take what comes, up to the answer to a ping of ours."""
    await line.send(until)
    while True:
        frame = await line.next()
        if frame["type"] == "new_message":
            got.append(frame["message"]["id"])
        if frame["type"] == "pong":
            return


async def _rest(line: Line) -> list[str]:
    """What had come when the line broke."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await line.next()
    return [frame["message"]["id"] for frame in line.seen if frame["type"] == "new_message"]


@pytest.mark.parametrize("seed", range(3))
async def test_random_interruptions_miss_nothing_and_double_nothing(
    served: str, core: Core, fan: Principal, fans_session: Session, chat: Conversation, seed: int
) -> None:
    dice = random.Random(seed)
    talk, got = Talk(core, fan, chat, dice), list[str]()
    for _ in range(ROUNDS):
        await talk.go_on()  # while nobody listens
        async with lined(served, fan.subject, fans_session.access) as line:
            join = {"conversation_id": chat.id, "after": max(got, default=""), "seen": sorted(got)[-200:]}
            await asyncio.gather(line.send("join_conversation", **join), talk.go_on())
            if dice.random() < 0.3:
                line.socket.transport.abort()  # in the midst of the replay, or before it
                got += await _rest(line)
                continue
            await talk.go_on()
            await _read(line, got, "ping")
    await talk.end()
    async with lined(served, fan.subject, fans_session.access) as line:
        await line.send("join_conversation", conversation_id=chat.id, after=max(got), seen=sorted(got)[-200:])
        await _read(line, got, "ping")
    assert len(got) == len(set(got))
    assert sorted(got) == sorted(talk.written)
    assert len(got) > ROUNDS
