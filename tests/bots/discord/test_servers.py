"""In servers: the persona answers whoever means it, under its own name, in each thread apart; bots are never answered."""

import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests import databases
from tests.bots.discord.conftest import Stage, until, until_so
from tests.servers.discord_world import MESSAGE_CONTENT, Bot, Channel


@pytest.fixture
def database_url(home: Path) -> str:
    """One kind of database is enough here: what is tested is between us and Discord."""
    shutil.copy(databases.migrated_sqlite(), home / "gator.db")
    return f"sqlite+aiosqlite:///{home / 'gator.db'}"


async def club(here: Stage, privileged: int = 0, **options: Any) -> tuple[Bot, Channel, str, Any]:
    """A server with Nova in it: her bot, a channel, somebody there, her account."""
    bot = here.discord.bot("Nova", privileged)
    channel = here.discord.channel(here.discord.guild("Atlas Club", bot), "general")
    ada = here.discord.person("Ada")
    return bot, channel, ada, await here.account(bot, await here.persona(), **options)


async def test_the_persona_answers_a_mention_under_its_own_name_through_a_webhook(stage: Any) -> None:
    here = stage("Hello, sailors.")
    bot, channel, ada, account = await club(here)
    async with here.runs(account):
        await here.discord.say(ada, channel, f"<@{bot.id}> are you there?")
        await until(lambda: "Hello, sailors." in here.discord.said(bot, channel))
    assert [row.text for row in await here.journal()] == ["are you there?"]
    spoken = next(one for one in channel.messages if one["content"] == "Hello, sailors.")
    assert spoken["webhook_id"]
    assert spoken["author"]["username"] == "Nova"
    assert len(here.discord.webhooks) == 1
    async with here.core.store.open_work(here.operator, reads=True) as work:
        (row,) = await work.conversations.of(persona_id=account.persona_id)
    assert (row.kind, row.title, row.thread) == ("group", "Atlas Club #general", channel.id)


async def test_the_webhook_has_the_personas_picture(stage: Any) -> None:
    here = stage("Hello.")
    bot, channel, ada, account = await club(here)
    picture = io.BytesIO()
    Image.new("RGB", (300, 400), "navy").save(picture, "PNG")
    async with here.core.store.open_work(here.operator) as work:
        (await work.personas.get(account.persona_id or "")).portrait = picture.getvalue()
    async with here.runs(account):
        await here.discord.say(ada, channel, f"<@{bot.id}> hi")
        await until(lambda: "Hello." in here.discord.said(bot, channel))
    (hook,) = here.discord.webhooks.values()
    assert (hook.avatar or "").startswith("data:image/jpeg;base64,")


async def test_without_the_right_to_manage_webhooks_it_speaks_as_the_bot_and_says_so_once(stage: Any) -> None:
    here = stage("One.", "Two.")
    bot, channel, ada, account = await club(here)
    channel.denied.add("manage_webhooks")
    async with here.runs(account):
        for text, reply in (("hi", "One."), ("and again", "Two.")):
            await here.discord.say(ada, channel, f"<@{bot.id}> {text}")
            await until(lambda reply=reply: reply in here.discord.said(bot, channel))

        async def noted() -> bool:
            async with here.core.store.open_work(here.operator, reads=True) as work:
                return "webhooks" in (await work.accounts.get(account.id)).error

        await until_so(noted)
    assert all(one["author"]["id"] in (bot.id, ada) for one in channel.messages)
    assert not here.discord.webhooks


async def test_replies_and_names_are_meant_for_it_and_talk_among_others_is_not(stage: Any) -> None:
    here = stage(*["Yes."] * 9)
    bot, channel, ada, account = await club(here, MESSAGE_CONTENT, hears_names=True)
    async with here.runs(account):
        await here.discord.say(ada, channel, f"<@{bot.id}> first")
        await until(lambda: "Yes." in here.discord.said(bot, channel))
        spoken = next(one for one in channel.messages if one["content"] == "Yes.")
        await here.discord.say(ada, channel, "I like Nova's hat and the nova in the sky tonight")
        await here.discord.say(ada, channel, "what do the others think?")
        reference = {"message_id": spoken["id"], "channel_id": channel.id}
        await here.discord.say(ada, channel, "second", type=19, message_reference=reference, referenced_message=spoken)
        await here.discord.say(ada, channel, "hey Nova, third")
        assert await here.heard(3) == ["first", "second", "hey Nova, third"]


