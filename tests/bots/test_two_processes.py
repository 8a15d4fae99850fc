"""Two processes share a conversation: what one of them hears takes the place of what the other one is about to say."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from sqlalchemy import select

from bots.doorway import Person
from gator.principal import Principal
from gator.settings import Settings
from memory.models import Account, Inbound
from memory.store import Store
from tests.bots.house import House, Line, Wire
from tests.fakes import ScriptedModel


class Slow(ScriptedModel):
    """Says its line when it is let go."""

    def let_go(self) -> None:
        self._gate.set()

    def model_post_init(self, context: Any) -> None:
        super().model_post_init(context)
        self._gate = asyncio.Event()

    async def _agenerate(self, messages: list[BaseMessage], *args: Any, **more: Any) -> Any:
        answer = self._generate(messages)
        await self._gate.wait()
        return answer

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **more: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        chunks = [chunk async for chunk in super()._astream(messages)]
        await self._gate.wait()
        for chunk in chunks:
            yield chunk


@pytest.fixture
async def other_store(database_url: str, store: Store) -> AsyncIterator[Store]:
    """Another process's connections to the same database."""
    other = Store(database_url)
    yield other
    await other.close()


@pytest.mark.parametrize("heard", ["message", "edit", "deletion"])
async def test_a_reply_in_the_making_is_dropped_for_what_another_process_hears(
    settings: Settings,
    store: Store,
    other_store: Store,
    operator: Principal,
    accounts: dict[str, Account],
    wire: Wire,
    heard: str,
) -> None:
    slow = Slow(lines=["Tea, and nothing else."])
    one = House(settings, store, operator, [], channels=[wire], model=slow)
    other = House(settings, other_store, operator, ["As you say now."], channels=[wire])
    nova, person = accounts["nova"], Person("cara", "Cara")
    await Line(one, nova, "chat-cara", person).say("tea or coffee?", id="m1")
    async with asyncio.timeout(10):
        while not slow.heard:
            await asyncio.sleep(0.005)
    if heard == "message":
        await Line(other, nova, "chat-cara", person).say("or both", id="m2")
    elif heard == "edit":
        await other.core.edited("wire", nova.id, "m1", "cocoa?", workspace=operator.workspace)
    else:
        await other.core.removed("wire", nova.id, "m1", workspace=operator.workspace)
    slow.let_go()
    await one.settled()
    await other.settled()
    await other.core._look_after(operator.workspace)
    await other.settled()
    said = "".join(wire.texts)
    assert "Tea" not in said
    assert said.count("As you say now.") == (0 if heard == "deletion" else 1)
    asked = {"message": [["tea or coffee?", "or both"]], "edit": [["cocoa?"]], "deletion": []}[heard]
    assert [[str(one.content) for one in thought if one.type == "human"] for thought in other.model.heard] == asked
    async with store.open_work(operator, reads=True) as work:
        states = {row.state for row in await work.session.scalars(select(Inbound))}
    assert states == {"dropped" if heard == "deletion" else "answered"}
    await one.core.stop()
    await other.core.stop()
