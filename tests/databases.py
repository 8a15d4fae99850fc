"""Which databases do tests run on? SQLite files, and a real PostgreSQL that the tests start themselves.

PostgreSQL comes from the pgserver package (Linux x86_64, Python < 3.13), else from the system's own server programs.
"""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine

from memory import schema
from memory.models import Base

if TYPE_CHECKING:
    from psycopg import Connection


@cache
def migrated_sqlite() -> Path:
    """A migrated SQLite file to copy: migrating once is enough for a process of tests."""
    folder = Path(tempfile.mkdtemp(prefix="gator-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    schema.upgrade(f"sqlite+aiosqlite:///{folder / 'template.db'}")
    return folder / "template.db"


def _programs() -> Path:
    """The folder of initdb and postgres."""
    packaged = find_spec("pgserver")
    if packaged and packaged.origin:
        return Path(packaged.origin).parent / "pginstall" / "bin"
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise RuntimeError("The tests need PostgreSQL: install your system's postgresql package.")
    return found[-1].parent if found else Path(str(on_path)).parent


@cache
def postgres_url() -> str:
    """A PostgreSQL of our own on a unix socket, ended with this process; its database is migrated."""
    folder = Path(tempfile.mkdtemp(prefix="gator-pg-"))
    programs = _programs()
    # PostgreSQL refuses to run as root, so root lends the folder to an unprivileged user.
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
        folder.chmod(0o700)
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "gator", "-A", "trust", "-E", "UTF8", "--no-sync"],
        user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-k", folder, "-h", "", "-F", "-c", "max_connections=60"],
        user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def end() -> None:
        server.send_signal(signal.SIGINT)  # at SIGTERM it would wait for whoever is still connected
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    ready: list[str | Path] = [programs / "pg_isready", "-q", "-h", folder, "-U", "gator"]
    while server.poll() is None and subprocess.run(ready, user=user).returncode:
        time.sleep(0.05)
    url = f"postgresql+psycopg://gator@/postgres?host={folder}"
    schema.upgrade(url)
    return url


@contextmanager
def emptied(url: str) -> Iterator[str]:
    """The database, all its rows gone first."""
    # TRUNCATE makes each table's files anew, which takes a hundred times as long; as a replica, no key and no trigger minds.
    deletes = "; ".join(f'DELETE FROM "{name}"' for name in Base.metadata.tables)
    with _kept(url).transaction():
        _kept(url).execute(f"SET LOCAL session_replication_role = replica; {deletes}".encode())
    yield url


@cache
def _kept(url: str) -> "Connection[tuple[object, ...]]":
    """A connection kept for all tests: an engine and a connection of each test's own would take ten times as long."""
    import psycopg

    connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    atexit.register(connection.close)
    return connection


_KNOWN: dict[str, tuple[Dialect, Any]] = {}  # by the dialect's name


@contextmanager
def knowing_statements(engine: AsyncEngine) -> Iterator[None]:
    """What engines of earlier tests compiled is known to this one: an eighth of a test's time is SQL written anew."""
    sync = engine.sync_engine
    if known := _KNOWN.get(sync.dialect.name):
        sync.dialect, sync._compiled_cache = known
    yield
    if sync.dialect.server_version_info is not None:  # it was connected, so that it knows its server
        _KNOWN.setdefault(sync.dialect.name, (sync.dialect, sync._compiled_cache))
