"""How does a Gator come back from a backup? Beside what is there first, then in its place; and what was forgotten stays so.

Whatever was forgotten after the backup was made is forgotten again before the restored Gator starts: the journal of
erasures of this home, the rows of its database and the backup's own journal tell of it (`memory.erasures`).
"""

import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    MetaData,
    Table,
    create_engine,
    delete,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import SQLAlchemyError

from gator.clock import now
from gator.crypto import key_file
from gator.errors import Refused, Unavailable
from gator.ids import new_id
from gator.principal import service
from gator.settings import Settings
from memory import erasing_disk, erasing_files, erasures, schema
from memory.backups import KEY, Manifest, fingerprint_of, member, opened, unpacked, verify
from memory.blobs import Blobs
from memory.erasing import forget_again
from memory.erasing_talk import Gone
from memory.erasures import Entry
from memory.media_place import blobs_of
from memory.models import Base, Workspace
from memory.repositories.consents import TAKEN_BACK
from memory.store import Store
from memory.vault.choices import CHOICES

_AT_ONCE = 500
# What a process was doing then, nobody is doing now.
_SETTLE = (
    "UPDATE account SET lease_owner = NULL, lease_until = NULL",
    "UPDATE conversation SET lease_owner = NULL, lease_until = NULL",
    "UPDATE job SET lease_owner = NULL, lease_until = NULL",
    "UPDATE job SET state = 'queued' WHERE state = 'running'",
    "UPDATE outbound SET state = 'unconfirmed', error = 'It was on its way when the backup was made.' "
    "WHERE state IN ('pending', 'sending')",
    "UPDATE approval SET state = 'expired' WHERE state IN ('pending', 'approved')",
    "UPDATE turn SET state = 'failed' WHERE state = 'waiting'",
    # A link that signs in once may have done so since, and a session may have been ended for a reason.
    "DELETE FROM token WHERE kind IN ('signin', 'session')",
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, how much of it was forgotten again, and whether the key is another one than the backup's."""

    manifest: Manifest
    forgotten: int
    other_key: bool


async def restore(settings: Settings, path: Path, *, force: bool = False) -> Restored:
    """Put the backup in the place of what is in this home; nothing may run on it. Raises Refused for a home in use.

    Only `force` overwrites what is there; even then nothing is touched before the backup was read whole, and on SQLite
    what is there stays whole, files and all, until what comes in its place is there.
    """
    manifest = verify(path)
    if not force and _in_use(settings):
        raise Refused(
            f"There is a Gator in {settings.home.resolve()} already.",
            remedy="Restore into an empty home (GATOR_HOME, GATOR_DATABASE_URL), or overwrite this one with --force.",
        )
    journal = await _journal(settings, path)
    erasing_files.remove_left(settings.home)
    beside = settings.home / f"{erasing_files.RESTORING}{new_id()[-12:]}"
    beside.mkdir(parents=True, mode=0o700)
    try:
        url = settings.database if _is_postgres(settings) else f"sqlite+aiosqlite:///{beside.resolve() / 'gator.db'}"
        _load(url, path, manifest)
        forgotten = await _forget(url, journal)
        named = _bring_media(blobs_of(settings), url, path, beside / "unpacked")
        key = _unpack_key(settings, path, manifest, beside / KEY)
        erasures.write(settings.home / erasures.NAME, journal.values())
        if not _is_postgres(settings):
            _put_in_place(beside / "gator.db", Path(str(make_url(settings.database).database)))
        if key:
            shutil.move(key, settings.home / KEY)
        _clear(settings)
        _remove_other_media(blobs_of(settings), named)
        other_key = _key_of(settings) != manifest.key
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Restored(manifest, forgotten, other_key)


def _is_postgres(settings: Settings) -> bool:
    return settings.database.startswith("postgresql")


def _in_use(settings: Settings) -> bool:
    """Whether there is a Gator: its database file, or on PostgreSQL a workspace."""
    if not _is_postgres(settings):
        return Path(str(make_url(settings.database).database)).exists()
    if schema.revisions(settings.database)[0] is None:
        return False
    with _plain(settings.database) as connection:
        return connection.execute(select(Workspace.id).limit(1)).first() is not None


async def _journal(settings: Settings, path: Path) -> dict[str, Entry]:
    """All that is known to be forgotten: by this home's journal, its database, and the backup's journal."""
    known = erasures.read(settings.home / erasures.NAME)
    if _in_use(settings):
        store = Store(settings.database)
        try:
            known |= {one.id: one for one in await erasures.rows(store)}
        except SQLAlchemyError as unreadable:  # of an older Gator, or broken: that is why one restores
            if not known:
                raise Unavailable(
                    "The database that is there cannot be read, and no journal tells what was forgotten since the backup.",
                    remedy=f"Put a copy of {erasures.NAME} into the home, or restore into an empty one.",
                ) from unreadable
        finally:
            await store.close()
    with opened(path) as (tar, manifest):
        if erasures.NAME in manifest.files:
            known |= erasures.parsed(member(tar, erasures.NAME).read())
    return known


# Rows


@contextmanager
def _plain(url: str) -> Iterator[Connection]:
    """A plain connection in one transaction, committed when the block ends well; SQLite looks after no keys in it."""
    engine = create_engine(url.replace("+aiosqlite", ""))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _load(url: str, path: Path, manifest: Manifest) -> None:
    """An empty database of the backup's schema, filled, and brought up to this Gator's."""
    if schema.revisions(url)[0] is not None:
        schema.downgrade(url)
    schema.upgrade(url, manifest.revision)
    with _plain(url) as connection, opened(path) as (tar, _):
        there = MetaData()
        there.reflect(connection, only=list(manifest.rows))
        for table in there.sorted_tables:
            _fill(connection, table, tar)
        for statement in _SETTLE:
            connection.execute(text(statement))
        _forget_what_waited(connection)
    schema.upgrade(url)


def _forget_what_waited(connection: Connection) -> None:
    """On PostgreSQL, checkpoints of turns lie beside our tables: they belong to rows that are gone."""
    names = [one for one in inspect(connection).get_table_names() if one.startswith("checkpoint")]
    for name in names:
        if name != "checkpoint_migrations":
            connection.execute(delete(Table(name, MetaData())))


def _fill(connection: Connection, table: Table, tar: tarfile.TarFile) -> None:
    """The table's rows; what points into the table itself follows when all of them are there."""
    for column in table.columns:
        if isinstance(column.type, JSON):
            column.type = (JSONB if isinstance(column.type, JSONB) else JSON)(none_as_null=True)
    inner = [column for column in table.columns if any(key.column.table is table for key in column.foreign_keys)]
    later: list[dict[str, Any]] = []
    for rows in _batches(tar, table.name):
        for row in rows:
            if pointers := {one.name: row[one.name] for one in inner if row[one.name] is not None}:
                later.append({"id": row["id"], **pointers})
                row.update(dict.fromkeys(pointers))
        connection.execute(table.insert(), rows)
    for one in later:
        _point(connection, table, inner, one)


def _point(connection: Connection, table: Table, inner: list[Column[Any]], row: dict[str, Any]) -> None:
    values = {column.name: row.get(column.name) for column in inner}
    connection.execute(update(table).where(table.c.id == row["id"]).values(values))


def _batches(tar: tarfile.TarFile, name: str) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    for line in member(tar, f"tables/{name}.jsonl"):
        rows.append({column: unpacked(value) for column, value in orjson.loads(line).items()})
        if len(rows) == _AT_ONCE:
            yield rows
            rows = []
    if rows:
        yield rows


async def _forget(url: str, journal: dict[str, Entry]) -> int:
    """Forget again what the backup does not know to be forgotten; how many times that was."""
    store = Store(url)
    try:
        late = erasures.missing(journal.values(), await erasures.rows(store))
        for entry in late:
            async with store.open_work(service(entry.workspace, "restore")) as work:
                if await work.session.get(Workspace, entry.workspace) is None:
                    continue  # of another Gator that had this home
                await forget_again(work, entry, Gone())
                work.session.add(entry.row())
        await erasing_disk.scrub(store)
    finally:
        await store.close()
    return sum(entry.scope not in (*CHOICES, TAKEN_BACK) for entry in late)


# Files


def _bring_media(blobs: Blobs, url: str, path: Path, scratch: Path) -> set[str]:
    """The bytes that rows still name, and none of what was forgotten; which those are."""
    asset = Base.metadata.tables["asset"]
    with _plain(url) as connection:
        named = set(connection.execute(select(asset.c.sha256).where(asset.c.sha256 != "")).scalars())
    with opened(path) as (tar, manifest):
        for sha256 in sorted(named):
            if f"media/{sha256}" in manifest.files and not blobs.has(sha256):
                with scratch.open("wb") as out:
                    shutil.copyfileobj(member(tar, f"media/{sha256}"), out)
                blobs.put(scratch)
    return named


def _remove_other_media(blobs: Blobs, named: set[str]) -> None:
    """What no row names any more, once the rows that named it are gone."""
    for one in {*blobs.names(now()), *blobs.smalls()} - named:
        blobs.delete(one)


def _unpack_key(settings: Settings, path: Path, manifest: Manifest, to: Path) -> Path | None:
    """The backup's key, to be put in place; none when the environment gives one."""
    if settings.secret_key.get_secret_value() or KEY not in manifest.files:
        return None
    with opened(path) as (tar, _):
        data = member(tar, KEY).read()
    to.touch(mode=0o600)
    to.write_bytes(data)
    return to


def _key_of(settings: Settings) -> str:
    """What names this home's key: with another one, what was sealed there cannot be read here."""
    return fingerprint_of(settings.secret_key.get_secret_value() or key_file(settings.home / KEY))


def _put_in_place(file: Path, there: Path) -> None:
    """In one rename; the old one's log is cut off before, or SQLite would take it for the new one's."""
    if there.exists():
        erasing_disk.cut_log(there)
    for ending in ("-wal", "-shm"):
        there.with_name(there.name + ending).unlink(missing_ok=True)
    there.parent.mkdir(parents=True, exist_ok=True)
    near = there.with_name(there.name + ".restored")
    shutil.move(file, near)  # the home may be on another disk, and a rename is not from one to another
    near.rename(there)


def _clear(settings: Settings) -> None:
    """What was made from the rows that were there before: made anew, or waiting for a yes that belongs to them."""
    shutil.rmtree(settings.home / "chroma", ignore_errors=True)
    for ending in ("", "-wal", "-shm"):
        (settings.home / f"waiting.db{ending}").unlink(missing_ok=True)
