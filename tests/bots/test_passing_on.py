"""A fan and the operator who answers them: words and files go both ways, marks that are for models go neither way."""

from typing import Any

import pytest

from bots.channel import Outbound
from bots.passing_on import Passed, albums
from gator.errors import NotFound, Refused
from gator.principal import Principal
from memory.store import Store
from tests import files
from tests.bots.house import House, Line
from tests.bots.test_attachments import Post, said_by, send


@pytest.fixture
def post() -> Post:
    return Post()


async def _taken(one: House, fan: Line, boss: Line, operator: Principal) -> str:
    room = (await fan.seat()).conversation.id
    await one.core.desk.take(operator, room, relay_to=(await boss.seat()).conversation.id)
    return room


async def _all_sent(one: House) -> None:
    await one.settled()
    await one.core.delivery.send_due(one.operator.workspace)
    await one.settled()


def _came_to(post: Post, line: Line) -> list[Outbound]:
    return [item for item in post.log if item.thread == line.thread]


async def test_what_an_operator_sends_reaches_the_fan_as_it_was_sent(
    house: Any, chat: Any, post: Post, operator: Principal
) -> None:
    one: House = house(channels=[post])
    fan, boss = chat(one), chat(one, "boss", "gator")
    await _taken(one, fan, boss, operator)
    await send(boss, "look at this", post.attach(files.located_photo()), {"kind": "sticker", "says": "🎉"})
    await _all_sent(one)
    (message,) = await said_by(fan, "operator")
    assert message.text == "look at this\n🎉"
    assert [media.kind for item in _came_to(post, fan) for media in item.media] == ["picture"]
    assert not any("[" in item.text for item in _came_to(post, fan))


async def test_an_album_reaches_the_fan_as_one_with_its_caption_and_the_caption_can_be_edited(
    house: Any, chat: Any, post: Post, operator: Principal
) -> None:
    one: House = house(channels=[post])
    fan, boss = chat(one), chat(one, "boss", "gator")
    await _taken(one, fan, boss, operator)
    for n, caption in enumerate(["three of the harbour", "", ""]):  # as a platform tells of an album
        await send(boss, caption, post.attach(files.located_photo()), id=f"a{n}", settle_s=0.6)
    await _all_sent(one)
    await send(boss, "and this is another one", post.attach(files.located_photo()))
    await _all_sent(one)
    album, other = await said_by(fan, "operator")
    assert (album.text, len(album.assets)) == ("three of the harbour", 3)
    assert (other.text, len(other.assets)) == ("and this is another one", 1)
    assert len([item for item in _came_to(post, fan) if item.text.startswith("three of")]) == 1
    await one.core.edited("wire", boss.account.id, "a0", "three of the old harbour", workspace=operator.workspace)
    album, _ = await said_by(fan, "operator")
    assert (album.text, len(album.assets)) == ("three of the old harbour", 3)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ([("", 1), ("under the second", 1), ("", 2)], [3]),
        ([("one", 1), ("two", 1)], [1, 1]),
        ([("look:", 0), ("", 1), ("", 1), ("nice?", 0)], [1, 2, 1]),
        ([], []),
    ],
)
def test_files_that_follow_each_other_with_one_caption_are_an_album(
    sent: list[tuple[str, int]], told: list[int]
) -> None:
    assert [len(one) for one in albums([Passed(text, ["file"] * count) for text, count in sent])] == told


async def test_a_file_alone_goes_on_and_the_persona_reads_no_empty_line_of_it(
    house: Any, chat: Any, post: Post, operator: Principal
) -> None:
    one: House = house("Yes, that one.", channels=[post])
    fan, boss = chat(one), chat(one, "boss", "gator")
    room = await _taken(one, fan, boss, operator)
    await send(boss, "", post.attach(files.located_photo()))
    await _all_sent(one)
    assert [media.kind for item in _came_to(post, fan) for media in item.media] == ["picture"]
    await one.core.desk.hand_back(operator, room)
    await fan.say("was that you?")
    await one.settled()
    assert all(message.content for message in one.model.heard[0])


async def test_what_could_not_be_taken_is_told_to_the_operator_and_not_to_the_fan(
    house: Any, chat: Any, post: Post, operator: Principal
) -> None:
    one: House = house(channels=[post])
    fan, boss = chat(one), chat(one, "boss", "gator")
    await _taken(one, fan, boss, operator)
    await send(boss, "", {"kind": "voice", "ref": ""})
    await _all_sent(one)
    assert not await said_by(fan, "operator")
    assert "could not be fetched" in "".join(item.text for item in _came_to(post, boss))


async def test_what_a_fan_sends_reaches_the_operator_with_its_files(
    house: Any, chat: Any, post: Post, operator: Principal
) -> None:
    one: House = house(channels=[post])
    fan, boss = chat(one), chat(one, "boss", "gator")
    await _taken(one, fan, boss, operator)
    await send(fan, "this is my dog", post.attach(files.located_photo()))
    await _all_sent(one)
    there = _came_to(post, boss)
    assert "".join(item.text for item in there).endswith("this is my dog")
    assert [media.kind for item in there for media in item.media] == ["picture"]


async def test_what_waited_at_the_takeover_is_relayed_at_once(
    house: Any, chat: Any, post: Post, operator: Principal
) -> None:
    one: House = house(channels=[post])
    fan, boss = chat(one), chat(one, "boss", "gator")
    await fan.say("please help me now", settle_s=30)
    await _taken(one, fan, boss, operator)
    for timer in one.core.workers._timers.values():
        timer.cancel()
    one.core.workers._timers.clear()
    await _all_sent(one)
    relayed = "".join(item.text for item in _came_to(post, boss))
    assert relayed.count("please help me now") == 1
    assert not one.model.heard


async def test_a_file_of_another_fan_and_an_empty_message_go_to_nobody(
    house: Any, chat: Any, post: Post, operator: Principal, store: Store
) -> None:
    one: House = house("Nice.", channels=[post])
    fan, other = chat(one), chat(one, "dora")
    room = (await fan.seat()).conversation.id
    await one.core.desk.take(operator, room)
    await send(other, "mine", post.attach(files.located_photo()))
    await one.settled()
    (message,) = await said_by(other, "fan")
    for assets in (message.assets, ["nowhere"]):
        with pytest.raises(NotFound):
            await one.core.desk.say(operator, room, "see", assets=assets)
    with pytest.raises(Refused):
        await one.core.desk.say(operator, room, " ")
    assert not await said_by(fan, "operator")
