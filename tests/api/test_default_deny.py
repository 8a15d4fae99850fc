"""Is nobody let in by accident? Every route, every kind of caller who should not be there."""

import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app, describe, guards
from api.deps import Needs, Public
from api.permissions import PERMISSIONS, ROLES, permissions_of
from api.tokens import Session
from bots.core import Core
from gator.settings import Settings
from tests.api.conftest import SignedIn

PUBLIC = {
    "/": ["GET"],
    "/p/{slug}": ["GET"],
    "/p/{slug}/embed": ["GET"],
    "/p/{slug}/widget": ["GET"],
    "/widget.js": ["GET"],
    "/sign-in": ["GET", "POST"],
    "/health": ["GET"],
    "/ready": ["GET"],
    "/media/{asset}": ["GET"],  # the signature is the permission
    "/media/{asset}/small": ["GET"],
    "/media/{asset}/captions.vtt": ["GET"],
    "/shared/{asset}": ["GET"],  # the signature, and a link that was not revoked
    "/ws/{user_id}": [],  # says nothing before a token is there
    "/webhooks/telegram/{account}": ["POST"],  # the secret that Telegram was given is the credential
    "/api/v1/auth/sign-in": ["POST"],
    "/api/v1/auth/refresh": ["POST"],  # the session's secret is the credential
    "/api/v1/public/personas": ["GET"],
    "/api/v1/public/personas/{slug}": ["GET"],
    "/api/v1/public/personas/{slug}/portrait": ["GET"],
    "/api/v1/public/personas/{slug}/gallery": ["GET"],
    "/api/v1/public/personas/{slug}/session": ["POST"],
}
AN_ID = "01900000-0000-7000-8000-000000000000"


def guarded(app: FastAPI) -> list[tuple[str, str, Needs]]:
    """(method, path with an id filled in, guard) of every route that needs a permission."""
    return [
        (method, re.sub(r"\{\w+\}", AN_ID, path), guard)
        for path, methods, (guard, *_) in ((p, m, d) for p, m, d in guards(app) if d)
        for method in methods
        if isinstance(guard, Needs)
    ]


def test_every_route_needs_a_permission_or_is_in_the_short_public_list(app: FastAPI) -> None:
    open_routes: dict[str, list[str]] = {}
    count = 0
    for path, methods, declared in guards(app):
        if path in ("/static", "/console"):  # the console's own door: tests/api/console
            continue
        count += 1
        assert len(declared) == 1, path
        if isinstance(declared[0], Public):
            open_routes.setdefault(path, []).extend(methods)

    assert {path: sorted(methods) for path, methods in open_routes.items()} == PUBLIC
    assert count >= 60


def test_an_application_with_a_route_that_declares_nothing_is_not_built(core: Core) -> None:
    from api.routes import jobs

    @jobs.router.get("/forgotten")
    async def forgotten() -> str:
        return "secret"

    try:
        with pytest.raises(RuntimeError, match="/api/v1/jobs/forgotten declares no permission"):
            create_app(core)
    finally:
        jobs.router.routes.pop()


async def test_nobody_is_refused_everywhere(app: FastAPI, anybody: httpx.AsyncClient) -> None:
    routes = guarded(app)
    assert len(routes) >= 45
    for method, path, _ in routes:
        answer = await anybody.request(method, path)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", ["viewer", "reviewer", "operator", "no-such-role"])
async def test_a_role_is_refused_all_that_it_does_not_carry(app: FastAPI, signed_in: SignedIn, role: str) -> None:
    client, may = await signed_in(role), permissions_of([role])
    beyond = [(method, path) for method, path, guard in guarded(app) if may.isdisjoint(guard.any_of)]
    assert beyond
    for method, path in beyond:
        answer = await client.request(method, path, json={})
        assert answer.status_code == 403, (method, path)
        assert answer.json()["code"] == "forbidden"


async def test_a_fan_is_refused_everything_but_themselves_and_their_chat(
    app: FastAPI, anybody: httpx.AsyncClient, fans_session: Session
) -> None:
    anybody.headers["Authorization"] = f"Bearer {fans_session.access}"
    beyond = [(m, path) for m, path, guard in guarded(app) if {"me", "chat"}.isdisjoint(guard.any_of)]
    assert len(beyond) >= 40
    for method, path in beyond:
        assert (await anybody.request(method, path, json={})).status_code == 403, (method, path)


async def test_what_a_role_carries_it_may_use(app: FastAPI, owner: httpx.AsyncClient) -> None:
    """No guarded read answers the owner with a refusal to be let in, nor with a bug."""
    for method, path, _ in guarded(app):
        if method == "GET":
            answer = await owner.get(path)
            assert answer.status_code in (200, 404, 422, 503), (path, answer.text)


def test_roles_grow_from_viewer_to_owner() -> None:
    assert ROLES["viewer"] < ROLES["operator"] < ROLES["owner"] == PERMISSIONS
    assert not permissions_of([])
    assert not permissions_of(["god"])


def test_operations_have_stable_names_and_say_what_they_need(settings: Settings) -> None:
    document: dict[str, Any] = describe(settings)
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]

    assert len(names) == len(set(names)) >= 50
    assert {"list_personas", "draw_card", "schedule_post", "approve", "open_chat"} <= set(names)
    assert all(name.isidentifier() for name in names)
    assert sum("security" in one for one in operations) >= 45
