"""What was passed on follows its author: a fan's change reaches the operator's chat, an operator's the fan's."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bots.channel import Inbound, Outbound
from gator.clock import now
from gator.errors import Refused
from gator.principal import Principal
from memory.models import Message
from memory.store import Store
from tests import files
from tests.bots.house import House, Line, Wire
from tests.bots.test_attachments import Post, said_by, send
from tests.bots.test_channels_core import _until


@pytest.fixture
def post() -> Post:
    return Post()


class Taken:
    """A fan whose conversation an operator answers from their chat with Gator."""

    def __init__(self, one: House, fan: Line, boss: Line) -> None:
        self.one, self.fan, self.boss = one, fan, boss

    async def begin(self) -> str:
        room = (await self.fan.seat()).conversation.id
        await self.one.core.desk.take(self.one.operator, room, relay_to=(await self.boss.seat()).conversation.id)
        return room

    async def settled(self) -> None:
        await self.one.settled()
        await self.one.core.delivery.send_due(self.one.operator.workspace)
        await self.one.settled()

    async def changes(self, line: Line, id: str, text: str | None) -> None:
        """The platform tells of an edit, or of a deletion, and says so twice."""
        for _ in range(2):
            await self.one.core.corrections.of_platform(
                "wire", line.account.id, id, text, workspace=self.one.operator.workspace
            )
        await self.settled()

    def came_to(self, line: Line, wire: Wire) -> list[Outbound]:
        return [item for item in wire.log if item.thread == line.thread]

    def shows(self, line: Line, wire: Wire) -> list[str]:
        """What that chat reads like now."""
        shown: dict[str, str] = {}
        for n, item in enumerate(wire.log, 1):
            if item.thread != line.thread:
                continue
            if item.change is None:
                shown[f"w{n}"] = item.text
            elif item.change.removes:
                del shown[item.change.of]
            else:
                shown[item.change.of] = item.text
        return list(shown.values())


@pytest.fixture
def taken(house: Any, chat: Any) -> Any:
    def build(wire: Wire) -> Taken:
        one: House = house("Back again.", channels=[wire])
        return Taken(one, chat(one), chat(one, "boss", "gator"))

    return build


async def test_a_fans_edit_is_seen_in_the_operators_chat_and_in_the_row(taken: Any, wire: Wire) -> None:
    there: Taken = taken(wire)
    await there.begin()
    await there.fan.say("my dog is ill", id="m1")
    await there.settled()
    await there.changes(there.fan, "m1", "my cat is ill")
    assert "".join(there.shows(there.boss, wire)) == "Cara (Nova, wire): my cat is ill"
    assert sum(item.change is not None for item in wire.log) == 1
    (message,) = await said_by(there.fan, "fan")
    assert message.text == "my cat is ill"
    (copy,) = [one for one in await said_by(there.boss, "gator") if one.meta.get("of")]
    assert copy.text.endswith("my cat is ill")
    assert copy.meta["edited"]


async def test_a_fans_deletion_is_carried_out_in_the_operators_chat_with_what_came_with_it(
    taken: Any, post: Post, store: Store, operator: Principal
) -> None:
    there: Taken = taken(post)
    await there.begin()
    await send(there.fan, "look", post.attach(files.picture()), id="m1")
    await there.settled()
    assert [media.kind for item in there.came_to(there.boss, post) for media in item.media] == ["picture"]
    await there.changes(there.fan, "m1", None)
    assert there.shows(there.boss, post) == []
    (message,) = await said_by(there.fan, "fan")
    (copy,) = [one for one in await said_by(there.boss, "gator") if one.meta.get("of")]
    assert (message.text, message.assets, copy.text, copy.assets) == ("", [], "", [])
    assert copy.meta["deleted"]


async def test_of_what_came_together_only_the_deleted_part_goes(taken: Any, wire: Wire) -> None:
    there: Taken = taken(wire)
    room = await there.begin()
    async with there.one.store.open_work(there.one.operator) as work:  # both wait for the desk
        for id, text in (("m1", "one"), ("m2", "two")):
            seat = await there.fan.seat()
            inbound = Inbound("wire", there.fan.account.id, id, room, seat.principal, text)
            taken_in = await work.journal.take_in(
                "wire", inbound.account, id, conversation_id=room, principal=seat.principal.as_data(), text=text
            )
            await work.conversations.say(room, "fan", text, id=taken_in)
    there.one.core.workers.wake(there.one.operator.workspace, room)
    await there.settled()
    await there.changes(there.fan, "m1", None)
    assert "".join(there.shows(there.boss, wire)) == "Cara (Nova, wire): two"


async def test_where_the_platform_changes_nothing_the_operator_is_told_in_a_line(taken: Any, wire: Wire) -> None:
    there: Taken = taken(wire)
    await there.begin()
    await there.fan.say("my dog is ill", id="m1")
    await there.settled()
    for n, text in enumerate(("my cat is ill", None), 1):
        wire.failures = [Refused("It is too old.")] * n
        await there.changes(there.fan, "m1", text)
        wire.failures = []
        await there.settled()
    told = "".join(item.text for item in there.came_to(there.boss, wire))
    assert "Cara (Nova, wire) edited a message, which reads now: my cat is ill" in told
    assert "Cara (Nova, wire) deleted a message" in told
    assert not [row for row in await there.one.sent() if row.state in ("failed", "unconfirmed")]


async def test_of_many_edits_in_a_row_only_the_last_is_sent_and_what_breaks_on_it_holds_up_nothing(
    taken: Any, wire: Wire
) -> None:
    there: Taken = taken(wire)
    await there.begin()
    await there.fan.say("ill", id="m1")
    await there.settled()
    wire.gate.clear()
    for text in ("well", "good", "fine", "great"):
        await there.one.core.corrections.of_platform(
            "wire", there.fan.account.id, "m1", text, workspace=there.one.operator.workspace
        )
    wire.gate.set()
    await there.settled()
    assert there.shows(there.boss, wire) == ["Cara (Nova, wire): great"]
    assert sum(bool(item.change) for item in wire.log) <= 2  # the first may have been on its way
    wire.failures = [KeyError("a bug")]
    await there.changes(there.fan, "m1", "bad")
    await there.settled()
    told = "".join(item.text for item in there.came_to(there.boss, wire))
    assert "edited a message, which reads now: bad" in told


async def test_an_operators_edit_and_deletion_reach_the_fan(taken: Any, wire: Wire) -> None:
    there: Taken = taken(wire)
    await there.begin()
    await there.boss.say("come at nine", id="o1")
    await there.settled()
    await there.changes(there.boss, "o1", "come at ten")
    assert there.shows(there.fan, wire)[-1] == "come at ten"
    (said,) = await said_by(there.fan, "operator")
    assert said.text == "come at ten"
    await there.changes(there.boss, "o1", None)
    assert "come at" not in "".join(there.shows(there.fan, wire))
    (said,) = await said_by(there.fan, "operator")
    assert (said.text, bool(said.meta["deleted"])) == ("", True)


async def test_fan_and_operator_change_what_they_wrote_at_the_same_time(taken: Any, wire: Wire) -> None:
    there: Taken = taken(wire)
    await there.begin()
    await there.fan.say("at nine?", id="f1")
    await there.settled()
    await there.boss.say("at nine", id="o1")
    await there.settled()
    for hour in ("ten", "eleven", "noon"):
        await asyncio.gather(
            there.changes(there.fan, "f1", f"at {hour}?"), there.changes(there.boss, "o1", f"at {hour}")
        )
    assert there.shows(there.fan, wire)[-1] == "at noon"
    assert "at noon?" in there.shows(there.boss, wire)[-1]


async def test_an_operator_hears_when_the_fan_still_reads_what_they_wrote_first(taken: Any, wire: Wire) -> None:
    there: Taken = taken(wire)
    await there.begin()
    await there.boss.say("come at nine", id="o1")
    await there.settled()
    wire.failures = [Refused("The fan deleted it.")]
    await there.changes(there.boss, "o1", "come at ten")
    await there.settled()
    told = "".join(item.text for item in there.came_to(there.boss, wire))
    assert "they still read what you wrote first" in told


async def test_nobody_changes_what_a_fan_reads_who_is_no_operator_any_more(taken: Any, wire: Wire) -> None:
    there: Taken = taken(wire)
    await there.begin()
    await there.boss.say("come at nine", id="o1")
    await there.settled()
    async with there.one.store.open_work(there.one.operator) as work:
        (await work.people.user(there.one.operator.subject)).disabled_at = now()
    await there.changes(there.boss, "o1", "never come")
    assert there.shows(there.fan, wire)[-1] == "come at nine"


async def test_what_is_changed_before_it_is_sent_is_sent_as_it_reads_then(taken: Any, wire: Wire) -> None:
    there: Taken = taken(wire)
    await there.begin()
    wire.gate.clear()
    await there.fan.say("the first", id="m0")
    await there.fan.say("my dog is ill, he does not eat any more", id="m1")  # three pieces, none of them sent yet
    await _until(lambda: not there.one.core.workers._tasks)
    for text in ("it is well", "it is well and eats and we both thank you very much"):
        await there.one.core.corrections.of_platform(
            "wire", there.fan.account.id, "m1", text, workspace=there.one.operator.workspace
        )
    wire.gate.set()
    await there.settled()
    assert "".join(there.shows(there.boss, wire)).endswith(": it is well and eats and we both thank you very much")
    assert not any(item.change for item in wire.log)


async def test_whoever_claims_a_piece_sends_it_as_it_reads_then(taken: Any, wire: Wire, store: Store) -> None:
    there: Taken = taken(wire)
    seat = await there.fan.seat()
    async with store.open_work(there.one.operator) as work:
        message = await work.conversations.say(seat.conversation.id, "operator", "at nine")
        row = await work.outbox.get(await work.outbox.put(seat.conversation, message, "o1", piece={"text": "at nine"}))
        assert await work.outbox.reword(row.id, {"text": "at ten"})  # by another process, after it was read
        assert row.piece == {"text": "at nine"}
        assert await work.outbox.claim(row.id, "me", timedelta(minutes=1)) == {"text": "at ten"}
        assert await work.outbox.claim(row.id, "me", timedelta(minutes=1)) is None


async def test_a_fan_of_the_web_sees_the_operators_edit_at_once(
    house: Any, chat: Any, wire: Wire, ada: Principal, operator: Principal
) -> None:
    one: House = house(channels=[wire])
    boss = chat(one, "boss", "gator")
    room = await one.core.converse(ada)
    await one.core.desk.take(operator, room.id, relay_to=(await boss.seat()).conversation.id)
    await boss.say("come at nine", id="o1")
    await one.settled()
    with one.core.hub.watch(room.id) as watcher:
        await one.core.corrections.of_platform(
            "wire", boss.account.id, "o1", "come at ten", workspace=operator.workspace
        )
        frame = await watcher.next()
    said: list[Message] = [one for one in await one.said_in(room.id) if one.author == "operator"]
    assert (frame["type"], frame["message"]["content"], said[0].text) == (
        "message_edited",
        "come at ten",
        "come at ten",
    )
    await one.core.desk.hand_back(operator, room.id)
