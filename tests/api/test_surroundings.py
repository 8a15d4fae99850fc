"""What surrounds every answer? Headers, limits, ids, problems without a word too much."""

import asyncio
import re

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from api.app import create_app
from api.limits import Bucket, Buckets, Lockout
from api.security import BURST
from bots.core import Core
from gator.errors import TooMany
from gator.ids import is_id
from gator.settings import Settings
from memory.models import Persona
from tests.api.conftest import visiting

PLACES = [
    "/",
    "/p/nova",
    "/p/nobody",
    "/sign-in",
    "/health",
    "/static/gator.css",
    "/api/v1/jobs",
    "/nowhere",
    "/media/x",
]


async def test_every_answer_carries_the_strict_headers(anybody: httpx.AsyncClient, nova: Persona) -> None:
    for path in PLACES:
        answer = await anybody.get(path, headers={"Accept": "text/html"})
        policy = answer.headers["content-security-policy"]

        assert "default-src 'self'" in policy, path
        assert not re.search(r"unsafe|\*|data:|https?:", policy), path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["x-frame-options"] == "DENY", path
        assert is_id(answer.headers["x-request-id"]), path


async def test_pages_hold_no_inline_script_or_style(anybody: httpx.AsyncClient, nova: Persona) -> None:
    for path in ("/", "/p/nova", "/p/nobody", "/sign-in"):
        text = (await anybody.get(path, headers={"Accept": "text/html"})).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text), path
        assert all('src="/static/' in tag for tag in re.findall(r"<script[^>]*>", text)), path
        assert not re.search(r"(src|href)=\"(https?:)?//", text), path


async def test_head_is_get_without_the_body(anybody: httpx.AsyncClient, nova: Persona) -> None:
    for path in ("/", "/p/nova", "/health", "/static/chat.js"):
        whole, head = await anybody.get(path), await anybody.head(path)
        assert (head.status_code, head.content) == (200, b""), path
        assert head.headers["content-length"] == whole.headers["content-length"], path


async def test_an_unknown_page_is_a_page_and_an_unknown_route_a_problem(anybody: httpx.AsyncClient) -> None:
    page = await anybody.get("/nowhere", headers={"Accept": "text/html"})
    route = await anybody.get("/api/v1/nowhere", headers={"Accept": "text/html"})

    assert page.status_code == route.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "To the gallery" in page.text
    assert route.headers["content-type"] == "application/problem+json"
    assert route.json()["code"] == "not_found"


