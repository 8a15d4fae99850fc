"""Are the bytes gone, too? SQLite writes zeros over what is deleted (`secure_delete`), but its log keeps old pages until it
is cut off; PostgreSQL keeps old rows until a vacuum.

Neither may hold up a turn, so whatever is in use is left for a later attempt: `scrub` tries for a while, and the core's watch
goes on with what it left (`scrub_what_was_left`). All who ask a process for it before an attempt begins are served by that one.
"""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from memory.store import Store

log = structlog.get_logger()

PATIENCE_S = 5.0  # how long an attempt is made again and again; then it is left
AGAIN_S = 5.0  # how long what was left rests before it is tried again
_PAUSES_S = (0.02, 0.02, 0.05, 0.1, 0.25)  # the last one again and again
LOCK_WAIT_MS = 20  # far less than the second after which PostgreSQL would end an autovacuum for us
_LOCK_TAKEN = "55P03"  # lock_not_available (https://www.postgresql.org/docs/current/errcodes-appendix.html)
_TOUCHED = (
    "approval", "asset", "conversation", "episode", "fact", "fan", "handoff", "inbound", "job", "lore_state", "message",
    "outbound", "own_word", "recall_page", "recollection", "spend", "turn",
)  # fmt: skip


async def scrub(store: Store, beside: Sequence[Path] = ()) -> bool:
    """Have the database keep no deleted byte; False when it was in use all the while. `beside` are other SQLite files."""
    return await _scrubbing(store).ask(beside)


async def scrub_what_was_left(store: Store) -> bool:
    """One attempt at what is left, if that has rested; whether nothing is."""
    return await _scrubbing(store).go_on()


def cut_log(file: Path) -> bool:
    """Write the log's pages to the file and cut the log to nothing; False when somebody uses it.

    TRUNCATE would wait for readers with the lock of all writers in its hand (https://sqlite.org/c3ref/wal_checkpoint_v2.html).
    So PASSIVE, which locks nobody out, does the work, and TRUNCATE, which is told not to wait, the last instant of it.
    """
    connection = sqlite3.connect(file, timeout=0, isolation_level=None)
    try:
        busy, pages, written = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if busy or written < pages:
            return False
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()


class _Way(Protocol):
    def anew(self, beside: Sequence[Path]) -> None:
        """Something was deleted since: all of it is to be done again."""

    async def attempt(self) -> bool:
        """Do what can be done without waiting; whether all of it is done."""


class _Scrubbing:
    """What this process does about one database."""

    def __init__(self, store: Store) -> None:
        server = store.engine.dialect.name == "postgresql"
        self._way: _Way = _Vacuum(store.url) if server else _Cut(Path(str(make_url(store.url).database)))
        self._beside: set[Path] = set()
        self._turn = asyncio.Lock()
        self._asked = 0  # how often it was asked for
        self._begun = -1  # how often when the last run began; at the start nobody knows what a dead process left
        self._left = False
        self._tried_at = -AGAIN_S

    async def ask(self, beside: Sequence[Path]) -> bool:
        self._beside.update(beside)
        self._asked += 1
        mine = self._asked
        async with self._turn:
            if self._begun < mine:
                await self._run(PATIENCE_S)
                if self._left:
                    log.warning("deleted_bytes_left")
            return not self._left

    async def go_on(self) -> bool:
        left = self._left or self._begun < self._asked
        if left and not self._turn.locked() and time.monotonic() - self._tried_at >= AGAIN_S:
            async with self._turn:
                await self._run(0.0)
            return not self._left
        return not left

    async def _run(self, patience_s: float) -> None:
        if self._begun < self._asked:
            self._way.anew(sorted(self._beside))
        self._begun, self._left = self._asked, True
        deadline, attempt = time.monotonic() + patience_s, 0
        while not (done := await self._way.attempt()) and time.monotonic() < deadline:
            await asyncio.sleep(_PAUSES_S[min(attempt, len(_PAUSES_S) - 1)])
            attempt += 1
        self._left, self._tried_at = not done, time.monotonic()


class _Cut:
    """SQLite: files whose logs are to be cut off."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._to_do: set[Path] = set()

    def anew(self, beside: Sequence[Path]) -> None:
        self._to_do = {self._file, *beside}

    async def attempt(self) -> bool:
        for file in sorted(self._to_do):
            if not file.exists() or await asyncio.to_thread(cut_log, file):
                self._to_do.discard(file)
        return not self._to_do


class _Vacuum:
    """PostgreSQL: tables that are to be vacuumed, by a connection that no turn waits for."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._to_do: set[str] = set()
        self._since: datetime | None = None  # by the server's clock; whoever reads since then may still see what went

    def anew(self, _beside: Sequence[Path]) -> None:
        self._to_do, self._since = set(_TOUCHED), None

    async def attempt(self) -> bool:
        how: Any = {"poolclass": NullPool, "hide_parameters": True, "isolation_level": "AUTOCOMMIT"}
        engine = create_async_engine(self._url, **how)
        try:
            async with engine.connect() as connection:
                await self._vacuum(connection)
        except (SQLAlchemyError, OSError):
            log.exception("vacuum_failed")  # a database that is away comes back
        return not self._to_do

    async def _vacuum(self, connection: AsyncConnection) -> None:
        self._since = self._since or await connection.scalar(text("SELECT clock_timestamp()"))
        if await connection.scalar(_SEES_IT, {"since": self._since}):
            return
        await connection.execute(text(f"SET lock_timeout = {LOCK_WAIT_MS}"))
        for name in sorted(self._to_do):
            if await _vacuumed(connection, name):
                self._to_do.discard(name)


# A vacuum leaves what a transaction that is older than the deletion could still see.
_SEES_IT = text("""
    SELECT EXISTS (
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
        AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL) AND xact_start < :since
    )
""")


async def _vacuumed(connection: AsyncConnection, name: str) -> bool:
    """Not with SKIP_LOCKED, which does not say what it skipped and is not known to servers before 12."""
    try:
        await connection.execute(text(f'VACUUM "{name}"'))
    except DBAPIError as no:
        if getattr(no.orig, "sqlstate", "") != _LOCK_TAKEN:
            raise
        return False
    return True


_AT_WORK: WeakKeyDictionary[Store, _Scrubbing] = WeakKeyDictionary()


def _scrubbing(store: Store) -> _Scrubbing:
    if store not in _AT_WORK:
        _AT_WORK[store] = _Scrubbing(store)
    return _AT_WORK[store]
