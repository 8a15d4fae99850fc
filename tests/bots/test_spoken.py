"""What code says where something goes wrong, or is refused: in the language of whoever reads it."""

from typing import Any

import pytest

from bots import commands
from bots.doorway import Person
from bots.words import say
from gator.errors import Conflict
from gator.principal import Principal
from memory.store import Store
from tests.bots.house import House, Wire
from tests.fakes import calls


async def test_a_turn_that_is_given_up_is_told_in_the_fans_language(
    house: Any, chat: Any, wire: Wire, operator: Principal, store: Store
) -> None:
    one: House = house(*[RuntimeError("a bug")] * 9, channels=[wire])
    line = chat(one)
    room = (await line.seat()).conversation.id
    async with store.open_work(operator) as work:
        await work.conversations.speaks(room, "de")
    await line.say("ok")
    for _ in range(4):
        await one.settled()
        one.core.workers.wake(operator.workspace, room)
    await one.settled()
    assert (await one.said_in(room))[-1].text == say("failed", "de")


async def test_a_press_is_answered_in_the_language_of_its_room(
    house: Any, chat: Any, wire: Wire, operator: Principal, ada: Principal, store: Store
) -> None:
    asks = calls(("schedule_post", {"persona": "Nova", "text": "One."}))
    one: House = house(asks, "It was not posted.", channels=[wire])
    line = chat(one, "boss", "gator")
    room = (await line.seat()).conversation.id
    async with store.open_work(operator) as work:
        await work.conversations.speaks(room, "de")
    await line.say("post one")
    await one.settled()
    reject = next(button for item in wire.log for button in item.buttons if button.verb == "reject")
    assert (await one.core.press(operator, reject.press, room=room)).said == say("press_rejected", "de")
    with pytest.raises(Conflict) as late:
        await one.core.press(operator, reject.press, room=room)
    assert late.value.message == say("press_used", "de")


@pytest.mark.parametrize(
    ("command", "argument", "refusal"),
    [
        ("take", "ffffffff", "desk_unknown"),
        ("letters", "drop ffffffff", "desk_no_letter"),
        ("pause", "ffffffff", "desk_no_persona"),
        ("take", "", "desk_answered"),
    ],
)
async def test_the_desk_refuses_in_the_operators_language(
    house: Any, chat: Any, wire: Wire, operator: Principal, store: Store, command: str, argument: str, refusal: str
) -> None:
    one: House = house(channels=[wire])
    fan, boss = chat(one), chat(one, "boss", "gator")
    room, seat = (await fan.seat()).conversation.id, await boss.seat()
    await one.core.desk.take(operator, room)
    await commands.obey(
        one.core, boss.account, seat, Person("boss", "Boss", "de"), command, argument or room[-8:], "one"
    )
    told = (await one.said_in(seat.conversation.id))[-1].text
    named = (argument or room[-8:]).rpartition(" ")[2]
    assert told == say(refusal, "de", code=named, name="Nova")
