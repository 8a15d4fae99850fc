"""How is something done by one alone, in this process and in all of them? By its name here, and on a server by a lock of the
database that ends with whoever holds it. What is done under it is safe without it too, only done twice.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from memory.store import Store

_here: set[tuple[str, str]] = set()  # the database, and what is done there by this process


@asynccontextmanager
async def alone(store: Store, what: str) -> AsyncIterator[bool]:
    """Whether nobody else does it now; if so, nobody does for as long as the block lasts."""
    this = store.url, what
    if this in _here:
        yield False
        return
    _here.add(this)
    try:
        async with _in_all_processes(store, what) as mine:
            yield mine
    finally:
        _here.discard(this)


@asynccontextmanager
async def _in_all_processes(store: Store, what: str) -> AsyncIterator[bool]:
    if store.engine.dialect.name != "postgresql":
        yield True  # SQLite serves one process
        return
    async with store.engine.connect() as connection, connection.begin():
        lock = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:what, 0))")
        yield bool(await connection.scalar(lock, {"what": what}))
