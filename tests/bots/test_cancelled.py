"""Whoever is cancelled, at whatever moment, leaves nothing behind: no lock, no lease, no message that nobody answers."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from gator.principal import Principal
from memory.alone import _here, alone
from memory.store import Store
from tests.bots.house import House, Wire
from tests.bots.test_attachments import said_by
from tests.fakes import ScriptedModel

MOMENTS = range(1, 40, 6)


class Chatty(ScriptedModel):
    """Has always something to say."""

    def _next(self, messages: Any) -> Any:
        self.lines.append("And you?")
        return super()._next(messages)


async def broken_off(store: Store, doing: Coroutine[Any, Any, Any], moment: int) -> None:
    """Begin it, and cancel it after so many steps; on a server, where a step waits for an answer, after so long."""
    task = asyncio.create_task(doing)
    for _ in range(moment):
        await asyncio.sleep(0 if store.engine.dialect.name == "sqlite" else 0.0005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_message_that_was_broken_off_is_brought_again_and_answered_once(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal
) -> None:
    one: House = house(channels=[wire], model=Chatty(lines=[]))
    line = chat(one)
    await line.seat()
    for n in MOMENTS:
        await broken_off(store, line.say(f"message {n}", id=f"m{n}"), n)
        await line.say(f"message {n}", id=f"m{n}")  # the platform has not heard that we have it
        await one.settled()
        await one.core._look_after(operator.workspace)
        await one.settled()
    answered = [id for message in await said_by(line, "persona") for id in message.meta["answers"]]
    said = [message.id for message in await said_by(line, "fan")]
    assert sorted(answered) == sorted(said)
    assert len(said) == len(MOMENTS)
    assert not one.core._opening


async def test_a_takeover_that_was_broken_off_leaves_one_who_answers(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal
) -> None:
    one: House = house(channels=[wire], model=Chatty(lines=[]))
    line = chat(one)
    room = (await line.seat()).conversation.id
    for n in MOMENTS:
        await broken_off(store, one.core.desk.take(operator, room), n)
        async with store.open_work(operator, reads=True) as work:
            held = (await work.conversations.get(room)).taken_by
        if held is None:
            await one.core.desk.take(operator, room)
        await broken_off(store, one.core.desk.hand_back(operator, room), n)
        async with store.open_work(operator, reads=True) as work:
            conversation = await work.conversations.get(room)
        if conversation.taken_by:
            await one.core.desk.hand_back(operator, room)
        await one.settled()
    notices = [one.text for one in await said_by(line, "notice")]
    assert sum(text.startswith("A person of") for text in notices) == len(MOMENTS)
    assert sum("answers again" in text for text in notices) == len(MOMENTS)


async def test_who_is_cancelled_while_alone_lets_others_do_it(store: Store) -> None:
    async def work() -> None:
        async with alone(store, "a thing") as mine:
            assert mine
            await asyncio.sleep(60)

    for moment in range(6):
        await broken_off(store, work(), moment)
        assert not _here
        for _ in range(50):  # the server lets go when it hears that the line is gone
            async with alone(store, "a thing") as mine:
                if mine:
                    break
            await asyncio.sleep(0.01)
        assert mine


@pytest.mark.parametrize("streams", [True, False])
async def test_a_watcher_that_is_cancelled_watches_no_more(house: Any, ada: Principal, streams: bool) -> None:
    one: House = house("Hello!")
    room = await one.core.converse(ada)

    async def watch() -> None:
        with one.core.hub.watch(room.id) as watcher:
            if streams:
                async for _ in watcher:
                    pass
            await watcher.next()

    for moment in range(3):
        await broken_off(one.store, watch(), moment)
    assert not one.core.hub.watchers
