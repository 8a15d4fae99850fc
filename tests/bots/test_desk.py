"""A person answers in a persona's place: never two speakers, nothing lost, and the bot knows what was said."""

import asyncio
import random
from dataclasses import replace
from typing import Any

import pytest

from bots.channel import Inbound
from bots.commands import obey
from gator.errors import Conflict, Forbidden
from gator.ids import new_id
from gator.principal import Principal
from memory.store import Store
from tests.bots.house import House, Wire
from tests.bots.test_channels_core import Waiting, _until


async def test_a_takeover_throws_away_the_reply_in_the_making(
    house: Any, chat: Any, wire: Wire, operator: Principal
) -> None:
    model = Waiting(lines=[asyncio.Event()])
    one: House = house(channels=[wire], model=model)
    line = chat(one)
    await line.say("is anybody there?")
    await _until(lambda: model.heard)
    room = (await line.seat()).conversation.id
    await one.core.desk.take(operator, room)
    await one.core.desk.say(operator, room, "Yes, I am.")
    await one.settled()
    authors = [message.author for message in await one.said_in(room)]
    assert authors == ["fan", "notice", "notice", "operator"]
    assert wire.texts[-1] == "Yes, I am."


async def test_what_the_bot_has_not_begun_to_send_is_dropped(
    house: Any, chat: Any, wire: Wire, operator: Principal
) -> None:
    one: House = house("I can tell you more about it than you would believe", channels=[wire])
    line = chat(one)
    await line.say("tell me")
    await one.settled()
    wire.gate.clear()
    one.model.lines.append("And another thing that is much longer than one piece")
    await line.say("more")
    await _until(lambda: len(one.model.heard) == 2 and not one.core.workers._tasks)
    room = (await line.seat()).conversation.id
    await one.core.desk.take(operator, room)
    wire.gate.set()
    await one.core.desk.say(operator, room, "A person now.")
    await one.settled()
    after = wire.texts[[text.startswith("A person of") for text in wire.texts].index(True) :]
    assert not any("much longer" in text for text in after)
    assert "dropped" in {row.state for row in await one.sent()}


async def test_two_operators_cannot_both_answer(
    house: Any, chat: Any, wire: Wire, operator: Principal, store: Store
) -> None:
    async with store.open_work(operator) as work:
        user = await work.people.add_user("second", ["operator"])
    second = Principal(operator.workspace, operator.kind, user.id, operator.roles)
    one: House = house(channels=[wire])
    room = (await chat(one).seat()).conversation.id
    await one.core.desk.take(operator, room)
    with pytest.raises(Conflict):
        await one.core.desk.take(second, room)
    with pytest.raises(Conflict):
        await one.core.desk.say(second, room, "me too")
    with pytest.raises(Conflict):
        await one.core.desk.hand_back(second, room)


async def test_no_fan_takes_a_conversation_over(house: Any, chat: Any, wire: Wire) -> None:
    one: House = house(channels=[wire])
    seat = await chat(one).seat()
    for act in (one.core.desk.take, one.core.desk.hand_back, one.core.desk.suggest):
        with pytest.raises(Forbidden):
            await act(seat.principal, seat.conversation.id)


async def test_the_bot_stays_silent_while_a_person_answers_and_then_answers_what_is_left(
    house: Any, chat: Any, wire: Wire, operator: Principal
) -> None:
    one: House = house("I am back, and yes: both.", channels=[wire])
    line = chat(one)
    room = (await line.seat()).conversation.id
    await one.core.desk.take(operator, room)
    await line.say("first question")
    await one.settled()
    await one.core.desk.say(operator, room, "The answer is seven.")
    await line.say("and the second one?")
    await one.settled()
    assert not one.model.heard
    await one.core.desk.hand_back(operator, room, "They asked about numbers.")
    await one.settled()
    assert wire.texts[-1] == "I am back, and yes: both."
    told = "\n".join(str(message.content) for message in one.model.heard[0])
    assert "They asked about numbers." in told
    assert "The answer is seven." in told


