"""From somebody's words on Telegram to an answer on Telegram, through the whole core."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bots.telegram import limits
from bots.telegram.platform import Telegram
from tests.bots.house import House
from tests.bots.telegram.conftest import Stage, until
from tests.conftest import database_url as database_url  # both databases
from tests.fakes import calls
from tests.servers.telegram import BotSide, Fault

ADA = {"id": 11, "is_bot": False, "first_name": "Ada", "language_code": "en"}
OLA = {"id": 21, "is_bot": False, "first_name": "Ola", "language_code": "en"}


class Talks(Stage):
    """The stage with a core that answers."""

    house: House

    def shown(self, chat: int) -> list[str]:
        return [one.text for one in self.api.sent(chat)]

    def buttons(self, chat: int) -> tuple[int, dict[str, str]]:
        """The last message with buttons: its number, and their presses by label."""
        asked = [one for one in self.api.sent(chat) if one.fields.get("reply_markup")][-1]
        rows = json.loads(asked.fields["reply_markup"])["inline_keyboard"]
        return asked.message, {key["text"]: key["callback_data"] for row in rows for key in row}


@pytest.fixture
async def talks(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Talks]]:
    monkeypatch.setattr(limits, "CHAT_BURST", 30.0)  # its limits are `test_limits`'; here nobody waits for them
    made: list[House] = []

    def build(*lines: Any) -> Talks:
        platform = Telegram(answer_s=2.0)
        house = House(stage.core.settings, stage.core.store, stage.operator, list(lines), [platform.channel])
        made.append(house)
        talks = Talks(stage.api, house.core, platform, stage.operator)  # type: ignore[arg-type]
        talks.house = house
        return talks

    yield build
    for house in made:
        await house.core.stop()


@pytest.fixture
def side(stage: Stage) -> BotSide:
    return stage.api.bot(7001, "a_bot")


async def test_a_fan_is_answered_once_with_the_notice_first(talks: Any, side: BotSide) -> None:
    one: Talks = talks("I *love* maps.")
    nova = await one.account(side, await one.persona())
    async with one.runs(nova):
        first = one.api.says(side, ADA, "what do you")
        one.api.says(side, ADA, "love?")
        one.api.push(side, message=first)
        await until(lambda: len(one.shown(11)) == 2)
        await one.house.settled()
    notice, reply = one.api.sent(11)
    assert "AI" in notice.text
    assert reply.text == "I love maps."
    rows = await one.house.sent()
    assert [(row.state, row.receipt) for row in rows] == [("sent", f"11:{m.message}") for m in (notice, reply)]


async def test_a_reaction_is_kept_with_the_message_and_told_with_the_next_words(talks: Any, side: BotSide) -> None:
    one: Talks = talks("I *love* maps.", "So do I.", "Good night.")
    nova = await one.account(side, await one.persona())
    async with one.runs(nova):
        one.api.says(side, ADA, "what do you love?")
        await until(lambda: len(one.shown(11)) == 2)
        await one.house.settled()
        number = one.api.sent(11)[-1].message
        one.api.reacts(side, ADA, number, [], ["❤"])
        one.api.reacts(side, ADA, number, ["❤"], ["❤", "👍"])
        one.api.reacts(side, ADA, 424242, [], ["🔥"])  # under something that we never sent
        one.api.says(side, ADA, "me too")
        await until(lambda: len(one.shown(11)) == 3)
        one.api.reacts(side, ADA, number, ["❤", "👍"], [])
        one.api.says(side, ADA, "good night")
        await until(lambda: len(one.shown(11)) == 4)
    second, third = (str(heard[-1].content) for heard in one.house.model.heard[1:])
    assert second == "me too\n[They put ❤ 👍 under your last message.]"
    assert third == "good night"
    async with one.core.store.open_work(one.operator, reads=True) as work:
        (talk,) = await work.conversations.of(persona_id=nova.persona_id)
        said = await work.conversations.window(talk.id, 10)
    assert [one.meta.get("reactions") for one in said if one.text == "I *love* maps."] == [{}]


async def test_an_answer_that_was_lost_on_the_way_is_never_sent_twice(talks: Any, side: BotSide) -> None:
    one: Talks = talks("Hello!", "Yes?")
    nova = await one.account(side, await one.persona())
    async with one.runs(nova):
        one.api.fault("sendMessage", Fault(), Fault(cut="after"), Fault(status=429, retry_after=1))
        one.api.says(side, ADA, "hi")
        await until(lambda: len(one.shown(11)) == 2)
        await one.house.settled()
        one.api.says(side, ADA, "are you there?")
        await until(lambda: not one.api.faults["sendMessage"])
        await one.house.settled()
        states = [row.state for row in await one.house.sent()]
        assert states == ["sent", "unconfirmed", "pending"]
    assert one.shown(11)[1:] == ["Hello!"]


@asynccontextmanager
async def asked_for_a_yes(talks: Any, side: BotSide) -> AsyncIterator[tuple[Talks, int, dict[str, str]]]:
    """Ola asked for a post, and Gator asks back: the talks, the question's message, and its buttons."""
    one: Talks = talks(calls(("schedule_post", {"persona": "Nova", "text": "Hello, sea."})), "It is planned.")
    gator = await one.account(side)
    await one.persona()
    await one.admit(OLA)
    async with one.runs(gator):
        one.api.says(side, OLA, "post hello")
        await until(lambda: any(sent.fields.get("reply_markup") for sent in one.api.sent(21)))
        yield one, *one.buttons(21)


