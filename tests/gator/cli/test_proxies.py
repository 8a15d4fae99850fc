"""Is a proxy believed only when the settings name it?"""

import asyncio
import socket
from typing import Any

import httpx
import pytest
import uvicorn

from gator.cli.serving import web_config
from gator.settings import Settings

SAYS = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}


async def who_asks(scope: Any, _receive: Any, send: Any) -> None:
    """Answers with what the server takes the caller for."""
    body = f"{scope['client'][0]} {scope['scheme']}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body})


async def asked_through(trusted: str) -> str:
    config: Any = web_config(who_asks, Settings(trusted_proxies=trusted).trusted_proxies)  # type: ignore[arg-type]
    config.lifespan = "off"
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            async with asyncio.timeout(10):
                while not server.started:  # uvicorn has a flag and no event for it
                    await asyncio.sleep(0.01)
            async with httpx.AsyncClient(trust_env=False) as client:
                port = listening.getsockname()[1]
                return (await client.get(f"http://127.0.0.1:{port}/", headers=SAYS)).text
        finally:
            server.should_exit = True
            await task


@pytest.mark.parametrize("trusted", ["", "192.0.2.1", "10.0.0.0/8, ::1"])
async def test_what_a_stranger_says_of_itself_is_not_believed(trusted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert await asked_through(trusted) == "127.0.0.1 http"


@pytest.mark.parametrize("trusted", ["127.0.0.1", "192.0.2.1, 127.0.0.1/8"])
async def test_a_proxy_that_is_named_is_believed(trusted: str) -> None:
    assert await asked_through(trusted) == "203.0.113.7 https"
