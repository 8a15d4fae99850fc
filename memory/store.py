"""Where are the rows? One engine for SQLite (WAL) or PostgreSQL, and the units of work opened on it."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from gator.principal import Principal
from memory import postgres, sqlite
from memory.turnstile import Turnstile
from memory.work import SEEN, Work

READS = {"gator_reads": True}
AWAY = (
    SQLAlchemyError,
    sqlite3.Error,
)  # the rows cannot be had; what is prepared gives the driver's errors as they are


def make_engine(url: str) -> AsyncEngine:
    """An engine for the URL; SQLite by a dialect of our own, whatever driver the URL names."""
    if make_url(url).get_backend_name() == "sqlite":
        return sqlite.make_engine(make_url(url))
    return postgres.make_engine(url)


class Store:
    """The database of one Gator. `wake` is told the ids of the jobs that a committed unit of work queued."""

    def __init__(self, url: str, wake: Callable[[list[str]], None] | None = None) -> None:
        self.url = url
        self.engine = make_engine(url)
        self._wake = wake
        self._turnstile = Turnstile(self.engine) if self.engine.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def open_work(self, principal: Principal, *, reads: bool = False) -> AsyncIterator[Work]:
        """One transaction: committed when the block ends, rolled back when it raises.

        `reads` promises to write nothing; such work never waits for a writer. Wakes the worker after the commit. A unit
        of work that may write is not opened inside another one: on SQLite it would wait for itself.
        """
        if self._turnstile and not reads:
            async with self._turnstile.session() as session:
                yield (work := Work(session, principal))
        else:
            session = AsyncSession(self.engine, expire_on_commit=False, autoflush=False)
            work = Work(session, principal)
            try:
                if reads:
                    session.info[SEEN] = {}
                    await session.connection(execution_options=READS)
                yield work
                await session.run_sync(_let_go if reads else _commit)
            except BaseException:
                await session.close()
                raise
        if work.queued and self._wake:
            self._wake(work.queued)

    async def close(self) -> None:
        await self.engine.dispose()


# Not the session's own context managers: each starts a task to be closed in, which costs as much as two statements.


def _commit(session: Session) -> None:
    session.commit()
    session.close()


def _let_go(session: Session) -> None:
    session.close()
