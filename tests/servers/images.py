"""A server that speaks OpenAI's images and one that speaks ComfyUI's, with their failures.

Sources: platform.openai.com/docs/api-reference/images and github.com/comfyanonymous/ComfyUI, server.py. What is answered is a
script: the next request for a picture gets the next step.
"""

import asyncio
import base64
import io
from dataclasses import dataclass, field
from typing import Any

from PIL import Image
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.models import ONCE, Fail, failed


@dataclass(frozen=True)
class Picture:
    """A plain one of that size and colour."""

    width: int = 1024
    height: int = 1024
    colour: str = "navy"

    @property
    def png(self) -> bytes:
        out = io.BytesIO()
        Image.new("RGB", (self.width, self.height), self.colour).save(out, "PNG")
        return out.getvalue()


@dataclass(frozen=True)
class No:
    """An answer of 400 with that code, as for what the provider will not make."""

    code: str
    message: str = "no"


@dataclass(frozen=True)
class Junk:
    """200, and no picture in it."""


@dataclass(frozen=True)
class Hang:
    """Never answers."""


Step = Picture | Fail | No | Junk | Hang


@dataclass
class ImageServer:
    script: list[Step]
    asked: list[dict[str, Any]] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/images/generations", self.generate, methods=["POST"]),
                Route("/v1/images/edits", self.edit, methods=["POST"]),
            ]
        )

    async def generate(self, request: Request) -> Response:
        return await self._answer(await request.json())

    async def edit(self, request: Request) -> Response:
        async with request.form() as form:
            told: dict[str, Any] = {}
            for name, value in form.multi_items():
                kept = await value.read() if isinstance(value, UploadFile) else value
                told.setdefault(name, []).append(kept)
        return await self._answer({name: held[0] if len(held) == 1 else held for name, held in told.items()})

    async def _answer(self, told: dict[str, Any]) -> Response:
        self.asked.append(told)
        step = self.script[len(self.asked) - 1]
        if isinstance(step, Hang):
            await asyncio.sleep(3600)
        if isinstance(step, Fail):
            return failed(step, {"error": {"message": "no", "code": None}})
        if isinstance(step, No):
            return JSONResponse({"error": {"message": step.message, "code": step.code}}, 400, ONCE)
        data = b"no picture" if isinstance(step, Junk) else step.png if isinstance(step, Picture) else b""
        made = {"b64_json": base64.b64encode(data).decode()}
        if told.get("model") == "dall-e-3":
            made["revised_prompt"] = f"A detailed picture of {told['prompt']}"
        body = {"created": 1, "data": [made]}
        return JSONResponse(body, headers=ONCE)


@dataclass
class ComfyServer:
    """`looks` is how often somebody asks before the picture is done."""

    script: list[Step]
    looks: int = 1
    asked: list[dict[str, Any]] = field(default_factory=list)
    uploaded: dict[str, bytes] = field(default_factory=dict)
    taken_back: list[str] = field(default_factory=list)
    _seen: int = 0

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/prompt", self.prompt, methods=["POST"]),
                Route("/history/{id}", self.history),
                Route("/view", self.view),
                Route("/upload/image", self.upload, methods=["POST"]),
                Route("/queue", self.queue, methods=["POST"]),
                Route("/interrupt", self.interrupt, methods=["POST"]),
            ]
        )

    @property
    def _step(self) -> Step:
        return self.script[len(self.asked) - 1]

    async def prompt(self, request: Request) -> Response:
        self.asked.append((await request.json())["prompt"])
        if isinstance(self._step, Fail):
            headers = {"retry-after": self._step.retry_after} if self._step.retry_after else {}
            return JSONResponse({}, self._step.status, headers)
        if isinstance(self._step, No) and self._step.code == "invalid_prompt":
            error = {"type": self._step.code, "message": self._step.message}
            return JSONResponse({"error": error, "node_errors": {}}, 400)
        return JSONResponse({"prompt_id": f"p{len(self.asked)}", "number": 1, "node_errors": {}})

    async def history(self, request: Request) -> Response:
        id = request.path_params["id"]
        self._seen += 1
        if isinstance(self._step, Hang) or self._seen <= self.looks:
            return JSONResponse({})
        if isinstance(self._step, No):
            told = {"node_type": "KSampler", "exception_message": self._step.message}
            status = {"status_str": "error", "completed": False, "messages": [["execution_error", told]]}
            return JSONResponse({id: {"status": status, "outputs": {}}})
        where = {"filename": "made_0001.png", "subfolder": "", "type": "output"}
        outputs = {} if isinstance(self._step, Junk) else {"9": {"images": [where]}}
        return JSONResponse({id: {"status": {"status_str": "success", "completed": True}, "outputs": outputs}})

    async def view(self, request: Request) -> Response:
        assert isinstance(self._step, Picture)
        assert request.query_params["filename"] == "made_0001.png"
        return Response(self._step.png, media_type="image/png")

    async def upload(self, request: Request) -> Response:
        async with request.form() as form:
            file = form["image"]
            assert isinstance(file, UploadFile)
            self.uploaded[str(file.filename)] = await file.read()
            return JSONResponse({"name": file.filename, "subfolder": "", "type": "input"})

    async def queue(self, request: Request) -> Response:
        self.taken_back += (await request.json())["delete"]
        return Response()

    async def interrupt(self, _: Request) -> Response:
        return Response()