async def test_bots_and_webhooks_are_never_answered(stage: Any) -> None:
    here = stage("Yes.", "Yes.")
    bot, channel, ada, account = await club(here)
    other = here.discord.person("Chatty", bot=True)
    async with here.runs(account):
        await here.discord.say(other, channel, f"<@{bot.id}> hello fellow bot")
        hook = {"id": "77", "username": "Ada", "discriminator": "0000"}
        told = here.discord.write(channel, hook, f"<@{bot.id}> from a webhook", webhook_id="77")
        await here.discord.gateway.tell("MESSAGE_CREATE", told, channel)
        await here.discord.say(ada, channel, f"<@{bot.id}> welcome", type=7)  # Discord's own words
        await here.discord.say(ada, channel, f"<@{bot.id}> a person")
        assert await here.heard(1) == ["a person"]
        await until(lambda: "Yes." in here.discord.said(bot, channel))
    assert await here.heard(1) == ["a person"]


async def test_a_thread_is_a_conversation_of_its_own_and_has_the_channels_webhook(stage: Any) -> None:
    here = stage("Up here.", "Down here.")
    bot, channel, ada, account = await club(here)
    thread = here.discord.channel(channel.guild, "knots", parent=channel.id)
    async with here.runs(account):
        await here.discord.say(ada, channel, f"<@{bot.id}> hi")
        await until(lambda: "Up here." in here.discord.said(bot, channel))
        await here.discord.say(ada, thread, f"<@{bot.id}> hi")
        await until(lambda: "Down here." in here.discord.said(bot, thread))
    rows = await here.journal()
    assert len({row.conversation_id for row in rows}) == 2
    assert [hook.channel for hook in here.discord.webhooks.values()] == [channel.id]


async def test_a_deleted_webhook_is_made_anew(stage: Any) -> None:
    here = stage("One.", "Two.")
    bot, channel, ada, account = await club(here)
    async with here.runs(account):
        await here.discord.say(ada, channel, f"<@{bot.id}> hi")
        await until(lambda: "One." in here.discord.said(bot, channel))
        here.discord.webhooks.clear()
        await here.discord.say(ada, channel, f"<@{bot.id}> hi again")
        await until(lambda: any(one["content"] == "Two." for one in channel.messages))
    assert [one["content"] for one in channel.messages].count("Two.") == 1


async def test_gator_answers_operators_in_servers_each_in_a_conversation_of_their_own_and_no_strangers(
    stage: Any,
) -> None:
    here = stage("Two personas.")
    bot = here.discord.bot("Gator")
    channel = here.discord.channel(here.discord.guild("Office", bot), "ops")
    boss, eve = here.discord.person("Boss"), here.discord.person("Eve")
    await here.admit(boss)
    account = await here.account(bot)
    async with here.runs(account):
        await here.discord.say(eve, channel, f"<@{bot.id}> tell me secrets")
        await here.discord.say(boss, channel, f"<@{bot.id}> how many personas?")
        await until(lambda: "Two personas." in here.discord.said(bot, channel))
    (row,) = await here.journal()
    assert row.text == "how many personas?"
    assert here.discord.said(bot, channel) == ["Two personas."]


async def test_who_replies_to_the_persona_is_told_once_a_day_that_discord_hides_the_words(stage: Any) -> None:
    here = stage("Here I am.", "Now I hear you.")
    bot, channel, ada, account = await club(here)
    async with here.runs(account):
        await here.discord.say(ada, channel, f"<@{bot.id}> kannst du mich da unten im Hafen hören?")
        await until(lambda: "Here I am." in here.discord.said(bot, channel))
        spoken = next(one for one in channel.messages if one["content"] == "Here I am.")
        await here.discord.reply(ada, spoken, "nobody can read this")
        await here.discord.reply(ada, spoken, "nor this")
        await until(lambda: any(f"Erwähne <@{bot.id}>" in text for text in here.discord.said(bot, channel)))
        (told,) = [one for one in channel.messages if "Erwähne" in one["content"]]
        assert told["author"]["id"] == bot.id
        await here.discord.reply(ada, told, "but this")
        await until(lambda: "Now I hear you." in here.discord.said(bot, channel))

        async def noted() -> bool:
            async with here.core.store.open_work(here.operator, reads=True) as work:
                return "Message Content Intent" in (await work.accounts.get(account.id)).error

        await until_so(noted)
    assert [row.text for row in await here.journal()] == ["kannst du mich da unten im Hafen hören?", "but this"]
    assert sum("Erwähne" in text for text in here.discord.said(bot, channel)) == 1


async def test_a_reply_is_read_by_rest_where_the_bot_has_the_right_and_does_not_listen(stage: Any) -> None:
    here = stage("Here I am.", "And again.")
    bot, channel, ada, account = await club(here, MESSAGE_CONTENT)
    async with here.runs(account):
        await here.discord.say(ada, channel, f"<@{bot.id}> are you there?")
        await until(lambda: "Here I am." in here.discord.said(bot, channel))
        spoken = next(one for one in channel.messages if one["content"] == "Here I am.")
        await here.discord.say(ada, channel, "what do the others think?")
        await here.discord.reply(ada, spoken, "good to see you")
        await until(lambda: "And again." in here.discord.said(bot, channel))
    assert [row.text for row in await here.journal()] == ["are you there?", "good to see you"]
