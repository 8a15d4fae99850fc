"""A server that speaks OpenAI's embeddings, with their failures.

Source: platform.openai.com/docs/api-reference/embeddings/create. Each request gets the next step of the script, the last one
again and again; a step says how many numbers a vector has, or how the request fails.
"""

import asyncio
import zlib
from dataclasses import dataclass, field

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.models import ONCE, Fail, failed


@dataclass(frozen=True)
class Vectors:
    """Vectors of so many numbers, the same for the same words; not of unit length, and in the wrong order."""

    dim: int = 12
    model: str = "small-1"
    leave_out: int = 0


@dataclass(frozen=True)
class Body:
    """Answers 200 with exactly this, said to be JSON."""

    body: str


@dataclass(frozen=True)
class Hang:
    """Never answers."""


@dataclass
class EmbeddingServer:
    script: list[Vectors | Fail | Body | Hang] = field(default_factory=lambda: [Vectors()])
    asked: list[list[str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/v1/embeddings", self.embed, methods=["POST"])])

    async def embed(self, request: Request) -> Response:
        asked = await request.json()
        self.asked.append(asked["input"])
        self.keys.append(request.headers.get("authorization", ""))
        step = self.script[min(len(self.asked), len(self.script)) - 1]
        if isinstance(step, Hang):
            await asyncio.sleep(3600)
        if isinstance(step, Fail):
            return failed(step, {"error": {"message": "no", "type": "server_error"}})
        if isinstance(step, Body):
            return Response(step.body, headers=ONCE, media_type="application/json")
        assert isinstance(step, Vectors)
        rows = [
            {"object": "embedding", "index": at, "embedding": vector_of(text, step.dim)}
            for at, text in enumerate(asked["input"])
        ]
        rows = rows[::-1][: len(rows) - step.leave_out]
        return JSONResponse({"object": "list", "data": rows, "model": step.model}, headers=ONCE)


def vector_of(text: str, dim: int) -> list[float]:
    """Words that two texts share bring them near."""
    made = np.zeros(dim)
    for word in text.lower().split():
        made += np.random.default_rng(zlib.crc32(word.encode())).normal(size=dim)
    return [float(number) for number in 3 * made]
