"""A server that speaks Runway's API, with its failures: tasks are ordered, asked for, taken back, and their files fetched.

Sources: docs.dev.runwayml.com. `script` is what happens to the orders, one after another; `looks` how often somebody asks
before a task is done; `trouble` is the status of the next looks, before the true one.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.models import ONCE, Fail


@dataclass(frozen=True)
class Film:
    """The task succeeds with this file."""

    path: Path


@dataclass(frozen=True)
class Flop:
    """The task fails with this code."""

    code: str


@dataclass(frozen=True)
class Wrong:
    """An order that is not taken."""

    said: str


@dataclass(frozen=True)
class Lost:
    """The order is taken, and the answer is lost on its way."""


Step = Film | Flop | Wrong | Lost | Fail


@dataclass
class RunwayServer:
    script: list[Step]
    looks: int = 0
    trouble: list[int] = field(default_factory=list)
    broken_files: int = 0  # how many fetches fail
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    taken_back: list[str] = field(default_factory=list)
    seen: int = 0
    base: str = ""

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/text_to_video", self.order, methods=["POST"]),
                Route("/v1/image_to_video", self.order, methods=["POST"]),
                Route("/v1/tasks/{id}", self.task, methods=["GET"]),
                Route("/v1/tasks/{id}", self.take_back, methods=["DELETE"]),
                Route("/files/{id}", self.file),
            ]
        )

    async def order(self, request: Request) -> Response:
        self.headers = dict(request.headers)
        self.base = str(request.base_url).rstrip("/")
        self.asked.append({"where": request.url.path, **await request.json()})
        step = self.script[len(self.asked) - 1]
        if isinstance(step, Fail):
            more = {"retry-after": step.retry_after} if step.retry_after else {}
            return JSONResponse({"error": "no"}, step.status, ONCE | more)
        if isinstance(step, Wrong):
            return JSONResponse({"error": step.said}, 400, ONCE)
        if isinstance(step, Lost):
            await asyncio.sleep(0)
            return Response(b"{", headers=ONCE | {"content-length": "100"})
        return JSONResponse({"id": f"task{len(self.asked)}"}, headers=ONCE)

    async def task(self, request: Request) -> Response:
        self.seen += 1
        id = request.path_params["id"]
        if self.trouble:
            return JSONResponse({}, self.trouble.pop(0), ONCE)
        if id in self.taken_back:
            return JSONResponse({}, 404, ONCE)
        if self.seen <= self.looks:
            return JSONResponse({"id": id, "status": "RUNNING", "progress": 0.5}, headers=ONCE)
        step = self.script[int(id.removeprefix("task")) - 1]
        if isinstance(step, Flop):
            return JSONResponse({"id": id, "status": "FAILED", "failure": "no", "failureCode": step.code}, headers=ONCE)
        done = {"id": id, "status": "SUCCEEDED", "output": [f"{self.base}/files/{id}"]}
        return JSONResponse(done, headers=ONCE)

    async def take_back(self, request: Request) -> Response:
        self.taken_back.append(request.path_params["id"])
        return Response(status_code=204, headers=ONCE)

    async def file(self, request: Request) -> Response:
        if self.broken_files:
            self.broken_files -= 1
            return Response(status_code=403, headers=ONCE)
        step = self.script[int(request.path_params["id"].removeprefix("task")) - 1]
        assert isinstance(step, Film)
        return Response(step.path.read_bytes(), media_type="video/mp4", headers=ONCE)
