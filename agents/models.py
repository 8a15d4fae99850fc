"""Which model thinks? Models by name, each call with a deadline, retries by error class, a fallback chain, and its cost.

Names: `builtin`, `openai:NAME`, `anthropic:NAME`, `ollama:NAME`; GATOR_OPENAI_BASE_URL makes the second any
OpenAI-compatible server.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import orjson
import structlog
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    InvalidToolCall,
    message_chunk_to_message,
)
from langchain_core.runnables import Runnable
from langgraph.config import get_stream_writer
from pydantic import SecretStr

from agents import accounts
from agents.accounts import MAX_OUT_TOKENS
from agents.failures import Again, billed, understand
from agents.sight import as_seen_by, sees
from gator.errors import Refused, Resting, Unavailable
from gator.settings import Settings
from tools.capability import Turn
from tools.personas.character import Models

log = structlog.get_logger()

NO_WISHES = Models()
TRIES = 3  # per model; then the next one in the chain
PAUSE_S = 0.8  # before the second; four times as long before the third


def check(name: str, settings: Settings) -> None:
    """Whether a model of that name could be made. Raises Unavailable when it lacks a key, Refused when nobody offers it."""
    provider, _, model = name.partition(":")
    if provider not in ("builtin", "openai", "anthropic", "ollama") or (provider == "builtin") == bool(model):
        raise Refused(
            f"{name!r} is no model that Gator knows.",
            remedy="Set GATOR_MODEL to builtin, openai:NAME, anthropic:NAME or ollama:NAME.",
        )
    if provider == "openai" and not (settings.openai_api_key or settings.openai_base_url):
        raise _lacks_key(name, "OPENAI_API_KEY")
    if provider == "anthropic" and not settings.anthropic_api_key:
        raise _lacks_key(name, "ANTHROPIC_API_KEY")


def make(name: str, settings: Settings) -> BaseChatModel:
    """The chat model of that name. Raises as `check` does."""
    check(name, settings)
    provider, _, model = name.partition(":")
    # Retries are ours (max_retries=0): the SDKs' own would hide what failed and overrun the turn's deadline.
    wait: dict[str, Any] = {"timeout": settings.model_timeout_s, "max_retries": 0}
    if provider == "builtin":
        from agents.builtin.model import BuiltinModel

        return BuiltinModel()
    if provider == "openai":
        from agents.chat_completions import StreamedChat

        return StreamedChat(
            model=model,
            api_key=settings.openai_api_key or SecretStr("none"),  # own servers often take any key
            base_url=settings.openai_base_url or None,
            max_completion_tokens=MAX_OUT_TOKENS,
            stream_usage=True,
            **wait,
        )
    if provider == "anthropic":
        from langchain_anthropic import ChatAnthropic

        key = settings.anthropic_api_key
        assert key is not None
        base = {"base_url": settings.anthropic_base_url} if settings.anthropic_base_url else {}
        return ChatAnthropic(
            model_name=model, api_key=key, max_tokens_to_sample=MAX_OUT_TOKENS, stop=None, **base, **wait
        )
    from langchain_ollama import ChatOllama

    return ChatOllama(
        model=model,
        base_url=settings.ollama_base_url,
        num_predict=MAX_OUT_TOKENS,
        client_kwargs={"timeout": settings.model_timeout_s},
    )


def _lacks_key(model: str, key: str) -> Unavailable:
    return Unavailable(f"The model {model} has no key.", remedy=f"Set {key}, or GATOR_MODEL=builtin.")


Maker = Callable[[str, Settings], BaseChatModel]


class Mind:
    """The chain of models that thinks in one Gator: the configured one, then its fallbacks."""

    def __init__(self, settings: Settings, maker: Maker = make) -> None:
        self._settings = settings
        self._maker = maker
        self._made: dict[str, BaseChatModel] = {}
        self.pause_s = PAUSE_S
        self.names = [settings.model, *settings.fallback_models]

    @property
    def builtin(self) -> bool:
        """Whether no language model is configured."""
        return self.names[0] == "builtin"

    def load(self) -> None:
        """Import what talks with the configured models: seconds of work, so not in the first fan's turn. For a thread."""
        for name in self.names:
            with suppress(Unavailable):  # whoever asks it is told
                self._model(name)

    async def close(self) -> None:
        """Let go of the connections to providers, where a model keeps its own."""
        for model in self._made.values():
            if close := getattr(model, "aclose", None):
                await close()

    def _model(self, name: str) -> BaseChatModel:
        return self._made.get(name) or self._made.setdefault(name, self._maker(name, self._settings))

    async def think(
        self,
        messages: Sequence[BaseMessage],
        tools: list[dict[str, Any]],
        turn: Turn,
        *,
        wishes: Models = NO_WISHES,
        stream: bool = False,
        sighted: bool = False,
    ) -> AIMessage:
        """One answer from the first model of the chain that gives one; what the character `wishes` goes before it.

        With `sighted`, only models that see are asked.

        `stream` when somebody watches: it costs CPU for each token (bench/turn.py).

        Reserves the estimated cost first and settles after. Raises Unavailable when no model answers or the day's
        budget is spent.
        """
        failed: Unavailable | None = None
        # A card comes from strangers, and whoever is asked reads what fans write: only configured models are.
        first = [name for name in (wishes.chat, *wishes.fallbacks) if name in self.names]
        for name in dict.fromkeys([*first, *self.names]):
            if sighted and not sees(name, self._settings):
                continue
            try:
                seen = as_seen_by(name, messages, self._settings)
                return await self._ask(name, wishes.temperature, seen, tools, turn, stream)
            except Unavailable as away:
                log.warning("model_unavailable", model=name, turn=turn.id, why=away.message)
                failed = failed if isinstance(failed, Resting) else away  # that is what the fan is told
        raise failed or Unavailable(
            "None of the models sees.", remedy="Set GATOR_MODEL to one that does, or GATOR_SEES=yes."
        )

    async def _ask(
        self,
        name: str,
        temperature: float | None,
        messages: Sequence[BaseMessage],
        tools: list[dict[str, Any]],
        turn: Turn,
        stream: bool,
    ) -> AIMessage:
        model = self._model(name)
        if temperature is not None and "temperature" in type(model).model_fields:
            warmest = 1.0 if name.startswith("anthropic:") else 2.0  # as their APIs have it
            model = model.model_copy(update={"temperature": min(temperature, warmest)})
        ready: Runnable[Any, Any] = model.bind_tools(tools) if tools else model
        for attempt in range(1, TRIES + 1):
            spend = await accounts.reserve(name, messages, turn, self._settings)
            try:
                async with asyncio.timeout(self._settings.model_timeout_s):
                    thought = await (_streamed(ready, messages) if stream else ready.ainvoke(list(messages)))
                _check_whole(name, thought)
            except Exception as error:  # noqa: BLE001  # `understand` raises again what is no provider's error
                await (accounts.settle(spend, name, None, turn) if billed(error) else accounts.release(spend, turn))
                await self._wait_or_raise(name, understand(name, error), attempt)
                continue
            await accounts.settle(spend, name, thought, turn)
            return thought
        raise AssertionError("the last attempt raises")

    async def _wait_or_raise(self, name: str, again: Again, attempt: int) -> None:
        if attempt == TRIES or again.after_s > self._settings.model_timeout_s:
            raise Unavailable(
                f"The model {name} does not answer: {again.why}",
                remedy="`gator doctor` says where it is looked for. Start it, or set GATOR_MODEL or GATOR_FALLBACK_MODELS.",
                retry_after_s=again.after_s,
            )
        _take_back()
        await asyncio.sleep(again.after_s or self.pause_s * 4 ** (attempt - 1))