async def test_what_the_fan_took_back_meanwhile_is_not_answered_after_the_hand_back(
    house: Any, chat: Any, wire: Wire, operator: Principal
) -> None:
    one: House = house(channels=[wire])
    line = chat(one)
    room = (await line.seat()).conversation.id
    await one.core.desk.take(operator, room)
    await one.core.desk.say(operator, room, "Yes?")
    await line.say("never mind me", id="m1")
    await one.settled()
    assert await one.core.corrections.of_platform("wire", line.account.id, "m1", None, workspace=operator.workspace)
    await one.core.desk.hand_back(operator, room, "All is said.")
    await one.settled()
    assert not one.model.heard
    assert "answers again" in "".join(wire.texts[-2:])


async def test_what_the_fan_writes_comes_to_the_operators_chat_and_back(
    house: Any, chat: Any, wire: Wire, operator: Principal
) -> None:
    one: House = house(channels=[wire])
    fan, boss = chat(one), chat(one, "boss", "gator")
    room = (await fan.seat()).conversation.id
    await one.core.desk.take(operator, room, relay_to=(await boss.seat()).conversation.id)
    await fan.say("hello?")
    await one.settled()
    await one.core.delivery.send_due(operator.workspace)
    await one.settled()
    assert any("hello?" in item.text for item in wire.log if item.thread == boss.thread)
    await boss.say("Hi Cara, it is me.")
    await one.settled()
    assert [item.text for item in wire.log if item.thread == fan.thread][-1] == "Hi Cara, it is me."
    await one.core.desk.hand_back(operator, room)
    assert not one.model.heard


async def test_danger_calls_for_a_person_once_and_says_why(
    house: Any, chat: Any, wire: Wire, operator: Principal, store: Store
) -> None:
    one: House = house(channels=[wire])
    boss = chat(one, "boss", "gator")
    await boss.seat()
    fan = chat(one)
    await fan.say("i want to kill myself")
    await fan.say("i really want to kill myself")
    await one.settled()
    await one.core.delivery.send_due(operator.workspace)
    await one.settled()
    room = (await fan.seat()).conversation.id
    async with store.open_work(operator, reads=True) as work:
        events = await work.handoffs.of(room)
        wanted = await work.handoffs.inbox(wanted=True)
    assert [(event.kind, event.reason) for event in events] == [("wanted", "crisis")]
    assert [conversation.id for conversation in wanted] == [room]
    told = "".join(item.text for item in wire.log if item.thread == boss.thread)
    assert "may be in danger" in told


async def test_notes_stay_among_operators(house: Any, chat: Any, wire: Wire, operator: Principal) -> None:
    one: House = house("Hello.", channels=[wire])
    fan = chat(one)
    room = (await fan.seat()).conversation.id
    await one.core.desk.note(operator, room, "owes us a reply since May")
    await fan.say("hello")
    await one.settled()
    assert not any("May" in text for text in wire.texts)
    assert "May" not in str(one.model.heard)


async def test_a_suggestion_is_not_sent(house: Any, chat: Any, wire: Wire, operator: Principal) -> None:
    one: House = house("Perhaps at noon?", channels=[wire])
    fan = chat(one)
    room = (await fan.seat()).conversation.id
    await one.core.desk.take(operator, room)
    await fan.say("when shall we meet")
    assert await one.core.desk.suggest(operator, room) == "Perhaps at noon?"
    await one.settled()
    assert "Perhaps at noon?" not in wire.texts


