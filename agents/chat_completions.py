"""How is an OpenAI-compatible server asked for a stream? Its events are read here; all else is langchain-openai's.

The SDK validates each event and LangChain wraps each into a message: 0.2 CPU-ms a token, and 5 a turn before the first one
(docs/performance.md). Here an event is a dictionary, and what comes within a moment is one message.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
import orjson
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr

TOGETHER_S = 0.03  # nobody sees words grow faster
END_S = 0.2  # for the last bytes after the last event, without which the connection cannot be used again
MOST_OF_A_REFUSAL = 64 * 1024

Event = dict[str, Any]


class Refusal(Exception):
    """The server answered with an error; `agents.failures` reads it as it does the SDKs'."""

    def __init__(self, response: aiohttp.ClientResponse, message: str) -> None:
        super().__init__(message)
        self.status_code, self.headers, self.message = response.status, response.headers, message


class APIError(Exception):
    """The server sent an error inside of its answer. Named as the SDK's, which it stands for."""


class Line:
    """Connections to a server, kept between calls. Those of an event loop are used in that loop only."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connector: aiohttp.BaseConnector | None = None
        self._certificates = _certificates()  # not in a fan's turn: reading them takes 30 ms

    def connector(self) -> aiohttp.BaseConnector:
        loop = asyncio.get_running_loop()
        if self._connector is None or self._loop is not loop:
            self._loop, self._connector = loop, aiohttp.TCPConnector(limit=0, ssl=self._certificates)
        return self._connector

    async def close(self) -> None:
        if self._connector and self._loop is asyncio.get_running_loop():
            await self._connector.close()
            self._connector = None


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()


class StreamedChat(ChatOpenAI):
    """ChatOpenAI with a stream of its own."""

    _line: Line = PrivateAttr(default_factory=Line)

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._line.close()

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        stream = super()._astream if self._use_responses_api({**kwargs, **self.model_kwargs}) else self._completions
        async for chunk in stream(*args, **kwargs):
            yield chunk

    async def _completions(
        self, messages: Any, stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        asked = {**kwargs, "stream": True, "stream_options": {"include_usage": True}}
        payload = self._get_request_payload(messages, stop=stop, **asked)
        async for event in _in_portions(self._ask(payload)):
            chunk = self._convert_chunk_to_generation_chunk(event, AIMessageChunk, None)
            if chunk:
                if run_manager:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk

    async def _ask(self, payload: dict[str, Any]) -> AsyncIterator[list[Event]]:
        """What the server sends, as it comes. Raises Refusal, APIError and ConnectionError."""
        url = f"{str(self.root_async_client.base_url).rstrip('/')}/chat/completions"
        try:
            async with (
                aiohttp.ClientSession(
                    connector=self._line.connector(),
                    connector_owner=False,
                    cookie_jar=aiohttp.DummyCookieJar(),
                    timeout=aiohttp.ClientTimeout(total=None),  # whoever asks sets the deadline
                ) as session,
                session.post(url, data=orjson.dumps(payload), headers=self._headers(), proxy=_proxy(url)) as response,
            ):
                if not response.ok:
                    raise Refusal(response, _told(await response.content.read(MOST_OF_A_REFUSAL)))
                async for events in _events(response.content):
                    yield events
        except aiohttp.ClientError as broken:
            raise ConnectionError(f"the connection broke ({type(broken).__name__})") from broken

    def _headers(self) -> dict[str, str]:
        client = self.root_async_client
        ours = {"Authorization": f"Bearer {client.api_key}", "Content-Type": "application/json"}
        named = {"OpenAI-Organization": client.organization, "OpenAI-Project": client.project}
        return ours | {name: value for name, value in named.items() if value}


@cache
def _proxy(url: str) -> str | None:
    """As the environment has it."""
    asked = httpx.URL(url)
    proxies = getproxies()
    found = proxies.get(asked.scheme) or proxies.get("all")
    return found if found and not proxy_bypass(asked.host) else None


def _told(body: bytes) -> str:
    """What an error says."""
    try:
        said = orjson.loads(body)["error"]
        return str(said["message"] if isinstance(said, dict) else said)
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return body.decode(errors="replace").strip() or "no reason was given"


async def _events(content: aiohttp.StreamReader) -> AsyncIterator[list[Event]]:
    """The events of a stream, together those that came together: each a line of JSON after "data:"."""
    rest = b""
    async for data in content.iter_any():
        *lines, rest = (rest + data).split(b"\n")
        told = [line[5:].strip() for line in lines if line.startswith(b"data:")]
        yield [_event(one) for one in told if one and one != b"[DONE]"]
        if b"[DONE]" in told:
            with suppress(TimeoutError, aiohttp.ClientError):
                async with asyncio.timeout(END_S):
                    await content.read()
            return


def _event(line: bytes) -> Event:
    try:
        event: Event = orjson.loads(line)
    except orjson.JSONDecodeError as broken:
        raise ConnectionError("an event is not whole") from broken
    if wrong := event.get("error"):
        raise APIError(str(wrong))
    return event


async def _in_portions(stream: AsyncIterator[list[Event]]) -> AsyncIterator[Event]:
    """The same answer in fewer events, the first at once."""
    held: Event | None = None
    given_at = 0.0
    async for events in stream:
        for event in events:
            if held is None:
                held = event
            elif not _add(held, event):
                yield held
                held = event
            if _words(held) and time.monotonic() - given_at >= TOGETHER_S:
                yield held
                held, given_at = None, time.monotonic()
    if held:
        yield held


def _add(held: Event, event: Event) -> bool:
    """Make the event a part of the one before; False where they are not of one kind."""
    if not event.get("choices"):
        held["usage"] = event.get("usage") or held.get("usage")
        return True
    if _words(held) is None or (words := _words(event)) is None:
        return False
    together = {**event["choices"][0], "delta": {"role": "assistant", "content": f"{_words(held)}{words}"}}
    held |= {**event, "choices": [together], "usage": event.get("usage") or held.get("usage")}
    return True


def _words(event: Event) -> str | None:
    """What is said in an event of which nothing else can be said than that it is the last one."""
    choices = event.get("choices") or [{}]
    delta = choices[0].get("delta") or {}
    plain = len(choices) == 1 and not choices[0].get("logprobs") and not {*delta} - {"role", "content"}
    return (delta.get("content") or "") if plain and choices[0].get("delta") is not None else None
