"""Lines break and sessions are lost: nothing that was said is lost, doubled or taken out of order."""

from typing import Any

import pytest

from tests.bots.discord.conftest import Stage, until
from tests.servers.discord_world import Bot, Channel, Fault


async def nova(here: Stage, **options: Any) -> tuple[Bot, Channel, str, Any]:
    bot = here.discord.bot("Nova")
    ada = here.discord.person("Ada")
    account = await here.account(bot, await here.persona(), **options)
    return bot, here.discord.dm(bot, ada), ada, account


async def test_a_broken_line_is_resumed_and_what_was_said_meanwhile_is_replayed(stage: Any) -> None:
    here = stage(*["Yes."] * 9)
    bot, chat, ada, account = await nova(here)
    async with here.runs(account):
        await here.discord.say(ada, chat, "one")
        assert await here.heard(1) == ["one"]
        await here.discord.gateway.cut(bot)
        await here.discord.say(ada, chat, "two")
        await here.discord.say(ada, chat, "three")
        assert await here.heard(3) == ["one", "two", "three"]
    assert len(here.discord.happened("identify")) == 1
    assert [entry["known"] for entry in here.discord.happened("resume")] == [True]


async def test_discord_may_ask_to_reconnect(stage: Any) -> None:
    here = stage(*["Yes."] * 9)
    bot, chat, ada, account = await nova(here)
    async with here.runs(account):
        await here.discord.gateway.ask_to_reconnect(bot)
        await here.discord.gateway.of(bot)
        await here.discord.say(ada, chat, "still there?")
        assert await here.heard(1) == ["still there?"]
    assert here.discord.happened("resume")


async def test_after_a_lost_session_every_chat_is_read_from_where_we_were_in_order(stage: Any) -> None:
    here = stage(*["Yes."] * 30)
    bot, chat, ada, account = await nova(here)
    bob = here.discord.person("Bob")
    other = here.discord.dm(bot, bob)
    room = here.discord.channel(here.discord.guild("Atlas Club", bot), "general")
    async with here.runs(account):
        await here.discord.say(ada, chat, "a0")
        await here.discord.say(bob, other, "b0")
        await here.heard(2)
        await here.discord.gateway.forget(bot)
        for n in (1, 2):
            await here.discord.say(ada, chat, f"a{n}")
            await here.discord.say(bob, other, f"b{n}")
            await here.discord.say(ada, room, f"<@{bot.id}> r{n}")
        await here.discord.gateway.of(bot)
        await here.discord.say(ada, chat, "a3")
        heard = await here.heard(9)
    assert [text for text in heard if text.startswith("a")] == ["a0", "a1", "a2", "a3"]
    assert [text for text in heard if text.startswith("b")] == ["b0", "b1", "b2"]
    assert [text for text in heard if text.startswith("r")] == ["r1", "r2"]
    assert [entry["known"] for entry in here.discord.happened("resume")] == [False]


async def test_what_was_said_while_the_process_was_down_is_answered_by_the_next_one(stage: Any) -> None:
    here = stage(*["Yes."] * 300)
    bot, chat, ada, account = await nova(here)
    async with here.runs(account):
        await here.discord.say(ada, chat, "n0")
        await here.heard(1)
        await until(lambda: "Yes." in here.discord.said(bot, chat))
    for n in range(1, 131):
        await here.discord.say(ada, chat, f"n{n}")
    account = await here.held(account.id)
    assert int(account.cursor) > 0
    async with here.runs(account):
        assert await here.heard(131) == [f"n{n}" for n in range(131)]


async def test_what_was_said_before_the_account_was_added_is_not_answered(stage: Any) -> None:
    here = stage("Yes.")
    _bot, chat, ada, account = await nova(here)
    here.discord.ago_ms = 3_600_000
    here.discord.write(chat, here.discord.people[ada], "an hour ago")
    here.discord.ago_ms = 0
    async with here.runs(account):
        await here.discord.say(ada, chat, "now")
        assert await here.heard(1) == ["now"]


