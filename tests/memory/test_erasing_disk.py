"""Does what was deleted go from the disk without holding anybody up?"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text

from memory import erasing_disk
from memory.models import Message
from memory.store import Store
from tests import databases


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for."""
    monkeypatch.setattr(erasing_disk, "PATIENCE_S", 0.0)
    monkeypatch.setattr(erasing_disk, "AGAIN_S", 0.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with closing(opened(tmp_path / "one.db")) as one:
        one.execute("PRAGMA journal_mode=WAL")
        one.execute("CREATE TABLE said (words TEXT)")
    return tmp_path / "one.db"


@pytest.fixture
async def lite(file: Path) -> AsyncIterator[Store]:
    store = Store(f"sqlite+aiosqlite:///{file}")
    yield store
    await store.close()


@pytest.fixture
async def server() -> AsyncIterator[Store]:
    with databases.emptied(databases.postgres_url()) as url:
        store = Store(url)
        yield store
        await store.close()


def opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, isolation_level=None, timeout=0)


@contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """As a backup does: what is written from now on stays in the log until it is over."""
    with closing(opened(file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM said").fetchall()
        yield reader


def log_of(file: Path) -> int:
    return file.with_name(file.name + "-wal").stat().st_size


def test_a_log_that_somebody_reads_is_left_at_once_and_cut_off_afterwards(file: Path) -> None:
    with closing(opened(file)) as writer:
        with reading(file):
            writer.execute("INSERT INTO said VALUES ('heron')")
            assert not erasing_disk.cut_log(file)
            assert log_of(file)
        assert erasing_disk.cut_log(file)
        assert log_of(file) == 0


def test_a_log_is_not_cut_off_while_somebody_writes(file: Path) -> None:
    with closing(opened(file)) as writer:
        writer.execute("INSERT INTO said VALUES ('heron')")
        writer.execute("BEGIN IMMEDIATE")
        assert not erasing_disk.cut_log(file)
        writer.execute("COMMIT")
        assert erasing_disk.cut_log(file)


async def test_writers_are_never_kept_waiting_by_a_log_that_cannot_be_cut_off(file: Path) -> None:
    with closing(opened(file)) as writer, reading(file):
        writer.execute("INSERT INTO said VALUES ('heron')")
        loop = asyncio.get_running_loop()
        trying = loop.run_in_executor(None, lambda: [erasing_disk.cut_log(file) for _ in range(50)])
        written = 0
        while not trying.done():
            try:
                writer.execute("INSERT INTO said VALUES ('more')")
                written += 1
            except sqlite3.OperationalError as busy:  # this writer has no patience at all
                raise AssertionError("the log's cutting held the lock of the writers") from busy
            await asyncio.sleep(0)
        assert not any(await trying)
        assert written


async def test_what_was_left_is_done_when_nobody_reads_any_more(lite: Store, file: Path, soon: None) -> None:
    with closing(opened(file)) as writer:
        with reading(file):
            writer.execute("INSERT INTO said VALUES ('heron')")
            assert not await erasing_disk.scrub(lite)
            assert not await erasing_disk.scrub_what_was_left(lite)
        assert await erasing_disk.scrub_what_was_left(lite)
        assert log_of(file) == 0


async def test_what_a_process_left_that_died_is_done_at_the_start(lite: Store, file: Path) -> None:
    with closing(opened(file)) as writer:
        writer.execute("INSERT INTO said VALUES ('heron')")
        assert await erasing_disk.scrub_what_was_left(lite)
        assert log_of(file) == 0


async def test_other_files_are_cut_off_beside(lite: Store, tmp_path: Path) -> None:
    beside = tmp_path / "waiting.db"
    with closing(opened(beside)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE said (words TEXT)")
        assert log_of(beside)
        assert await erasing_disk.scrub(lite, [beside, tmp_path / "not-there.db"])
        assert log_of(beside) == 0


async def test_no_turn_waits_for_a_vacuum_that_somebody_holds_up(server: Store, soon: None) -> None:
    async with server.engine.connect() as other:
        await other.execute(text("LOCK TABLE fact IN SHARE UPDATE EXCLUSIVE MODE"))  # as a vacuum does, or an ANALYZE
        asked = [asyncio.create_task(erasing_disk.scrub(server)) for _ in range(16)]
        async with asyncio.timeout(20):
            for _ in range(20):
                async with server.engine.connect() as one:
                    await one.scalar(select(Message.id).limit(1))
            assert await asyncio.gather(*asked) == [False] * 16
        assert server.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
        assert not await erasing_disk.scrub_what_was_left(server)
        await other.rollback()
    assert await erasing_disk.scrub_what_was_left(server)


async def test_a_vacuum_is_not_done_while_somebody_may_still_see_what_was_deleted(server: Store, soon: None) -> None:
    async with server.engine.connect() as other:
        await other.execution_options(isolation_level="REPEATABLE READ")
        await other.scalar(select(Message.id).limit(1))
        assert not await erasing_disk.scrub(server)
        await other.rollback()
    assert await erasing_disk.scrub_what_was_left(server)


async def test_a_server_that_is_away_raises_nothing(soon: None) -> None:
    gone = Store("postgresql+psycopg://nobody@127.0.0.1:9/none")
    assert not await erasing_disk.scrub(gone)
    await gone.close()


async def test_many_who_ask_at_once_are_served(store: Store) -> None:
    assert await asyncio.gather(*(erasing_disk.scrub(store) for _ in range(16))) == [True] * 16
