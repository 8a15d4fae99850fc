"""How is a Gator taken to safety? One file, the same for SQLite and PostgreSQL: rows as lines of JSON, media, the secret key.

It is a tar: `tables/NAME.jsonl`, `media/SHA256`, `erasures.jsonl`, `secret.key`, and `manifest.json` with the hash of each.
Rows are read in one snapshot while Gator runs. What is in Chroma is not in it, it is made anew from the rows; nor is a
turn that waits for a yes (agents/checkpoints.py). `memory.restoring` is the way back.
"""

import base64
import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import orjson
from sqlalchemy import Connection, Table, create_engine, select

from gator.clock import now
from gator.crypto import derive, fingerprint
from gator.errors import NotFound, Refused, Unavailable
from gator.ids import new_id
from gator.settings import Settings
from memory import erasures, schema
from memory.blobs import Blobs
from memory.media_place import blobs_of
from memory.models import Base

FORMAT = "gator-backup-1"
MANIFEST, KEY = "manifest.json", "secret.key"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup. `missing` are files of media that were gone, or damaged, when it was made."""

    made_at: datetime
    revision: str  # of the schema
    database: str  # sqlite, postgresql
    key: str  # fingerprint of the key that seals and signs; the key itself is in it unless it came from the environment
    rows: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # SHA-256 by the name in the tar
    missing: list[str] = field(default_factory=list)
    format: str = FORMAT


def create(settings: Settings, to: Path) -> tuple[Path, Manifest]:
    """Write a backup; into a folder, under a name of its own. Raises Refused when the file is there, Unavailable without room."""
    path = to / f"gator-{now():%Y%m%d-%H%M%S}.tar" if to.is_dir() else to
    if path.exists():
        raise Refused(f"{path} is there already.", remedy="Choose another name; a backup is never written over.")
    draft = path.with_name(f".{path.name}.{new_id()[-12:]}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            manifest = _write(settings, out)
            out.flush()
            os.fsync(out.fileno())
        draft.rename(path)
    except OSError as failed:
        raise Unavailable(
            f"The backup cannot be written: {failed.strerror}.", remedy=f"Make room, or choose another place than {to}."
        ) from failed
    finally:
        draft.unlink(missing_ok=True)
    return path, manifest


def _write(settings: Settings, out: IO[bytes]) -> Manifest:
    revision, newest = schema.revisions(settings.database)
    if revision is None or revision != newest:
        raise Refused("The database's schema is not this Gator's.", remedy="Start Gator once, then make the backup.")
    manifest = Manifest(now(), revision, "", fingerprint_of(settings.secret))
    blobs = blobs_of(settings)
    with tarfile.open(fileobj=out, mode="w") as tar, TemporaryDirectory(prefix="gator-") as scratch:
        # Before the snapshot, so that no file goes which the rows of that moment name and nothing else does.
        with blobs.read_by_backup(), snapshot(settings.database) as connection:
            manifest = Manifest(manifest.made_at, revision, connection.dialect.name, manifest.key)
            for table in Base.metadata.sorted_tables:
                _add_table(tar, manifest, connection, table, Path(scratch) / "table")
            _add_media(tar, manifest, connection, blobs)
        if not settings.secret_key.get_secret_value() and (settings.home / KEY).exists():
            _add(tar, manifest, KEY, settings.home / KEY)
        _add_journal(tar, manifest, settings.home / erasures.NAME)
        _add_bytes(tar, MANIFEST, orjson.dumps(asdict(manifest)))
    return manifest


def fingerprint_of(secret_key: str) -> str:
    """What names the secret key and tells nothing of it."""
    return fingerprint(derive(secret_key, "backup").hex())


@contextmanager
def snapshot(url: str) -> Iterator[Connection]:
    """A plain connection that sees one state of the rows, however long it reads."""
    engine = create_engine(url.replace("+aiosqlite", ""))
    try:
        if engine.dialect.name == "postgresql":
            with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
                yield connection
        else:
            with engine.connect() as connection:
                driver: Any = connection.connection.dbapi_connection
                driver.isolation_level = None
                driver.execute("BEGIN")
                yield connection
    finally:
        engine.dispose()


def _add_table(tar: tarfile.TarFile, manifest: Manifest, connection: Connection, table: Table, scratch: Path) -> None:
    count = 0
    with scratch.open("wb") as lines:
        for row in connection.execution_options(yield_per=500).execute(select(table).order_by(table.c.id)).mappings():
            lines.write(orjson.dumps({str(name): packed(value) for name, value in row.items()}) + b"\n")
            count += 1
    manifest.rows[str(table.name)] = count  # SQLAlchemy's names are no plain strings
    _add(tar, manifest, f"tables/{table.name}.jsonl", scratch)


def _add_media(tar: tarfile.TarFile, manifest: Manifest, connection: Connection, blobs: Blobs) -> None:
    asset = Base.metadata.tables["asset"]
    for sha256 in connection.execute(select(asset.c.sha256).where(asset.c.sha256 != "").distinct()).scalars():
        try:
            whole = digest(blobs.get(sha256)) == sha256
        except (NotFound, OSError):
            whole = False
        if whole:
            _add(tar, manifest, f"media/{sha256}", blobs.path(sha256))
        else:
            manifest.missing.append(sha256)


def _add_journal(tar: tarfile.TarFile, manifest: Manifest, path: Path) -> None:
    """Last: what was forgotten meanwhile is in it. Read once, for Gator may be adding to it."""
    if path.exists():
        data = erasures.whole(path)
        manifest.files[erasures.NAME] = hashlib.sha256(data).hexdigest()
        _add_bytes(tar, erasures.NAME, data)


def packed(value: Any) -> Any:
    """A column's value in JSON: times, bytes and documents say what they are."""
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    return {"json": value} if isinstance(value, (dict, list)) else value


