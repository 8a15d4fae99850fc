"""What do tests of the API stand on? A whole Gator in this process, people with sessions, and a real socket where frames go.

Most of it runs on SQLite only; the queries behind it are tested on both databases in tests/memory.
"""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from agents.brain import Brain
from agents.checkpoints import open_saver
from agents.models import Mind
from api.app import create_app
from api.tokens import Session, open_session
from bots.core import Core
from bots.hub import Hub
from bots.row_watch import RowWatch
from bots.web_channel import WebChannel
from gator.principal import Kind, Principal, service
from gator.settings import Settings
from memory.founding import found, principal_of
from memory.models import Conversation, Persona, Workspace
from memory.store import Store
from tests import databases
from tests.browser import chromium
from tests.fakes import ScriptedModel


@pytest.fixture
def database_url(home: Path) -> str:
    shutil.copy(databases.migrated_sqlite(), home / "gator.db")
    return f"sqlite+aiosqlite:///{home / 'gator.db'}"


@pytest.fixture
def lines() -> list[Any]:
    """What the model will say; a test adds to it before it speaks."""
    return []


@pytest.fixture
async def core(store: Store, operator: Principal, settings: Settings, lines: list[Any]) -> AsyncIterator[Core]:
    hub = Hub()
    async with open_saver(settings) as saver:
        model = ScriptedModel(lines=lines)
        model.lines = lines  # the very list: pydantic has copied it
        brain = Brain(settings, store, saver, Mind(settings, lambda _name, _settings: model))
        core = Core(settings, store, brain, hub, [WebChannel(hub)])
        yield core
        await core.stop()


@pytest.fixture
def app(core: Core) -> FastAPI:
    return create_app(core)


@asynccontextmanager
async def visiting(app: FastAPI, bearer: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    transport = httpx.ASGITransport(app=app, client=("127.0.0.9", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers) as client:
        yield client


@pytest.fixture
async def anybody(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that has not said who it is."""
    async with visiting(app) as client:
        yield client


SignedIn = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def signed_in(app: FastAPI, core: Core, operator: Principal) -> AsyncIterator[SignedIn]:
    """Makes a client for a new user of a role: `await signed_in("viewer")`."""
    opened: list[Any] = []

    async def make(role: str) -> httpx.AsyncClient:
        session = await session_of(core, operator.workspace, role)
        context = visiting(app, session.access)
        opened.append(context)
        return await context.__aenter__()

    yield make
    for context in opened:
        await context.__aexit__(None, None, None)


async def session_of(core: Core, workspace: str, role: str) -> Session:
    """A session of a user of that role, made on first sight."""
    async with core.store.open_work(service(workspace, "tests")) as work:
        user = await work.people.user_named(f"a-{role}") or await work.people.add_user(f"a-{role}", [role])
        return await open_session(work, core.settings.secret, principal_of(user))


@pytest.fixture
async def owner(app: FastAPI, core: Core, operator: Principal) -> AsyncIterator[httpx.AsyncClient]:
    """The owner of the home workspace, with an access token."""
    async with core.store.open_work(operator) as work:
        session = await open_session(work, core.settings.secret, operator)
    async with visiting(app, session.access) as client:
        yield client


@pytest.fixture
async def nova(core: Core, operator: Principal) -> Persona:
    """A persona that everybody may see."""
    return await add_persona(core, operator, "Nova")


async def add_persona(core: Core, who: Principal, name: str, **character: Any) -> Persona:
    async with core.store.open_work(who) as work:
        known = {"name": name, "age": 27, "tagline": "A tide in boots", "greeting": "Hello you."} | character
        return await work.personas.create(name.lower(), name, known, author="tests")


@pytest.fixture
async def fan(core: Core, operator: Principal, nova: Persona) -> Principal:
    """A fan of Nova's, on the web."""
    async with core.store.open_work(operator) as work:
        known = await work.people.meet_fan("web", "fan-1", "Ada")
    return Principal(operator.workspace, Kind.fan, known.id, persona=nova.id)


@pytest.fixture
async def fans_session(core: Core, fan: Principal) -> Session:
    async with core.store.open_work(fan) as work:
        return await open_session(work, core.settings.secret, fan)


@pytest.fixture
async def chat(core: Core, fan: Principal) -> Conversation:
    """The fan's conversation with Nova."""
    return await core.converse(fan)


@pytest.fixture
def fan_client(anybody: httpx.AsyncClient, fans_session: Session) -> httpx.AsyncClient:
    """The fan, signed in."""
    anybody.headers["Authorization"] = f"Bearer {fans_session.access}"
    return anybody


@pytest.fixture(scope="session")
def browser() -> Iterator[str]:
    """A browser, started once; each tab has cookies and storage of its own."""
    with chromium() as address:
        yield address


@pytest.fixture
async def stranger(store: Store) -> Principal:
    """The owner of another workspace."""
    await found(store)
    workspace = await add_workspace(store, "elsewhere")
    async with store.open_work(service(workspace, "tests")) as work:
        return principal_of(await work.people.add_user("owner", ["owner"]))


async def add_workspace(store: Store, slug: str) -> str:
    async with store.open_work(service("none", "tests")) as work:
        row = Workspace(slug=slug, name=slug)
        work.session.add(row)
        await work.session.flush()
        return row.id


@pytest.fixture
async def row_watch(core: Core) -> AsyncIterator[None]:
    """What shows the rows that no frame told of, as it runs beside the server."""
    watching = asyncio.create_task(RowWatch(core.store, core.hub).keep_watch())
    yield
    watching.cancel()


@pytest.fixture
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The application on a loopback port; gives HOST:PORT."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))

    class Server(uvicorn.Server):
        def capture_signals(self) -> Any:
            from contextlib import nullcontext

            return nullcontext()

    config = uvicorn.Config(app, ws="websockets-sansio", log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await task
