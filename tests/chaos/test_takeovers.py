"""Takeover and reply at the same time, in whatever order they fall: only one speaks, and no word of the person is lost."""

import asyncio
import random
from typing import Any

import pytest

from bots.channel import Outbound, Receipt
from gator.principal import Principal
from tests.bots.house import House, Line, Wire
from tests.fakes import ScriptedModel

IN_THE_SUITE = 24  # rounds; --interleavings sets the number for the slow one
LATE_S = 0.4  # longer than a takeover takes on a busy machine


class Talker(ScriptedModel):
    """Has always something to say, after a moment."""

    pauses: Any

    async def _agenerate(self, messages: Any, *args: Any, **more: Any) -> Any:
        await asyncio.sleep(self.pauses.random() * 0.01)
        self.lines.append("bot " + "and on " * self.pauses.randrange(9))
        return self._generate(messages)

    async def _astream(self, messages: Any, *args: Any, **more: Any) -> Any:
        await asyncio.sleep(self.pauses.random() * 0.01)
        self.lines.append("bot " + "and on " * self.pauses.randrange(9))
        async for chunk in super()._astream(messages):
            yield chunk


class Hasty(Wire):
    """Gives the receipt first; the piece arrives when it pleases."""

    async def send(self, item: Outbound) -> Receipt:
        pause_s = LATE_S if item.author == "persona" else 0.0
        asyncio.get_running_loop().call_later(pause_s, self.log.append, item)
        return Receipt(item.id)


def speakers(wire: Wire, line: Line) -> list[str]:
    """Who spoke to the fan, in the order in which it arrived; `T` and `R` are the notices of a takeover and a return."""
    order = []
    for item in (one for one in wire.log if one.thread == line.thread):
        notice = "T" if item.text.startswith("A person of") else "R" if "answers again" in item.text else ""
        order.append(notice or ("p" if item.author == "operator" else "b" if item.author == "persona" else ""))
    return [one for one in order if one]


def two_speak(order: list[str]) -> bool:
    """Whether anybody spoke while the other one had the word."""
    turn = "b"
    for one in order:
        if one in "TR":
            turn = "p" if one == "T" else "b"
        elif one != turn:
            return True
    return False


async def _rounds(
    house: Any, chat: Any, operator: Principal, count: int, seed: int, wire: Wire | None = None
) -> tuple[list[str], int]:
    chance, wire = random.Random(seed), wire or Wire()
    one: House = house(channels=[wire], model=Talker(lines=[], pauses=chance))
    line = chat(one)
    room = (await line.seat()).conversation.id
    said = 0
    for n in range(count):
        inbound = [asyncio.create_task(line.say(f"message {n}.{k}")) for k in range(chance.randrange(1, 3))]
        await asyncio.sleep(chance.random() * 0.15)
        await one.core.desk.take(operator, room)
        for k in range(chance.randrange(3)):
            await one.core.desk.say(operator, room, f"person {n}.{k}")
            said += 1
        if chance.random() < 0.5:
            await asyncio.sleep(chance.random() * 0.01)
        await one.core.desk.hand_back(operator, room, "We talked.")
        await asyncio.gather(*inbound)
        if chance.random() < 0.5:
            await one.settled()
    await one.settled()
    await asyncio.sleep(1.5 * LATE_S if isinstance(wire, Hasty) else 0)
    order = speakers(wire, line)
    assert order.count("p") >= said
    return order, said


@pytest.mark.parametrize("seed", range(2))
async def test_there_are_never_two_speakers(house: Any, chat: Any, operator: Principal, seed: int) -> None:
    order, _ = await _rounds(house, chat, operator, IN_THE_SUITE // 2, seed)
    assert not two_speak(order)
    assert "b" in order
    assert order.count("T") == IN_THE_SUITE // 2


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_there_are_never_two_speakers_in_many_rounds(
    house: Any, chat: Any, operator: Principal, request: pytest.FixtureRequest
) -> None:
    count = int(request.config.getoption("--interleavings"))
    for seed in range(10, 10 + max(count // 50, 1)):
        order, _ = await _rounds(house, chat, operator, 50, seed)
        assert not two_speak(order), f"seed {seed}"


async def test_a_channel_that_acknowledges_before_it_sends_is_found_out(
    house: Any, chat: Any, operator: Principal
) -> None:
    """The check itself: where pieces arrive after their receipts, two speak."""
    found = [two_speak((await _rounds(house, chat, operator, 10, seed, Hasty()))[0]) for seed in range(2)]
    assert any(found)