@pytest.mark.parametrize("seed", range(4))
async def test_never_two_speakers_however_takeover_and_reply_fall_together(
    house: Any, chat: Any, wire: Wire, operator: Principal, seed: int
) -> None:
    chance = random.Random(seed)
    one: House = house(*[f"bot {n}" for n in range(200)], channels=[wire])
    line = chat(one)
    room = (await line.seat()).conversation.id
    for n in range(6):
        inbound = asyncio.create_task(line.say(f"message {n}"))
        await asyncio.sleep(chance.random() * 0.03)
        await one.core.desk.take(operator, room)
        await one.core.desk.say(operator, room, f"person {n}")
        await asyncio.sleep(chance.random() * 0.02)
        await inbound
        await one.core.desk.hand_back(operator, room)
        await one.settled()
    holder = "bot"
    for item in wire.log:
        if item.text.startswith("A person of"):
            holder = "person"
        elif "an AI, answers again" in item.text or "answers again" in item.text:
            holder = "bot"
        elif item.text.startswith(("bot", "person")):
            assert item.text.startswith(holder), [one.text for one in wire.log]
    said = [message.text for message in await one.said_in(room) if message.author == "operator"]
    assert said == [f"person {n}" for n in range(6)]


async def test_an_operator_writes_to_gator_as_ever_when_they_hold_no_conversation(
    house: Any, chat: Any, wire: Wire
) -> None:
    one: House = house("Two personas.", channels=[wire])
    boss = chat(one, "boss", "gator")
    await boss.say("who is there")
    await one.settled()
    assert wire.texts[-1] == "Two personas."


async def test_a_stranger_gets_no_seat_with_gator(house: Any, chat: Any, wire: Wire) -> None:
    one: House = house(channels=[wire])
    line = chat(one, "mallory", "gator")
    assert await one.core.doorway.seat(line.account, line.person, line.thread) is None


async def test_words_for_a_fan_need_a_seat_of_their_own(house: Any, chat: Any, wire: Wire, operator: Principal) -> None:
    one: House = house(channels=[wire])
    fan = await chat(one).seat()
    other = await chat(one, "dora").seat()
    assert fan.conversation.id != other.conversation.id
    assert fan.principal.subject != other.principal.subject
    assert Inbound("wire", "", new_id(), fan.conversation.id, fan.principal, "x").principal.kind.value == "fan"


async def test_a_fan_who_asks_for_a_person_is_told_that_one_was_asked_for(
    house: Any, chat: Any, wire: Wire, operator: Principal, store: Store
) -> None:
    one: House = house("Until then, tell me about it.", channels=[wire])
    fan = chat(one)
    await fan.say("can i talk to a real person from your team please")
    await one.settled()
    assert "asked the team" in "".join(wire.texts)
    await fan.say("can i talk to a real person from your team please")
    await one.settled()
    assert wire.texts[-1] == "Until then, tell me about it."
    room = (await fan.seat()).conversation.id
    async with store.open_work(operator, reads=True) as work:
        events = await work.handoffs.of(room)
    assert [(event.kind, event.reason) for event in events] == [("wanted", "asked")]


async def test_a_persona_paused_while_it_thought_says_nothing_more(
    house: Any, chat: Any, wire: Wire, operator: Principal, store: Store
) -> None:
    one: House = house("I go on talking.", channels=[wire])
    fan = chat(one)
    wire.gate.clear()
    await fan.say("hello")
    async with asyncio.timeout(10):
        while one.core.workers._tasks or not one.model.heard:
            await asyncio.sleep(0.005)
    persona_id = str((await fan.seat()).principal.persona)
    async with store.open_work(operator) as work:
        persona = await work.personas.get(persona_id)
        await work.personas.pause(persona, paused=True)
    wire.gate.set()
    await one.settled()
    await one.core.delivery.send_due(operator.workspace)
    await one.settled()
    assert "I go on talking." not in wire.texts


async def test_whoever_is_in_danger_gets_help_lines_while_a_person_answers_and_operators_are_told(
    house: Any, chat: Any, wire: Wire, operator: Principal, store: Store
) -> None:
    one: House = house(channels=[wire])
    boss, fan = chat(one, "boss", "gator"), chat(one)
    boss.person = replace(boss.person, locale="de-DE")  # as their app says: they have written nothing yet
    await boss.seat()
    room = (await fan.seat()).conversation.id
    await one.core.desk.take(operator, room)
    await fan.say("i want to kill myself")
    await one.settled()
    await one.core.delivery.send_due(operator.workspace)
    await one.settled()
    said = await one.said_in(room)
    assert [message.meta.get("care") for message in said if message.author == "notice"] == ["handoff", "crisis"]
    assert "Cara (Nova, wire) ist vielleicht in Gefahr." in "".join(
        item.text for item in wire.log if item.thread == boss.thread
    )
    who = (await fan.seat()).principal.subject
    async with store.open_work(operator, reads=True) as work:
        fan_row = await work.people.fan(who)
    assert fan_row.crisis_until