def unpacked(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "json":
        return content
    return datetime.fromisoformat(content) if kind == "at" else base64.b64decode(content)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: IO[bytes]) -> str:
    found = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        found.update(chunk)
    return found.hexdigest()


def _add(tar: tarfile.TarFile, manifest: Manifest, name: str, path: Path) -> None:
    manifest.files[name] = digest(path)
    about = tarfile.TarInfo(name)
    about.size, about.mode, about.mtime = path.stat().st_size, 0o600, int(manifest.made_at.timestamp())
    with path.open("rb") as file:
        tar.addfile(about, file)


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    about = tarfile.TarInfo(name)
    about.size, about.mode = len(data), 0o600
    tar.addfile(about, io.BytesIO(data))


# Reading


@contextmanager
def opened(path: Path) -> Iterator[tuple[tarfile.TarFile, Manifest]]:
    """A backup to read from. Raises Refused for what is none."""
    try:
        with tarfile.open(path) as tar:
            yield tar, _manifest(tar)
    except (tarfile.TarError, OSError, EOFError) as broken:
        raise Refused(
            f"{path} cannot be read as a backup.", remedy="Name a file that `gator backup create` made."
        ) from broken


def _manifest(tar: tarfile.TarFile) -> Manifest:
    try:
        told = orjson.loads(member(tar, MANIFEST).read())
        if told["format"] != FORMAT:
            raise ValueError(told["format"])
        return Manifest(**{**told, "made_at": datetime.fromisoformat(told["made_at"])})
    except (KeyError, ValueError, TypeError) as wrong:
        raise Refused("That is no backup of Gator's, or it was cut off.", remedy="Name another one.") from wrong


def member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    """The file of that name in the tar. Raises KeyError."""
    found = tar.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found


def verify(path: Path) -> Manifest:
    """Read all of it. Raises Refused when anything in it is not as it was written, or this Gator does not know its schema."""
    with opened(path) as (tar, manifest):
        for name, sha256 in manifest.files.items():
            try:
                right = _digest(member(tar, name)) == sha256
            except KeyError:
                right = False
            if not right:
                raise Refused(f"{name} in the backup is damaged or missing.", remedy="Use another backup.")
        for table, count in manifest.rows.items():
            if sum(1 for _ in member(tar, f"tables/{table}.jsonl")) != count:
                raise Refused(f"The backup's table {table} is not whole.", remedy="Use another backup.")
        if not schema.knows(manifest.revision):
            raise Refused(
                f"The backup's schema ({manifest.revision}) was made by a newer Gator.",
                remedy="Restore it with that one.",
            )
    return manifest
