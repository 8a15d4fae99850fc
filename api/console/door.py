"""Who gets to the console? Whoever is signed in, checked here for every page, file and websocket of it.

The pages are NiceGUI's, which costs seconds and tens of megabytes to import: that happens on the first visit, so that a
Gator whose console nobody opens does not pay for it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import parse_qs

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from api.console.visit import KEY, Visit
from api.deps import Caller, caller_of_cookie, core_of, identify
from api.security import HEADERS, LISTENS, same_site
from gator.errors import Forbidden

log = structlog.get_logger()

PATH = "/console"
SOCKET = f"{PATH}/_nicegui_ws/"
CHECK_S = 10.0  # how long a page lives on after its session has ended; what it does is checked each time
# Vue compiles templates in the browser, and NiceGUI writes styles and scripts into its page: here, and nowhere else.
CSP = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "img-src 'self' data:; media-src 'self'; font-src 'self' data:; connect-src 'self'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'"
)
_STAFF = {"chat", "jobs:read", "approvals:read", "conversations:read"}


class Console:
    """The ASGI application under /console."""

    def __init__(self) -> None:
        self._pages: Any = None
        self._starting = asyncio.Lock()
        self._running = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["path"] != PATH else f"{PATH}/"
        inner = {**scope, "path": path, "raw_path": path.encode(), "root_path": PATH}
        if scope["type"] == "websocket":
            await self._talk(scope, inner, receive, send)
        else:
            await self._show(scope, inner, receive, send)

    async def stop(self) -> None:
        """End what the pages run beside them."""
        await self._running.aclose()
        self._pages = None

    # Pages and their files

    async def _show(self, scope: Scope, inner: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if scope["method"] != "GET" or scope["path"].startswith(SOCKET):
            await PlainTextResponse("Only pages are here.", 405)(scope, receive, send)
            return
        caller = _staff(await identify(request))
        inner[KEY] = Visit(core_of(request), request, caller)
        pages = await self._started()
        await pages(inner, receive, _dressed(send))

    async def _started(self) -> Any:
        async with self._starting:
            if self._pages is None:
                running = await asyncio.to_thread(_load)  # the import; conversations go on meanwhile
                self._pages = await self._running.enter_async_context(running())
                log.info("console_loaded")
        return self._pages

    # Live pages

    async def _talk(self, scope: Scope, inner: Scope, receive: Receive, send: Send) -> None:
        socket = HTTPConnection(scope)
        core = core_of(socket)
        caller = await caller_of_cookie(core, socket)
        foreign = "origin" not in socket.headers or not same_site(socket, core.settings)
        if caller is None or foreign or _lacks(caller) or not scope["path"].startswith(SOCKET):
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the handshake gets a 403
            return
        pages = await self._started()
        if not _may_be_live(scope, caller):
            await send({"type": "websocket.close", "code": 1008})
            return
        line = _Line(send)
        watching = asyncio.create_task(_watch(line, socket, caller))
        try:
            await pages(inner, receive, line.send)
        finally:
            watching.cancel()


class _Line:
    """A socket that we may close while NiceGUI still sends."""

    def __init__(self, send: Send) -> None:
        self._send, self._closed = send, False

    async def send(self, message: Message) -> None:
        if not self._closed:
            self._closed = message["type"] == "websocket.close"
            await self._send(message)


def _may_be_live(scope: Scope, caller: Caller) -> bool:
    """Whether the page was opened in this very session. One that is known no longer (we were started anew) is told so."""
    from nicegui import Client

    asked = parse_qs(scope["query_string"].decode("latin-1")).get("client_id", [""])[0]
    page = Client.instances.get(asked)
    visit = page.request.scope.get(KEY) if page else None
    known = isinstance(visit, Visit) and visit.caller.credential == caller.credential
    return known or (bool(asked) and page is None)


async def _watch(line: _Line, socket: HTTPConnection, opened: Caller) -> None:
    """Close the line when the session has ended or may do other things now; the browser then asks for the page anew."""
    while True:
        await asyncio.sleep(CHECK_S)
        caller = await caller_of_cookie(core_of(socket), socket)
        if caller is None or caller.permissions != opened.permissions:
            with contextlib.suppress(RuntimeError):
                await line.send({"type": "websocket.close", "code": 4401})
            return


def _lacks(caller: Caller) -> bool:
    return caller.is_fan or caller.permissions.isdisjoint(_STAFF)


def _staff(caller: Caller) -> Caller:
    if _lacks(caller):
        raise Forbidden("The console is for operators.")
    return caller


def _dressed(send: Send) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in (HEADERS | LISTENS | {"Content-Security-Policy": CSP}).items():
                headers[name] = value
        await send(message)

    return dressed


def _load() -> Any:
    from api.console import running

    return running.running


@contextlib.asynccontextmanager
async def kept(console: Console) -> AsyncIterator[None]:
    """Stop the console when the application stops."""
    try:
        yield
    finally:
        await console.stop()
