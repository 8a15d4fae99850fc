"""A server of feeds that misbehaves on purpose: it hangs, floods, bombs, redirects in circles and lies about itself."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from html import escape

from tests.servers.running import listening

Headers = dict[str, str]


@dataclass
class Item:
    title: str
    link: str = ""
    summary: str = ""
    guid: str = ""
    at: datetime | None = None


def rss(title: str, *items: Item, head: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    """An RSS 2.0 file as blogs write them."""
    parts = []
    for item in items:
        date = f"<pubDate>{format_datetime(item.at.astimezone(UTC))}</pubDate>" if item.at else ""
        guid = f"<guid isPermaLink='false'>{escape(item.guid)}</guid>" if item.guid else ""
        parts.append(
            f"<item><title>{escape(item.title)}</title><link>{escape(item.link)}</link>"
            f"<description>{escape(item.summary)}</description>{guid}{date}</item>"
        )
    return f'{head}<rss version="2.0"><channel><title>{escape(title)}</title>{"".join(parts)}</channel></rss>'


@dataclass
class FeedServer:
    """What is served is `pages`: path -> bytes or what answers. `asked` is every request line with its headers."""

    port: int = 0
    pages: dict[str, bytes | str | Callable[["Answer"], Awaitable[None]]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, Headers]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def allowed(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await reader.readexactly(1)
            if first == b"\x16":  # a TLS handshake: a plain server drops it at once
                return
            line = (first + await reader.readline()).decode("latin-1")
            headers: Headers = {}
            while (raw := (await reader.readline()).decode("latin-1").strip()) != "":
                name, _, value = raw.partition(":")
                headers[name.lower()] = value.strip()
            path = line.split(" ")[1] if line.count(" ") == 2 else ""
            self.asked.append((path, headers))
            await self._answer(path, Answer(writer, headers, self))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, path: str, answer: "Answer") -> None:
        page = self.pages.get(path)
        if page is None:
            await answer.send(404, b"nothing here")
        elif callable(page):
            await page(answer)
        else:
            body = page.encode() if isinstance(page, str) else page
            await answer.send(200, body, {"content-type": self.types.get(path, "application/rss+xml")})


@dataclass
class Answer:
    writer: asyncio.StreamWriter
    headers: Headers
    server: FeedServer

    async def send(self, status: int, body: bytes = b"", headers: Headers | None = None) -> None:
        given = {"content-length": str(len(body)), **(headers or {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
        self.writer.write(f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode("latin-1") + body)
        await self.writer.drain()


async def hang(answer: Answer) -> None:
    """Takes the question and never answers."""
    await asyncio.sleep(60)


async def trickle(answer: Answer) -> None:
    """Sends a byte now and then, each in time, the whole never."""
    answer.writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\n\r\n")
    while True:
        answer.writer.write(b" ")
        await answer.writer.drain()
        await asyncio.sleep(0.05)


async def flood(answer: Answer) -> None:
    """Sends without end, and says nothing of a length."""
    answer.writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\n\r\n")
    while True:
        answer.writer.write(b"<item>" * 10_000)
        await answer.writer.drain()


async def break_off(answer: Answer) -> None:
    """Promises more than it sends."""
    await answer.send(200, b"<rss>", {"content-length": "5000", "content-type": "text/xml"})


@cache
def _bomb() -> bytes:
    return gzip.compress(b" " * 64_000_000)


async def gzip_bomb(answer: Answer) -> None:
    """64 MB of blanks in 64 KB."""
    await answer.send(200, _bomb(), {"content-encoding": "gzip", "content-type": "text/xml"})


async def broken_gzip(answer: Answer) -> None:
    await answer.send(200, b"this is no gzip", {"content-encoding": "gzip", "content-type": "text/xml"})


def packed(body: str, how: str) -> Callable[[Answer], Awaitable[None]]:
    """The body as gzip, as deflate, or as the bare deflate of some servers."""
    bare = zlib.compressobj(wbits=-15)
    data = {
        "gzip": gzip.compress(body.encode()),
        "deflate": zlib.compress(body.encode()),
        "bare": bare.compress(body.encode()) + bare.flush(),
    }[how]

    async def send(answer: Answer) -> None:
        encoding = "gzip" if how == "gzip" else "deflate"
        await answer.send(200, data, {"content-encoding": encoding, "content-type": "application/rss+xml"})

    return send


def redirect(to: str, status: int = 302) -> Callable[[Answer], Awaitable[None]]:
    async def send(answer: Answer) -> None:
        await answer.send(status, b"", {"location": to})

    return send


def fails(status: int, headers: Headers | None = None) -> Callable[[Answer], Awaitable[None]]:
    async def send(answer: Answer) -> None:
        await answer.send(status, b"no", headers)

    return send


def unchanged_after(body: str, etag: str) -> Callable[[Answer], Awaitable[None]]:
    """The body with an ETag, and 304 for those who have it."""

    async def send(answer: Answer) -> None:
        if answer.headers.get("if-none-match") == etag:
            await answer.send(304, b"", {"content-length": "", "etag": etag})
        else:
            await answer.send(200, body.encode(), {"etag": etag, "content-type": "application/rss+xml"})

    return send


@asynccontextmanager
async def running() -> AsyncIterator[FeedServer]:
    """A server on loopback; those it keeps hanging are let go at the end."""
    feeds = FeedServer()
    async with listening(feeds.serve) as feeds.port:
        yield feeds
