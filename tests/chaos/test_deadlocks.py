"""Everything that changes the same conversations, against each other on PostgreSQL: nobody waits for who waits for them.

Whoever locks several rows does it in one order (docs/architecture.md). PostgreSQL finds a circle of waiting after a second and
ends one of the transactions; none is to be found, and no change is to be lost by one.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from agents.consolidation import Consolidator
from agents.models import Mind
from bots.reactions import Reaction
from gator.errors import GatorError
from gator.principal import Principal, service
from gator.settings import Settings
from memory import linking
from memory.embedding import embedder
from memory.store import Store
from memory.vault import VaultKey, open_vault
from tests.bots.house import House, Line, Wire
from tests.fakes import ScriptedModel

SECONDS = 2.0
FANS = ("ann", "ben", "cleo", "dan")
DEADLOCK = "40P01"


class Chatty(ScriptedModel):
    """Has always something to say."""

    def _next(self, messages: Any) -> Any:
        self.lines.append("And you?")
        return super()._next(messages)


class Crowd:
    """Fans and an operator on two processes, who all do something at once."""

    def __init__(self, houses: list[House], chat: Any, operator: Principal, settings: Settings, seed: int) -> None:
        self.houses, self.operator, self.chance = houses, operator, random.Random(seed)
        self.store = houses[0].store
        self.lines = [(house, chat(house, who)) for house in houses for who in FANS]
        self.bosses = [(house, chat(house, "boss", "gator")) for house in houses]
        self.keeper = Consolidator(settings, self.store, Mind(settings))
        self.done: Counter[str] = Counter()
        self.said = 0

    async def begin(self) -> None:
        for _, line in self.lines:
            await line.seat()
        for n, (house, line) in enumerate(self.lines[: len(FANS)]):
            await line.say(f"I like herons, and my name is {line.person.name}", id=f"first{n}")
            await house.settled()

    async def go_on(self, until: float) -> None:
        doings: list[Callable[[], Awaitable[Any]]] = [
            self.speaks, self.speaks, self.fan_edits, self.operator_edits, self.takes, self.hands_back, self.answers,
            self.forgets, self.forgets_that, self.links, self.consolidates, self.sweeps, self.rests, self.sends, self.alarms,
            self.reacts, self.is_gone,
        ]  # fmt: skip
        while time.monotonic() < until:
            doing = self.chance.choice(doings)
            try:
                await doing()
                self.done[doing.__name__] += 1
            except (GatorError, DBAPIError) as no:
                self.done[f"{doing.__name__}: {type(no).__name__}"] += 1

    # Who does what

    def line(self) -> tuple[House, Line]:
        return self.chance.choice(self.lines)

    async def room(self) -> tuple[House, Line, Any]:
        house, line = self.line()
        return house, line, (await line.seat()).conversation

    async def speaks(self, words: str = "I like tea, and I work as a baker") -> None:
        _, line = self.line()
        self.said += 1
        await line.say(f"{words} {self.said}", id=f"m{self.said}")

    async def fan_edits(self) -> None:
        house, line = self.line()
        said = self.chance.choice(["I like coffee", None])
        await self._edits(house, line, f"m{self.chance.randint(1, max(1, self.said))}", said)

    async def operator_edits(self) -> None:
        house, boss = self.chance.choice(self.bosses)
        await self._edits(house, boss, f"m{self.chance.randint(1, max(1, self.said))}", "come at ten")

    async def _edits(self, house: House, line: Line, id: str, said: str | None) -> None:
        workspace = self.operator.workspace
        await house.core.corrections.of_platform("wire", line.account.id, id, said, workspace=workspace)

    async def takes(self) -> None:
        house, _, room = await self.room()
        boss = (await self.chance.choice(self.bosses)[1].seat()).conversation
        await house.core.desk.take(self.operator, room.id, relay_to=boss.id, over=self.chance.random() < 0.5)

    async def hands_back(self) -> None:
        house, _, room = await self.room()
        await house.core.desk.hand_back(self.operator, room.id, over=True)

    async def answers(self) -> None:
        _, boss = self.chance.choice(self.bosses)
        self.said += 1
        await boss.say(f"come at nine {self.said}", id=f"m{self.said}")

    async def forgets(self) -> None:
        await self._forgets("everything")

    async def forgets_that(self) -> None:
        await self._forgets("exchange")

    async def _forgets(self, scope: Any) -> None:
        house, _, room = await self.room()
        async with self.store.open_work(self.operator, reads=True) as work:
            last = await work.conversations.last_by(room.id, "fan")
        if scope == "everything" or last:
            key = VaultKey(room.workspace, room.persona_id, room.fan_id)
            subject = last.id if last and scope != "everything" else ""
            house.core.forgotten([await house.core.eraser.forget(self.operator, key, scope, subject)])

    async def links(self) -> None:
        _, _, one = await self.room()
        _, _, other = await self.room()
        async with self.store.open_work(service(self.operator.workspace, "wire")) as work:
            if one.met_as != other.met_as and self.chance.random() < 0.6:
                await linking.link(work, one.met_as, other.met_as)
            else:
                await linking.part(work, one.met_as)

    async def consolidates(self) -> None:
        _, _, room = await self.room()
        async with self.store.open_work(service(self.operator.workspace, "consolidation")) as work:
            key = VaultKey(room.workspace, room.persona_id, room.fan_id)
            await open_vault(work, key, embedder().name).episodes.replay(room.id)
        await self.keeper._embed(self.operator.workspace)

    async def sweeps(self) -> None:
        await self.houses[0].core.eraser.sweep([self.operator.workspace])

    async def rests(self) -> None:
        house, _, room = await self.room()
        async with self.store.open_work(self.operator) as work:
            persona = await work.personas.get(room.persona_id)
            await work.personas.lock(persona)
            await work.personas.pause(persona, paused=True)
            await work.outbox.silence(persona.id)
            await work.audit.note("persona.pause", persona.id)
        async with self.store.open_work(self.operator) as work:
            persona = await work.personas.get(room.persona_id)
            await work.personas.lock(persona)
            await work.personas.pause(persona, paused=False)
        await house.core.delivery.send_due(self.operator.workspace)

    async def sends(self) -> None:
        house, _ = self.line()
        await house.core._look_after(self.operator.workspace)

    async def alarms(self) -> None:
        await self.speaks("I want to kill myself")

    async def reacts(self) -> None:
        house, line = self.line()
        wire: Any = house.core.delivery.channel("wire")
        mine = [f"w{n}" for n, item in enumerate(wire.log, 1) if item.thread == line.thread and not item.change]
        if mine:
            told = Reaction(line.thread, self.chance.choice(mine), "who", added=[self.chance.choice("👍👎🎉")])
            await house.core.reactions.take("wire", line.account.id, told, workspace=self.operator.workspace)

    async def is_gone(self) -> None:
        house, _, room = await self.room()
        await house.core.desk.release(self.operator.workspace, room.id, room.taken_by, "absent")


async def play(house: Any, chat: Any, operator: Principal, settings: Settings, seed: int, seconds: float) -> list[str]:
    """The statements that PostgreSQL ended because of a circle."""
    houses = [house(channels=[Wire()], model=Chatty(lines=[])) for _ in range(2)]
    _find_sooner(houses[0].store)
    crowd = Crowd(houses, chat, operator, settings, seed)
    await crowd.begin()
    ended: list[str] = []

    def note(context: Any) -> None:
        if getattr(context.original_exception, "sqlstate", "") == DEADLOCK:
            ended.append(" ".join(str(context.statement).split())[:160])

    event.listen(crowd.store.engine.sync_engine, "handle_error", note)
    await asyncio.gather(*(crowd.go_on(time.monotonic() + seconds) for _ in range(8)))
    for one in houses:
        await one.settled()
    event.remove(crowd.store.engine.sync_engine, "handle_error", note)
    assert len(crowd.done) > 10, crowd.done
    return ended


def _find_sooner(store: Store) -> None:
    """Have PostgreSQL look for circles after hundredths of a second instead of one."""

    def tell(connection: Any, _record: Any) -> None:
        connection.cursor().execute("SET deadlock_timeout = '20ms'")
        connection.commit()

    event.listen(store.engine.sync_engine, "connect", tell)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_nobody_waits_for_who_waits_for_them(
    house: Any, chat: Any, operator: Principal, settings: Settings
) -> None:
    assert await play(house, chat, operator, settings, 1, SECONDS) == []


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_the_check_finds_two_who_wait_for_each_other(store: Store, operator: Principal) -> None:
    """The check itself: two that lock the same two conversations in different orders."""
    found: list[str] = []
    event.listen(
        store.engine.sync_engine,
        "handle_error",
        lambda context: found.append(str(getattr(context.original_exception, "sqlstate", ""))),
    )
    async with store.open_work(operator) as work:
        rooms = [(await work.conversations.meet("web", "", str(n), user_id=operator.subject)).id for n in range(2)]
    both = asyncio.Barrier(2)

    async def lock(first: str, second: str) -> None:
        async with store.open_work(operator) as work:
            await work.conversations.hold(first)
            await both.wait()
            await work.conversations.hold(second)

    told = await asyncio.gather(lock(*rooms), lock(*rooms[::-1]), return_exceptions=True)
    assert sum(isinstance(one, DBAPIError) for one in told) == 1
    assert found == [DEADLOCK]
