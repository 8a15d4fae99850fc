"""A server that speaks OpenAI's chat completions, Anthropic's messages and Ollama's chat, streamed, with their failures.

Sources: platform.openai.com/docs/api-reference/chat-streaming, docs.anthropic.com/en/docs/build-with-claude/streaming,
github.com/ollama/ollama/blob/main/docs/api.md.
What it answers is a script: the next request gets the next step, whichever protocol it comes by.
"""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass(frozen=True)
class Say:
    text: str


@dataclass(frozen=True)
class Call:
    """Calls a tool; `arguments` is JSON text, so that it can be broken."""

    name: str
    arguments: str


@dataclass(frozen=True)
class Fail:
    status: int
    retry_after: str | None = None


@dataclass(frozen=True)
class Cut:
    """Starts to say it and breaks the connection off in the middle."""

    text: str


Step = Say | Call | Fail | Cut
# A step may depend on what was asked: the request's JSON, whichever protocol it came by.
Steps = list[Step | Callable[[dict[str, Any]], Step]]

# The SDKs keep their connections for the life of a process, and a test's event loop ends before it.
ONCE = {"connection": "close"}


@dataclass
class ModelServer:
    script: Steps
    asked: list[dict[str, Any]] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        routes = [
            Route("/v1/chat/completions", self.openai, methods=["POST"]),
            Route("/v1/messages", self.anthropic, methods=["POST"]),
            Route("/api/chat", self.ollama, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def _step(self, request: Request) -> Step:
        self.asked.append(await request.json())
        step = self.script[len(self.asked) - 1]
        return step(self.asked[-1]) if callable(step) else step

    async def openai(self, request: Request) -> Response:
        step = await self._step(request)
        if isinstance(step, Fail):
            return failed(step, {"error": {"message": "no", "type": "server_error", "code": None}})
        if isinstance(step, Say) and not self.asked[-1].get("stream"):
            return JSONResponse(_openai_whole(step), headers=ONCE)
        assert self.asked[-1]["stream"] is True
        return StreamingResponse(_openai_events(step), headers=ONCE, media_type="text/event-stream")

    async def anthropic(self, request: Request) -> Response:
        step = await self._step(request)
        if isinstance(step, Fail):
            return failed(step, {"type": "error", "error": {"type": "api_error", "message": "no"}})
        assert self.asked[-1]["stream"] is True
        return StreamingResponse(_anthropic_events(step), headers=ONCE, media_type="text/event-stream")

    async def ollama(self, request: Request) -> Response:
        step = await self._step(request)
        if isinstance(step, Fail):
            return failed(step, {"error": "no"})
        return StreamingResponse(_ollama_lines(step), headers=ONCE, media_type="application/x-ndjson")


def failed(step: Fail, body: dict[str, Any]) -> Response:
    headers = ONCE | ({"retry-after": step.retry_after} if step.retry_after else {})
    return JSONResponse(body, step.status, headers)


def _openai_whole(step: Say) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": step.text}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    return {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "usage": usage}


async def _openai_events(step: Step) -> AsyncIterator[str]:
    def event(delta: dict[str, Any], finish: str | None = None, **more: Any) -> str:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}
        return f"data: {json.dumps({**chunk, **more})}\n\n"

    yield event({"role": "assistant", "content": ""})
    if isinstance(step, Call):
        call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": step.name, "arguments": ""}}
        yield event({"tool_calls": [call]})
        for piece in _halves(step.arguments):
            yield event({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
    else:
        assert isinstance(step, Say | Cut)
        for word in _words(step):
            yield event({"content": word})
        if isinstance(step, Cut):
            raise ConnectionResetError("as the script says")
    yield event({}, "tool_calls" if isinstance(step, Call) else "stop")
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    yield event({}, choices=[], usage=usage)
    yield "data: [DONE]\n\n"


async def _anthropic_events(step: Step) -> AsyncIterator[str]:
    def event(type: str, **fields: Any) -> str:
        return f"event: {type}\ndata: {json.dumps({'type': type, **fields})}\n\n"

    message: dict[str, Any] = {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": "m",
        "stop_reason": None,
    }
    yield event(
        "message_start", message={**message, "stop_sequence": None, "usage": {"input_tokens": 100, "output_tokens": 1}}
    )
    if isinstance(step, Call):
        block = {"type": "tool_use", "id": "toolu_1", "name": step.name, "input": {}}
        yield event("content_block_start", index=0, content_block=block)
        for piece in _halves(step.arguments):
            yield event("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": piece})
    else:
        assert isinstance(step, Say | Cut)
        yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        for word in _words(step):
            yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": word})
        if isinstance(step, Cut):
            raise ConnectionResetError("as the script says")
    yield event("content_block_stop", index=0)
    ended = "tool_use" if isinstance(step, Call) else "end_turn"
    yield event(
        "message_delta",
        delta={"stop_reason": ended, "stop_sequence": None},
        usage={"input_tokens": 100, "output_tokens": 10},
    )
    yield event("message_stop")


async def _ollama_lines(step: Step) -> AsyncIterator[str]:
    def line(message: dict[str, Any], **more: Any) -> str:
        told = {"role": "assistant", "content": "", **message}
        at = "2026-01-01T00:00:00Z"
        return json.dumps({"model": "m", "created_at": at, "message": told, "done": False, **more}) + "\n"

    if isinstance(step, Call):
        yield line({"tool_calls": [{"function": {"name": step.name, "arguments": json.loads(step.arguments)}}]})
    else:
        assert isinstance(step, Say | Cut)
        for word in _words(step):
            yield line({"content": word})
        if isinstance(step, Cut):
            raise ConnectionResetError("as the script says")
    yield line({}, done=True, done_reason="stop", prompt_eval_count=100, eval_count=10)


def _halves(text: str) -> list[str]:
    return [text[: len(text) // 2], text[len(text) // 2 :]]


def _words(step: Say | Cut) -> list[str]:
    words = [word + " " for word in step.text.split()]
    words[-1] = words[-1].strip()
    return words[: len(words) // 2] if isinstance(step, Cut) else words
