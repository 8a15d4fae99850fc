"""Talking on Discord: in private and in servers, each message once and in order."""

import asyncio
from typing import Any

import pytest

from bots.doorway import Person
from gator.errors import Refused, Unavailable
from tests.bots.discord.conftest import until, until_so
from tests.servers.discord_world import MESSAGE_CONTENT


async def test_a_reaction_is_kept_until_it_is_taken_away(stage: Any) -> None:
    here = stage("Hello, sailors.")
    bot = here.discord.bot("Nova")
    ada = here.discord.person("Ada")
    chat = here.discord.dm(bot, ada)
    account = await here.account(bot, await here.persona())

    async def kept() -> Any:
        async with here.core.store.open_work(here.operator, reads=True) as work:
            (talk,) = await work.conversations.of(persona_id=account.persona_id)
            said = await work.conversations.window(talk.id, 10)
        return [one.meta.get("reactions") for one in said if one.text == "Hello, sailors."]

    async def becomes(wanted: Any) -> None:
        async with asyncio.timeout(10):
            while await kept() != [wanted]:
                await asyncio.sleep(0.01)

    async with here.runs(account):
        await here.discord.say(ada, chat, "hi")
        await until(lambda: "Hello, sailors." in here.discord.said(bot, chat))
        told = next(one for one in chat.messages if one["content"] == "Hello, sailors.")
        await becomes(None)
        await here.discord.react(ada, told, "👍")
        await here.discord.react(ada, told, "a word")
        await becomes({ada: ["👍"]})
        await here.discord.react(ada, told, "👍", away=True)
        await becomes({})


async def test_a_fan_writes_in_private_and_the_persona_answers(stage: Any) -> None:
    here = stage("The tide is low today.")
    bot = here.discord.bot("Nova")
    account = await here.account(bot, await here.persona())
    ada = here.discord.person("Ada")
    chat = here.discord.dm(bot, ada)
    async with here.runs(account):
        await here.discord.say(ada, chat, "hello, how is the sea?")
        await until(lambda: "The tide is low today." in here.discord.said(bot, chat))

        async def sent() -> bool:
            return [row.state for row in await here.outbox()] == ["sent", "sent"]

        await until_so(sent)
    (heard,) = await here.journal()
    assert heard.text == "hello, how is the sea?"
    assert "AI" in here.discord.said(bot, chat)[0]
    assert [row.receipt for row in await here.outbox()] == [one["id"] for one in chat.messages[1:]]
    nobody = [one["allowed_mentions"] for one in chat.messages[1:]]
    assert nobody == [{"parse": [], "replied_user": False}] * 2


async def test_a_token_that_is_not_good_is_refused_and_a_silent_discord_is_unavailable(stage: Any) -> None:
    here = stage()
    with pytest.raises(Refused, match="token"):
        await here.platform.check("nobody's", {"base_url": here.discord.url})
    with pytest.raises(Unavailable):
        await here.platform.check("anybody's", {"base_url": "http://127.0.0.1:9"})
    bot = here.discord.bot("Nova")
    checked = await here.platform.check(bot.token, {"base_url": here.discord.url, "hears_names": True})
    assert (checked.external_id, checked.handle) == (bot.id, "nova")
    assert "message content intent" in checked.notes[0]


async def test_no_more_is_asked_to_be_heard_than_is_needed(stage: Any) -> None:
    here = stage()
    bot = here.discord.bot("Nova", privileged=MESSAGE_CONTENT)
    account = await here.account(bot, await here.persona())
    async with here.runs(account):
        pass
    account.options = {**account.options, "hears_names": True}
    async with here.runs(account):
        pass
    quiet, listening = [entry["intents"] for entry in here.discord.happened("identify")]
    assert quiet == 1 << 0 | 1 << 9 | 1 << 10 | 1 << 12 | 1 << 13  # servers, messages and reactions
    assert listening == quiet | MESSAGE_CONTENT


async def test_what_an_operator_deletes_is_deleted_at_the_fans(stage: Any) -> None:
    here = stage()
    nova, gator = here.discord.bot("Nova"), here.discord.bot("Gator")
    ada, ola = here.discord.person("Ada"), here.discord.person("Ola")
    chat, desk = here.discord.dm(nova, ada), here.discord.dm(gator, ola)
    accounts = await here.account(nova, await here.persona()), await here.account(gator)
    await here.admit(ola)
    seats = here.core.doorway
    async with here.runs(*accounts):
        fan = await seats.seat(accounts[0], Person(ada, "Ada"), chat.id)
        boss = await seats.seat(accounts[1], Person(ola, "Ola"), desk.id)
        await here.core.desk.take(here.operator, fan.conversation.id, relay_to=boss.conversation.id)
        wrong = await here.discord.say(ola, desk, "the wrong chat, sorry")
        await until(lambda: "the wrong chat, sorry" in here.discord.said(nova, chat))

        async def settled() -> bool:
            return all(row.state == "sent" for row in await here.outbox())

        await until_so(settled)
        await here.discord.delete(wrong)
        await until(lambda: "the wrong chat, sorry" not in here.discord.said(nova, chat))
        told = await here.discord.say(ada, chat, "hello, who is that?")
        await until(lambda: any("who is that?" in text for text in here.discord.said(gator, desk)))
        await until_so(settled)
        await here.discord.edit(told, "never mind")
        await until(lambda: any("never mind" in text for text in here.discord.said(gator, desk)))
    assert not any("who is that?" in text for text in here.discord.said(gator, desk))
