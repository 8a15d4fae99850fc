"""The store: one transaction a unit of work, on both databases."""

import asyncio
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.exc import StatementError

from gator.errors import NotFound, Refused
from gator.principal import Principal, service
from memory import schema
from memory.models import Workspace
from memory.store import Store


async def test_what_a_block_did_is_gone_when_it_raises(store: Store, operator: Principal) -> None:
    with pytest.raises(ValueError):
        async with store.open_work(operator) as work:
            await work.people.add_user("eve", [])
            raise ValueError

    async with store.open_work(operator, reads=True) as work:
        assert [user.name for user in await work.people.users()] == ["owner"]


async def test_a_time_without_a_zone_is_refused(store: Store, operator: Principal) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        async with store.open_work(operator) as work:
            token = await work.people.add_token("api", "s", operator.subject)
            token.expires_at = datetime(2026, 1, 1)
            await work.session.flush()


async def test_nobody_sees_a_row_of_another_workspace(store: Store, operator: Principal) -> None:
    async with store.open_work(operator) as work:
        other = Workspace(slug="other", name="Other")
        work.session.add(other)
        persona = await work.personas.create("nova", "Nova", {"name": "Nova"}, author="tests")
    stranger = service(other.id, "stranger")

    async with store.open_work(stranger, reads=True) as work:
        assert await work.personas.all() == []
        with pytest.raises(NotFound):
            await work.personas.get(persona.id)


async def test_two_writers_at_once_both_succeed(store: Store, operator: Principal) -> None:
    async def add(name: str) -> None:
        async with store.open_work(operator) as work:
            await work.people.users()
            await asyncio.sleep(0)
            await work.people.add_user(name, [])

    await asyncio.gather(*(add(f"user{n}") for n in range(12)))

    async with store.open_work(operator, reads=True) as work:
        assert len(await work.people.users()) == 13


async def test_of_two_who_use_a_code_at_once_one_gets_in(store: Store, operator: Principal) -> None:
    async with store.open_work(operator) as work:
        await work.people.add_token("signin", "code", operator.subject)

    async def use() -> bool:
        async with store.open_work(operator) as work:
            return await work.people.use_token("signin", "code") is not None

    assert sorted(await asyncio.gather(use(), use())) == [False, True]


async def test_a_lease_is_held_by_one_and_an_old_fence_no_longer_counts(store: Store, operator: Principal) -> None:
    from datetime import timedelta

    minute = timedelta(minutes=1)
    async with store.open_work(operator) as work:
        room = await work.conversations.meet("web", "", "t", user_id=operator.subject)
        first = await work.turns.take(room.id, "a", -minute)  # ran out at once
        assert first is not None
        old = first.fence
        second = await work.turns.take(room.id, "b", minute)
        assert second is not None
        assert second.fence == old + 1
        assert await work.turns.take(room.id, "a", minute) is None
        assert not await work.turns.let_go(room.id, old)
        assert not await work.turns.renew(room.id, old, minute)
        assert await work.turns.let_go(room.id, second.fence)
        assert await work.turns.renew(room.id, second.fence, minute)  # late: it was not lost, and is not held again
        assert await work.turns.take(room.id, "a", minute) is not None


def test_models_and_migrations_agree_and_go_down_again(database_url: str) -> None:
    engine = create_engine(database_url.replace("+aiosqlite", ""))
    with engine.begin() as connection:  # as LangGraph's saver does in the same PostgreSQL
        connection.execute(text("CREATE TABLE IF NOT EXISTS checkpoint_of_a_saver (thread_id TEXT PRIMARY KEY)"))
    engine.dispose()
    assert schema.differences(database_url) == []
    schema.downgrade(database_url)
    schema.upgrade(database_url)
    assert schema.differences(database_url) == []


def test_the_newest_revision_is_the_one_that_alembic_finds(database_url: str) -> None:
    newest = ScriptDirectory(str(Path(schema.__file__).parent / "migrations")).get_current_head()
    assert schema.revisions(database_url) == (newest, newest)


async def test_the_audit_log_shows_a_changed_row(store: Store, operator: Principal) -> None:
    async with store.open_work(operator) as work:
        await work.audit.note("persona.create", "nova")
        await work.audit.note("persona.remove", "nova")
        assert await work.audit.first_broken() is None
        first = (await work.audit.recent())[-1]
    async with store.open_work(operator) as work:
        await work.session.execute(text("UPDATE audit SET subject = 'mira' WHERE id = :id"), {"id": first.id})
    async with store.open_work(operator, reads=True) as work:
        assert await work.audit.first_broken() == first.id


async def test_of_two_who_note_at_once_neither_loses_what_the_other_noted(store: Store, operator: Principal) -> None:
    async with store.open_work(operator) as work:
        room = await work.conversations.meet("web", "", "notes", user_id=operator.subject)

    async def note(**notes: str) -> None:
        async with store.open_work(operator) as work:
            await work.conversations.get(room.id)  # as it was before the other one noted
            await asyncio.sleep(0.01)
            await work.conversations.note(room.id, **notes)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(note(**{f"n{number}": "kept"}) for number in range(5)))
    async with store.open_work(operator, reads=True) as work:
        assert (await work.conversations.get(room.id)).notes == {f"n{number}": "kept" for number in range(5)}
        with pytest.raises(NotFound):
            await work.conversations.note("nobody", told=True)


async def test_a_nul_in_an_id_finds_nothing_or_is_refused(store: Store, operator: Principal) -> None:
    """SQLite holds such a text, PostgreSQL none; on neither is it a bug of ours."""
    async with store.open_work(operator, reads=True) as work:
        with suppress(Refused):
            assert not await work.assets.by_ids(["\0"])
