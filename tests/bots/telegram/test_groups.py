"""In a group a persona answers those who speak to it, and keeps nothing of the rest."""

from typing import Any

import pytest

from bots.telegram.groups import is_named, names_of, without_mention
from memory.models import Account
from tests.bots.telegram.conftest import Stage, piece, until
from tests.conftest import database_url as database_url  # both databases
from tests.servers.telegram import BotSide

ADA = {"id": 11, "is_bot": False, "first_name": "Ada"}
BOT = {"id": 7001, "is_bot": True, "first_name": "nova"}
OTHER = {"id": 99, "is_bot": True, "first_name": "Echo"}


@pytest.fixture
def side(stage: Stage) -> BotSide:
    return stage.api.bot(7001, "nova_bot")


@pytest.fixture
async def nova(stage: Stage, side: BotSide) -> Account:
    return await stage.account(side, await stage.persona("Nova Lind"))


def mention(text: str, type: str = "mention", what: str = "@Nova_Bot") -> dict[str, Any]:
    return {"entities": [{"type": type, "offset": text.index(what), "length": len(what)}]}


async def test_it_answers_when_spoken_to_and_is_silent_otherwise(stage: Stage, nova: Account, side: BotSide) -> None:
    group, api = stage.api.group(-100), stage.api
    async with stage.runs(nova):
        api.says(side, ADA, "did you see Nova yesterday, as I did?", group)
        api.says(side, ADA, "@Nova_Bot where is it?", group, **mention("@Nova_Bot where is it?"))
        api.says(side, ADA, "so @Nova_Bot2 is who?", group, **mention("so @Nova_Bot2 is who?", what="@Nova_Bot2"))
        api.says(side, ADA, "and why?", group, reply_to_message=api._message(group, BOT, text="There."))
        api.says(side, ADA, "and you?", group, reply_to_message=api._message(group, OTHER, text="There."))
        api.says(side, ADA, "hey Nova, tell us", group)
        api.says(side, ADA, "what do you think, nova?", group)
        api.says(side, ADA, "Nova, news!", group, sender_chat={"id": -9, "type": "channel", "title": "News"})
        api.says(side, OTHER, "Nova, are you a bot?", group)
        api.says(side, ADA, "/help@other_bot", group)
        api.says(side, ADA, "/help", group)
        await until(lambda: not side.updates)
    assert stage.core.texts == ["where is it?", "and why?", "hey Nova, tell us", "what do you think, nova?"]
    assert {one.conversation for one in stage.core.received} == {stage.core.received[0].conversation}


async def test_a_group_is_one_conversation_of_its_own(stage: Stage, nova: Account, side: BotSide) -> None:
    async with stage.runs(nova):
        stage.api.says(side, ADA, "Nova, hello", stage.api.group(-100, "Maps"))
        stage.api.says(side, ADA, "hello")
        await until(lambda: len(stage.core.received) == 2)
    async with stage.core.store.open_work(stage.operator, reads=True) as work:
        rooms = {one.text: await work.conversations.get(one.conversation) for one in stage.core.received}
    room, own = rooms["Nova, hello"], rooms["hello"]
    assert (room.kind, room.title, own.kind) == ("group", "Maps", "direct")
    assert room.fan_id != own.fan_id


async def test_a_topic_of_a_forum_is_answered_in_the_topic(stage: Stage, nova: Account, side: BotSide) -> None:
    forum = stage.api.group(-100)
    async with stage.runs(nova):
        stage.api.says(side, ADA, "Nova, hello", forum, is_topic_message=True, message_thread_id=7)
        await until(lambda: stage.core.received)
        async with stage.core.store.open_work(stage.operator, reads=True) as work:
            room = await work.conversations.get(stage.core.received[0].conversation)
        assert room.thread == "-100/7"
        await stage.platform.channel.send(piece(nova, room.thread, "hi"))
    assert stage.api.sent(-100)[0].fields["message_thread_id"] == "7"


async def test_a_group_that_became_a_supergroup_is_found_again(stage: Stage, nova: Account, side: BotSide) -> None:
    group = stage.api.group(-5, type="group")
    async with stage.runs(nova):
        stage.api.says(side, ADA, "Nova, hello", group)
        await until(lambda: stage.core.received)
        stage.api.migrated[-5] = stage.api.group(-1005)["id"]
        receipt = await stage.platform.channel.send(piece(nova, -5, "hi"))
        again = await stage.platform.channel.send(piece(nova, -5, "and this was in the outbox"))
    assert receipt.platform_id.startswith("-1005:")
    assert again.platform_id.startswith("-1005:")
    async with stage.core.store.open_work(stage.operator, reads=True) as work:
        assert (await work.conversations.get(stage.core.received[0].conversation)).thread == "-1005"


async def test_the_notice_of_a_move_is_followed_too(stage: Stage, nova: Account, side: BotSide) -> None:
    group = stage.api.group(-5, type="group")
    async with stage.runs(nova):
        stage.api.says(side, ADA, "Nova, hello", group)
        stage.api.says(side, ADA, "", group, migrate_to_chat_id=-1005)
        await until(lambda: not side.updates)
    async with stage.core.store.open_work(stage.operator, reads=True) as work:
        assert (await work.conversations.get(stage.core.received[0].conversation)).thread == "-1005"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Nova, what is that?", True),
        ("what is that, Nova?", True),
        ("hey nova!", True),
        ("Nova Lind, please", True),
        ("supernova, what is that?", False),
        ("we all think that Nova is great here", False),
        ("renovate the house", False),
        ("", False),
    ],
)
def test_a_name_counts_where_people_are_spoken_to(text: str, named: bool) -> None:
    assert is_named(text, names_of("Nova Lind")) is named


def test_a_mention_at_the_edge_is_no_part_of_what_is_said() -> None:
    assert without_mention("@nova_bot, hi", "nova_bot") == "hi"
    assert without_mention("hi @Nova_Bot", "nova_bot") == "hi"
    assert without_mention("@nova_bot", "nova_bot") == "@nova_bot"
    assert without_mention("ask @nova_bot about it", "nova_bot") == "ask @nova_bot about it"
