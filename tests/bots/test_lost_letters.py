"""What does not arrive is told to operators, once and together, and to the persona, who would think that it was heard."""

from typing import Any

import pytest

from bots import inbox
from bots.lost_letters import tell_of_letters
from gator.errors import Refused, Unconfirmed
from gator.principal import Principal
from tests.bots.house import House, Line, Wire

BLOCKED = "Telegram refuses: bot was blocked by the user."


async def _tell(one: House) -> int:
    count = await tell_of_letters(one.store, one.core.delivery, one.operator.workspace)
    await one.core.delivery.send_due(one.operator.workspace)
    await one.settled()
    return count


async def _said(line: Line, wire: Wire, text: str, *failures: BaseException) -> None:
    """The fan's words, whose answer meets these failures."""
    wire.failures = list(failures)
    await line.say(text)
    await line.house.settled()
    await line.house.core.delivery.send_due(line.house.operator.workspace)  # what follows a piece that failed
    await line.house.settled()
    wire.failures = []


def _told(line: Line, wire: Wire) -> str:
    return "".join(item.text for item in wire.log if item.thread == line.thread)


async def test_operators_are_told_once_of_each_letter_and_of_many_in_one_line(
    house: Any, chat: Any, wire: Wire, operator: Principal
) -> None:
    one: House = house("a", "b", "c", channels=[wire])
    fan, boss = chat(one), chat(one, "boss", "gator")
    await boss.seat()
    assert await _tell(one) == 0
    await fan.say("hello")
    await one.settled()
    await _said(fan, wire, "and?", Refused(BLOCKED))
    assert [await _tell(one), await _tell(one)] == [1, 0]
    assert _told(boss, wire) == (
        f"A message to Cara (Nova, wire) did not arrive: {BLOCKED} /letters shows what can be done."
    )
    for n in range(2):
        one.model.lines.append(f"more {n}")
        await _said(fan, wire, "and?", Unconfirmed("It did not answer."))
    assert await _tell(one) == 2
    assert "2 messages did not arrive, or nobody knows." in _told(boss, wire)
    [letter, *_] = [row for row in await one.sent() if row.state == "failed"]
    await inbox.send_again(one.store, operator, letter.id)
    wire.failures = [Refused(BLOCKED)]
    await one.core.delivery.send_due(operator.workspace)
    await one.settled()
    assert await _tell(one) == 1  # it was lost again


async def test_a_line_that_tells_of_letters_and_is_lost_is_told_to_nobody(house: Any, chat: Any, wire: Wire) -> None:
    one: House = house("a", channels=[wire])
    fan, boss = chat(one), chat(one, "boss", "gator")
    await boss.seat()
    await _said(fan, wire, "hello", Refused(BLOCKED))
    wire.failures = [Refused("The operator blocked it, too.")] * 20
    assert await _tell(one) == 1
    wire.failures = []
    assert [row.key[:5] for row in await one.sent() if row.state == "failed"][-1] == "lost:"
    assert [await _tell(one), await _tell(one)] == [0, 0]
    assert _told(boss, wire) == ""


@pytest.mark.parametrize("settled", ["", "drop"])
async def test_the_persona_knows_that_its_last_words_did_not_arrive(
    house: Any, chat: Any, wire: Wire, operator: Principal, settled: str
) -> None:
    one: House = house("It is at nine.", "At nine.", "Bye.", channels=[wire])
    fan = chat(one)
    await _said(fan, wire, "when is it?", *[Refused(BLOCKED)] * 20)  # the notice is lost as well
    if settled:
        for row in [one for one in await one.sent() if one.state == "failed"]:
            await inbox.give_up(one.store, operator, row.id)
    await _said(fan, wire, "hello? when is it?")
    assert str(one.model.heard[1][-1].content) == "hello? when is it?\n[Your last message did not reach them.]"
    await _said(fan, wire, "thanks")
    assert str(one.model.heard[2][-1].content) == "thanks"


async def test_of_words_that_arrived_in_part_or_perhaps_the_persona_is_told_as_much(
    house: Any, chat: Any, wire: Wire
) -> None:
    one: House = house("ok", "It is at nine, in the old harbour.", "Yes.", "Yes.", channels=[wire])
    fan = chat(one)
    await _said(fan, wire, "hi")
    wire.failures = []
    send, wire_sent = wire.send, []

    async def second_is_lost(item: Any) -> Any:
        wire_sent.append(item)
        if len(wire_sent) == 2:
            raise Refused(BLOCKED)
        return await send(item)

    wire.send = second_is_lost  # type: ignore[method-assign]
    await _said(fan, wire, "where is it?")
    wire.send = send  # type: ignore[method-assign]
    await _said(fan, wire, "where?", Unconfirmed("It did not answer."))
    assert "[Your last message did not reach them whole.]" in str(one.model.heard[2][-1].content)
    await _said(fan, wire, "so?")
    assert str(one.model.heard[3][-1].content) == "so?"  # it may have arrived
