"""Trouble of every kind: a database or a network that is away, limits, tokens in logs, and the roster around it all."""

import asyncio
import logging
import shutil
from pathlib import Path
from typing import Any

import discord
import pytest
import yarl
from sqlalchemy.exc import OperationalError

from bots.channel import Receipt
from bots.discord import lanes
from bots.discord.lanes import Lanes
from bots.discord.wire import Gateway, Wire
from bots.roster import Roster
from gator.errors import Refused, Unavailable
from tests import databases
from tests.bots.discord.conftest import Stage, item, until, until_so
from tests.servers.discord_world import Bot, Channel, Fault


@pytest.fixture
def database_url(home: Path) -> str:
    """One kind of database is enough here: what is tested is between us and Discord."""
    shutil.copy(databases.migrated_sqlite(), home / "gator.db")
    return f"sqlite+aiosqlite:///{home / 'gator.db'}"


async def nova(here: Stage, **options: Any) -> tuple[Bot, Channel, str, Any]:
    bot = here.discord.bot("Nova")
    ada = here.discord.person("Ada")
    account = await here.account(bot, await here.persona(), **options)
    return bot, here.discord.dm(bot, ada), ada, account


async def test_steps_wait_for_a_database_that_is_away_and_a_bug_costs_one_step() -> None:
    done: list[str] = []
    line = Lanes()
    away = [OperationalError("insert", {}, Exception("away"))] * 2

    async def written() -> None:
        if away:
            raise away.pop()
        done.append("written")

    async def broken() -> None:
        raise RuntimeError("a bug")

    async def refused() -> None:
        raise Refused("no")

    async def last() -> None:
        done.append("last")

    for step in (written, broken, refused, last):
        assert line.put("chat", step, lambda: done.append("over"))
    assert line.put("another chat", last)
    await until(lambda: line.empty)
    assert done == ["last", "written", "over", "over", "over", "last", "over"]


async def test_more_than_can_wait_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "MOST_WAITING", 2)
    line = Lanes()
    gate = asyncio.Event()

    async def step() -> None:
        await gate.wait()

    assert [line.put("chat", step) for _ in range(3)] == [True, True, False]
    await line.stop()
    assert line.empty


