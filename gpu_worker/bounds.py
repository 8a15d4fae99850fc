"""How much may a provider answer with, and for how long? Hooks for httpx, so that one that lies fills neither memory nor time.

Nothing is unpacked here: an answer that is packed could be a thousand times as large as what came. OpenAI's package may bring
another copy of httpx (`httpx2`), which takes streams and knows errors of its own only.
"""

import time
from collections.abc import AsyncIterator, Mapping
from importlib import import_module
from typing import Any

MOST_BYTES = 96 * 2**20  # of a picture as base64, or of ten minutes of sound
UNPACKED = {"accept-encoding": "identity"}


def wait_s(headers: Mapping[str, str] | None) -> float | None:
    """How long a provider asks us to wait, within reason."""
    try:
        return min(600.0, max(1.0, float((headers or {})["retry-after"])))
    except (KeyError, ValueError):  # nothing said, or a date
        return None


def bounded(longest_s: float, most_bytes: int = MOST_BYTES) -> dict[str, list[Any]]:
    """For `event_hooks`, together with UNPACKED as headers; what goes beyond is raised as the client's ReadError."""

    async def on_answer(answer: Any) -> None:
        client = import_module(type(answer).__module__.partition(".")[0])
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise client.ReadError("The answer is packed, which it was asked not to be.", request=answer.request)
        answer.stream = _bounded(client, answer, longest_s, most_bytes)

    return {"response": [on_answer]}


def _bounded(client: Any, answer: Any, longest_s: float, most_bytes: int) -> Any:
    inner, until = answer.stream, time.monotonic() + longest_s

    class Bounded(client.AsyncByteStream):  # type: ignore[misc]
        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = most_bytes
            async for part in inner:
                left -= len(part)
                if left < 0 or time.monotonic() > until:
                    raise client.ReadError(
                        "The answer is too large, or does not come to an end.", request=answer.request
                    )
                yield part

        async def aclose(self) -> None:
            await inner.aclose()

    return Bounded()
