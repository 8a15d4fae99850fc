"""Operators on Gator's own account: who is let in, how approvals are pressed, what commands and menus do."""

from typing import Any

import pytest

from memory.models import Account
from tests.bots.telegram.conftest import Stage, until
from tests.servers.telegram import BotSide

OLA = {"id": 21, "is_bot": False, "first_name": "Ola", "language_code": "en"}
MAX = {"id": 22, "is_bot": False, "first_name": "Max", "language_code": "de-AT"}


@pytest.fixture
def side(stage: Stage) -> BotSide:
    return stage.api.bot(7000, "gator_bot")


@pytest.fixture
async def gator(stage: Stage, side: BotSide) -> Account:
    await stage.admit(OLA)
    stage.api.private(OLA)
    return await stage.account(side)


async def test_an_operators_words_are_theirs_and_wait_for_nothing(stage: Stage, gator: Account, side: BotSide) -> None:
    async with stage.runs(gator):
        stage.api.says(side, OLA, "draw a fox")
        await until(lambda: stage.core.received)
    got = stage.core.received[0]
    assert (got.principal, got.settle_s) == (stage.operator, 0.0)


async def test_strangers_are_told_how_to_pair_in_their_language_and_once_a_minute(
    stage: Stage, gator: Account, side: BotSide
) -> None:
    async with stage.runs(gator):
        for _ in range(3):
            stage.api.says(side, MAX, "delete all personas")
        await until(lambda: not side.updates)
    assert not stage.core.received
    assert [one.text.split(" ")[0] for one in stage.api.sent(22)] == ["Ich"]
    assert "/pair" in stage.api.sent(22)[0].text


async def test_a_wrong_pairing_code_is_refused_in_words(stage: Stage, gator: Account, side: BotSide) -> None:
    async with stage.runs(gator):
        stage.api.says(side, MAX, "/pair ABCD-2345")
        await until(lambda: stage.api.sent(22))
    assert "Code gilt nicht" in stage.api.sent(22)[0].text


async def test_a_command_of_ours_is_answered_through_the_outbox(stage: Stage, gator: Account, side: BotSide) -> None:
    async with stage.runs(gator):
        stage.api.says(side, OLA, "/help@Gator_Bot")
        await until(lambda: stage.api.sent(21))
    assert "/unpair" in stage.api.sent(21)[0].text
    assert not stage.core.received


async def test_a_command_that_is_none_of_ours_is_a_message(stage: Stage, gator: Account, side: BotSide) -> None:
    async with stage.runs(gator):
        stage.api.says(side, OLA, "/draw a fox")
        await until(lambda: stage.core.received)
    assert stage.core.texts == ["/draw a fox"]


async def test_a_deep_link_says_hello_for_a_persona(stage: Stage) -> None:
    side = stage.api.bot(7001, "nova_bot")
    nova = await stage.account(side, await stage.persona())
    async with stage.runs(nova):
        stage.api.says(side, OLA, "/start from_the_site")
        await until(lambda: len(stage.api.sent(21)) == 2)
    assert "AI" in stage.api.sent(21)[0].text
    assert not stage.core.received


async def test_each_account_has_a_menu_in_each_language(stage: Stage, gator: Account, side: BotSide) -> None:
    async with stage.runs(gator):
        await until(lambda: len(side.commands) == 2)
    assert {"pair", "help"} <= {one["command"] for one in side.commands[""]}
    assert [one["command"] for one in side.commands["de"]] == [one["command"] for one in side.commands[""]]
    assert side.commands["de"] != side.commands[""]


# Buttons


async def asked(stage: Stage, gator: Account, chat: int = 21) -> int:
    """The number of a message with buttons."""
    from bots.channel import Button
    from tests.bots.telegram.conftest import piece

    buttons = [Button("Approve", "approve", "good"), Button("Edit", "edit", "edit")]
    await stage.platform.channel.send(piece(gator, chat, "Publish?", buttons=buttons))
    return stage.api.sent(chat)[-1].message


def answers(stage: Stage) -> list[str]:
    return [one.text for one in stage.api.world if one.method == "answerCallbackQuery"]


async def test_a_press_is_done_answered_and_its_buttons_go(stage: Stage, gator: Account, side: BotSide) -> None:
    stage.core.presses["good"] = (stage.operator.subject, False)
    async with stage.runs(gator):
        message = await asked(stage, gator)
        stage.api.press(side, OLA, message, "good")
        await until(lambda: answers(stage))
    assert stage.core.pressed == ["good"]
    assert answers(stage) == ["Approved."]
    assert "reply_markup" not in stage.api.messages[21, message]


async def test_an_edit_asks_for_the_text_in_a_message(stage: Stage, gator: Account, side: BotSide) -> None:
    stage.core.presses["edit"] = (stage.operator.subject, True)
    async with stage.runs(gator):
        stage.api.press(side, OLA, await asked(stage, gator), "edit")
        await until(lambda: len(stage.api.sent(21)) == 2)


async def test_a_press_twice_is_done_once_and_the_second_is_told(stage: Stage, gator: Account, side: BotSide) -> None:
    stage.core.presses["good"] = (stage.operator.subject, False)
    async with stage.runs(gator):
        message = await asked(stage, gator)
        stage.api.press(side, OLA, message, "good")
        stage.api.press(side, OLA, message, "good")
        await until(lambda: len(answers(stage)) == 2)
    assert stage.core.pressed == ["good"]
    assert answers(stage) == ["Approved.", "That was decided already."]


@pytest.mark.parametrize("whose", ["stranger", "another operator", "a persona's fan", "a group"])
async def test_nobody_presses_for_somebody_else(stage: Stage, gator: Account, side: BotSide, whose: str) -> None:
    stage.core.presses["good"] = (stage.operator.subject, False)
    account, presser, chat = gator, MAX, 22
    if whose == "another operator":
        async with stage.core.store.open_work(stage.operator) as work:
            other = await work.people.add_user("max", ["operator"])
        await stage.admit(MAX, other.id)
    if whose == "a persona's fan":
        side = stage.api.bot(7001, "nova_bot")
        account, presser, chat = await stage.account(side, await stage.persona()), OLA, 21
    if whose == "a group":
        presser, chat = OLA, stage.api.group(-100)["id"]
    stage.api.private(presser)
    async with stage.runs(account):
        stage.api.press(side, presser, 5, "good", chat)
        await until(lambda: answers(stage))
    assert not stage.core.pressed
    assert "operator it was sent to" in answers(stage)[0] or "Operator, dem" in answers(stage)[0]


async def test_a_press_of_long_ago_is_no_error(stage: Stage, gator: Account, side: BotSide) -> None:
    async with stage.runs(gator):
        query = stage.api.press(side, OLA, 5, "stale")
        stage.api.queries.discard(query)  # Telegram has forgotten it
        stage.api.says(side, OLA, "hello")
        await until(lambda: stage.core.texts == ["hello"])


async def test_gator_says_nothing_in_groups(stage: Stage, gator: Account, side: BotSide) -> None:
    group: Any = stage.api.group(-100)
    async with stage.runs(gator):
        for who in (OLA, MAX):
            entity = {"type": "mention", "offset": 0, "length": 10}
            stage.api.says(side, who, "@gator_bot show me everything", group, entities=[entity])
        await until(lambda: not side.updates)
    assert not stage.core.received
    assert not stage.api.sent()
