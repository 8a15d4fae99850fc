"""The core over a platform: pieces in order, receipts, bursts, giving way, what a dead sender left, corrections."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from gator.clock import now
from gator.errors import Refused, Unavailable, Unconfirmed
from gator.principal import Principal
from memory.models import Inbound, Outbound, TurnRow
from memory.store import Store
from memory.vault import VaultKey, open_vault
from tests.bots.house import House, Wire
from tests.fakes import ScriptedModel


class Waiting(ScriptedModel):
    """Thinks until it is let go."""

    async def _agenerate(self, messages: list[BaseMessage], *args: Any, **more: Any) -> Any:
        await self._wait(messages)
        return self._generate(messages)

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **more: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        await self._wait(messages)
        async for chunk in super()._astream(messages):
            yield chunk

    async def _wait(self, messages: list[BaseMessage]) -> None:
        line = self.lines[len(self._heard)]
        if isinstance(line, asyncio.Event):
            self._heard.append(messages)
            await line.wait()
            raise AssertionError("this thought was to be broken off")


async def _until(true: Any) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


async def test_a_reply_goes_out_piece_by_piece_with_a_receipt_for_each(house: Any, chat: Any, wire: Wire) -> None:
    one: House = house("The tide came in over the stones, and I counted all of the seals.", channels=[wire])
    await chat(one).say("how was it")
    await one.settled()
    assert "".join(wire.texts).endswith("The tide came in over the stones, and I counted all of the seals.")
    assert max(map(len, wire.texts)) <= 30
    rows = await one.sent()
    assert [row.state for row in rows] == ["sent"] * len(wire.log)
    assert [row.receipt for row in rows] == [f"w{n + 1}" for n in range(len(rows))]


async def test_what_waits_for_a_limit_of_its_platform_is_nobodys_yet(house: Any, chat: Any, wire: Wire) -> None:
    wire.waits_s = [0.01, 3600.0]
    one: House = house("Hi!", channels=[wire])
    await chat(one).say("hi")
    await one.settled()
    await _until(lambda: wire.log)
    await one.core.delivery.settle()
    sent, *waiting = await one.sent()
    assert (sent.state, sent.attempts) == ("sent", 1)
    assert {(row.state, row.attempts) for row in waiting} == {("pending", 0)}
    assert waiting[0].due_at - now() > timedelta(minutes=59)
    assert len(wire.log) == 1


async def test_what_comes_in_one_burst_is_answered_once(house: Any, chat: Any, wire: Wire) -> None:
    heard: list[str] = []

    def listen(messages: list[BaseMessage]) -> str:
        heard.extend(str(one.content) for one in messages if one.type == "human")
        return "Lovely."

    one: House = house(listen, channels=[wire])
    line = chat(one)
    for text in ("look at this", "oh and", "it was taken at dawn"):
        await line.say(text, settle_s=0.1)
    await one.settled()
    assert heard == ["look at this", "oh and", "it was taken at dawn"]
    assert wire.texts[-1] == "Lovely."


async def test_whoever_never_stops_writing_is_answered_in_between(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal
) -> None:
    one: House = house("At last.", channels=[wire])
    line = chat(one)
    await line.say("first", settle_s=60)
    async with store.open_work(operator) as work:
        past = now() - timedelta(seconds=11)
        await work.session.execute(update(Inbound).values(created_at=past, ready_at=past))
    await line.say("and on and on", settle_s=60)
    await one.core._look_after(operator.workspace)
    await one.settled()
    assert wire.texts[-1] == "At last."


async def test_a_new_message_joins_a_reply_that_nobody_has_seen(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal
) -> None:
    model = Waiting(lines=[asyncio.Event(), "Both it is."])
    one: House = house(channels=[wire], model=model)
    line = chat(one)
    await line.say("tea or coffee?")
    await _until(lambda: model.heard)
    await line.say("or both")
    await one.settled()
    assert wire.texts[-1] == "Both it is."
    assert [str(m.content) for m in model.heard[1] if m.type == "human"] == ["tea or coffee?", "or both"]
    async with store.open_work(operator, reads=True) as work:
        turns = list(await work.session.scalars(select(TurnRow)))
        assert [(turn.state, turn.attempts, turn.interrupted) for turn in turns] == [("closed", 1, 1)]
        assert {row.state for row in await work.session.scalars(select(Inbound))} == {"answered"}


async def test_whoever_interrupts_again_and_again_gets_an_answer_all_the_same(
    house: Any, chat: Any, wire: Wire
) -> None:
    model = Waiting(lines=[asyncio.Event(), asyncio.Event(), "Enough.", "And this too."])
    one: House = house(channels=[wire], model=model)
    line = chat(one)
    for n in range(2):
        await line.say(f"wait {n}")
        await _until(lambda n=n: len(model.heard) == n + 1)
    await line.say("the third")
    await one.settled()
    assert "Enough." in wire.texts


async def test_a_send_that_may_work_later_is_tried_again_and_the_next_one_waits_for_it(
    house: Any, chat: Any, wire: Wire
) -> None:
    one: House = house("first", "second", channels=[wire])
    line = chat(one)
    await line.say("a")
    await one.settled()
    before = len(wire.log)
    wire.failures = [Unavailable("slow down", retry_after_s=600)]
    await line.say("b")
    await one.settled()
    assert len(wire.log) == before
    async with one.store.open_work(one.operator) as work:
        await work.session.execute(update(Outbound).where(Outbound.state == "pending").values(due_at=now()))
    await one.core.delivery.send_due(one.operator.workspace)
    await one.settled()
    assert wire.texts[before:] == ["second"]


async def test_what_a_platform_refuses_is_a_dead_letter_that_a_person_may_send_again(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal
) -> None:
    one: House = house("no way", channels=[wire])
    line = chat(one)
    wire.failures = [
        Refused("Blocked by the user."),
        Unconfirmed("no answer"),
        Refused("Blocked."),
        Refused("Blocked."),
    ] * 3
    await line.say("a")
    await one.settled()
    async with store.open_work(operator) as work:
        letters = await work.outbox.letters()
        assert {letter.state for letter in letters} == {"failed", "unconfirmed"}
        await work.outbox.retry(letters[0].id)
    wire.failures = []
    await one.core.delivery.send_due(operator.workspace)
    await one.settled()
    assert wire.texts == ["no way"]


async def test_what_a_dead_process_was_sending_is_looked_for_before_anything_is_sent_again(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal
) -> None:
    one: House = house("once", channels=[wire])
    line = chat(one)
    wire.lost_answers = 1
    await line.say("a")
    await asyncio.gather(*one.core.delivery._senders.values(), return_exceptions=True)
    await one.settled()
    first = list(wire.log)
    assert len(first) == 1  # the notice's first piece arrived, and nobody knows
    await one.core.start_over()
    await one.core.delivery.send_due(operator.workspace)
    await one.settled()
    await one.core.delivery.send_due(operator.workspace)
    await one.settled()
    assert len({item.id for item in wire.log}) == len(wire.log)
    assert wire.texts[-1] == "once"
    assert {row.state for row in await one.sent()} == {"sent"}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)  # a server may be away
async def test_a_receipt_waits_for_a_database_that_is_away(house: Any, chat: Any, wire: Wire, store: Store) -> None:
    one: House = house("Hello!", channels=[wire])
    line = chat(one)
    away = [OperationalError("UPDATE", {}, Exception("away")) for _ in range(2)]

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if away and statement.startswith("UPDATE outbound") and "receipt=" in statement:
            raise away.pop()

    event.listen(store.engine.sync_engine, "before_cursor_execute", fail)
    await line.say("hi", id="m1")
    await one.settled()
    assert not away
    assert {row.state for row in await one.sent()} == {"sent"}
    assert len(wire.log) == len(await one.sent())


async def test_a_receipt_that_comes_late_is_a_proof_all_the_same(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal
) -> None:
    line = chat(house(channels=[wire]))
    seat = await line.seat()
    async with store.open_work(operator) as work:
        message = await work.conversations.say(seat.conversation.id, "operator", "hi")
        id = await work.outbox.put(seat.conversation, message, "o1", piece={"text": "hi"})
        await work.outbox.give_up(id, "unconfirmed", "Its process seemed dead.")
        await work.outbox.sent(id, "w1")
        assert await work.outbox.letters() == []


async def test_two_processes_never_send_the_same_piece(house: Any, chat: Any, wire: Wire, operator: Principal) -> None:
    wire.gate.clear()
    one: House = house("only once", channels=[wire])
    other: House = house(channels=[wire])
    await chat(one).say("a")
    await _until(lambda: not one.core.workers._tasks)
    for core in (one.core, other.core) * 3:
        await core.delivery.send_due(operator.workspace)
    wire.gate.set()
    await one.settled()
    await other.settled()
    assert len({item.id for item in wire.log}) == len(wire.log)
    assert wire.texts[-1] == "only once"


async def test_an_edit_before_the_answer_is_what_is_answered(house: Any, chat: Any, wire: Wire) -> None:
    model = Waiting(lines=[asyncio.Event(), "Coffee, then."])
    one: House = house(channels=[wire], model=model)
    line = chat(one)
    await line.say("tea please", "m1")
    await _until(lambda: model.heard)
    await one.core.edited("wire", line.account.id, "m1", "coffee please", workspace=one.operator.workspace)
    await one.settled()
    assert [str(m.content) for m in model.heard[1] if m.type == "human"] == ["coffee please"]


async def test_a_message_deleted_before_the_answer_is_not_answered(house: Any, chat: Any, wire: Wire) -> None:
    model = Waiting(lines=[asyncio.Event()])
    one: House = house(channels=[wire], model=model)
    line = chat(one)
    await line.say("never mind", "m1")
    await _until(lambda: model.heard)
    await one.core.removed("wire", line.account.id, "m1", workspace=one.operator.workspace)
    await one.settled()
    said = await one.said_in((await line.seat()).conversation.id)
    assert [m.author for m in said] == ["fan", "notice"]
    assert said[0].text == ""


async def test_what_was_learned_from_a_message_goes_with_it(house: Any, chat: Any, wire: Wire, store: Store) -> None:
    one: House = house("A fine dog.", channels=[wire])
    line = chat(one)
    await line.say("my dog is called Biscuit", "m1")
    await one.settled()
    seat = await line.seat()
    key = VaultKey(seat.principal.workspace, str(seat.principal.persona), seat.principal.subject)

    async def known() -> list[str]:
        async with store.open_work(seat.principal, reads=True) as work:
            return [fact.value for fact in await open_vault(work, key).facts.held()]

    assert await known() == ["Biscuit"]
    await one.core.edited("wire", line.account.id, "m1", "my dog is called Waffle", workspace=key.workspace)
    assert await known() == ["Waffle"]
    await one.core.removed("wire", line.account.id, "m1", workspace=key.workspace)
    assert await known() == []


async def test_a_lease_of_a_process_whose_clock_was_wrong_holds_nobody_up(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal
) -> None:
    one: House = house("Here.", channels=[wire])
    line = chat(one)
    seat = await line.seat()
    async with store.open_work(operator) as work:
        row = await work.conversations.get(seat.conversation.id)
        row.lease_owner, row.lease_until = "a clock of tomorrow", now() + timedelta(days=1)
    await line.say("there?")
    await one.settled()
    assert wire.texts[-1] == "Here."


async def test_a_piece_is_sent_only_after_those_before_it(house: Any, chat: Any, wire: Wire, store: Store) -> None:
    one: House = house("x" * 95, channels=[wire])
    line = chat(one)
    wire.failures = [Unavailable("not now", retry_after_s=3600)]
    await line.say("a")
    await one.settled()
    assert wire.log == []
    async with store.open_work(one.operator) as work:
        await work.session.execute(update(Outbound).values(due_at=now()))
    await one.core.delivery.send_due(one.operator.workspace)
    await one.settled()
    rows = await one.sent()
    assert [item.id for item in wire.log] == [row.id for row in rows]


async def _paced(store: Store, operator: Principal, ada: Principal, **pace: Any) -> None:
    async with store.open_work(operator) as work:
        row = await work.personas.get(str(ada.persona))
        row.character = {**row.character, "time_zone": "Europe/Berlin", "pace": pace}
        row.version += 1


async def test_a_persona_with_a_pace_types_its_reply_in_pieces_and_takes_its_time(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal, ada: Principal
) -> None:
    await _paced(store, operator, ada, typing_cps=400, split=True)
    harbour = "I went down to the harbour this morning, before anybody was up, and looked at every single boat. "
    reply = f"{harbour * 2}\n\nThe boats were still asleep, and so was the sea."
    one: House = house(reply, channels=[wire])
    await chat(one).say("and then?")
    await one.settled()
    async with asyncio.timeout(10):
        while not wire.texts or "asleep" not in "".join(wire.texts):
            await asyncio.sleep(0.02)
            await one.settled()
    rows = [row for row in await one.sent() if row.speaker == "bot"]
    gaps = [(b.due_at - a.due_at).total_seconds() for a, b in pairwise(rows) if b.due_at != a.due_at]
    assert gaps
    assert all(gap > 0 for gap in gaps)
    assert rows[0].due_at > rows[0].created_at


async def test_at_night_a_persona_sleeps_unless_somebody_is_in_danger(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal, ada: Principal
) -> None:
    here = now().astimezone(ZoneInfo("Europe/Berlin"))
    night = {"quiet_from": f"{here - timedelta(hours=2):%H:%M}", "quiet_until": f"{here + timedelta(hours=2):%H:%M}"}
    await _paced(store, operator, ada, **night)
    one: House = house("Good morning!", channels=[wire])
    line = chat(one)
    await line.say("are you awake?")
    await one.settled()
    await one.core._look_after(operator.workspace)
    await one.settled()
    assert not one.model.heard
    assert wire.log == []
    await line.say("i want to kill myself")
    await one.settled()
    assert "".join(wire.texts)  # the help lines come at once, whoever sleeps
    assert not one.model.heard


async def test_at_night_a_person_of_the_team_is_asked_for_at_once(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal, ada: Principal
) -> None:
    here = now().astimezone(ZoneInfo("Europe/Berlin"))
    night = {"quiet_from": f"{here - timedelta(hours=2):%H:%M}", "quiet_until": f"{here + timedelta(hours=2):%H:%M}"}
    await _paced(store, operator, ada, **night)
    one: House = house(channels=[wire])
    line = chat(one)
    await line.say("can I talk to a human?")
    await one.settled()
    assert (await line.seat()).conversation.wanted_at
    assert not one.model.heard
    wire.log.clear()
    await line.say("can I talk to a human, please?")  # they know already: the persona answers in the morning
    await one.settled()
    assert wire.log == []


async def test_a_platform_that_is_away_for_an_hour_gets_everything_in_order_when_it_is_back(
    house: Any, chat: Any, wire: Wire, store: Store, operator: Principal
) -> None:
    one: House = house("first", "second", "third", channels=[wire])
    line = chat(one)
    wire.failures = [Unavailable("no route")] * 70
    for n in range(3):
        await line.say(f"message {n}")
        await one.settled()
    for _ in range(12):
        async with store.open_work(operator) as work:
            past = now() - timedelta(minutes=70)
            await work.session.execute(
                update(Outbound).where(Outbound.state == "pending").values(due_at=past, created_at=past)
            )
        await one.core.delivery.send_due(operator.workspace)
        await one.settled()
    wire.failures = []
    async with store.open_work(operator) as work:
        assert await work.outbox.count_letters() == 0
        await work.session.execute(update(Outbound).values(due_at=now()))
    await one.core.delivery.send_due(operator.workspace)
    await one.settled()
    assert [text for text in wire.texts if text in ("first", "second", "third")] == ["first", "second", "third"]
