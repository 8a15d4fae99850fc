"""What people send is understood, and what cannot be is dropped without hurting anything else."""

import time
from typing import Any

import pytest

from memory.models import Account
from tests.bots.telegram.conftest import Stage, until
from tests.servers.telegram import BotSide

ADA = {"id": 11, "is_bot": False, "first_name": "Ada", "language_code": "en"}
NO_FILE = {"file_id": "f", "file_unique_id": "u"}


@pytest.fixture
async def nova(stage: Stage) -> Account:
    return await stage.account(stage.api.bot(7001, "nova_bot"), await stage.persona())


@pytest.fixture
def side(stage: Stage, nova: Account) -> BotSide:
    return next(iter(stage.api.bots.values()))


SENT: list[tuple[dict[str, Any], str, tuple[str, str, str]]] = [
    (
        {"photo": [{**NO_FILE, "file_id": size, "width": px, "height": px} for size, px in (("s", 90), ("x", 1280))]},
        "",
        ("picture", "x", ""),
    ),
    ({"voice": {**NO_FILE, "duration": 3, "mime_type": "audio/ogg", "file_size": 9}}, "", ("voice", "f", "")),
    ({"audio": {**NO_FILE, "duration": 3, "title": "A song"}}, "", ("audio", "f", "A song")),
    ({"video": {**NO_FILE, "duration": 3, "width": 1, "height": 1}, "caption": "look"}, "look", ("video", "f", "")),
    ({"video_note": {**NO_FILE, "duration": 3, "length": 9}}, "", ("video", "f", "")),
    ({"document": {**NO_FILE, "file_name": "a.pdf", "mime_type": "application/pdf"}}, "", ("document", "f", "")),
    (
        {"sticker": {**NO_FILE, "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False,
                     "emoji": "🦊"}},
        "",
        ("sticker", "f", "🦊"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "text", "attachment"), SENT)
async def test_each_kind_of_media_comes_in_with_its_file(
    stage: Stage, nova: Account, side: BotSide, body: dict[str, Any], text: str, attachment: tuple[str, str, str]
) -> None:
    async with stage.runs(nova):
        stage.api.says(side, ADA, **body)
        await until(lambda: stage.core.received)
    got = stage.core.received[0]
    assert got.text == text
    assert [(one["kind"], one["ref"], one["says"]) for one in got.attachments] == [attachment]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"dice": {"emoji": "🎲", "value": 4}}, "🎲 4"),
        ({"location": {"latitude": 52.5, "longitude": 13.4}}, "📍 52.50000, 13.40000"),
        ({"contact": {"phone_number": "1", "first_name": "Bo", "last_name": "B"}}, "👤 Bo B"),
        (
            {
                "text": "do as I say",
                "forward_origin": {"type": "hidden_user", "sender_user_name": "X", "date": 1},
            },
            "> do as I say",
        ),
        ({"text": "half \ud800 and \0 zero"}, "half ? and  zero"),
    ],
)
async def test_what_has_words_is_told_in_words(
    stage: Stage, nova: Account, side: BotSide, body: dict[str, Any], text: str
) -> None:
    async with stage.runs(nova):
        stage.api.says(side, ADA, **body)
        await until(lambda: stage.core.received)
    assert stage.core.texts == [text]


async def test_an_album_is_pictures_that_settle_into_one_burst_for_operators_too(stage: Stage) -> None:
    side = stage.api.bot(7002, "gator_bot")
    gator = await stage.account(side)
    await stage.admit(ADA)
    photo = [{**NO_FILE, "width": 90, "height": 90}]
    async with stage.runs(gator):
        stage.api.says(side, ADA, photo=photo, media_group_id="9", caption="mine")
        for _ in range(2):
            stage.api.says(side, ADA, photo=photo, media_group_id="9")
        await until(lambda: len(stage.core.received) == 3)
    assert [one.text for one in stage.core.received] == ["mine", "", ""]
    assert all(one.settle_s > 0 for one in stage.core.received)


async def test_a_reply_names_what_it_answers(stage: Stage, nova: Account, side: BotSide) -> None:
    async with stage.runs(nova):
        first = stage.api.says(side, ADA, "one")
        stage.api.says(side, ADA, "two", reply_to_message=first)
        await until(lambda: len(stage.core.received) == 2)
    assert stage.core.received[1].reply_to == f"11:{first['message_id']}"


async def test_an_edit_reaches_the_core_as_a_correction(stage: Stage, nova: Account, side: BotSide) -> None:
    async with stage.runs(nova):
        stage.api.edits(side, stage.api.says(side, ADA, "I live in Bonn"), "I live in Berlin")
        await until(lambda: stage.core.corrected)
    assert stage.core.corrected == [(stage.core.received[0].platform_id, "I live in Berlin")]


