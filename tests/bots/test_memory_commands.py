"""Commands about memory: what is shown, corrected, forgotten, taken along and switched off, in the words of the chat."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from bots import commands, words
from bots.channel import Inbound
from bots.doorway import Person
from gator.clock import now
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory import receipts
from memory.facts import extract
from memory.models import Account, Asset, Erasure, Message, TurnRow
from memory.models import Inbound as Row
from memory.store import Store
from memory.vault import VaultKey, open_vault
from tests.bots.house import House, Line, Wire
from tools.capability import Turn
from tools.overview import ConversationList, ListConversations, list_conversations

SECRET = "a key for tests only"
ADA = Person("1001", "Ada", "en")


class Chat:
    """One fan's chat with Nova on a platform."""

    def __init__(self, house: House, line: Line, wire: Wire) -> None:
        self.house, self.line, self.wire = house, line, wire
        self.given = 0

    async def obey(self, text: str) -> str:
        """The command's answers, as the platform got them (in pieces of thirty characters)."""
        self.given += 1
        name, _, argument = text.removeprefix("/").partition(" ")
        seat = await self.line.seat()
        before = len(await self.said())
        key = f"update {self.given}"
        assert await commands.obey(self.house.core, self.line.account, seat, ADA, name, argument, key) == ""
        await self.house.core.eraser.settle()
        await self.house.settled()
        said = await self.said()
        return "\n".join(one.text for one in (said[before:] if len(said) > before else said))

    async def said(self) -> list[Message]:
        return await self.house.said_in((await self.line.seat()).conversation.id)

    async def tell(self, *texts: str) -> list[str]:
        """What the fan told before, with what was learned of it and a turn that used it."""
        key = await self.key()
        ids = []
        async with self.house.store.open_work(self.house.operator) as work:
            room = await work.conversations.get((await self.line.seat()).conversation.id)
            for text in texts:
                id, base = new_id(), {"workspace": key.workspace, "conversation_id": room.id}
                await work.journal.take_in(
                    "wire", "", id, conversation_id=room.id, principal={}, text=text, state="answered"
                )
                row = await work.session.scalar(select(Row).where(Row.platform_id == id))
                assert row
                row.turn_id = id
                await work.conversations.say(room.id, "fan", text, id=row.id)
                await work.conversations.say(room.id, "persona", f"So: {text}", turn_id=id)
                learned = await open_vault(work, key).facts.learn(extract(text), row.id)
                used = {"facts": [one.id for one in learned], "said": [row.id]}
                turn = TurnRow(id=id, **base, principal={}, state="closed", closed_at=now(), trace={"used": used})
                work.session.add(turn)
                await work.session.flush()
                ids.append(row.id)
        return ids

    async def key(self) -> VaultKey:
        room = (await self.line.seat()).conversation
        return VaultKey(room.workspace, str(room.persona_id), str(room.fan_id))

    async def values(self) -> list[str]:
        async with self.house.store.open_work(self.house.operator, reads=True) as work:
            return [fact.value for fact in await open_vault(work, await self.key()).facts.held()]

    async def rows(self, table: Any) -> list[Any]:
        async with self.house.store.open_work(self.house.operator, reads=True) as work:
            return list(await work.session.scalars(select(table).order_by(table.id)))


@pytest.fixture
async def chat(settings: Settings, store: Store, operator: Principal) -> AsyncIterator[Chat]:
    wire = Wire()
    house = House(settings, store, operator, ["Hello!", "Hello again!"], [wire])
    async with store.open_work(operator) as work:
        persona = await work.personas.create("nova", "Nova", {"name": "Nova", "age": 27}, author="tests")
        account = await work.accounts.add(
            Account(channel="wire", name="nova", external_id="n", handle="nova", persona_id=persona.id, credential="")
        )
    yield Chat(house, Line(house, account, "1001", ADA), wire)
    await house.core.stop()


async def test_memory_is_a_numbered_list_in_plain_words(chat: Chat) -> None:
    assert "Nothing yet." in await chat.obey("/memory")
    await chat.tell("I live in Porto.", "I have a dog called Luna", "I love opera")
    told = await chat.obey("/memory")
    for line in ("1. you live in Porto (since ", "2. your dog: Luna", "3. you like opera", "kept: 7."):
        assert line in told, told


