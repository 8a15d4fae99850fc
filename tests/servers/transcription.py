"""A server that speaks OpenAI's audio transcriptions, with their failures.

Source: platform.openai.com/docs/api-reference/audio/createTranscription. The next request gets the next step of the script.
"""

import asyncio
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.models import ONCE, Fail, failed


@dataclass(frozen=True)
class Words:
    text: str


@dataclass(frozen=True)
class Body:
    """Answers 200 with exactly this, said to be JSON."""

    body: str


@dataclass(frozen=True)
class Hang:
    """Never answers."""


@dataclass(frozen=True)
class Asked:
    model: str
    name: str
    sound: bytes


@dataclass
class TranscriptionServer:
    script: list[Words | Fail | Body | Hang]
    asked: list[Asked] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/v1/audio/transcriptions", self.transcribe, methods=["POST"])])

    async def transcribe(self, request: Request) -> Response:
        async with request.form() as form:
            file = form["file"]
            assert isinstance(file, UploadFile)
            self.asked.append(Asked(str(form["model"]), file.filename or "", await file.read()))
        step = self.script[len(self.asked) - 1]
        if isinstance(step, Hang):
            await asyncio.sleep(3600)
        if isinstance(step, Fail):
            return failed(step, {"error": {"message": "no", "type": "server_error"}})
        if isinstance(step, Body):
            return Response(step.body, headers=ONCE, media_type="application/json")
        assert isinstance(step, Words)
        return JSONResponse({"text": step.text}, headers=ONCE)
