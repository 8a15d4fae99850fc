"""How does one process of several do something alone? By a lock of the database that ends with whoever holds it.

SQLite serves one process, so there everybody is alone. What is done under it is safe without it too, only done twice.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from memory.store import Store


@asynccontextmanager
async def alone(store: Store, what: str) -> AsyncIterator[bool]:
    """Whether nobody else does it now; if so, nobody does for as long as the block lasts."""
    if store.engine.dialect.name != "postgresql":
        yield True
        return
    async with store.engine.connect() as connection, connection.begin():
        lock = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:what, 0))")
        yield bool(await connection.scalar(lock, {"what": what}))