async def test_an_account_that_is_overrun_starts_over_and_loses_nothing(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = stage(*["Yes."] * 9)
    bot, chat, ada, account = await nova(here)
    async with here.runs(account):
        await here.discord.say(ada, chat, "0")
        await here.heard(1)
    monkeypatch.setattr(lanes, "MOST_WAITING", 1)
    account = await here.held(account.id)
    running = asyncio.create_task(here.platform.run(account, bot.token, here.core))
    await here.discord.gateway.of(bot)
    for n in range(1, 6):
        await here.discord.say(ada, chat, f"{n}")
    with pytest.raises(Unavailable):
        await running
    monkeypatch.setattr(lanes, "MOST_WAITING", 100)
    async with here.runs(await here.held(account.id)):
        assert await here.heard(6) == ["0", "1", "2", "3", "4", "5"]


async def test_while_discord_cannot_be_reached_nothing_uses_up_its_tries(stage: Any) -> None:
    here = stage("Yes.", "Yes.")
    bot, chat, ada, account = await nova(here)
    async with here.runs(account):
        here.discord.gateway.open = False
        await here.discord.gateway.cut(bot)
        await until(lambda: not here.platform.channel.holds(account.id))
        told = here.discord.write(chat, here.discord.people[ada], "are you there?")
        here.discord.gateway.open = True
        await until(lambda: here.platform.channel.holds(account.id))
        await here.discord.gateway.tell("MESSAGE_CREATE", told, chat)
        assert await here.heard(1) == ["are you there?"]


async def test_catching_up_waits_for_discord_and_keeps_the_order(stage: Any) -> None:
    here = stage(*["Yes."] * 9)
    bot, chat, ada, account = await nova(here)
    async with here.runs(account):
        await here.discord.say(ada, chat, "one")
        await here.heard(1)
        here.discord.faults.append(Fault(r"GET .*/channels/\d+/messages", "before", times=2))
        await here.discord.gateway.forget(bot)
        await here.discord.say(ada, chat, "two")
        await here.discord.gateway.of(bot)
        await here.discord.say(ada, chat, "three")
        assert await here.heard(3) == ["one", "two", "three"]


async def test_however_many_send_at_once_the_limit_of_all_routes_is_never_run_into(stage: Any) -> None:
    here = stage()
    bot, _, _, account = await nova(here)
    chats = [here.discord.dm(bot, here.discord.person(f"Fan {n}")) for n in range(25)]  # three requests each
    async with here.runs(account):
        await asyncio.gather(*[here.platform.channel.send(item(account, chat.id, "hello")) for chat in chats])
    assert all(len(chat.messages) == 1 for chat in chats)
    assert here.discord.happened("global_limit") == []


async def test_a_webhooks_limit_is_the_outboxes_to_wait_for(stage: Any) -> None:
    here = stage()
    bot, _, _ada, account = await nova(here)
    room = here.discord.channel(here.discord.guild("Atlas Club", bot), "general")
    channel = here.platform.channel
    async with here.runs(account):
        first = await channel.send(item(account, room.id, "one", speaker_name="Nova"))
        here.discord.faults.append(Fault(r"POST .*/webhooks/", "limited", retry_after=0.2))
        second = item(account, room.id, "two", speaker_name="Nova")
        for _ in range(3):  # once refused, the others are not even tried
            with pytest.raises(Unavailable) as wait:
                await channel.send(second)
            assert 0 < (wait.value.retry_after_s or 0) <= 0.2
        asked = [one for one in here.discord.happened("request") if "/hook-secret" in one["path"]]
        assert len(asked) == 2
        await asyncio.sleep(0.2)
        assert await channel.send(second) != first
    assert [one["content"] for one in room.messages] == ["one", "two"]


async def test_no_token_is_ever_logged(
    stage: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    here = stage()
    bot, chat, ada, account = await nova(here)
    room = here.discord.channel(here.discord.guild("Atlas Club", bot), "general")
    here.discord.faults.append(Fault(r"POST .*/callback", "limited"))
    here.discord.faults.append(Fault(r"POST .*/webhooks/", "limited"))
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        async with here.runs(account):
            made = await here.discord.interact(ada, chat, bot, 2, {"id": "1", "name": "help"})
            await until(lambda: len(made.answers) > 1)
            with pytest.raises(Unavailable):
                await here.platform.channel.send(item(account, room.id, "hello", speaker_name="Nova"))
    finally:
        logging.getLogger().setLevel(logging.WARNING)
    written = caplog.text + "".join(capsys.readouterr())
    assert "429" in written
    assert bot.token not in written
    assert made.token not in written
    assert "hook-secret" not in written


async def test_the_roster_runs_an_account_from_its_row_alone(stage: Any) -> None:
    here = stage("Yes.")
    bot, chat, ada, account = await nova(here)
    async with here.core.store.open_work(here.operator) as work:
        await work.accounts.let_go(account.id, "tests")
    keeping = [asyncio.create_task(Roster(here.core).keep()), asyncio.create_task(here.core.keep_watch())]
    try:
        await here.discord.gateway.of(bot)
        await here.discord.say(ada, chat, "hello")
        await until(lambda: "Yes." in here.discord.said(bot, chat))

        async def kept() -> bool:
            async with here.core.store.open_work(here.operator, reads=True) as work:
                return int((await work.accounts.get(account.id)).cursor or 0) >= int(chat.messages[0]["id"])

        await until_so(kept)
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)


async def test_a_process_that_dies_between_sending_and_writing_the_receipt_sends_once(stage: Any) -> None:
    here = stage("The tide is low.")
    bot, chat, ada, account = await nova(here)
    sending = here.platform.channel.send
    died: list[str] = []

    async def send_and_die(piece: Any) -> Receipt:
        receipt = await sending(piece)
        if "tide" in piece.text and not died:
            died.append(piece.id)
            raise asyncio.CancelledError
        return receipt

    here.platform.channel.send = send_and_die
    async with here.runs(account):
        await here.discord.say(ada, chat, "how is the sea?")
        await until(lambda: died)
        async with here.core.store.open_work(here.operator) as work:
            await work.outbox.break_leases()

        async def sent() -> bool:
            return [row.state for row in await here.outbox()] == ["sent", "sent"]

        await until_so(sent)
    assert [text for text in here.discord.said(bot, chat) if "tide" in text] == ["The tide is low."]


async def test_a_line_on_which_discord_says_nothing_is_closed_when_it_is_given_up(stage: Any) -> None:
    here = stage()
    bot, _, _, account = await nova(here)
    here.discord.gateway.greets = False
    wire = Wire(account.options, discord.Intents.none(), lambda *_: None)
    try:
        await wire.sign_in(bot.token)
        at = yarl.URL(here.discord.gateway.url)
        opening = asyncio.create_task(Gateway.from_client(wire, shard_id=0, gateway=at))
        await until(lambda: here.discord.happened("connected"))
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        await until(lambda: here.discord.happened("left"))
    finally:
        await wire.close()
