"""Where does a turn wait that a person must approve? In a LangGraph saver, for as long as it waits; then it is deleted.

Ordinary turns have none: their state is rows. SQLite savers live in a file of their own beside the database, because a
saver commits on its own connection and would otherwise fight the store for the one write lock.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from langgraph.checkpoint.base import BaseCheckpointSaver

from gator.settings import Settings

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")  # a checkpoint may hold data, never code to import


@asynccontextmanager
async def open_saver(settings: Settings) -> AsyncIterator[BaseCheckpointSaver[str]]:
    if settings.database.startswith("sqlite"):
        from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

        async with AsyncSqliteSaver.from_conn_string(str(settings.home / "waiting.db")) as saver:
            await saver.setup()
            yield saver
    else:
        from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

        async with AsyncPostgresSaver.from_conn_string(settings.database.replace("+psycopg", "")) as pg:
            await pg.setup()
            yield pg
