"""How do the writers of one process share SQLite, which has one writer and waits for the disk at each commit?

One after the other, first come, first served: SQLite's own busy handler polls, so that of many who wait some starve for
seconds. Whoever is done while others wait does not commit by itself: the next one goes on in the same transaction, behind a
savepoint, and the last of them commits for all. Nobody is told that it is done before that commit is on the disk.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.util import greenlet_spawn

from memory.prepared import CONNECTION

MOST = 24  # units of work in one transaction: the first of them waits for the last


@dataclass(slots=True)
class _Shared:
    """A transaction, and those who are done in it and wait for its commit."""

    connection: AsyncConnection
    committed: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    done: int = 0


class Turnstile:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._lock = asyncio.Lock()
        self._waiting = 0
        self._shared: _Shared | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A session that alone writes; what it wrote is on the disk when the block is over, or taken back when it raises."""
        shared = await self._enter()
        mode: Any = "create_savepoint" if shared.done else "rollback_only"
        session = AsyncSession(shared.connection, join_transaction_mode=mode, expire_on_commit=False, autoflush=False)
        try:
            if not shared.done:
                session.info[CONNECTION] = shared.connection.sync_connection
            yield session
            if session.in_transaction():  # else there were only statements that are prepared
                await session.run_sync(_end)
        except BaseException:
            await session.close()
            await self._leave_failed(shared)
            raise
        await self._leave(shared)

    async def _enter(self) -> _Shared:
        self._waiting += 1
        try:
            await self._lock.acquire()
        except asyncio.CancelledError:
            self._waiting -= 1
            self._end_for_those_left()
            raise
        self._waiting -= 1
        if self._shared is None:
            try:
                self._shared = _Shared(
                    AsyncConnection(self._engine, await greenlet_spawn(_begin, self._engine.sync_engine))
                )
            except BaseException:
                self._lock.release()
                raise
        return self._shared

    async def _leave(self, shared: _Shared) -> None:
        """Wait for the commit that others make, or make it."""
        shared.done += 1
        if self._waiting and shared.done < MOST:
            self._lock.release()
            await _until(shared.committed)
        elif shared.done == 1:
            self._shared = None
            try:
                await _commit(shared.connection)
            finally:
                self._lock.release()
        else:
            await self._commit_for_all(shared)

    async def _leave_failed(self, shared: _Shared) -> None:
        if not shared.done:  # nobody else's work is in it
            self._shared = None
            try:
                await shared.connection.close()
            finally:
                self._lock.release()
        elif self._waiting:
            self._lock.release()
        else:
            await self._commit_for_all(shared)

    async def _commit_for_all(self, shared: _Shared) -> None:
        """In a task of its own, as whoever is here may be cancelled, and the others are not."""
        self._shared = None
        task = asyncio.create_task(_commit(shared.connection), name="shared commit")
        task.add_done_callback(lambda _: self._tell(shared, task))
        await _until(task)

    def _tell(self, shared: _Shared, task: asyncio.Task[None]) -> None:
        self._lock.release()
        if task.cancelled():
            shared.committed.cancel()
        elif wrong := task.exception():
            shared.committed.set_exception(wrong)
            shared.committed.exception()  # there may be nobody left who asks
        else:
            shared.committed.set_result(None)

    def _end_for_those_left(self) -> None:
        """Somebody stopped waiting; if nobody else comes, those who are done would wait for ever."""
        if self._shared and not self._waiting:
            task = asyncio.create_task(self._end(), name="commit of those left")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _end(self) -> None:
        await self._lock.acquire()
        if self._shared is None:
            self._lock.release()
        else:
            await self._commit_for_all(self._shared)


# Each step from asyncio into SQLAlchemy and back costs as much as a statement: what belongs together is one step.


def _begin(engine: Engine) -> Connection:
    connection = engine.connect()
    try:
        connection.begin()
    except BaseException:
        connection.close()
        raise
    return connection


def _end(session: Session) -> None:
    session.commit()
    session.close()


async def _commit(connection: AsyncConnection) -> None:
    """Raises OperationalError where SQLite has taken everything back by itself, as it does when the disk is full."""
    await connection.run_sync(_commit_and_close)


def _commit_and_close(connection: Connection) -> None:
    try:
        driver: Any = connection.connection.dbapi_connection
        if not driver.in_transaction:
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("the transaction was taken back"))
        connection.commit()
    finally:
        connection.close()


async def _until(done: asyncio.Future[None]) -> None:
    """Wait for it, even when cancelled meanwhile: what is in the shared transaction cannot be taken back alone."""
    cancelled: asyncio.CancelledError | None = None
    while not done.done():
        try:
            await asyncio.wait({done})
        except asyncio.CancelledError as end:
            cancelled = end
    if cancelled:
        raise cancelled
    done.result()
