"""Does the loop go on while SQLite waits, and is a connection whole after a cancellation?"""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import delete, event, insert, text

from gator.principal import Principal
from memory.models import User
from memory.store import Store


@pytest.fixture
def other_process(store: Store) -> sqlite3.Connection:
    """A connection that takes the write lock as another process would."""
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's drivers are not ours")
    return sqlite3.connect(Path(str(store.engine.url.database)), isolation_level=None)


async def test_a_writer_waits_for_another_process_while_the_loop_goes_on(
    store: Store, operator: Principal, other_process: sqlite3.Connection
) -> None:
    other_process.execute("BEGIN IMMEDIATE")

    async def add() -> None:
        async with store.open_work(operator) as work:
            await work.people.add_user("eve", [])

    adding = asyncio.create_task(add())
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert not adding.done()
    async with store.open_work(operator, reads=True) as work:  # readers wait for nobody
        assert await work.people.user_named("eve") is None
    other_process.execute("COMMIT")
    await adding
    other_process.close()
    async with store.open_work(operator, reads=True) as work:
        assert await work.people.user_named("eve") is not None


async def test_who_is_cancelled_leaves_a_connection_that_works(
    store: Store, operator: Principal, other_process: sqlite3.Connection
) -> None:
    async def add(name: str) -> None:
        async with store.open_work(operator) as work:
            await work.people.add_user(name, [])

    for turns in range(12):  # cancelled after ever more steps: while it waits, writes, commits
        task = asyncio.create_task(add(f"user{turns}"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await add("the last")
    other_process.execute("BEGIN IMMEDIATE")  # nobody holds a lock any more
    other_process.close()


async def test_who_is_cancelled_while_writing_many_rows_lets_go_of_the_lock_though_its_traceback_is_kept(
    store: Store, operator: Principal, other_process: sqlite3.Connection
) -> None:
    writing, kept = asyncio.Event(), []
    event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *told: told[-1] and writing.set())
    many = [{"id": f"{n}", "workspace": operator.workspace, "name": f"user{n}", "roles": []} for n in range(2000)]

    async def add_many() -> None:
        async with store.open_work(operator) as work:
            try:
                await work.session.execute(insert(User), many)
            except asyncio.CancelledError as end:
                kept.append(end)  # as a logged error or a cycle of frames does
                raise

    task = asyncio.create_task(add_many())
    await writing.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert kept
    other_process.execute("PRAGMA busy_timeout=0")
    other_process.execute("BEGIN IMMEDIATE")
    assert other_process.execute('SELECT count(*) FROM "user"').fetchone() == (1,)
    other_process.close()


async def test_a_delete_runs_apart_and_is_part_of_the_transaction(store: Store, operator: Principal) -> None:
    with pytest.raises(ValueError):
        async with store.open_work(operator) as work:
            await work.session.execute(delete(User).where(User.id == operator.subject))
            raise ValueError
    async with store.open_work(operator, reads=True) as work:
        assert await work.session.scalar(text('SELECT count(*) FROM "user"')) == 1
