"""A model server that repeats what it was asked since it last spoke, after a while: OpenAI's chat completions, streamed or not.

What it answers depends on the request alone, so it may be asked again, and killed with its client.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

Speak = Callable[[list[str]], str]


class EchoServer:
    def __init__(self, speak: Speak, pause_s: float = 0.0) -> None:
        self._speak, self._pause_s = speak, pause_s
        self.asked = 0

    @property
    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        self.asked += 1
        text = self._speak(_unanswered(asked["messages"]))
        await asyncio.sleep(self._pause_s)
        if not asked.get("stream"):
            return web.json_response(_whole(text))
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for event in (_delta({"role": "assistant", "content": text}), _delta({}, "stop"), _usage()):
            await response.write(f"data: {json.dumps(event)}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        return response


def _unanswered(messages: list[dict[str, Any]]) -> list[str]:
    """What people said after the last thing that the assistant did."""
    last = max((n for n, one in enumerate(messages) if one["role"] == "assistant"), default=-1)
    return [_text(one["content"]) for one in messages[last + 1 :] if one["role"] == "user"]


def _text(content: Any) -> str:
    return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)


_USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}


def _whole(text: str) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return {"id": "c", "object": "chat.completion", "created": 0, "model": "echo", "choices": [choice], "usage": _USAGE}


def _delta(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "echo", "choices": [choice]}


def _usage() -> dict[str, Any]:
    return {**_delta({}), "choices": [], "usage": _USAGE}