async def test_whoever_is_in_danger_and_asks_for_a_person_by_command_gets_help_lines(
    house: Any, chat: Any, wire: Wire
) -> None:
    one: House = house(channels=[wire])
    fan = chat(one)
    seat = await fan.seat()
    said = "I want to kill myself tonight"
    assert await obey(one.core, fan.account, seat, fan.person, "human", said, "command-1") == ""
    await one.settled()
    messages = await one.said_in(seat.conversation.id)
    assert [message.meta.get("care") for message in messages] == ["crisis"]


async def _second(store: Store, operator: Principal) -> Principal:
    async with store.open_work(operator) as work:
        user = await work.people.add_user("Second", ["operator"])
        await work.accounts.admit("wire", "deputy", user.id, "Deputy")
    return Principal(operator.workspace, operator.kind, user.id, frozenset({"operator"}))


async def _all_told(one: House, wire: Wire, thread: str) -> str:
    await one.settled()
    await one.core.delivery.send_due(one.operator.workspace)
    await one.settled()
    return "".join(item.text for item in wire.log if item.thread == thread)


async def test_another_operator_takes_over_from_the_holder_who_is_told(
    house: Any, chat: Any, wire: Wire, operator: Principal, store: Store
) -> None:
    second = await _second(store, operator)
    one: House = house("Yes.", channels=[wire])
    fan, boss, deputy = chat(one), chat(one, "boss", "gator"), chat(one, "deputy", "gator")
    room = (await fan.seat()).conversation.id
    await one.core.desk.take(operator, room, relay_to=(await boss.seat()).conversation.id)
    await fan.say("is anybody there?")
    await one.settled()
    await one.core.desk.take(second, room, relay_to=(await deputy.seat()).conversation.id, over=True)
    assert "Second answers Cara (Nova, wire) now, in your place" in await _all_told(one, wire, boss.thread)
    assert "is anybody there?" in await _all_told(one, wire, deputy.thread)  # what nobody has answered yet
    await boss.say("are you there?")  # for Gator again
    await deputy.say("I am.")
    assert (await _all_told(one, wire, fan.thread)).endswith("I am.")
    assert (await _all_told(one, wire, boss.thread)).endswith("Yes.")
    async with store.open_work(operator, reads=True) as work:
        events = [(one.kind, one.by, one.reason, one.text) for one in await work.handoffs.of(room)]
        first = (await work.people.user(operator.subject)).name
    assert events == [("taken", str(operator), "operator", ""), ("taken", str(second), "over", first)]
    assert sum("A person of the team" in item.text for item in wire.log) == 1  # for the fan nothing has changed


async def test_another_operator_hands_back_for_the_holder_who_is_told(
    house: Any, chat: Any, wire: Wire, operator: Principal, store: Store
) -> None:
    second = await _second(store, operator)
    one: House = house("Here I am.", channels=[wire])
    fan, boss = chat(one), chat(one, "boss", "gator")
    room = (await fan.seat()).conversation.id
    await one.core.desk.take(operator, room, relay_to=(await boss.seat()).conversation.id)
    await fan.say("hello?")
    await one.settled()
    await one.core.desk.hand_back(second, room, over=True)
    assert "Second has handed back Cara (Nova, wire) for you" in await _all_told(one, wire, boss.thread)
    assert (await _all_told(one, wire, fan.thread)).endswith("Here I am.")
    async with store.open_work(operator, reads=True) as work:
        last = (await work.handoffs.of(room))[-1]
    assert (last.kind, last.by, last.reason) == ("returned", str(second), "over")
    with pytest.raises(Conflict):
        await one.core.desk.hand_back(second, room, over=True)
