"""Stand-ins with the real protocol: a chat model that says what it is told, nothing else pretended."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any
from uuid import uuid4

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr


def calls(*asked: tuple[str, dict[str, Any]]) -> AIMessage:
    """A thought that calls tools."""
    return AIMessage("", tool_calls=[{"name": name, "args": args, "id": f"call_{uuid4().hex}"} for name, args in asked])


class ScriptedModel(BaseChatModel):
    """Says its lines in order; raises those that are exceptions; keeps what it was told."""

    lines: list[Any]
    _heard: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _tools: list[list[str]] = PrivateAttr(default_factory=list)

    @property
    def heard(self) -> list[list[BaseMessage]]:
        return self._heard

    @property
    def tools(self) -> list[list[str]]:
        """Names of the tools that were bound, a list for each binding."""
        return self._tools

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> "ScriptedModel":  # type: ignore[override]
        self._tools.append([tool["function"]["name"] for tool in tools])
        return self

    def _next(self, messages: list[BaseMessage]) -> AIMessage:
        line = self.lines[len(self._heard)]
        self._heard.append(messages)
        if isinstance(line, Exception):
            raise line
        if callable(line):
            line = line(messages)
        # A fresh copy: the graph merges messages by id, and a line reused would replace itself.
        line = line if isinstance(line, AIMessage) else AIMessage(line)
        return line.model_copy(update={"id": f"run-{uuid4()}"})

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages))])

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        yield from _pieces(self._next(messages))

    async def _astream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
        for piece in _pieces(self._next(messages)):
            yield piece


def _pieces(message: AIMessage) -> Iterator[ChatGenerationChunk]:
    words = message.text.split(" ")
    for word in words[:-1]:
        yield ChatGenerationChunk(message=AIMessageChunk(word + " ", id=message.id))
    chunks = [
        {"name": call["name"], "args": json.dumps(call["args"]), "id": call["id"], "index": at}
        for at, call in enumerate(message.tool_calls)
    ]
    last = AIMessageChunk(words[-1], id=message.id, tool_call_chunks=chunks, chunk_position="last")
    yield ChatGenerationChunk(message=last)
