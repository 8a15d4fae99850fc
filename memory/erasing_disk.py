"""Are the bytes gone, too? SQLite writes zeros over what is deleted (`secure_delete`), but its log keeps old pages until it
is cut off; PostgreSQL keeps old rows until a vacuum."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

import structlog
from sqlalchemy import make_url, text

from memory.store import Store

log = structlog.get_logger()

PATIENCE_S = 5.0  # how long readers are waited for; the next sweep tries again
_TOUCHED = (
    "approval", "asset", "conversation", "episode", "fact", "fan", "handoff", "inbound", "job", "lore_state", "message",
    "outbound", "own_word", "recollection", "spend", "turn",
)  # fmt: skip


async def scrub(store: Store, beside: Sequence[Path] = ()) -> bool:
    """Have the database keep no deleted byte; False when somebody read all the while. `beside` are other SQLite files."""
    if store.engine.dialect.name == "postgresql":
        await _vacuum(store)
        return True
    files = [Path(str(make_url(store.url).database)), *beside]
    done = [await asyncio.to_thread(cut_log, file) for file in files if file.exists()]
    if not all(done):
        log.warning("database_log_busy", files=done.count(False))
    return all(done)


def cut_log(file: Path) -> bool:
    """Write the log's pages to the file and cut the log to nothing (https://sqlite.org/pragma.html#pragma_wal_checkpoint)."""
    deadline = time.monotonic() + PATIENCE_S
    connection = sqlite3.connect(file, timeout=1.0, isolation_level=None)
    try:
        while True:
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()


async def _vacuum(store: Store) -> None:
    async with store.engine.connect() as connection:
        free = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await free.execute(text("VACUUM " + ", ".join(f'"{name}"' for name in _TOUCHED)))
