"""What is around every page of the console? Name, ways to the others with what waits there, errors said in plain words."""

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog
from nicegui import background_tasks, ui
from starlette.requests import Request

from api.console.visit import Visit, visit_of
from api.permissions import Permission
from gator.errors import GatorError, Unauthenticated

log = structlog.get_logger()

BUILD_S = 30.0  # a page reads a few rows: only a database that hangs takes so long
COUNT_EVERY_S = 5.0
BRAND = '<a class="brand" href="/"><img src="/static/mark.svg" alt="" width="28" height="28">Gator</a>'
# A page whose line is cut asks whether its session is over: what it shows is then gone, and the sign-in is there.
ALIVE = """<script>addEventListener("load", () => {
  const again = async () => {
    const me = await fetch("/api/v1/me").catch(() => null);
    if (me && me.status === 401) location.reload();
  };
  const wait = setInterval(() => {
    if (!window.socket) return;
    clearInterval(wait);
    window.socket.on("connect_error", again);
    window.socket.on("disconnect", again);
  }, 200);
});</script>"""
# On a phone the ways are a line to be pushed: the page's own stands in the middle of it.
_IN_SIGHT = """{
  const way = document.querySelector(".way[aria-current]"), ways = way?.parentElement;
  if (way) ways.scrollLeft = way.offsetLeft - ways.offsetLeft - (ways.clientWidth - way.offsetWidth) / 2;
}"""
Builder = Callable[..., Awaitable[None]]

_WAYS: tuple[tuple[str, str, Permission], ...] = (
    ("/", "Chat", "chat"),
    ("/inbox", "Inbox", "conversations:read"),
    ("/approvals", "Approvals", "approvals:read"),
    ("/letters", "Dead letters", "letters:read"),
    ("/jobs", "Jobs", "jobs:read"),
    ("/videos", "Videos", "content:read"),
    ("/models", "Models", "jobs:read"),
    ("/reels", "Reels", "content:read"),
    ("/personas", "Personas", "personas:read"),
    ("/channels", "Channels", "tokens:write"),
)


def page(path: str, title: str, permission: Permission) -> Callable[[Builder], Builder]:
    """A page of the console, for those with the permission; the builder gets the visit and what the path names."""

    def made(build: Builder) -> Builder:
        @functools.wraps(build)
        async def framed(request: Request, **named: str) -> None:
            visit = visit_of(request)
            with _around(visit, path, title):
                if not visit.may(permission):
                    empty(f"You may not see this page: it needs the permission {permission}.")
                    return
                async with told():
                    await build(visit, **named)

        framed.__signature__ = _signature(build)  # type: ignore[attr-defined]
        ui.page(path, title=f"{title} – Gator", response_timeout=BUILD_S)(framed)
        return build

    return made


def _signature(build: Builder) -> Any:
    """The builder's, with the request in place of the visit: the router reads it."""
    _, *named = inspect.signature(build).parameters.values()
    request = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request)
    return inspect.Signature([*(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in named), request])


def _around(visit: Visit, path: str, title: str) -> ui.element:
    ui.add_head_html('<link rel="icon" href="/static/mark.svg" type="image/svg+xml">' + ALIVE)
    with ui.element("header").classes("top"):
        ui.link("Skip to the content", "#content").classes("skip")
        ui.html(BRAND, sanitize=False)
        with ui.element("nav").props('aria-label="Console"').classes("ways"):
            counts = {way: _way(way, name, path) for way, name, may in _WAYS if visit.may(may)}
        _leave(visit)
    ui.run_javascript(_IN_SIGHT)
    _keep_counting(visit, counts)
    main = ui.element("main").props('id="content" tabindex="-1"').classes("page")
    with main:
        heading(title, 1)
    return main


def _way(way: str, name: str, path: str) -> ui.badge:
    with ui.link("", way).classes("way") as link:  # the browser puts /console before it
        ui.label(name)
        count = ui.badge("", color=None).props("rounded").classes("count")
        count.set_visibility(False)
    if way == path:
        link.props('aria-current="page"')
    elif way != "/" and path.startswith(f"{way}/"):
        link.props('aria-current="true"')  # one of its pages
    return count


def _leave(visit: Visit) -> None:
    async def leave() -> None:
        from api.routes.auth import end_session

        async with visit.core.store.open_work(visit.who) as work:
            await end_session(work, visit.caller.credential)
        await visit.request.scope["app"].state.sockets.close_session(visit.caller.credential)
        go("/")

    plain("Sign out", leave).classes("leave")


def go(address: str) -> None:
    """Have the browser go to an address of ours outside the console."""
    ui.run_javascript(f"location.assign({address!r})")


def _keep_counting(visit: Visit, counts: dict[str, ui.badge]) -> None:
    """Show beside the ways how much waits there."""

    async def count() -> None:
        async with visit.core.store.open_work(visit.who, reads=True) as work:
            there = {
                "/inbox": await work.handoffs.count_wanted() if "/inbox" in counts else 0,
                "/approvals": len(await work.approvals.pending()) if "/approvals" in counts else 0,
                "/letters": await work.outbox.count_letters() if "/letters" in counts else 0,
            }
        for way, number in there.items():
            if way in counts:
                counts[way].set_text(str(number))
                counts[way].props(f'aria-label="{number} waiting"')
                counts[way].set_visibility(number > 0)

    ui.timer(COUNT_EVERY_S, count)


# What pages are made of


def heading(text: str, level: int = 2) -> ui.label:
    return ui.label(text).classes(f"h{level}").props(f"role=heading aria-level={level}")


def empty(text: str) -> ui.label:
    """Says that there is nothing, or why."""
    return ui.label(text).classes("empty")


def button(text: str, act: Callable[[], Awaitable[None]], *, quiet: bool = False, **props: str) -> ui.button:
    """A button whose problems are said; it cannot be pressed twice at once.

    It is not disabled meanwhile: whoever is at a keyboard would lose their place on the page.
    """
    busy = False

    async def pressed() -> None:
        nonlocal busy
        if busy:
            return
        busy = True
        made.classes("busy")
        try:
            async with told():
                await act()
        finally:
            busy = False
            if not made.is_deleted:
                made.classes(remove="busy")

    made = ui.button(text, color=None, on_click=pressed).props("no-caps unelevated").classes("quiet" if quiet else "do")
    for name, value in props.items():
        made.props[name.replace("_", "-")] = value
    return made


def plain(text: str, act: Callable[[], object]) -> ui.button:
    """A button that looks like a link."""
    return ui.button(text, color=None, on_click=act).props("flat no-caps dense").classes("plainly")


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """Say what went wrong, with its remedy, instead of failing."""
    try:
        yield
    except Unauthenticated:
        go("/sign-in")
    except GatorError as wrong:
        # Not `close_button`: its colour is the page's, which is not read on red (1.1 : 1), and no rule of ours outranks Quasar's.
        ui.notify(str(wrong), type="negative", actions=[{"label": "OK", "color": "white"}], timeout=10_000)


def beside(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Do something beside the page for as long as it is open."""
    client = ui.context.client
    task: asyncio.Task[None] = background_tasks.create(work, name="console page", context=client)
    client.on_delete(lambda: task.cancel())
    return task
