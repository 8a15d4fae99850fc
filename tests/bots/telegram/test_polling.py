"""Updates come in by polling: each once, in order, and none is told to Telegram as taken before it is in the journal."""

import pytest
from sqlalchemy.exc import OperationalError

from bots.telegram.polling import read_cursor, write_cursor
from gator.clock import now
from gator.errors import Refused, Unavailable
from memory.models import Account
from tests.bots.telegram.conftest import Stage, until
from tests.conftest import database_url as database_url  # both databases
from tests.servers.telegram import Fault


async def nova(stage: Stage) -> Account:
    return await stage.account(stage.api.bot(7001, "nova_bot"), await stage.persona())


async def test_a_fans_words_reach_the_core_with_who_and_where(stage: Stage) -> None:
    account = await nova(stage)
    side = next(iter(stage.api.bots.values()))
    async with stage.runs(account):
        message = stage.api.says(side, stage.api.person(11, "Ada", "de"), "hello")
        await until(lambda: stage.core.received)
    got = stage.core.received[0]
    assert (got.text, got.platform_id, got.locale) == ("hello", f"11:{message['message_id']}", "de")
    assert got.principal.persona == account.persona_id
    assert got.settle_s > 0


async def test_an_hours_gap_is_caught_up_in_order(stage: Stage) -> None:
    account = await nova(stage)
    side = next(iter(stage.api.bots.values()))
    ada, bob = stage.api.person(11), stage.api.person(12, "Bob")
    for n in range(130):
        stage.api.says(side, ada if n % 2 else bob, f"{n}")
    async with stage.runs(account):
        await until(lambda: len(stage.core.received) == 130)
    by_chat = [
        [int(one.text) for one in stage.core.received if one.platform_id.startswith(f"{id}:")] for id in (11, 12)
    ]
    assert all(texts == sorted(texts) for texts in by_chat)


async def test_the_offset_moves_only_after_the_journal_has_it(stage: Stage) -> None:
    account = await nova(stage)
    side = next(iter(stage.api.bots.values()))
    stage.core.breaks.append(OperationalError("insert", {}, Exception("the database is away")))
    stage.api.says(side, stage.api.person(11), "hello")
    async with stage.runs(account):
        await until(lambda: not stage.core.breaks)
        assert len(side.updates) == 1
        await until(lambda: stage.core.texts == ["hello"])
        await until(lambda: not side.updates)


async def test_a_restart_goes_on_where_the_journal_is(stage: Stage) -> None:
    account = await nova(stage)
    side = next(iter(stage.api.bots.values()))
    async with stage.runs(account):
        update = stage.api.push(side, message=stage.api.says(side, stage.api.person(11), "hello"))
        await until(lambda: stage.core.texts == ["hello"])
        await until(lambda: not side.updates)
    async with stage.core.store.open_work(stage.operator, reads=True) as work:
        cursor = (await work.accounts.get(account.id)).cursor
    assert cursor.startswith(f"{update['update_id'] + 1}@")
    async with stage.runs(account):
        stage.api.says(side, stage.api.person(11), "again")
        await until(lambda: stage.core.texts == ["hello", "again"])


async def test_many_bots_run_in_one_process_and_do_not_mix(stage: Stage) -> None:
    sides = [stage.api.bot(7000 + n, f"bot_{n}") for n in range(5)]
    accounts = [await stage.account(side, await stage.persona(f"P{side.id}")) for side in sides]
    async with stage.runs(*accounts):
        for side in sides:
            stage.api.says(side, stage.api.person(11), f"for {side.id}")
        await until(lambda: len(stage.core.received) == 5)
    assert {one.account: one.text for one in stage.core.received} == {
        account.id: f"for {account.external_id}" for account in accounts
    }


async def test_a_duplicate_or_late_update_is_taken_once(stage: Stage) -> None:
    account = await nova(stage)
    side = next(iter(stage.api.bots.values()))
    first = stage.api.says(side, stage.api.person(11), "one")
    stage.api.says(side, stage.api.person(11), "two")
    stage.api.push(side, message=first)
    side.updates.append(side.updates.popleft())  # the first comes last, too
    async with stage.runs(account):
        await until(lambda: not side.updates)
    assert sorted(stage.core.texts) == ["one", "two"]


async def test_a_token_that_telegram_does_not_know_is_refused(stage: Stage) -> None:
    account = await nova(stage)
    stage.api.bots.clear()
    with pytest.raises(Refused, match="token") as no:
        await stage.platform.run(account, "7001:wrong", stage.core)
    assert "7001:wrong" not in str(no.value)


async def test_telegram_away_is_unavailable_and_nothing_is_held(stage: Stage) -> None:
    account = await nova(stage)
    side = next(iter(stage.api.bots.values()))
    stage.api.fault("getMe", Fault(cut="before"))
    with pytest.raises(Unavailable):
        await stage.platform.run(account, side.token, stage.core)
    assert not stage.platform.channel.holds(account.id)


async def test_a_second_poller_of_the_same_bot_is_told_of(stage: Stage) -> None:
    account = await nova(stage)
    side = next(iter(stage.api.bots.values()))
    conflict = Fault(status=409, description="Conflict: terminated by other getUpdates request")
    stage.api.fault("getUpdates", *[conflict] * 3)
    with pytest.raises(Unavailable, match="Another program"):
        async with stage.runs(account) as tasks:
            await until(tasks[0].done)
    assert side.polls == 0


def test_a_cursor_of_last_week_is_not_used() -> None:
    cursor = write_cursor([{"update_id": 5}, {"update_id": 7}, "odd"], "", now())
    assert read_cursor(cursor, now()) == 8
    assert read_cursor("8@2020-01-01T00:00:00+00:00", now()) is None
    assert read_cursor("", now()) is None
