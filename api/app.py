"""The web application: REST under /api/v1, the websocket, media, the public pages. `create_app` is what `gator up` serves.

Nothing is let in by accident: an application with a route that declares neither a permission nor `public` is not built.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import iter_route_contexts
from fastapi.staticfiles import StaticFiles
from starlette.routing import Route
from starlette.types import Scope

from api import pages, problems, socket, widget
from api.aliases import Aliases
from api.console.door import PATH as _CONSOLE
from api.console.door import Console, kept
from api.conversing import Rooms
from api.deps import CSRF_HEADER, Needs, Public
from api.limits import Buckets, Lockout
from api.portraits import Portraits
from api.presence import Sockets
from api.routes import (
    accounts,
    appearance,
    approvals,
    audit,
    auth,
    consents,
    content,
    conversations,
    description,
    devices,
    dns,
    edit_lists,
    fans_memory,
    feeds,
    handoffs,
    inbox,
    jobs,
    letters,
    linking,
    me,
    media,
    memory,
    metrics,
    models,
    personas,
    posts,
    probes,
    public,
    reels,
    studio,
    tokens,
    uploads,
    users,
    voices,
    webhooks,
)
from api.security import Surroundings
from api.smalls import Smalls
from bots.core import Core
from gator.settings import Settings

STATIC = Path(__file__).parent / "static"
_FILES = "/static"
_OWN_DOORS = (_FILES, _CONSOLE)  # files for everybody; the console lets in by itself
_RESOURCES = (
    auth, me, linking, tokens, users, accounts, personas, conversations, uploads, content, studio, jobs, approvals, posts, feeds,
    edit_lists, consents, voices, dns, devices, models, audit, inbox, handoffs, letters, memory, fans_memory, public, description,
    reels, appearance,
)  # fmt: skip
_PROBLEM: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "Refused", "model": problems.Problem, "content": {problems.MEDIA_TYPE: {}}},
    "5XX": {"description": "Not now", "model": problems.Problem, "content": {problems.MEDIA_TYPE: {}}},
}


class Files(StaticFiles):
    """Files of ours; those whose address names their content are kept for good, others are asked about each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        named = b"v=" in scope["query_string"]
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if named else "no-cache"
        return answer


def create_app(core: Core) -> FastAPI:
    """The application of one Gator."""
    app = _build(core.settings)
    app.state.core = core
    app.state.sockets = Sockets(core.hub)
    app.state.rooms = Rooms(core.store)
    return app


def describe(settings: Settings) -> dict[str, Any]:
    """The OpenAPI document, without a Gator that runs (`gator openapi`)."""
    return _build(settings).openapi()


def _build(settings: Settings) -> FastAPI:
    console = Console()
    app = FastAPI(
        title="Gator",
        version="1",
        summary="AI personas that you run yourself.",
        openapi_url=None,  # behind sign-in: api.routes.description
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        responses=_PROBLEM,
        generate_unique_id_function=lambda route: route.name,
        lifespan=lambda _: kept(console),
    )
    app.state.lockout = Lockout()
    app.state.console = console
    app.state.portraits = Portraits()
    app.state.smalls = Smalls()
    app.state.handshakes = Buckets(size=2000, per_s=500)  # sockets of one address: a proxy in front is one address
    app.state.uploads = Buckets(size=10, per_s=0.2)  # files of one caller: an album at once, then twelve a minute
    app.state.newcomers = Buckets(size=30, per_s=0.2)  # new anonymous fans of one address: a household, not a flood
    for resource in _RESOURCES:
        app.include_router(resource.router, prefix="/api/v1")
    for door in (media, probes, metrics, webhooks, socket, pages, widget):
        app.include_router(door.router)
    app.mount(_FILES, Files(directory=STATIC), name="static")
    app.router.routes.append(Route(_CONSOLE, console))
    app.mount(_CONSOLE, console)
    problems.install(app)
    pages.install(app)
    _surround(app, settings)
    _check_guards(app)
    return app


def _surround(app: FastAPI, settings: Settings) -> None:
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["*"],
            allow_headers=["authorization", "content-type", "idempotency-key", CSRF_HEADER],
            expose_headers=["location", "retry-after", "x-request-id"],
        )
    app.add_middleware(Aliases)
    app.add_middleware(Surroundings, settings=settings)
    app.add_middleware(socket.Straight, opened=app)


def guards(app: FastAPI) -> Iterator[tuple[str, list[str], list[Needs | Public]]]:
    """Every route: its path, its methods, and what it declares about who may call it."""
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        calls = [one.call for one in dependant.dependencies] if dependant else []
        declared = [call for call in calls if isinstance(call, (Needs, Public))]
        yield route.path or "", sorted(route.methods or ()), declared


def _check_guards(app: FastAPI) -> None:
    for path, _, declared in guards(app):
        if path not in _OWN_DOORS and len(declared) != 1:
            raise RuntimeError(f"the route {path} declares no permission, or more than one answer to who may call it")
