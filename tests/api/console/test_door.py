"""Is nobody let in by accident? The console's pages, files and websocket, for everybody who should not be there."""

import asyncio
import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.console import door
from api.deps import SESSION_COOKIE
from api.security import CSP
from api.tokens import Session
from bots.core import Core
from gator.principal import Principal
from tests.api.console.conftest import browser, secret_of

PAGES = ("", "/", "/inbox", "/approvals", "/letters", "/jobs", "/personas", "/channels", "/no-such-page")


async def test_nobody_sees_a_page_or_a_file_of_the_console(console: FastAPI) -> None:
    async with browser(console) as stranger:
        for path in (*PAGES, "/_nicegui/3.18.0/static/nicegui.js", "/_nicegui_ws/socket.io/?transport=polling"):
            answer = await stranger.get(f"/console{path}")
            assert answer.status_code in (401, 405), path
            people = await stranger.get(f"/console{path}", headers={"Accept": "text/html"})
            assert people.status_code == 405 or people.headers["location"] == "/sign-in"


async def test_a_fan_is_refused(console: FastAPI, fans_session: Session) -> None:
    async with browser(console) as fan:
        answer = await fan.get("/console", headers={"Authorization": f"Bearer {fans_session.access}"})
        assert answer.status_code == 403


async def test_the_console_relaxes_its_own_policy_and_no_other(console: FastAPI, session: Session) -> None:
    async with browser(console, session.secret) as owner:
        page = await owner.get("/console")
        assert page.status_code == 200
        assert "unsafe-eval" in page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert page.headers["x-frame-options"] == "DENY"
        for other in ("/", "/sign-in", "/api/v1/me", "/health"):
            assert (await owner.get(other)).headers["content-security-policy"] == CSP
        assert (await owner.post("/console/inbox")).status_code == 405
        assert (await owner.get("/console/_nicegui_ws/socket.io/?EIO=4&transport=polling")).status_code == 405


async def test_a_role_sees_no_page_beyond_what_it_may(console: FastAPI, core: Core, operator: Principal) -> None:
    secret = await secret_of(core, operator.workspace, "viewer")
    async with browser(console, secret) as viewer:
        refused = await viewer.get("/console/inbox")
        assert "conversations:read" in refused.text
        allowed = await viewer.get("/console/jobs")
        assert "No jobs yet." in allowed.text


async def test_the_websocket_asks_who_is_there_and_where_from(
    console: FastAPI, served: str, session: Session, core: Core, operator: Principal
) -> None:
    other = await secret_of(core, operator.workspace, "operator")
    async with httpx.AsyncClient(base_url=f"http://{served}", cookies={SESSION_COOKIE: session.secret}) as owner:
        page = (await owner.get("/console/jobs")).text
    [client_id] = re.findall(r"'client_id': '([0-9a-f-]+)'", page)
    good = {"Cookie": f"{SESSION_COOKIE}={session.secret}", "Origin": f"http://{served}"}
    refused: list[tuple[str, dict[str, Any]]] = [
        (client_id, {"Origin": good["Origin"]}),
        (client_id, {"Cookie": good["Cookie"]}),
        (client_id, good | {"Origin": "https://elsewhere.example"}),
        (client_id, good | {"Cookie": f"{SESSION_COOKIE}={other}"}),
        ("", good),
    ]
    for client, headers in refused:
        with pytest.raises(InvalidStatus) as closed:
            async with connect(_address(served, client), additional_headers=headers):
                pass
        assert closed.value.response.status_code == 403, headers
    async with connect(_address(served, client_id), additional_headers=good) as line:
        assert str(await line.recv()).startswith("0{")
    # A page of before a restart: told that it is unknown, so that the browser loads it anew.
    unknown = _address(served, "01900000-0000-4000-8000-000000000000")
    async with connect(unknown, additional_headers=good) as line:
        assert str(await line.recv()).startswith("0{")
        await line.send("40")
        assert "Implicit handshake failed" in str(await line.recv())


async def test_a_live_page_ends_with_its_session(
    console: FastAPI, served: str, session: Session, core: Core, operator: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "CHECK_S", 0.05)
    async with httpx.AsyncClient(base_url=f"http://{served}", cookies={SESSION_COOKIE: session.secret}) as owner:
        page = (await owner.get("/console/jobs")).text
    [client_id] = re.findall(r"'client_id': '([0-9a-f-]+)'", page)
    good = {"Cookie": f"{SESSION_COOKIE}={session.secret}", "Origin": f"http://{served}"}
    async with connect(_address(served, client_id), additional_headers=good) as line:
        await line.recv()
        async with core.store.open_work(operator) as work:
            await work.people.revoke_token(session.id)
        with pytest.raises(ConnectionClosed):
            async with asyncio.timeout(10):
                while True:
                    await line.recv()
        assert line.close_code == 4401


def _address(served: str, client_id: str) -> str:
    query = f"EIO=4&transport=websocket&client_id={client_id}&next_message_id=0&implicit_handshake=true"
    return f"ws://{served}/console/_nicegui_ws/socket.io/?{query}"