async def test_memory_speaks_the_language_of_the_chat(chat: Chat) -> None:
    await chat.obey("/language de")
    await chat.tell("I live in Porto.")
    assert "1. du wohnst in Porto (seit " in await chat.obey("/erinnerung")


async def test_why_quotes_what_the_last_reply_used_with_its_day(chat: Chat) -> None:
    assert "used no memories" in await chat.obey("/why")
    await chat.tell("I love opera", "I live in Porto.")
    told = await chat.obey("/why")
    today = f"{now():%Y-%m-%d}"
    assert f"1. you live in Porto – you told me on {today}: “I live in Porto" in told
    assert f"2. you said on {today}: “I live in Porto.”" in told
    assert "opera" not in told
    assert "Forgotten" in await chat.obey("/forget 1")
    assert await chat.values() == ["opera"]


async def test_numbers_mean_the_list_that_was_shown_last(chat: Chat) -> None:
    await chat.tell("I live in Porto.", "I love opera")
    assert "no such number" in await chat.obey("/forget 2")
    await chat.obey("/memory")
    assert "you live in Lisbon" in await chat.obey("/fix 1 Lisbon")
    assert await chat.values() == ["Lisbon", "opera"]
    for wrong in ("/fix", "/fix 1", "/fix x Lisbon", "/fix 99 Lisbon"):
        assert "/fix 3" in await chat.obey(wrong)
    assert "NUMBER" in await chat.obey("/forget")
    assert "no such number" in await chat.obey("/forget 99")


async def test_a_number_forgets_with_its_message_and_a_receipt(chat: Chat) -> None:
    ids = await chat.tell("I live in Porto.", "I love opera")
    listed = await chat.obey("/memory")
    told = await chat.obey("/forget 1")
    receipt = receipts.verify(SECRET, told.rpartition(" ")[2])
    assert (receipt.scope, receipt.fan) == ("fact", (await chat.key()).fan)
    said = {one.id: one.text for one in await chat.said()}
    assert said[ids[0]] == ""
    assert said[ids[1]] == "I love opera"
    assert not any("Porto" in text for text in said.values())
    assert listed not in said.values()


async def test_that_is_the_last_exchange(chat: Chat) -> None:
    assert "nothing to forget" in await chat.obey("/forget that")
    await chat.tell("I love opera", "I live in Porto.")
    assert "Forgotten" in await chat.obey("/vergiss das")
    assert await chat.values() == ["opera"]
    assert not any("Porto" in one.text for one in await chat.said())
    await chat.obey("/forget that")
    assert await chat.values() == []


@pytest.mark.parametrize("yes", ["yes", "Ja!", "/forget everything yes"])
async def test_everything_is_forgotten_after_one_yes(chat: Chat, yes: str) -> None:
    await chat.tell("I live in Porto.")
    assert "answer yes" in await chat.obey("/forget everything")
    assert await chat.values() == ["Porto"]
    if yes.startswith("/"):
        await chat.obey(yes)
    else:
        assert await chat.line.say(yes, "m1") == ""
        await chat.house.core.eraser.settle()
        await chat.house.settled()
        assert await chat.line.say(yes, "m1") is None
    assert await chat.values() == []
    done, receipt = [one.text for one in await chat.said()]
    assert done == words.say("forgot_everything", "en", name="Nova")
    assert receipts.verify(SECRET, receipt.rpartition(" ")[2]).counts["messages"] > 1
    assert [row.scope for row in await chat.rows(Erasure)] == ["everything"]
    assert {row.text for row in await chat.rows(Row)} == {""}
    assert "".join(chat.wire.texts[-20:]).count("gator-receipt-1") == 1


@pytest.mark.parametrize("answer", ["no", "yes but not now", "Tell me of your day"])
async def test_any_other_word_forgets_nothing_and_a_later_yes_neither(chat: Chat, answer: str) -> None:
    await chat.tell("I live in Porto.")
    await chat.obey("/forget everything")
    await chat.line.say(answer)
    await chat.house.settled()
    await chat.line.say("yes")
    await chat.house.settled()
    assert "Porto" in await chat.values()
    assert await chat.rows(Erasure) == []


async def test_an_old_yes_that_is_delivered_once_more_forgets_nothing_and_the_question_stays(chat: Chat) -> None:
    await chat.tell("I live in Porto.")
    await chat.line.say("yes", "m1")
    await chat.house.settled()
    await chat.obey("/forget everything")
    assert await chat.line.say("yes", "m1") is None
    await chat.house.settled()
    assert await chat.values() == ["Porto"]
    assert await chat.rows(Erasure) == []
    assert await chat.line.say("yes", "m2") == ""
    await chat.house.core.eraser.settle()
    assert await chat.values() == []