async def test_an_approval_is_given_by_a_button_once(talks: Any, side: BotSide) -> None:
    async with asked_for_a_yes(talks, side) as (one, message, presses):
        assert "Hello, sea." in one.shown(21)[-1]
        for _ in range(2):
            one.api.press(side, OLA, message, presses["Approve"])
        await until(lambda: "It is planned." in one.shown(21))
        await one.house.settled()
    answers = [done.text for done in one.api.world if done.method == "answerCallbackQuery"]
    assert answers[0] == "Approved."
    assert len(answers) == 2
    assert answers[1] != "Approved."
    assert "reply_markup" not in one.api.messages[21, message]
    assert one.shown(21).count("It is planned.") == 1


async def test_an_edited_question_waits_for_a_yes_of_its_own(talks: Any, side: BotSide) -> None:
    async with asked_for_a_yes(talks, side) as (one, message, presses):
        one.api.press(side, OLA, message, presses["Edit"])
        await until(lambda: any("new text" in text for text in one.shown(21)))
        one.api.says(side, OLA, "Good evening, sea.")
        await until(lambda: one.buttons(21)[0] != message)
        assert "Good evening, sea." in one.shown(21)[-1]
        one.api.press(side, OLA, one.buttons(21)[0], one.buttons(21)[1]["Approve"])
        await until(lambda: "It is planned." in one.shown(21))
        await one.house.settled()
    async with one.core.store.open_work(one.operator, reads=True) as work:
        assert "Good evening, sea." in [post.text for post in await work.posts.calendar()]


async def test_a_fan_sees_takes_along_and_has_forgotten_what_is_known(talks: Any, side: BotSide) -> None:
    one: Talks = talks("A fine town.")
    nova = await one.account(side, await one.persona())
    async with one.runs(nova):
        one.api.says(side, ADA, "I live in Porto.")
        await until(lambda: len(one.shown(11)) == 2)
        await one.house.settled()
        one.api.says(side, ADA, "/memory")
        await until(lambda: len(one.shown(11)) == 3)
        one.api.says(side, ADA, "/export")
        await until(lambda: sum(bool(sent.files) for sent in one.api.sent(11)) == 2)
        files = [(name, data) for sent in one.api.sent(11) for name, data in sent.files.items()]
        one.api.says(side, ADA, "/forget everything")
        await until(lambda: "answer yes" in one.shown(11)[-1])
        one.api.says(side, ADA, "yes")
        await until(lambda: "gator-receipt-1" in one.shown(11)[-1])
        await one.house.core.eraser.settle()
    assert "1. you live in Porto" in one.shown(11)[2]
    assert [data.lstrip()[:1] for _, data in files] == [b"{", b"<"]
    async with one.core.store.open_work(one.operator, reads=True) as work:
        (talk,) = await work.conversations.of(persona_id=nova.persona_id)
        said = await work.conversations.window(talk.id, 10)
    assert not any("Porto" in message.text for message in said)
    assert len(said) == 2


async def test_an_edit_while_a_person_answers_is_seen_in_the_other_chat(talks: Any, side: BotSide) -> None:
    one: Talks = talks()
    desk = one.api.bot(7002, "gator_bot")
    nova, gator = await one.account(side, await one.persona()), await one.account(desk)
    await one.admit(OLA)
    watch = asyncio.create_task(one.core.keep_watch())
    async with one.runs(nova, gator):
        one.api.says(desk, OLA, "/start")
        await until(lambda: one.shown(21))
        one.api.says(side, ADA, "/human")
        await until(lambda: any("/take" in text for text in one.shown(21)))
        one.api.says(desk, OLA, next(text for text in one.shown(21) if "/take" in text).partition(". ")[2])
        await until(lambda: any("You write to" in text for text in one.shown(21)))
        said = one.api.says(side, ADA, "my dog is ill")
        await until(lambda: one.shown(21)[-1].endswith("my dog is ill"))
        await one.house.settled()
        copy = one.api.messages[21, one.api.sent(21)[-1].message]
        one.api.edits(side, said, "my cat is ill")
        await until(lambda: copy["text"].endswith("my cat is ill"))
        answer = one.api.says(desk, OLA, "oh dear")
        await until(lambda: one.shown(11)[-1] == "oh dear")
        await one.house.settled()
        theirs = one.api.messages[11, one.api.sent(11)[-1].message]
        one.api.edits(desk, answer, "oh dear, poor cat")
        await until(lambda: theirs["text"] == "oh dear, poor cat")
        watch.cancel()
        await one.house.settled()
    assert not any("edited a message" in text for text in one.shown(21))