async def test_a_malformed_request_says_where_and_does_not_repeat_what_was_sent(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.post("/api/v1/auth/sign-in", json={"password": ["hunter2"], "other": 1})
    problem = answer.json()

    assert (answer.status_code, problem["code"]) == (422, "malformed")
    assert {one["at"] for one in problem["errors"]} == {"body.password", "body.other"}
    assert "hunter2" not in answer.text


async def test_a_bug_is_logged_and_shown_as_one_without_its_insides(app: FastAPI, core: Core) -> None:
    engine, core.store.engine = core.store.engine, None  # type: ignore[assignment]  # what nobody foresaw
    async with visiting(app) as client:
        answer = await client.get("/api/v1/public/personas")
    core.store.engine = engine

    assert (answer.status_code, answer.json()["code"]) == (500, "bug")
    assert "Traceback" not in answer.text
    assert "NoneType" not in answer.text
    assert "content-security-policy" in answer.headers


async def test_a_body_that_is_too_large_is_refused(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.post("/api/v1/auth/sign-in", content=b"x" * (1 << 20 | 1))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_who_asks_too_often_waits_and_others_do_not(app: FastAPI, core: Core) -> None:
    async with visiting(app) as one, visiting(app, "some token") as other:
        answers = [await one.get("/api/v1/auth/nothing")]
        while answers[-1].status_code == 404 and len(answers) < BURST * 10:  # a slow machine lets more in
            answers.append(await one.get("/api/v1/auth/nothing"))
        let_in = await other.get("/api/v1/auth/nothing")
        probe = await one.get("/health")

    refused = answers[-1]
    assert len(answers) > BURST
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["ratelimit-remaining"] == "0"
    assert let_in.status_code == 404
    assert probe.status_code == 200


async def test_other_sites_are_let_in_by_setting_only(core: Core, anybody: httpx.AsyncClient) -> None:
    origin = {"Origin": "https://fans.example"}
    without = await anybody.get("/api/v1/public/personas", headers=origin)
    core.settings = Settings(
        home=core.settings.home, secret_key=core.settings.secret, cors_origins=("https://fans.example",)
    )
    async with visiting(create_app(core)) as client:
        good = await client.get("/api/v1/public/personas", headers=origin)
        bad = await client.get("/api/v1/public/personas", headers={"Origin": "https://evil.example"})

    assert "access-control-allow-origin" not in without.headers
    assert good.headers["access-control-allow-origin"] == "https://fans.example"
    assert "access-control-allow-credentials" not in good.headers
    assert "access-control-allow-origin" not in bad.headers


async def test_ready_says_whether_the_database_answers(app: FastAPI, core: Core, anybody: httpx.AsyncClient) -> None:
    assert (await anybody.get("/ready")).json() == {
        "status": "ready",
        "database": "ready",
        "knowledge": "ready",
    }
    await core.store.close()
    (core.settings.home / "gator.db").unlink()
    for left in core.settings.home.glob("gator.db-*"):
        left.unlink()
    away = await anybody.get("/ready")
    assert (away.status_code, away.json()["code"]) == (503, "unavailable")
    page = await anybody.get("/", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "To the gallery" in page.text
    assert (await anybody.get("/health")).json() == {"status": "alive"}


async def test_the_description_is_for_those_who_signed_in(owner: httpx.AsyncClient, anybody: httpx.AsyncClient) -> None:
    assert (await anybody.get("/openapi.json")).status_code == 404
    assert (await anybody.get("/docs")).status_code == 404
    assert (await anybody.get("/api/v1/openapi.json")).status_code == 401
    assert (await owner.get("/api/v1/openapi.json")).json()["info"]["title"] == "Gator"


def test_a_bucket_fills_with_time() -> None:
    at = [0.0]
    bucket = Bucket(2, 0.5, lambda: at[0])
    assert [bucket.take(), bucket.take(), bucket.take()] == [True, True, False]
    assert bucket.wait_s == 2
    at[0] = 2.0
    assert bucket.take()
    assert not bucket.take()


def test_the_bucket_unseen_for_longest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.limits._REMEMBERED", 2)
    buckets = Buckets(1, 1, lambda: 0.0)
    for caller in ("a", "b", "a", "c"):
        buckets.of(caller)
    assert list(buckets._buckets) == ["a", "c"]


def test_a_lockout_counts_failures_only_and_lets_go_again() -> None:
    at = [0.0]
    lockout = Lockout(size=2, per_s=1 / 100, clock=lambda: at[0])
    for _ in range(10):
        lockout.check("name x")
    lockout.failed("name x")
    lockout.failed("name x")
    with pytest.raises(TooMany):
        lockout.check("address y", "name x")
    lockout.check("name z")
    at[0] = 101
    lockout.check("name x")


async def test_a_client_that_left_is_no_bug_and_a_bug_is_one(app: FastAPI, served: str) -> None:
    async def until_left(_scope: Scope, receive: Receive, _send: Send) -> None:
        reached.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    async def read(scope: Scope, receive: Receive, _send: Send) -> None:
        reached.set()
        try:
            await Request(scope, receive).body()
        finally:
            left.set()

    async def lost(_scope: Scope, _receive: Receive, _send: Send) -> None:
        """What gives no answer to a client that waits for one."""

    async def pass_on(request: Request, call_next: RequestResponseEndpoint) -> Response:
        return await call_next(request)

    for path, gives in {"/waits": until_left, "/reads": read, "/lost": lost}.items():
        # As the console's framework has them around its pages.
        app.router.routes.insert(0, Mount(path, BaseHTTPMiddleware(gives, dispatch=pass_on)))
    host, port = served.split(":")
    with capture_logs() as logged:
        for path in ("/waits/", "/reads/"):
            reached, left = asyncio.Event(), asyncio.Event()
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(f"POST {path} HTTP/1.1\r\nHost: {served}\r\nContent-Length: 5\r\n\r\n".encode())
            await asyncio.wait_for(reached.wait(), 20)
            writer.transport.abort()
            await asyncio.wait_for(left.wait(), 20)
        async with httpx.AsyncClient(base_url=f"http://{served}") as client:
            assert (await client.get("/lost/")).status_code == 500
    assert [(one["event"], one["path"]) for one in logged] == [("request_failed", "/lost/")]