async def test_an_export_is_two_files_in_the_chat(chat: Chat) -> None:
    await chat.tell("I live in <Porto>.", "I love opera")
    told = await chat.obey("/export")
    assert told == words.say("exported", "en")
    data, page = await chat.rows(Asset)
    blobs = chat.house.core.blobs
    exported = orjson.loads(blobs.get(data.sha256).read_bytes())
    assert [one["text"] for one in exported["messages"]] == [
        "I live in <Porto>.", "So: I live in <Porto>.", "I love opera", "So: I love opera"
    ]  # fmt: skip
    assert "opera" in {one["value"] for one in exported["facts"]}
    html = blobs.get(page.sha256).read_text()
    assert "I live in &lt;Porto&gt;." in html
    assert [one.id for item in chat.wire.log for one in item.media] == [data.id, page.id]
    await chat.obey("/forget everything yes")
    assert await chat.rows(Asset) == []
    assert not blobs.path(data.sha256).exists()


async def test_remembering_is_switched_off_and_on(chat: Chat) -> None:
    assert "remembers what you tell" in await chat.obey("/remember")
    assert "learns nothing new" in await chat.obey("/remember off")
    assert "remembers nothing" in await chat.obey("/remember")
    assert "Remembering is off" in await chat.obey("/memory")
    assert "remembers again" in await chat.obey("/remember on")


async def test_in_a_group_nothing_of_it_is_told(chat: Chat) -> None:
    seat = await chat.house.core.doorway.seat(chat.line.account, ADA, "-5", "group", "Friends")
    assert seat
    for n, name in enumerate(("memory", "why", "fix", "forget", "export", "remember")):
        assert await commands.obey(chat.house.core, chat.line.account, seat, ADA, name, "everything", f"g{n}") == ""
    said = await chat.house.said_in(seat.conversation.id)
    assert {one.text for one in said} == {words.say("memory_private", "en")}


async def test_an_operators_chat_keeps_no_copy_of_what_was_forgotten(chat: Chat) -> None:
    house, operator = chat.house, chat.house.operator
    await chat.tell("My secret is heron")
    fan = (await chat.line.seat()).conversation.id
    async with house.store.open_work(operator) as work:
        room = await work.conversations.meet("web", "", "desk", user_id=operator.subject)
    await house.core.desk.take(operator, fan, relay_to=room.id)
    await chat.line.say("heron again")
    await house.settled()
    mine = Inbound("web", "", new_id(), room.id, operator, "heron? I see")
    await house.core.receive(mine)
    await house.settled()
    assert [one.text for one in await house.said_in(room.id)] == ["Ada (Nova, wire): heron again", "heron? I see"]

    await chat.obey("/forget everything yes")

    assert await house.said_in(room.id) == []
    assert {row.text for row in await chat.rows(Row)} == {""}
    assert not any("heron" in one.text for one in await chat.rows(Message))


async def test_a_list_that_gator_showed_an_operator_names_the_fan_no_more(chat: Chat) -> None:
    house, operator = chat.house, chat.house.operator
    await chat.tell("My secret is heron")
    turn = Turn(principal=operator, store=house.store, settings=house.core.settings, id=new_id())
    shown = await list_conversations(ListConversations(), turn)
    assert isinstance(shown, ConversationList)
    told = shown.in_words()
    assert "Ada with Nova" in told
    async with house.store.open_work(operator) as work:
        room = await work.conversations.meet("web", "", "desk", user_id=operator.subject)
        steps = [{"tool": "list_conversations", "ok": True, "said": told}]
        await work.conversations.say(room.id, "gator", told, meta={"steps": steps})
    with house.core.hub.watch(room.id) as watcher:
        await chat.obey("/forget everything yes")
        async with asyncio.timeout(5):
            while (frame := await watcher.next())["type"] != "message_edited":
                continue
    assert frame["message"]["content"] == told.replace("Ada with", "a fan with")
    assert [one.text for one in await house.said_in(room.id)] == [told.replace("Ada with", "a fan with")]
    assert not any("Ada" in str((one.text, one.meta)) for one in await chat.rows(Message))
