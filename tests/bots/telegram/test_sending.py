"""What is sent arrives once, as it should look; what went wrong is told by what may have happened."""

import json
import time
from typing import Any

import pytest

from bots.channel import Button, Change, Receipt
from bots.telegram.limits import Limits
from gator.errors import Refused, Unavailable, Unconfirmed
from memory.models import Account
from memory.vault import VaultKey
from tests.bots.telegram.conftest import Stage, piece, until
from tests.servers.telegram import Fault


@pytest.fixture
async def nova(stage: Stage) -> Account:
    stage.api.private(stage.api.person(11))
    return await stage.account(stage.api.bot(7001, "nova_bot"), await stage.persona())


async def test_what_is_for_no_chat_of_telegrams_waits_for_nothing_and_is_refused(stage: Stage, nova: Account) -> None:
    async with stage.runs(nova):
        assert stage.platform.channel.wait_s(nova.id, "11#set-aside", 1, 15) == 0
        with pytest.raises(Refused):
            await stage.platform.channel.send(piece(nova, "11#set-aside", "Anybody there?"))


async def test_text_goes_out_styled_and_its_receipt_names_the_message(stage: Stage, nova: Account) -> None:
    async with stage.runs(nova):
        receipt = await stage.platform.channel.send(piece(nova, 11, "Look: **a 😀 map**, [here](https://maps.test)."))
    sent = stage.api.sent(11)[0]
    assert sent.text == "Look: a 😀 map, here."
    entities = json.loads(sent.fields["entities"])
    assert [(one["type"], one["offset"], one["length"]) for one in entities] == [("bold", 6, 8), ("text_link", 16, 4)]
    assert json.loads(sent.fields["link_preview_options"]) == {"is_disabled": True}
    assert receipt.platform_id == f"11:{sent.message}"


async def test_a_reply_hangs_under_its_message_even_if_that_was_deleted(stage: Stage, nova: Account) -> None:
    async with stage.runs(nova):
        await stage.platform.channel.send(piece(nova, 11, "yes", reply_to="11:999"))
    assert json.loads(stage.api.sent(11)[0].fields["reply_parameters"])["message_id"] == 999


async def test_buttons_carry_their_press(stage: Stage, nova: Account) -> None:
    buttons = [
        Button("Approve", "approve", "a" * 22),
        Button("Reject", "reject", "b" * 22),
        Button("Edit", "edit", "c"),
    ]
    async with stage.runs(nova):
        await stage.platform.channel.send(piece(nova, 11, "Publish?", buttons=buttons))
    rows = json.loads(stage.api.sent(11)[0].fields["reply_markup"])["inline_keyboard"]
    assert [[key["callback_data"] for key in row] for row in rows] == [["a" * 22, "b" * 22], ["c"]]


@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        (Fault(status=429, retry_after=7), Unavailable, 0),
        (Fault(status=403, description="Forbidden: bot was blocked by the user"), Refused, 0),
        (Fault(status=400, description="Bad Request: chat not found"), Refused, 0),
        (Fault(status=502), Unconfirmed, 0),
        (Fault(cut="before"), Unconfirmed, 0),
        (Fault(cut="after"), Unconfirmed, 1),
        (Fault(hangs=True), Unconfirmed, 1),
        (Fault(garbage="<html>hello, said Ada</html>"), Unconfirmed, 1),
    ],
)
async def test_each_failure_is_told_by_what_may_have_happened(
    stage: Stage, nova: Account, fault: Fault, error: type[Exception], arrived: int
) -> None:
    stage.api.fault("sendMessage", fault)
    async with stage.runs(nova):
        with pytest.raises(error) as raised:
            await stage.platform.channel.send(piece(nova, 11, "hello"))
    assert len(stage.api.sent(11)) == arrived
    assert next(iter(stage.api.bots)) not in str(raised.value)
    if fault.retry_after:
        assert raised.value.retry_after_s == fault.retry_after  # type: ignore[attr-defined]


async def test_neither_tokens_nor_texts_are_logged(stage: Stage, nova: Account, caplog: Any, capfd: Any) -> None:
    stage.api.fault("getUpdates", Fault(garbage="<html>hello, said Ada</html>"), Fault(status=500), Fault(cut="before"))
    stage.api.fault("sendMessage", Fault(garbage="<html>hello, said Ada</html>"), Fault(status=500), Fault(cut="after"))
    side = next(iter(stage.api.bots.values()))
    stage.api.says(side, stage.api.person(11), "hello, said Ada")
    with pytest.raises(Unavailable) as away:
        async with stage.runs(nova) as tasks:
            for _ in range(3):
                with pytest.raises(Unconfirmed):
                    await stage.platform.channel.send(piece(nova, 11, "hello, said Ada"))
            await until(tasks[0].done)
    printed = capfd.readouterr()
    for text in (str(away.value), caplog.text, printed.out, printed.err):
        assert side.token not in text
        assert "said Ada" not in text


async def test_a_connection_that_never_was_is_tried_again_later(stage: Stage, nova: Account) -> None:
    async with stage.runs(nova):
        line = stage.platform.channel.lines[nova.id]
        from bots.telegram.line import open_bot

        line.bot, spare = open_bot(line.bot.token, {"base_url": "http://127.0.0.1:1"})
        with pytest.raises(Unavailable):
            await stage.platform.channel.send(piece(nova, 11, "hello"))
        for request in spare:
            await request.shutdown()


