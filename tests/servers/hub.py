"""A hub of models as its clients know it, with a store of large files on another address, and their failures.

Sources: huggingface.co/docs/hub/api, and the headers that huggingface_hub reads (`get_hf_file_metadata`, `hf_raise_for_status`):
`X-Repo-Commit`, `X-Linked-Etag`, `X-Linked-Size`, `X-Error-Code`. Large files are a redirect to signed addresses elsewhere.
"""

import asyncio
import hashlib
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.servers.running import serving

LARGE = 1000  # bytes; from there on a file is kept with LFS


def weights(count: int, seed: int = 0) -> bytes:
    """A safetensors file with that many 16-bit numbers."""
    data = hashlib.shake_128(seed.to_bytes(4, "big")).digest(count * 2)
    told = json.dumps({"w": {"dtype": "F16", "shape": [count], "data_offsets": [0, len(data)]}}).encode()
    return struct.pack("<Q", len(told)) + told + data


@dataclass(frozen=True)
class Cut:
    """The line breaks after so many bytes."""

    after: int


@dataclass(frozen=True)
class Status:
    status: int


@dataclass(frozen=True)
class Wrong:
    """As many bytes, but others."""


@dataclass(frozen=True)
class Whole:
    """All of it, whatever part was asked for."""


@dataclass(frozen=True)
class Hang:
    """So many bytes, and then nothing until the server's `go_on` is set."""

    after: int


@dataclass(frozen=True)
class More:
    """All of it, and as much again."""


Step = Cut | Status | Wrong | Whole | Hang | More


@dataclass
class Repository:
    files: dict[str, bytes]
    commit: str = "c" * 40
    card: dict[str, Any] = field(default_factory=lambda: {"license": "apache-2.0"})
    gated: bool = False
    hashes: bool = True


@dataclass
class Hub:
    """`script` is what becomes of the next requests for large files; `asked` is each such request's Range."""

    repositories: dict[str, Repository]
    script: list[Step] = field(default_factory=list)
    told: list[Step] = field(default_factory=list)  # as `script`, for what is asked of the API
    token: str = "hf_right"
    asked: list[str] = field(default_factory=list)
    tokens_elsewhere: list[str] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    hanging: asyncio.Event = field(default_factory=asyncio.Event)
    _store: str = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """The hub's address."""
        hub = Starlette(
            routes=[
                Route("/api/models/{owner}/{name}", self.info),
                Route("/api/models/{owner}/{name}/revision/{revision}", self.info),
                Route("/{owner}/{name}/resolve/{revision}/{path:path}", self.resolve, methods=["GET", "HEAD"]),
            ]
        )
        store = Starlette(routes=[Route("/{sha256}", self.large)])
        async with serving(hub) as here, serving(store) as there:
            self._store = there
            try:
                yield here
            finally:
                self.go_on.set()

    async def info(self, request: Request) -> Response:
        if self.told and isinstance(step := self.told.pop(0), Status):
            return JSONResponse({"error": "no"}, step.status, {"Retry-After": "0"})
        name = f"{request.path_params['owner']}/{request.path_params['name']}"
        there = self.repositories.get(name)
        if there is None:
            return _no(401, "RepoNotFound")
        if request.path_params.get("revision", there.commit) not in (there.commit, "main"):
            return _no(404, "RevisionNotFound")
        siblings = [_sibling(path, data, there.hashes) for path, data in there.files.items()]
        told = {"id": name, "sha": there.commit, "gated": "auto" if there.gated else False, "private": False}
        tags = [f"license:{there.card['license']}"] if "license" in there.card else []
        return JSONResponse({**told, "tags": tags, "cardData": there.card, "siblings": siblings})

    async def resolve(self, request: Request) -> Response:
        there = self.repositories[f"{request.path_params['owner']}/{request.path_params['name']}"]
        if there.gated and request.headers.get("authorization") != f"Bearer {self.token}":
            return _no(401, "GatedRepo")
        if request.path_params["revision"] != there.commit:
            return _no(404, "RevisionNotFound")
        data = there.files.get(request.path_params["path"])
        if data is None:
            return _no(404, "EntryNotFound")
        headers = {"X-Repo-Commit": there.commit}
        if len(data) < LARGE:
            return Response(data, headers={**headers, "ETag": f'"{_blob(data)}"'})
        sha256 = hashlib.sha256(data).hexdigest()
        linked = {"X-Linked-Etag": f'"{sha256}"', "X-Linked-Size": str(len(data))}
        return RedirectResponse(f"{self._store}/{sha256}", 302, {**headers, **linked})

    async def large(self, request: Request) -> Response:
        self.asked.append(request.headers.get("range", ""))
        self.tokens_elsewhere += [request.headers["authorization"]] if "authorization" in request.headers else []
        wanted = request.path_params["sha256"]
        data = next(
            data
            for one in self.repositories.values()
            for data in one.files.values()
            if hashlib.sha256(data).hexdigest() == wanted
        )
        step = self.script.pop(0) if self.script else None
        if isinstance(step, Status):
            return Response(b"no", step.status)
        if isinstance(step, Wrong):
            data = bytes(len(data))
        begin = int(self.asked[-1].removeprefix("bytes=").partition("-")[0] or 0)
        begin = 0 if isinstance(step, Whole) else begin
        data = 2 * data if isinstance(step, More) else data
        headers = {"Content-Length": str(len(data) - begin)}
        if begin:
            headers["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
        return StreamingResponse(self._bytes(data[begin:], step), 206 if begin else 200, headers)

    async def _bytes(self, data: bytes, step: Step | None) -> AsyncIterator[bytes]:
        if isinstance(step, Cut):
            yield data[: step.after]
            raise ConnectionError("cut")
        if isinstance(step, Hang):
            yield data[: step.after]
            self.hanging.set()
            await self.go_on.wait()
            data = data[step.after :]
        yield data


def _sibling(path: str, data: bytes, hashes: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"rfilename": path, "size": len(data)}
    if hashes:
        told["blobId"] = _blob(data)
        if len(data) >= LARGE:
            told["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
    return told


def _blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _no(status: int, code: str) -> Response:
    return JSONResponse({"error": code}, status, {"X-Error-Code": code, "X-Error-Message": code})