ODD: list[Any] = [
    7,
    None,
    "text",
    [],
    {},
    {"update_id": "x"},
    {"update_id": 5000},
    {"update_id": 5001, "message": {}},
    {"update_id": 5002, "message": {"message_id": 1, "date": "soon", "chat": {"id": 11, "type": "private"}}},
    {"update_id": 5003, "message": {"message_id": 1, "date": 1, "chat": 11, "from": ADA, "text": "x"}},
    {"update_id": 5004, "message": {"message_id": 1, "date": 1, "chat": {"id": 11, "type": "private"}, "text": "x"}},
    {"update_id": 5005, "message": {"message_id": "a", "date": 1, "chat": {"id": 11, "type": "private"}, "from": ADA}},
    {"update_id": 5006, "callback_query": {"id": 5}},
    {"update_id": 5007, "unknown_thing": {"chat": {"id": 11}}},
    {"update_id": 5008, "message": [1, 2, 3]},
    {"update_id": 5009, "my_chat_member": {"chat": {"id": 11, "type": "private"}}},
    {
        "update_id": 5010,
        "message": {
            "message_id": 1, "date": 1, "chat": {"id": 11, "type": "private"}, "from": ADA, "text": {"deep": [[]]},
        },
    },
    {
        "update_id": 5011,
        "message": {
            "message_id": 2, "date": 1, "chat": {"id": 11, "type": "private"}, "from": ADA, "text": "x" * 500_000,
        },
    },
    {
        "update_id": 5012,
        "message": {
            "message_id": 3, "date": 1, "chat": {"id": 11, "type": "private"}, "from": ADA, "text": "hi",
            "entities": [{"type": "bot_command", "offset": 999, "length": -4}],
        },
    },
]  # fmt: skip


async def test_odd_updates_are_dropped_and_what_follows_comes_in(stage: Stage, nova: Account, side: BotSide) -> None:
    side.kinds = []
    side.updates.extend(one for one in ODD if isinstance(one, dict) and isinstance(one.get("update_id"), int))
    side.next_update = 6000
    async with stage.runs(nova):
        stage.api.says(side, ADA, "still there?")
        await until(lambda: "still there?" in stage.core.texts)
        await until(lambda: not side.updates)


async def test_a_batch_with_things_that_are_no_updates_is_survived(stage: Stage, nova: Account) -> None:
    from bots.telegram.attending import Attendant
    from bots.telegram.polling import attend_all

    async with stage.runs(nova):
        attendant = Attendant(stage.platform.channel.lines[nova.id])
        await attend_all(attendant, ODD)
    assert stage.core.texts[-1] == "hi"


async def test_an_update_that_breaks_the_core_is_dropped_after_some_tries(
    stage: Stage, nova: Account, side: BotSide
) -> None:
    stage.core.breaks.extend([RuntimeError("a bug")] * 3)
    async with stage.runs(nova):
        stage.api.says(side, ADA, "poison")
        stage.api.says(side, ADA, "medicine")
        await until(lambda: stage.core.texts == ["medicine"])


async def test_bots_are_never_answered(stage: Stage, nova: Account, side: BotSide) -> None:
    other = {"id": 99, "is_bot": True, "first_name": "Echo"}
    async with stage.runs(nova):
        stage.api.says(side, other, "hello", stage.api.private(other))
        stage.api.says(side, ADA, "hello")
        await until(lambda: stage.core.received)
        await until(lambda: not side.updates)
    assert [one.platform_id.split(":")[0] for one in stage.core.received] == ["11"]


async def test_a_block_and_a_return_are_noted(stage: Stage, nova: Account, side: BotSide) -> None:
    bot = {"id": 7001, "is_bot": True, "first_name": "nova"}

    def change(status: str) -> None:
        member = {"user": bot, "status": status, "until_date": 0}
        body = {"chat": stage.api.private(ADA), "from": ADA, "date": int(time.time())}
        stage.api.push(side, my_chat_member={**body, "old_chat_member": member, "new_chat_member": member})

    async with stage.runs(nova):
        stage.api.says(side, ADA, "hi")
        change("kicked")
        await until(lambda: not side.updates)
        assert (await _notes(stage))["unreachable"] is True
        change("member")
        await until(lambda: not side.updates)
        assert (await _notes(stage))["unreachable"] is False


async def _notes(stage: Stage) -> dict[str, Any]:
    async with stage.core.store.open_work(stage.operator, reads=True) as work:
        return (await work.conversations.get(stage.core.received[0].conversation)).notes
