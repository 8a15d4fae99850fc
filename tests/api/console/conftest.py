"""What do tests of the console stand on? The whole application, an operator's session cookie, and NiceGUI's own user."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.deps import SESSION_COOKIE
from api.tokens import open_session
from bots.core import Core
from gator.principal import Principal
from tests.api.conftest import session_of


@pytest.fixture
async def console(app: FastAPI) -> AsyncIterator[FastAPI]:
    """The application; what the console runs beside its pages ends with the test."""
    yield app
    await app.state.console.stop()


def browser(app: FastAPI, secret: str = "") -> httpx.AsyncClient:
    """A browser with that session's cookie."""
    transport = httpx.ASGITransport(app=app, client=("127.0.0.9", 5000))
    cookies = {SESSION_COOKIE: secret} if secret else {}
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", cookies=cookies)


@pytest.fixture
async def session(core: Core, operator: Principal) -> Any:
    async with core.store.open_work(operator) as work:
        return await open_session(work, core.settings.secret, operator)


async def secret_of(core: Core, workspace: str, role: str) -> str:
    return (await session_of(core, workspace, role)).secret


@pytest.fixture
async def user(console: FastAPI, session: Any) -> AsyncIterator[Any]:
    """The owner at the console."""
    async with at_console(console, session.secret) as sitting:
        yield sitting


@asynccontextmanager
async def at_console(console: FastAPI, secret: str) -> AsyncIterator[Any]:
    """Whose session that is, at the console, as NiceGUI's own tests have a user."""
    from nicegui import ui
    from nicegui.functions.download import download
    from nicegui.functions.navigate import Navigate
    from nicegui.functions.notify import notify
    from nicegui.testing import User

    async with browser(console, secret) as client:
        yield User(client)
    ui.navigate, ui.notify, ui.download = Navigate(), notify, download
