"""What do tests of conversations stand in? A core with its model, as one process runs it, and a platform to talk on."""

import asyncio
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.memory import InMemorySaver
from sqlalchemy import select

from agents.brain import Brain
from agents.models import Mind
from bots.channel import Action, Channel, Inbound, Outbound, Piece, Receipt
from bots.core import Core
from bots.doorway import Person, Seat
from bots.hub import Hub
from bots.web_channel import WebChannel
from gator.errors import Refused
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory import models
from memory.models import Account, Message
from memory.store import Store
from tests.fakes import ScriptedModel


class House:
    """A core with its model, as one process runs it."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        operator: Principal,
        lines: list[Any],
        channels: list[Channel] | None = None,
        model: BaseChatModel | None = None,
    ) -> None:
        self.model: Any = model or ScriptedModel(lines=lines)
        self.store, self.operator = store, operator
        hub = Hub()
        brain = Brain(settings, store, InMemorySaver(), Mind(settings, lambda *_: self.model))
        self.core = Core(settings, store, brain, hub, [WebChannel(hub), *(channels or [])])

    async def say(self, who: Principal, text: str, id: str = "") -> str | None:
        room = await self.core.converse(who)
        return await self.core.receive(Inbound("web", "", id or new_id(), room.id, who, text))

    async def settled(self) -> None:
        """Until no conversation is being worked on and nothing is being sent."""
        while self.core.workers._tasks or self.core.delivery._senders or self.core.workers._timers:
            await asyncio.gather(*self.core.workers._tasks.values(), return_exceptions=True)
            await self.core.delivery.settle()
            await asyncio.sleep(0.005)

    async def heard(self, who: Principal) -> list[Message]:
        room = await self.core.converse(who)
        return await self.said_in(room.id)

    async def said_in(self, conversation: str) -> list[Message]:
        async with self.store.open_work(self.operator, reads=True) as work:
            return await work.conversations.window(conversation, 100)

    async def sent(self) -> list[models.Outbound]:
        async with self.store.open_work(self.operator, reads=True) as work:
            return list(await work.session.scalars(select(models.Outbound).order_by(models.Outbound.id)))


class Wire:
    """A platform of thirty characters a message. It keeps what reached it, and fails when it is told to."""

    name = "wire"
    reads_rows = False

    def __init__(self) -> None:
        self.log: list[Outbound] = []
        self.failures: list[BaseException] = []  # raised by the next sends, before anything arrives
        self.lost_answers = 0  # of the next sends, which arrive all the same
        self.gate = asyncio.Event()
        self.gate.set()
        self.acts = 0
        self.waits_s: list[float] = []  # what its limits ask of the next pieces

    @property
    def texts(self) -> list[str]:
        return [item.text for item in self.log]

    def wait_s(self, account: str, thread: str, count: int, most_s: float) -> float:
        return self.waits_s.pop(0) if self.waits_s else 0.0

    def holds(self, account: str) -> bool:
        return True

    def pieces(self, text: str, kinds: list[tuple[str, str]]) -> list[Piece]:
        cut = [text[at : at + 30] for at in range(0, len(text), 30)] or [""]
        return [*(Piece(part) for part in cut), *(Piece("", [id]) for id, _ in kinds)]

    async def send(self, item: Outbound) -> Receipt:
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.log.append(item)
        if self.lost_answers:
            self.lost_answers -= 1
            raise asyncio.CancelledError  # the process dies before it reads the platform's answer
        return Receipt(f"w{len(self.log)}")

    async def find(self, item: Outbound) -> Receipt | None:
        there = next((n for n, one in enumerate(self.log, 1) if one.id == item.id), None)
        return Receipt(f"w{there}") if there else None

    async def act(self, account: str, thread: str, action: Action) -> None:
        self.acts += 1

    async def draft(self, account: str, thread: str, draft: str, text: str) -> str:
        return ""

    async def fetch(self, account: str, ref: str, into: Path, limit_bytes: int) -> None:
        raise Refused("Nothing is kept here.")


class Line:
    """One chat on the wire."""

    def __init__(self, house: House, account: Account, thread: str, person: Person) -> None:
        self.house, self.account, self.thread, self.person = house, account, thread, person

    async def seat(self) -> Seat:
        found = await self.house.core.doorway.seat(self.account, self.person, self.thread)
        assert found
        return found

    async def say(self, text: str, id: str = "", settle_s: float = 0.0) -> str | None:
        seat = await self.seat()
        inbound = Inbound(
            "wire", self.account.id, id or new_id(), seat.conversation.id, seat.principal, text, settle_s=settle_s
        )
        return await self.house.core.receive(inbound)