def _take_back() -> None:
    """What was streamed of the failed attempt is void; whoever showed it takes it back."""
    try:
        write = get_stream_writer()
    except RuntimeError:  # outside of a graph nobody watches
        return
    write({"type": "message_reset"})


async def _streamed(model: Runnable[Any, Any], messages: Sequence[BaseMessage]) -> AIMessage:
    """The streamed answer, put together; tool calls whose arguments are not whole JSON become invalid ones.

    LangChain mends broken JSON of a stream by itself (langchain-core 1.7, parse_partial_json): a call cut off before its
    last argument would be carried out without it.
    """
    chunks = [chunk async for chunk in model.astream(list(messages))]
    if not chunks:
        raise ConnectionError("nothing came")
    whole: AIMessageChunk = chunks[0] + chunks[1:] if len(chunks) > 1 else chunks[0]
    broken = [call for call in whole.tool_call_chunks if not _is_json(call["args"])]
    thought = message_chunk_to_message(whole)
    assert isinstance(thought, AIMessage)
    if broken:
        ids = {call["id"] for call in broken}
        thought.tool_calls = [call for call in thought.tool_calls if call["id"] not in ids]
        known = {call["id"] for call in thought.invalid_tool_calls}
        thought.invalid_tool_calls += [
            InvalidToolCall(type="invalid_tool_call", id=call["id"], name=call["name"], args=call["args"], error=None)
            for call in broken
            if call["id"] not in known
        ]
    return thought


def _is_json(text: str | None) -> bool:
    try:
        orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        return False
    return True


def _check_whole(name: str, thought: AIMessage) -> None:
    """Raises ConnectionError for an answer that broke off or is empty: a cut stream ends without a reason to stop."""
    ended = thought.response_metadata.get("finish_reason") or thought.response_metadata.get("stop_reason")
    ended = ended or thought.response_metadata.get("done_reason")
    if thought.response_metadata and not ended:
        raise ConnectionError(f"the answer of {name} broke off")
    if not thought.text and not thought.tool_calls and not thought.invalid_tool_calls:
        raise ConnectionError(f"the answer of {name} is empty")
