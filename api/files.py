"""How does a file of media go out? In pieces and by the letter of RFC 9110: from this machine by Starlette's FileResponse,
which is lax here and there, and from a bucket as it is read. `api.sending` knows from where.

An entity tag is the hash of the bytes. A range of a unit or a form that nobody knows is passed over (section 14.2), of several
ranges those that the file has are sent, HEAD reads nothing, and who has the file already is told so.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TypeAlias

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import FileResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from memory.media_threads import in_media_thread

HEADLESS = "gator_headless"  # the mark of a request that came as HEAD (api.security)
_ONE = re.compile(r"(\d{1,18})-(\d{0,18})|-(\d{1,18})")  # section 14.1.1
_UNTOLD = {"content-length", "content-type", "content-disposition"}  # a 304 has no content to describe


Reader: TypeAlias = Callable[[int, int], Iterator[bytes]]  # the bytes from the one place to before the other


class Sent(FileResponse):
    """A file whose bytes have that hash."""

    chunk_size = 1 << 18  # a quarter of the thread hops of Starlette's 64 KiB; all that a reader costs in memory

    def __init__(
        self, path: Path, sha256: str, media_type: str, name: str, headers: dict[str, str], *, inline: bool
    ) -> None:
        super().__init__(
            path,
            media_type=media_type,
            filename=name,
            stat_result=path.stat(),
            headers={"ETag": f'"{sha256}"', **headers},
            content_disposition_type="inline" if inline else "attachment",
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope)
        if _has(asked.get("if-none-match", ""), self.headers["etag"]):
            await _unchanged(self)(scope, receive, send)
            return
        headless = scope.get(HEADLESS) or scope["method"] == "HEAD"
        # Ranges are of GET only (section 14.2).
        wanted = None if headless else _wanted(asked.get("range"), int(self.headers["content-length"]))
        headers = MutableHeaders(raw=[pair for pair in scope["headers"] if pair[0] != b"range"])
        if wanted:
            headers["range"] = wanted
        method = "HEAD" if headless else scope["method"]
        await super().__call__({**scope, "method": method, "headers": headers.raw}, receive, send)


class Streamed(Response):
    """As `Sent`, for bytes that are read while they go out; who asks for several parts gets the whole (section 14.2)."""

    def __init__(
        self, read: Reader, size: int, sha256: str, media_type: str, name: str, headers: dict[str, str], *, inline: bool
    ) -> None:
        super().__init__(media_type=media_type, headers={"ETag": f'"{sha256}"', "Accept-Ranges": "bytes", **headers})
        # The name is one of plain letters, digits and dashes.
        self.headers["content-disposition"] = f'{"inline" if inline else "attachment"}; filename="{name}"'
        self._read, self._size = read, size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope)
        if _has(asked.get("if-none-match", ""), self.headers["etag"]):
            await _unchanged(self)(scope, receive, send)
            return
        if scope.get(HEADLESS) or scope["method"] == "HEAD":
            self.headers["content-length"] = str(self._size)
            await Response(headers=dict(self.headers))(scope, receive, send)
            return
        start, end = 0, self._size
        part = self._part(asked)
        if part:
            start, end = part
            if start >= end:
                told = {"Content-Range": f"bytes */{self._size}"}
                await Response(status_code=416, headers=told)(scope, receive, send)
                return
            self.headers["content-range"] = f"bytes {start}-{end - 1}/{self._size}"
        self.headers["content-length"] = str(end - start)
        async with aclosing(_pieces(self._read(start, end))) as pieces:
            first = await anext(pieces, b"")  # before the headers: it may not be there
            body = _after(first, pieces)
            await StreamingResponse(body, 206 if part else 200, dict(self.headers))(scope, receive, send)

    def _part(self, asked: Headers) -> tuple[int, int] | None:
        if asked.get("if-range") not in (None, self.headers["etag"]):
            return None
        wanted = (_wanted(asked.get("range"), self._size) or "").removeprefix("bytes=")
        found = _ONE.fullmatch(wanted)
        if found is None:
            return None
        if found[3]:
            return max(self._size - int(found[3]), 0), self._size
        return int(found[1]), min(int(found[2]) + 1 if found[2] else self._size, self._size)


class Elsewhere(RedirectResponse):
    """To another place, by a link that is signed for GET alone; who asks for less than the bytes is answered here."""

    def __init__(self, link: str, headers: dict[str, str], whole: Streamed) -> None:
        super().__init__(link, 307, headers)
        self._whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope)
        headless = scope.get(HEADLESS) or scope["method"] == "HEAD"
        if headless or _has(asked.get("if-none-match", ""), self._whole.headers["etag"]):
            await self._whole(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


async def _pieces(read: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Each read in a thread; the line to the bucket ends with the one to the reader."""
    reading: asyncio.Future[bytes] | None = None
    try:
        while True:
            reading = asyncio.ensure_future(in_media_thread(next, read, b""))
            piece = await asyncio.shield(reading)
            if not piece:
                return
            yield piece
    finally:
        if reading and not reading.done():  # who is read from cannot be closed before that has ended
            reading.add_done_callback(partial(_close, read))
        else:
            _close(read)


def _close(read: Iterator[bytes], done: "asyncio.Future[bytes] | None" = None) -> None:
    if done and not done.cancelled():
        done.exception()  # nobody else asks for it
    close = getattr(read, "close", None)
    if close:
        close()


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _unchanged(whole: Response) -> Response:
    told = {name: value for name, value in whole.headers.items() if name not in _UNTOLD}
    return Response(status_code=304, headers=told)


def _has(tags: str, etag: str) -> bool:
    """Whether If-None-Match names it; the comparison is the weak one (section 13.1.2)."""
    return tags.strip() == "*" or etag in {one.strip().removeprefix("W/") for one in tags.split(",")}


def _wanted(given: str | None, size: int) -> str | None:
    """The ranges to be sent, as a header; of those that the file does not have only where there are no others."""
    unit, _, spans = (given or "").partition("=")
    if unit.strip().lower() != "bytes":
        return None
    found = [_ONE.fullmatch(one.strip()) for one in spans.split(",") if one.strip()]
    if not found or not all(one and _ordered(one) for one in found):
        return None
    there = [one[0] for one in found if one and (int(one[3]) > 0 if one[3] else int(one[1]) < size)]
    return "bytes=" + (",".join(there) or f"{size}-")


def _ordered(one: re.Match[str]) -> bool:
    return not one[2] or int(one[1]) <= int(one[2])
