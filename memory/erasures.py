"""What was forgotten, so that no backup brings it back? A journal beside the database, which outlives it: opaque ids, no words.

Each line of `erasures.jsonl` in the home is a row of the table of erasures. The rows are the truth; the file gets a line
with each erasure, and what it lacks on each start and every hour (a process may die between the two). A restore reads both.
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
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a row of the table of erasures."""

    id: str
    created_at: datetime
    workspace: str
    persona_id: str
    fan_id: str
    scope: str  # everything, message, words, fact, own, episode; off, on: whether the fan is remembered
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
    return parsed(path.read_bytes() if path.exists() else b"")


def parsed(data: bytes) -> dict[str, Entry]:
    """As `read`, of what was read already."""
    return {one.id: one for _, one in _lines(data)}


def whole(path: Path) -> bytes:
    """The journal's lines, without those that were cut off."""
    return b"".join(line + b"\n" for line, _ in _lines(path.read_bytes()))


def _lines(data: bytes) -> Iterator[tuple[bytes, Entry]]:
    for line in filter(None, data.split(b"\n")):
        try:
            yield line, Entry.from_data(orjson.loads(line))
        except (orjson.JSONDecodeError, TypeError, KeyError, ValueError):
            log.warning("erasure_unreadable", file=NAME)


def write(path: Path, entries: Iterable[Entry]) -> None:
    """Add what the journal lacks, on the disk when this returns."""
    known = read(path)
    append(path, [one for one in entries if one.id not in known])


def append(path: Path, entries: Sequence[Entry]) -> None:
    """Add these, on the disk when this returns. What is there is not read: a line that is there twice counts once."""
    if not entries:
        return
    data = b"".join(orjson.dumps(asdict(one)) + b"\n" for one in entries)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b") as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            data = data if file.read(1) == b"\n" else b"\n" + data  # the last one was cut off by a crash
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


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
    """Bring the journal of that home up to date with the rows; of these, only what it lacks is read whole."""
    known = await asyncio.to_thread(read, home / NAME)
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        lacking = [id for id in await session.scalars(select(Erasure.id).order_by(Erasure.id)) if id not in known]
        for start in range(0, len(lacking), _AT_ONCE):
            part = await session.scalars(select(Erasure).where(Erasure.id.in_(lacking[start : start + _AT_ONCE])))
            await asyncio.to_thread(append, home / NAME, [Entry.of(row) for row in part])


def missing(entries: Iterable[Entry], there: Sequence[Entry]) -> list[Entry]:
    """Those that are not there, oldest first."""
    known = {one.id for one in there}
    return sorted((one for one in entries if one.id not in known), key=lambda one: one.id)