async def test_an_event_that_comes_twice_or_late_is_one_message(stage: Any) -> None:
    here = stage(*["Yes."] * 5)
    bot, chat, ada, account = await nova(here)
    async with here.runs(account):
        message = await here.discord.say(ada, chat, "one")
        session = await here.discord.gateway.of(bot)
        await here.discord.say(ada, chat, "two")
        await here.discord.gateway.push(session, "MESSAGE_CREATE", message)
        await here.discord.say(ada, chat, "three")
        assert await here.heard(3) == ["one", "two", "three"]


async def test_a_line_on_which_nothing_comes_is_given_up_and_resumed(stage: Any) -> None:
    here = stage("Yes.")
    _bot, chat, ada, account = await nova(here, silence_s=0.3)
    here.discord.gateway.heartbeat_ms = 100
    async with here.runs(account):
        here.discord.gateway.acknowledges = False
        await until(lambda: here.discord.happened("resume"))
        here.discord.gateway.acknowledges = True
        await here.discord.say(ada, chat, "hello?")
        assert await here.heard(1) == ["hello?"]


async def test_malformed_events_are_dropped_and_the_next_message_is_heard(stage: Any) -> None:
    here = stage("Yes.")
    bot, chat, ada, account = await nova(here)
    async with here.runs(account):
        session = await here.discord.gateway.of(bot)
        assert session.line
        bad: list[tuple[str, Any]] = [
            ("MESSAGE_CREATE", {}),
            ("MESSAGE_CREATE", None),
            ("MESSAGE_CREATE", {"id": "x", "channel_id": chat.id, "author": {"id": "1"}}),
            ("MESSAGE_CREATE", {"id": "12", "channel_id": chat.id, "author": "nobody", "content": 7}),
            ("MESSAGE_CREATE", {"id": "13", "channel_id": chat.id, "author": {"id": "5"}, "content": "x" * 20_000}),
            ("MESSAGE_CREATE", {"id": "14", "channel_id": chat.id, "author": {"id": "5"}, "attachments": [{}]}),
            ("MESSAGE_UPDATE", {"id": "1", "channel_id": chat.id}),
            ("MESSAGE_DELETE_BULK", {"ids": 5, "channel_id": chat.id}),
            ("GUILD_CREATE", {"id": "1", "channels": [{"id": "no"}]}),
            ("THREAD_LIST_SYNC", {"threads": "x"}),
            ("INTERACTION_CREATE", {"id": "1", "token": "t", "type": 2}),
            ("INTERACTION_CREATE", []),
            ("GUILD_DELETE", "x"),
            ("A_NEW_EVENT", {"what": 1}),
        ]
        for event, data in bad:
            await here.discord.gateway.push(session, event, data)
        for frame in ("{", "[]", "null", '{"op": 99}', '{"op": 0, "t": "MESSAGE_CREATE", "s": "x", "d": 1}'):
            await session.line.send(frame)
        session.sent[-1]["s"] = session.seq
        await here.discord.say(ada, chat, "and\x00 now?")
        assert await here.heard(1) == ["and now?"]


async def test_a_token_taken_back_ends_the_account_and_a_missing_intent_says_what_to_do(stage: Any) -> None:
    from gator.errors import Refused

    here = stage()
    bot, _, _, account = await nova(here)
    token = bot.token
    async with here.core.store.open_work(here.operator) as work:
        (await work.accounts.get(account.id)).options = {**account.options, "hears_names": True}
    account.options = {**account.options, "hears_names": True}
    with pytest.raises(Refused, match="message content"):
        await here.platform.run(account, token, here.core)
    del here.discord.bots[token]
    with pytest.raises(Refused, match="token"):
        await here.platform.run(account, token, here.core)
    assert not here.platform.channel.holds(account.id)