async def test_after_a_429_the_chat_is_left_alone_for_as_long_as_asked(stage: Stage, nova: Account) -> None:
    stage.api.fault("sendMessage", Fault(status=429, retry_after=30))
    async with stage.runs(nova):
        channel = stage.platform.channel
        assert channel.wait_s(nova.id, "11", 1, 15) == 0
        with pytest.raises(Unavailable) as wait:
            await channel.send(piece(nova, 11, "hello"))
        assert 29 < (wait.value.retry_after_s or 0) <= 30
        assert 29 < channel.wait_s(nova.id, "11", 1, 15) <= 30
        assert channel.wait_s(nova.id, "12", 1, 15) == 0
        await channel.act(nova.id, "11", "typing")
    assert [name for name, _ in stage.api.calls].count("sendMessage") == 1
    assert not stage.api.world


async def test_who_blocked_the_bot_is_noted_in_the_conversation(stage: Stage, nova: Account) -> None:
    side = next(iter(stage.api.bots.values()))
    async with stage.runs(nova):
        await _met(stage, side)
        stage.api.blocked.add(11)
        with pytest.raises(Refused, match="blocked"):
            await stage.platform.channel.send(piece(nova, 11, "hello"))
    async with stage.core.store.open_work(stage.operator, reads=True) as work:
        conversation = await work.conversations.get(stage.core.received[0].conversation)
    assert conversation.notes["unreachable"] is True


async def _met(stage: Stage, side: Any) -> None:
    stage.api.says(side, stage.api.person(11), "hi")
    await until(lambda: stage.core.received)


async def test_nobody_can_say_what_became_of_a_send(stage: Stage, nova: Account) -> None:
    async with stage.runs(nova):
        with pytest.raises(Unconfirmed):
            await stage.platform.channel.find(piece(nova, 11, "hello"))


async def test_an_account_of_another_process_is_not_sent_for(stage: Stage, nova: Account) -> None:
    assert not stage.platform.channel.holds(nova.id)
    with pytest.raises(Unavailable):
        await stage.platform.channel.send(piece(nova, 11, "hello"))


async def test_what_was_sent_is_edited_and_deleted_as_often_as_it_is_asked(stage: Stage, nova: Account) -> None:
    send = stage.platform.channel.send
    async with stage.runs(nova):
        sent = (await send(piece(nova, 11, "I am hear"))).platform_id
        for _ in range(2):
            assert await send(piece(nova, 11, "I am **here**", change=Change(sent))) == Receipt("")
        number = stage.api.sent(11)[0].message
        assert stage.api.messages[11, number]["text"] == "I am here"
        for _ in range(2):
            await send(piece(nova, 11, change=Change(sent, removes=True)))
        assert (11, number) not in stage.api.messages
        with pytest.raises(Refused):
            await send(piece(nova, 11, "too late", change=Change(sent)))
    assert len(stage.api.sent(11)) == 1


async def test_a_caption_is_edited_and_what_is_too_old_or_an_album_is_not_deleted_whole(
    stage: Stage, nova: Account
) -> None:
    send = stage.platform.channel.send
    async with stage.runs(nova):
        sent = (await send(piece(nova, 11, "a map"))).platform_id
        await send(piece(nova, 11, "a chart", change=Change(sent, files=1)))
        message = stage.api.messages[11, stage.api.sent(11)[0].message]
        assert message["caption"] == "a chart"
        message["date"] -= 3 * 24 * 3600
        with pytest.raises(Refused):
            await send(piece(nova, 11, change=Change(sent, removes=True)))
        album = (await send(piece(nova, 11, "two of them"))).platform_id
        with pytest.raises(Refused, match="album"):
            await send(piece(nova, 11, change=Change(album, removes=True, files=2)))


async def test_a_change_whose_answer_is_lost_is_made_again(stage: Stage, nova: Account) -> None:
    send = stage.platform.channel.send
    async with stage.runs(nova):
        sent = (await send(piece(nova, 11, "hello"))).platform_id
        stage.api.fault("editMessageText", Fault(cut="after"))
        with pytest.raises(Unavailable):
            await send(piece(nova, 11, "goodbye", change=Change(sent)))
        await send(piece(nova, 11, "goodbye", change=Change(sent)))


async def test_what_was_passed_on_of_whom_is_forgotten_goes_from_telegram_or_is_named(stage: Stage) -> None:
    stage.api.private(stage.api.person(11))
    gator, persona = await stage.account(stage.api.bot(7001, "gator_bot")), await stage.persona()
    core, mine = stage.core, stage.operator.workspace
    async with core.store.open_work(stage.operator) as work:
        fan = await work.people.meet_fan("web", "ada", "Ada")
        room = await work.conversations.meet("web", "", "ada", persona_id=persona, fan_id=fan.id)
        chat = await work.conversations.meet("telegram", gator.id, "11", user_id=stage.operator.subject)
        for text in ("my dog is ill", "and my cat"):
            said = await work.conversations.say(room.id, "fan", text)
            copy = await work.conversations.say(chat.id, "gator", text, meta={"handoff": room.id, "of": [said.id]})
            await core.delivery.write(work, chat, copy, f"relay:{said.id}", speaker="code")

    def shown() -> list[str]:
        return [message["text"] for (where, _), message in stage.api.messages.items() if where == 11]

    async def all_sent() -> None:
        await core.delivery.send_due(mine)
        await core.delivery.settle()

    async with stage.runs(gator):
        stage.platform.channel.lines[gator.id].limits = Limits(lambda: 1000 * time.monotonic())  # nobody waits here
        await all_sent()
        assert shown() == ["my dog is ill", "and my cat"]
        next(iter(stage.api.messages.values()))["date"] -= 3 * 24 * 3600
        await core.eraser.forget(stage.operator, VaultKey(mine, persona, fan.id), "everything")
        await all_sent()
        too_old, told = shown()
    assert too_old == "my dog is ill"
    assert told.startswith("A fan asked to be forgotten.")
    assert not {"dog", "cat", "Ada"} & set(told.replace(",", " ").split())
