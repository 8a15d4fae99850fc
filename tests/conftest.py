"""What do tests stand on? A home of their own, a database (SQLite and PostgreSQL), people, and no way out but loopback."""

import gc
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two spinning BLAS threads on two busy cores cost tenfold
gc.set_threshold(
    50_000, 10, 10
)  # the usual 700 looks through all that is loaded so often that it is a tenth of the time
os.environ["PYTHONWARNINGS"] = "default"
# Where bytecode is not to be kept, each of the many processes that tests start would compile thousands of modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# SQLite waits for the disk at each commit, some twenty times a test; in memory there is nothing to wait for.
if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 4 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/dev/shm")
for name in [
    name
    for name in os.environ
    if name.startswith(("GATOR_", "OPENAI_", "ANTHROPIC_", "ELEVENLABS_", "HF_", "LANGCHAIN_", "LANGSMITH_"))
]:
    del os.environ[name]

from gator.principal import Kind, Principal
from gator.settings import Settings
from gator.tracebacks import keep_values_out
from memory.founding import found
from memory.store import Store
from tests import databases
from tools.capability import Turn

_LOOPBACK = ("127.", "::1", "localhost", "/")
_connect = socket.socket.connect


def _connect_loopback(self: socket.socket, address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else str(address)
    if not str(host).startswith(_LOOPBACK):
        raise AssertionError(f"a test went for {host}; only loopback is there")
    _connect(self, address)


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much chaos the slow tests make."""
    parser.addoption("--interleavings", default=1000, type=int, help="takeovers that fall together with replies")
    parser.addoption("--kills", default=100, type=int, help="processes killed while fans talk")
    parser.addoption("--conversations", default=1000, type=int, help="conversations of the kill campaign")


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    socket.socket.connect = _connect_loopback  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = _connect  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """A command that ran inside the process wrote its log to a stream that is closed by now."""
    _log_as_unconfigured()
    yield
    _log_as_unconfigured()


def _log_as_unconfigured() -> None:
    structlog.reset_defaults()
    keep_values_out()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, home: Path) -> Iterator[str]:
    """An empty, migrated database; each test that asks runs once on each kind."""
    if request.param == "sqlite":
        shutil.copy(databases.migrated_sqlite(), home / "gator.db")
        yield f"sqlite+aiosqlite:///{home / 'gator.db'}"
    else:
        with databases.emptied(databases.postgres_url()) as url:
            yield url


@pytest.fixture
def settings(home: Path, database_url: str) -> Settings:
    return Settings(home=home, database_url=database_url, secret_key="a key for tests only")


@pytest.fixture
def woken() -> list[Any]:
    """What the store told the worker about."""
    return []


@pytest.fixture
async def store(database_url: str, woken: list[Any]) -> AsyncIterator[Store]:
    store = Store(database_url, wake=woken.extend)
    with databases.knowing_statements(store.engine):
        yield store
    await store.close()


@pytest.fixture
async def operator(store: Store) -> Principal:
    """The owner of the home workspace."""
    return await found(store)


@pytest.fixture
def turn(store: Store, operator: Principal, settings: Settings) -> Turn:
    """An operator's turn."""
    return Turn(principal=operator, store=store, settings=settings, id="01900000-0000-7000-8000-000000000001")


@pytest.fixture
async def fan(store: Store, operator: Principal) -> Principal:
    """A fan of a persona called Nova, on the web."""
    async with store.open_work(operator) as work:
        character = {"name": "Nova", "age": 27}
        persona = await work.personas.create("nova", "Nova", character, author="tests")
        known = await work.people.meet_fan("web", "fan-1", "Ada")
    return Principal(operator.workspace, Kind.fan, known.id, persona=persona.id)
