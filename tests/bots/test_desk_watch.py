"""No fan waits for an operator who is gone: the others are told, and in the end the persona answers again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bots import pairing
from bots.desk_watch import ABSENT, SLOW, look_after_fans
from bots.lost_letters import tell_of_letters
from gator.clock import now
from gator.errors import Refused
from gator.principal import Principal
from memory.models import Conversation, Inbound
from memory.store import Store
from tests.bots.house import House, Line, Wire
from tests.bots.test_attachments import said_by


class Desk:
    """A fan whom an operator answers, and another operator."""

    def __init__(self, one: House, wire: Wire, fan: Line, boss: Line, deputy: Line, store: Store) -> None:
        self.one, self.wire, self.fan, self.boss, self.deputy, self.store = one, wire, fan, boss, deputy, store

    async def begin(self) -> str:
        await self.deputy.seat()
        room = (await self.fan.seat()).conversation.id
        await self.one.core.desk.take(self.one.operator, room, relay_to=(await self.boss.seat()).conversation.id)
        await self.fan.say("hello?")
        await self.one.settled()
        return room

    async def passes(self, time: timedelta) -> None:
        """As if all of it had been so much earlier."""
        async with self.store.open_work(self.one.operator) as work:
            for row, at in ((Inbound, Inbound.created_at), (Conversation, Conversation.taken_at)):
                await work.session.execute(update(row).values({at: now() - time}))

    async def look(self) -> None:
        workspace = self.one.operator.workspace
        await look_after_fans(self.store, self.one.core.desk, workspace)
        await self.one.settled()
        await self.one.core.delivery.send_due(workspace)
        await self.one.settled()

    def told(self, line: Line) -> str:
        return "".join(item.text for item in self.wire.log if item.thread == line.thread)


@pytest.fixture
async def desk(house: Any, chat: Any, wire: Wire, store: Store, operator: Principal) -> Desk:
    async with store.open_work(operator) as work:
        user = await work.people.add_user("Second", ["operator"])
        await work.accounts.admit("wire", "deputy", user.id, "Deputy")
    one: House = house("Here I am.", channels=[wire])
    return Desk(one, wire, chat(one), chat(one, "boss", "gator"), chat(one, "deputy", "gator"), store)


async def test_a_conversation_of_an_unpaired_operator_goes_back_and_the_others_are_told(
    desk: Desk, operator: Principal
) -> None:
    room = await desk.begin()
    await desk.look()
    assert not desk.one.model.heard  # all is well
    async with desk.store.open_work(operator) as work:
        assert await pairing.unpair(work, "wire", "boss")
    await desk.look()
    assert desk.told(desk.fan).endswith("Here I am.")
    assert "is not there any more, so the persona answers again" in desk.told(desk.deputy)
    async with desk.store.open_work(operator, reads=True) as work:
        last, row = (await work.handoffs.of(room))[-1], await work.conversations.get(room)
    assert (last.kind, last.by, last.reason) == ("returned", "gator", "gone")
    assert (row.taken_by, row.taken_at) == (None, None)
    before = len(desk.wire.log)
    await desk.look()
    assert len(desk.wire.log) == before


async def test_a_conversation_of_an_operator_who_was_disabled_goes_back(desk: Desk, operator: Principal) -> None:
    await desk.begin()
    async with desk.store.open_work(operator) as work:
        (await work.people.user(operator.subject)).disabled_at = now()
    await desk.look()
    assert desk.told(desk.fan).endswith("Here I am.")
    assert "answers again" not in desk.told(desk.boss)  # who may not operate is told of no fan any more


async def test_of_a_fan_who_waits_the_others_hear_once_and_after_hours_the_persona_answers(
    desk: Desk, operator: Principal
) -> None:
    await desk.begin()
    await desk.passes(SLOW + timedelta(minutes=1))
    for _ in range(2):
        await desk.look()
    assert desk.told(desk.deputy).count("has waited for") == 1
    assert not desk.one.model.heard
    await desk.passes(ABSENT + timedelta(minutes=1))
    await desk.look()
    assert desk.told(desk.fan).endswith("Here I am.")
    assert "no answer from" in desk.told(desk.deputy)


async def test_a_fan_who_takes_back_what_waits_has_nobody_told_again(desk: Desk, operator: Principal) -> None:
    await desk.begin()
    for n in range(3):
        await desk.fan.say(f"still here {n}", id=f"s{n}")
        await desk.one.settled()
    await desk.passes(SLOW + timedelta(minutes=1))
    await desk.look()
    async with desk.store.open_work(operator, reads=True) as work:
        ids = list(await work.session.scalars(select(Inbound.platform_id).order_by(Inbound.id)))
    for id in ids[:3]:
        await desk.one.core.corrections.of_platform("wire", desk.fan.account.id, id, None, workspace=operator.workspace)
        await desk.look()
    assert desk.told(desk.deputy).count("has waited for") == 1


async def test_whoever_answered_last_keeps_nobody_waiting(desk: Desk) -> None:
    await desk.begin()
    await desk.boss.say("I am here.")
    await desk.one.settled()
    await desk.passes(ABSENT + timedelta(minutes=1))
    await desk.look()
    assert "waited" not in desk.told(desk.deputy)
    assert not desk.one.model.heard


async def test_of_a_persona_who_was_removed_all_that_is_held_or_lost_is_told_and_taken_back(
    desk: Desk, operator: Principal
) -> None:
    room = await desk.begin()
    await desk.fan.say("my secret", id="m2")
    desk.wire.failures = [Refused("It was blocked.")] * 20
    await desk.boss.say("I am here.")
    await desk.one.settled()
    await desk.fan.say("are you?")
    await desk.one.settled()
    desk.wire.failures = []
    async with desk.store.open_work(operator) as work:
        await work.personas.remove(await work.personas.named("nova"), author="test", key="gone")
    await desk.one.core.corrections.of_platform("wire", desk.fan.account.id, "m2", None, workspace=operator.workspace)
    assert "my secret" not in [one.text for one in await said_by(desk.boss, "gator")]
    assert await tell_of_letters(desk.store, desk.one.core.delivery, operator.workspace)
    for time in (SLOW, ABSENT):
        await desk.passes(time + timedelta(minutes=1))
        await desk.look()
    assert "answers again" not in desk.told(desk.fan)
    async with desk.store.open_work(operator, reads=True) as work:
        assert (await work.conversations.get(room)).taken_by is None
