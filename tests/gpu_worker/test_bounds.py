"""Does an answer that is too large, packed or never at its end fill neither memory nor time?"""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from gpu_worker.bounds import UNPACKED, bounded
from tests.servers.running import serving


async def endless() -> AsyncIterator[bytes]:
    while True:
        await asyncio.sleep(0.001)
        yield b"." * 1000


async def answer(request: Request) -> Response:
    if request.path_params["what"] == "endless":
        return StreamingResponse(endless())
    if request.path_params["what"] == "packed":
        return Response(gzip.compress(bytes(10_000)), headers={"content-encoding": "gzip"})
    return Response(b"fine", headers={"asked-for": request.headers["accept-encoding"]})


Hooks = Callable[[], dict[str, list[Any]]]


@pytest.mark.parametrize(
    ("what", "hooks", "said"),
    [
        ("endless", lambda: bounded(30, 50_000), "too large"),
        ("endless", lambda: bounded(0.05), "does not come to an end"),
        ("packed", lambda: bounded(30), "packed"),
    ],
)
async def test_what_goes_beyond_is_given_up(what: str, hooks: Hooks, said: str) -> None:
    app = Starlette(routes=[Route("/{what}", answer)])
    async with serving(app) as url, httpx.AsyncClient(headers=UNPACKED, event_hooks=hooks()) as client:
        with pytest.raises(httpx.ReadError, match=said):
            await client.get(f"{url}/{what}")
        fine = await client.get(f"{url}/fine")
    assert (fine.content, fine.headers["asked-for"]) == (b"fine", "identity")
