"""What was forgotten, so that no backup brings it back? A journal beside the database, which outlives it: opaque ids, no words.

Each line of `erasures.jsonl` in the home is a row of the table of erasures. The rows are the truth; the file gets what it
lacks after each erasure and on each start (a process may die between the two), and a restore reads both.
"""

import asyncio
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from memory.models import Erasure
from memory.store import READS, Store
from memory.vault import VaultKey
from memory.work import Work

log = structlog.get_logger()
NAME = "erasures.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a row of the table of erasures."""

    id: str
    created_at: datetime
    workspace: str
    persona_id: str
    fan_id: str
    scope: str  # everything, message, words, fact, episode
    subject_id: str
    asked_by: str
    counts: dict[str, Any]
    receipt: str

    @classmethod
    def of(cls, row: Erasure) -> "Entry":
        return cls(**{name: getattr(row, name) for name in cls.__slots__})

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Entry":
        return cls(**{**data, "created_at": datetime.fromisoformat(data["created_at"])})

    def row(self) -> Erasure:
        return Erasure(**asdict(self))


def read(path: Path) -> dict[str, Entry]:
    """The journal's entries by their ids; a line that was cut off by a crash is in the database, and left out here."""
    return {one.id: one for one in _lines(path)}


def _lines(path: Path) -> Iterator[Entry]:
    if not path.exists():
        return
    for line in path.read_bytes().splitlines():
        try:
            yield Entry.from_data(orjson.loads(line))
        except (orjson.JSONDecodeError, TypeError, KeyError, ValueError):
            log.warning("erasure_unreadable", file=path.name)


def write(path: Path, entries: Iterable[Entry]) -> None:
    """Add what the journal lacks, on the disk when this returns."""
    known = read(path)
    fresh = [one for one in entries if one.id not in known]
    if not fresh:
        return
    torn = path.exists() and path.stat().st_size and not path.read_bytes().endswith(b"\n")
    data = b"".join(orjson.dumps(asdict(one)) + b"\n" for one in fresh)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "wb") as out:
        out.write(b"\n" + data if torn else data)
        out.flush()
        os.fsync(out.fileno())


async def rows(store: Store) -> list[Entry]:
    """All erasures of the database, of every workspace."""
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        return [Entry.of(row) for row in await session.scalars(select(Erasure).order_by(Erasure.id))]


async def of_vault(work: Work, key: VaultKey) -> list[Entry]:
    """What was forgotten of one fan with one persona and has a receipt, newest first."""
    mine = Erasure.workspace == key.workspace, Erasure.persona_id == key.persona, Erasure.fan_id == key.fan
    found = select(Erasure).where(*mine, Erasure.receipt != "").order_by(Erasure.id.desc())
    return [Entry.of(row) for row in await work.session.scalars(found)]


async def sync(store: Store, home: Path) -> None:
    """Bring the journal of that home up to date with the rows."""
    entries = await rows(store)
    await asyncio.to_thread(write, home / NAME, entries)


def missing(entries: Iterable[Entry], there: Sequence[Entry]) -> list[Entry]:
    """Those that are not there, oldest first."""
    known = {one.id for one in there}
    return sorted((one for one in entries if one.id not in known), key=lambda one: one.id)
