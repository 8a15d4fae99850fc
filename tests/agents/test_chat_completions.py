"""Streams of OpenAI-compatible servers as they come over the wire: whole, in bits, with errors, by servers of all habits."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, message_chunk_to_message

from agents.chat_completions import APIError, Refusal, StreamedChat

OK = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


class Wire:
    """Sends bytes as they are, one script a request, a part at a time."""

    def __init__(self, *scripts: list[bytes]) -> None:
        self.scripts, self.asked, self.connections = list(scripts), [], 0  # type: ignore[var-annotated]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while self.scripts:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length: ")[2].split("\r\n")[0])
            self.asked.append(json.loads(await reader.readexactly(length)))
            for part in self.scripts.pop(0):
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def on(wire: Wire) -> AsyncIterator[StreamedChat]:
    server = await asyncio.start_server(wire.answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        model = StreamedChat(model="m", api_key="k", base_url=f"http://127.0.0.1:{port}/v1", max_retries=0)
        yield model
        await model.aclose()


def chunked(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def event(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> bytes:
    choices = [{"index": 0, "delta": delta or {}, "finish_reason": finish}]
    return b"data: " + json.dumps({"id": "c", "model": "m", "choices": choices, **more}).encode() + b"\n\n"


USAGE = event(choices=[], usage={"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10})
DONE = b"data: [DONE]\n\n"
END = b"0\r\n\r\n"


async def said(model: StreamedChat) -> tuple[AIMessage, int]:
    """The whole message, and in how many it came."""
    chunks: list[AIMessageChunk] = [chunk async for chunk in model.astream([HumanMessage("hi")])]
    whole = message_chunk_to_message(chunks[0] + chunks[1:])
    assert isinstance(whole, AIMessage)
    return whole, sum(bool(chunk.text) for chunk in chunks)


async def test_words_that_come_at_once_are_few_messages_and_all_is_there() -> None:
    words = [event({"content": f"w{n} "}) for n in range(300)]
    stream = b"".join([event({"role": "assistant", "content": ""}), *words, event(finish="stop"), USAGE, DONE])
    async with on(Wire([OK + chunked(stream) + END])) as model:
        whole, pieces = await said(model)

    assert whole.text == "".join(f"w{n} " for n in range(300))
    assert pieces == 2
    assert whole.response_metadata["finish_reason"] == "stop"
    assert whole.response_metadata["model_name"] == "m"
    assert whole.usage_metadata is not None
    assert (whole.usage_metadata["input_tokens"], whole.usage_metadata["output_tokens"]) == (7, 3)


async def test_a_stream_may_be_cut_anywhere_between_two_reads() -> None:
    stream = event({"content": "Grüße, "}) + event({"content": "日本"}) + event(finish="stop") + USAGE + DONE
    stream = stream.replace(b"\n", b"\r\n")
    async with on(Wire([OK, *(chunked(stream[at : at + 1]) for at in range(len(stream))), END])) as model:
        whole, _ = await said(model)
    assert whole.text == "Grüße, 日本"


async def test_comments_and_other_fields_are_passed_over() -> None:
    stream = b": keep-alive\n\nevent: message\nid: 1\n" + event({"content": "Hello."}, "stop") + b": bye\n\n" + DONE
    async with on(Wire([OK + chunked(stream) + END])) as model:
        whole, _ = await said(model)
    assert whole.text == "Hello."


async def test_calls_in_pieces_are_put_together_beside_words() -> None:
    def call(n: int, arguments: str, **more: Any) -> bytes:
        name = {"name": more.pop("name")} if "name" in more else {}
        return event({"tool_calls": [{"index": n, "function": {"arguments": arguments, **name}, **more}]})

    stream = b"".join(
        [
            event({"content": "Let me "}),
            event({"content": "look."}),
            call(0, "", id="a", name="first", type="function"),
            call(0, '{"x": '),
            call(0, "1}"),
            call(1, '{"y": 2}', id="b", name="second", type="function"),
            event(finish="tool_calls"),
            USAGE,
            DONE,
        ]
    )
    async with on(Wire([OK + chunked(stream) + END])) as model:
        whole, _ = await said(model)

    assert whole.text == "Let me look."
    assert [(one["id"], one["name"], one["args"]) for one in whole.tool_calls] == [
        ("a", "first", {"x": 1}),
        ("b", "second", {"y": 2}),
    ]
    assert whole.response_metadata["finish_reason"] == "tool_calls"


async def test_the_connection_is_used_again() -> None:
    stream = event({"content": "Hello."}, "stop") + DONE
    wire = Wire([OK + chunked(stream), END], [OK + chunked(stream), END])
    async with on(wire) as model:
        for _ in range(2):
            assert (await said(model))[0].text == "Hello."
    assert wire.connections == 1
    assert wire.asked[1]["messages"] == [{"role": "user", "content": "hi"}]
    assert wire.asked[1]["stream_options"] == {"include_usage": True}


async def test_a_server_that_never_ends_its_answer_is_not_waited_for() -> None:
    stream = event({"content": "Hello."}, "stop") + DONE
    async with on(Wire([OK + chunked(stream)])) as model:
        assert (await said(model))[0].text == "Hello."


async def test_a_refusal_says_why_and_when_to_come_again() -> None:
    body = b'{"error": {"message": "Too many.", "code": null}}'
    head = f"HTTP/1.1 429 Too Many\r\nretry-after: 3\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    async with on(Wire([head + body])) as model:
        with pytest.raises(Refusal, match=r"Too many\.") as refused:
            await said(model)
    assert refused.value.status_code == 429
    assert refused.value.headers["Retry-After"] == "3"


async def test_a_refusal_without_json_is_told_as_it_is() -> None:
    async with on(Wire([b"HTTP/1.1 502 Bad\r\ncontent-length: 4\r\n\r\nAway"])) as model:
        with pytest.raises(Refusal, match="Away"):
            await said(model)


async def test_an_error_inside_of_an_answer_is_none() -> None:
    stream = event({"content": "Hel"}) + b'data: {"error": {"message": "overloaded"}}\n\n'
    async with on(Wire([OK + chunked(stream) + END])) as model:
        with pytest.raises(APIError, match="overloaded"):
            await said(model)


@pytest.mark.parametrize("cut", [b"data: {not JSON\n\n", b""])
async def test_what_breaks_off_is_no_answer(cut: bytes) -> None:
    async with on(Wire([OK + chunked(event({"content": "Hel"})) + (chunked(cut) + END if cut else b"")])) as model:
        with pytest.raises(ConnectionError):
            await said(model)
