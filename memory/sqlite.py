"""How does asyncio talk to SQLite? A SQLAlchemy dialect of ours: a statement runs where it is asked for, a commit in a thread.

A statement of ours takes some ten microseconds; handing it to a thread and being woken again takes ten times as long, four
times a statement (docs/decisions/sqlite-in-the-loop.md has the figures). What may wait does not hold up the loop: a
commit, which waits for the disk, and a delete, whose size nobody knows, run in a thread; whoever finds the database busy
with another process tries again after a pause.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

from sqlalchemy import URL, event, util
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool

DRIVER = "sqlite+loop"
PATIENCE_S = 15.0  # how long a writer waits for another process
PAUSES_S = (0.001, 0.002, 0.005, 0.01, 0.025)  # as SQLite's own busy handler has them; the last one again and again

T = TypeVar("T")


def make_engine(url: URL, pool_size: int = 8) -> AsyncEngine:
    """An engine in which several processes may write: WAL, and writers that wait for each other."""
    engine = create_async_engine(
        url.set(drivername=DRIVER),
        pool_size=pool_size,
        hide_parameters=True,  # values are what people wrote, and errors go to the log
        pool_use_lifo=True,  # the connection used last still has its pages in memory
        connect_args={"factory": Connection, "timeout": PATIENCE_S, "cached_statements": 256},
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: "Connection", _record: Any) -> None:
    connection.isolation_level = None  # the driver opens no transactions of its own; _begin does
    # Last of all the driver's patience ends: from here on ours is used, which lets other tasks go on meanwhile.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "busy_timeout=0"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    # A deferred transaction that reads first and writes later fails with SQLITE_BUSY, whatever the timeout,
    # when another process wrote in between (https://sqlite.org/isolation.html); so those that may write say so at once.
    reads = connection.get_execution_options().get("gator_reads")
    driver = connection.connection.dbapi_connection
    _patiently(lambda: driver.execute("BEGIN" if reads else "BEGIN IMMEDIATE"))


class Cursor(sqlite3.Cursor):
    async def _async_soft_close(self) -> None:
        """What SQLAlchemy calls when it has read everything; there is nothing to let go of."""


class Connection(sqlite3.Connection):
    """A connection of the loop's: what it does at its end may wait for the disk."""

    written = 0  # `total_changes` at the last commit

    def cursor(self, *_: Any) -> Cursor:  # type: ignore[override]
        return super().cursor(Cursor)

    def commit(self) -> None:
        if not self.in_transaction:
            return
        if self.total_changes == self.written:
            super().commit()  # nothing to bring to the disk
        else:
            _await(_in_thread(super().commit))
            self.written = self.total_changes


class LoopDialect(SQLiteDialect_pysqlite):
    """See the module."""

    driver = "loop"
    supports_statement_cache = True
    is_async = True
    has_terminate = True

    @classmethod
    def get_pool_class(cls, _url: URL) -> type[Pool]:
        return AsyncAdaptedQueuePool

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: ExecutionContext | None = None) -> None:
        if getattr(context, "isdelete", False):
            _await(_in_thread(lambda: cursor.execute(statement, parameters)))
        else:
            _await(_DONE)  # SQLAlchemy refuses an async dialect that never awaits
            _patiently(lambda: cursor.execute(statement, parameters))

    def do_executemany(
        self, cursor: Any, statement: str, parameters: Sequence[Any], _context: ExecutionContext | None = None
    ) -> None:
        _await(_in_thread(lambda: cursor.executemany(statement, parameters)))

    # As statements of SQLAlchemy they would cost ten times as much.

    def do_savepoint(self, connection: Any, name: str) -> None:
        connection.connection.dbapi_connection.execute(f"SAVEPOINT {name}")

    def do_release_savepoint(self, connection: Any, name: str) -> None:
        connection.connection.dbapi_connection.execute(f"RELEASE SAVEPOINT {name}")

    def do_terminate(self, dbapi_connection: Any) -> None:
        # Not closing alone: SQLite keeps a closed connection, and what it has locked, for as long as somebody holds a
        # cursor of it (https://sqlite.org/c3ref/close.html), as the traceback of a task that was cancelled does.
        dbapi_connection.rollback()
        dbapi_connection.close()


registry.register(DRIVER.replace("+", "."), __name__, LoopDialect.__name__)

_await = util.await_only


class _Done:
    """Something to await that is there already."""

    def __await__(self) -> Generator[None, None, None]:
        return iter(())  # type: ignore[return-value]


_DONE = _Done()


def _patiently(call: Callable[[], T]) -> T:
    """What the call gives, tried again while another process holds the database."""
    deadline = 0.0
    for attempt in range(10_000):
        try:
            return call()
        except sqlite3.OperationalError as busy:
            # A snapshot that is out of date stays so, however long one waits.
            if (
                busy.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY
                or busy.sqlite_errorcode == sqlite3.SQLITE_BUSY_SNAPSHOT
            ):
                raise
            deadline = deadline or time.monotonic() + PATIENCE_S
            if time.monotonic() > deadline:
                raise
        _await(asyncio.sleep(PAUSES_S[min(attempt, len(PAUSES_S) - 1)]))
    raise AssertionError("the deadline ends it")


async def _in_thread(call: Callable[[], T]) -> T:
    """What the call gives. Who is cancelled meanwhile goes on when it is over: nobody uses the connection beside it."""
    done = asyncio.get_running_loop().run_in_executor(None, call)
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        while not done.done():
            try:
                await asyncio.wait({done})
            except asyncio.CancelledError:
                continue
        raise