async def test_many_shards_are_one_account(stage: Any) -> None:
    here = stage(*["Yes."] * 9)
    bot, _chat, ada, account = await nova(here, identify_pause_s=0.01)
    rooms = [here.discord.channel(here.discord.guild(f"Club {n}", bot), "general") for n in range(4)]
    here.discord.gateway.shards = 3
    async with here.runs(account):
        await until(lambda: len(here.discord.happened("identify")) == 3)
        for room in rooms:
            await here.discord.say(ada, room, f"<@{bot.id}> {room.id}")
        assert sorted(await here.heard(4)) == sorted(room.id for room in rooms)
    assert sorted(entry["shard"] for entry in here.discord.happened("identify")) == [(0, 3), (1, 3), (2, 3)]


async def test_talk_among_others_in_a_known_thread_is_not_read_as_if_it_were_private(stage: Any) -> None:
    here = stage(*["Yes."] * 9)
    bot, _chat, ada, account = await nova(here)
    room = here.discord.channel(here.discord.guild("Atlas Club", bot), "general")
    async with here.runs(account):
        await here.discord.say(ada, room, f"<@{bot.id}> one")
        await here.heard(1)
        await here.discord.gateway.forget(bot)
        await here.discord.say(ada, room, f"what did <@{ada}> say?")
        await here.discord.say(ada, room, f"<@{bot.id}> two")
        await here.discord.gateway.of(bot)
        assert await here.heard(2) == ["one", "two"]
    async with here.core.store.open_work(here.operator, reads=True) as work:
        assert {row.kind for row in await work.conversations.of(persona_id=account.persona_id)} == {"group"}


@pytest.mark.parametrize("mark", ["kept", "older", "lost"])
async def test_the_first_words_of_a_stranger_between_two_processes_are_heard_by_the_next_once(
    stage: Any, mark: str
) -> None:
    here = stage(*["Yes."] * 9)
    bot, chat, ada, account = await nova(here)
    async with here.runs(account):
        await here.discord.say(ada, chat, "I was here before")
        await here.heard(1)
    bob = here.discord.person("Bob")
    strange = here.discord.dm(bot, bob)
    await here.discord.say(bob, strange, "hello, I am new")
    account = await here.held(account.id)
    if mark == "older":  # it was killed before it could note what it had heard
        account.sessions = [{**account.sessions[0], "sequence": 1}]
    if mark == "lost":
        await here.discord.gateway.forget(bot)
    async with here.runs(account):
        if mark == "lost":  # nobody can know of that chat then; the next words bring it up
            await here.discord.say(bob, strange, "anybody?")
        else:
            await until(lambda: here.discord.happened("session_ended"))  # the old one; the new one goes on
        await here.discord.say(ada, chat, "and I am still here")
        heard = await here.heard(4 if mark == "lost" else 3)
    assert sorted(heard) == sorted(
        ["I was here before", "hello, I am new", "and I am still here"] + (["anybody?"] if mark == "lost" else [])
    )
    assert len(here.discord.happened("identify")) == 2
    assert [entry["known"] for entry in here.discord.happened("resume")] == [mark != "lost"]
    kept = (await here.held(account.id)).sessions
    assert [one["session"] for one in kept] == [next(reversed(here.discord.gateway.sessions))]


async def test_what_is_heard_and_not_written_down_yet_is_replayed_to_the_next_process(stage: Any) -> None:
    here = stage(*["Yes."] * 9)
    bot, chat, ada, account = await nova(here)
    bob = here.discord.person("Bob")
    strange = here.discord.dm(bot, bob)
    blocked = here.discord.faults
    async with here.runs(account):
        await here.discord.say(ada, chat, "one")
        await here.heard(1)
        # Nobody is let into the strange chat: its words wait in memory until the process is gone.
        blocked.append(Fault("status", rf"GET .*/channels/{strange.id}", times=10_000, status=503))
        await here.discord.say(bob, strange, "two")
        await until(lambda: any(strange.id in one["path"] for one in here.discord.happened("request")))
        await here.discord.say(ada, chat, "three")
        await here.heard(2)
    blocked.clear()
    async with here.runs(await here.held(account.id)):
        assert sorted(await here.heard(3)) == ["one", "three", "two"]
