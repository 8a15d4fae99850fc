"""What was passed on of a fan who is forgotten goes from the operator's chat on its platform, too, or is named there."""

import asyncio
from typing import Any

import pytest

from bots.channel import Outbound, Piece, Receipt
from gator.errors import Refused, Unavailable, Unconfirmed
from memory.erasing import Erased, Scope
from memory.vault import VaultKey
from tests import files
from tests.bots.house import House, Line, Wire
from tests.bots.test_attachments import Post, said_by, send
from tests.bots.test_channels_core import _until
from tests.bots.test_copies import Taken

SECRET = "my dog is ill"


class Albums(Post):
    """A platform on which an album is a message for each of its files, which it deletes one by one."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: dict[str, str] = {}  # what each file's message is, by its id; the caption is the first one's

    def pieces(self, text: str, kinds: list[tuple[str, str]]) -> list[Piece]:
        return [Piece(text, [id for id, _ in kinds])]

    async def send(self, item: Outbound) -> Receipt:
        receipt = await super().send(item)
        if change := item.change:
            for one in change.goes or ([change.of] if change.removes else []):
                del self.shown[one]
            if not change.removes:
                self.shown[change.of] = f"{item.thread} {item.text}"
            return receipt
        parts = tuple(f"{receipt.platform_id}.{n}" for n in range(max(1, len(item.media))))
        self.shown |= {one: f"{item.thread} {'' if n else item.text}" for n, one in enumerate(parts)}
        return Receipt(parts[0], parts if len(parts) > 1 else ())

    def at(self, line: Line) -> list[str]:
        return [one.partition(" ")[2] for one in self.shown.values() if one.startswith(f"{line.thread} ")]


@pytest.fixture
def taken(house: Any, chat: Any) -> Any:
    def build(wire: Wire) -> Taken:
        one: House = house("Back again.", channels=[wire])
        return Taken(one, chat(one), chat(one, "boss", "gator"))

    return build


async def forget(there: Taken, scope: Scope = "everything", subject: str = "") -> Erased:
    seat = await there.fan.seat()
    room = seat.conversation
    key = VaultKey(room.workspace, str(room.persona_id), str(room.fan_id))
    erased = await there.one.core.eraser.forget(there.one.operator, key, scope, subject)
    there.one.core.forgotten([erased])
    await there.settled()
    return erased


async def left(there: Taken) -> list[str]:
    """What the rows still have for the operator's chat."""
    room = (await there.boss.seat()).conversation.id
    rows = [row for row in await there.one.sent() if row.conversation_id == room]
    return [f"{row.state} {row.piece.get('text')}" for row in rows] + [
        one.text for one in await said_by(there.boss, "gator")
    ]


@pytest.mark.parametrize("scope", ["everything", "message"])
async def test_what_was_passed_on_goes_from_the_operators_chat_and_from_the_rows(
    taken: Any, wire: Wire, scope: Scope
) -> None:
    there: Taken = taken(wire)
    await there.begin()
    await there.fan.say(SECRET, id="m1")
    await there.settled()
    assert "".join(there.shows(there.boss, wire)) == f"Cara (Nova, wire): {SECRET}"
    (message,) = await said_by(there.fan, "fan")
    await forget(there, scope, "" if scope == "everything" else message.id)
    assert there.shows(there.boss, wire) == []
    assert await left(there) == []


async def test_what_cannot_be_deleted_any_more_is_named_in_one_line_without_its_text(taken: Any, wire: Wire) -> None:
    there: Taken = taken(wire)
    await there.begin()
    for n, text in enumerate((SECRET, "and does not eat", "and cries")):
        await there.fan.say(text, id=f"m{n}")
    await there.settled()
    before = len(wire.log)
    wire.failures = [Unavailable("Away."), Refused("It is too old."), Refused("It is too old.")]
    await forget(there)
    for _ in range(3):
        await _until_due(there)
    told = "".join(item.text for item in wire.log[before:] if item.change is None and item.thread == there.boss.thread)
    assert "A fan asked to be forgotten" in told
    assert told.count("delete it yourself") == 1
    assert SECRET not in told
    assert "Cara" not in told
    assert not [one for one in await left(there) if SECRET in one or "eat" in one]


async def _until_due(there: Taken) -> None:
    """What was put off is due now."""
    async with there.one.store.open_work(there.one.operator) as work:
        for row in await there.one.sent():
            if row.state == "pending":
                await work.outbox.put_off(row.id, row.created_at, "")
    await there.settled()


async def test_what_is_being_sent_is_deleted_when_it_has_arrived_and_what_waits_is_not_sent(
    taken: Any, wire: Wire
) -> None:
    there: Taken = taken(wire)
    await there.begin()
    await there.settled()
    wire.gate.clear()
    await there.fan.say(SECRET, id="m1")
    await there.fan.say("and this waits for the first", id="m2")
    await _until(lambda: not there.one.core.workers._tasks)
    await there.one.core.delivery.send_due(there.one.operator.workspace)
    while "sending" not in [row.state for row in await there.one.sent()]:
        await asyncio.sleep(0.005)
    room = (await there.fan.seat()).conversation
    key = VaultKey(room.workspace, str(room.persona_id), str(room.fan_id))
    await there.one.core.eraser.forget(there.one.operator, key, "everything")
    wire.gate.set()
    await there.settled()
    await there.settled()
    assert there.shows(there.boss, wire) == []
    assert not any("waits" in item.text for item in there.came_to(there.boss, wire))
    assert await left(there) == []


async def test_what_may_have_arrived_is_named(taken: Any, wire: Wire) -> None:
    there: Taken = taken(wire)
    await there.begin()
    await there.settled()
    wire.failures = [Unconfirmed("It did not answer.")]
    await there.fan.say("ill", id="m1")
    await there.settled()
    await forget(there)
    told = "".join(item.text for item in wire.log if item.thread == there.boss.thread)
    assert "A fan asked to be forgotten" in told


async def test_one_photo_of_an_album_goes_and_the_others_stay_with_their_caption(taken: Any) -> None:
    post = Albums()
    there: Taken = taken(post)
    await there.begin()
    for n, caption in enumerate(["three of the harbour", "", ""]):
        await send(there.boss, caption, post.attach(files.located_photo()), id=f"a{n}", settle_s=0.3)
    await there.settled()
    assert post.at(there.fan)[-3:] == ["three of the harbour", "", ""]
    await there.changes(there.boss, "a1", None)
    assert post.at(there.fan)[-2:] == ["three of the harbour", ""]
    (album,) = [item for item in post.log if item.media and item.thread == there.fan.thread]
    assert len(album.media) == 3  # nothing was sent anew
    await there.changes(there.boss, "a0", None)  # the one under which the words stood
    assert post.at(there.fan)[-1:] == [""]
    await there.changes(there.boss, "a2", None)
    assert not [one for one in post.shown if one.startswith("w") and "." in one and one.split(".")[1] != "0"]
    assert not any("harbour" in one for one in post.at(there.fan))


async def test_an_album_of_a_fan_who_is_forgotten_goes_whole(taken: Any) -> None:
    post = Albums()
    there: Taken = taken(post)
    await there.begin()
    await send(there.fan, "look", *(post.attach(files.located_photo()) for _ in range(3)), id="m1")
    await there.settled()
    assert len(post.at(there.boss)) == 3
    await forget(there)
    assert post.at(there.boss) == []
