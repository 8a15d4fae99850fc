"""Which model speaks when none is configured? A LangChain chat model that is plain software: the same in, the same out.

It reads the facts in `SystemMessage.additional_kwargs["context"]` and the conversation. For operators it plans calls of
the tools it was given (carrying, planner); for fans it speaks as the persona (persona).
"""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, SystemMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from agents.builtin import replies
from agents.builtin.carrying import answer
from agents.builtin.sent import in_words, only_sent

CHARACTERS_PER_TOKEN = 4  # the usual rule of thumb for English; an estimate, and nothing is billed by it


class BuiltinModel(BaseChatModel):
    """Deterministic: it reads plain English for operators and speaks from a persona's card for fans."""

    model_name: str = "builtin"

    @property
    def _llm_type(self) -> str:
        return "gator-builtin"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,  # noqa: ARG002 - the plan decides
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Keep the names of the tools: the built-in model knows by itself what each is for."""
        names = [str(convert_to_openai_tool(tool)["function"]["name"]) for tool in tools]
        return self.bind(tool_names=names, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._message(messages, kwargs.get("tool_names", ())))])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        message = await self._message_apart(messages, kwargs.get("tool_names", ()))
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in _chunks(self._message(messages, kwargs.get("tool_names", ()))):
            if run_manager:
                run_manager.on_llm_new_token(str(chunk.message.content), chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in _chunks(await self._message_apart(messages, kwargs.get("tool_names", ()))):
            if run_manager:
                await run_manager.on_llm_new_token(str(chunk.message.content), chunk=chunk)
            yield chunk

    async def _message_apart(self, messages: list[BaseMessage], tools: Sequence[str]) -> AIMessage:
        """For operators in a thread: what is not understood is compared by meaning, and the first time takes a second."""
        if _context(messages).get("kind") == "persona":
            return self._message(messages, tools)
        return await asyncio.to_thread(self._message, messages, tools)

    def _message(self, messages: list[BaseMessage], tools: Sequence[str]) -> AIMessage:
        context = _context(messages)
        if context.get("kind") == "persona":
            from agents.builtin.persona import speak

            return _spoken(speak(context, messages), messages)
        if only_sent(messages):
            return _spoken(replies.KEPT, messages)
        text, step = answer(context, tools, in_words(messages))
        if step is None:
            said_so = context.get("told") or any(
                replies.NO_MODEL in message.text for message in messages if isinstance(message, AIMessage)
            )
            return _spoken(text if said_so else f"{text}\n\n{replies.NO_MODEL}", messages)
        call = {
            "name": step.tool,
            "args": step.args,
            "id": _call_id(step.tool, step.args, messages),
            "type": "tool_call",
        }
        return AIMessage(
            "",
            tool_calls=[call],
            usage_metadata=_usage(messages, json.dumps(step.args)),
            response_metadata=_metadata("tool_calls"),
        )


def _context(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    for message in messages:
        if isinstance(message, SystemMessage) and isinstance(found := message.additional_kwargs.get("context"), dict):
            return found
    return {}


def _metadata(reason: str) -> dict[str, str]:
    return {"model_name": "builtin", "model_provider": "builtin", "finish_reason": reason}


def _spoken(text: str, messages: Sequence[BaseMessage]) -> AIMessage:
    return AIMessage(text, usage_metadata=_usage(messages, text), response_metadata=_metadata("stop"))


def _call_id(tool: str, args: dict[str, Any], messages: Sequence[BaseMessage]) -> str:
    """The same for the same call at the same place of the same conversation."""
    spot = json.dumps([len(messages), messages[-1].text if messages else "", tool, args], default=str)
    return f"call_{hashlib.sha256(spot.encode()).hexdigest()[:24]}"


def _usage(messages: Sequence[BaseMessage], out: str) -> UsageMetadata:
    read = sum(len(message.text) for message in messages) // CHARACTERS_PER_TOKEN
    written = max(1, len(out) // CHARACTERS_PER_TOKEN)
    return UsageMetadata(input_tokens=read, output_tokens=written, total_tokens=read + written)


def _chunks(message: AIMessage) -> Iterator[ChatGenerationChunk]:
    """A message word by word; a tool call in one piece; usage with the last."""
    calls = [
        tool_call_chunk(name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=n)
        for n, call in enumerate(message.tool_calls)
    ]
    if calls:
        yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=calls))
    for word in re.findall(r"\S+\s*|\s+", message.text):
        yield ChatGenerationChunk(message=AIMessageChunk(content=word))
    last = AIMessageChunk(
        content="",
        usage_metadata=message.usage_metadata,
        response_metadata=message.response_metadata,
        chunk_position="last",
    )
    yield ChatGenerationChunk(message=last)
