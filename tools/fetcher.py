"""What lies at this URL? The one guarded way to an address that a person or a feed gave; nothing else opens one.

Where it may connect is decided in `tools.addresses`. Here: one hop at a time, pinned to the checked address, and bounds
on redirects, bytes (as sent and unpacked), their ratio, and time. No cookies, no credentials, no proxy.
"""

import asyncio
import email.utils
import ssl
import zlib
from dataclasses import dataclass
from datetime import UTC
from functools import cache

import httpx

from gator.clock import now
from gator.errors import Refused, Unavailable
from gator.settings import Settings
from tools.addresses import Resolve, Target, locate, read_url, resolve_by_system

MAX_BYTES = 8 * 1024 * 1024  # the largest feeds of news sites are some 2 MB
MAX_RATIO = 100  # XML packs 5 to 20 times; deflate's bombs reach 1,032
FREE_BYTES = 256 * 1024  # below this much unpacked, the ratio says nothing
MAX_REDIRECTS = 5
DEADLINE_S = 20.0
CONNECT_S = 5.0
READ_S = 10.0
_REDIRECTS = (301, 302, 303, 307, 308)
_LATER = (408, 425, 429)
_TEXT = ("text/", "application/")


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of 2xx, or 304 (then `body` is empty). `url` is where the last redirect led; `kind` has no parameters."""

    status: int
    url: str
    content_type: str
    body: bytes
    etag: str = ""
    modified: str = ""

    @property
    def kind(self) -> str:
        return self.content_type.partition(";")[0].strip().lower()


async def fetch(
    url: str,
    settings: Settings,
    *,
    etag: str = "",
    modified: str = "",
    max_bytes: int = MAX_BYTES,
    deadline_s: float = DEADLINE_S,
    kinds: tuple[str, ...] = _TEXT,
    resolve: Resolve = resolve_by_system,
) -> Fetched:
    """What is at `url` now, or 304 when it is as `etag` and `modified` say.

    `kinds` are beginnings of the content types to take. Raises Refused for an address, a place or an answer that will not
    do however often one asks, and Unavailable when the server is down, slow or busy.
    """
    asked = {"if-none-match": etag, "if-modified-since": modified}
    headers = {name: value for name, value in asked.items() if value and value.isascii() and value.isprintable()}
    try:
        async with asyncio.timeout(deadline_s):
            return await _follow(url, settings.fetch_allow, headers, max_bytes, kinds, resolve)
    except TimeoutError as slow:
        raise Unavailable(f"The server took longer than {deadline_s:g} s.", remedy="Try again later.") from slow


async def _follow(
    url: str,
    allowed: tuple[str, ...],
    headers: dict[str, str],
    max_bytes: int,
    kinds: tuple[str, ...],
    resolve: Resolve,
) -> Fetched:
    here = read_url(url)
    for _ in range(MAX_REDIRECTS + 1):
        target = await locate(here, allowed, resolve)
        answer = await _hop(target, headers, max_bytes, kinds)
        if isinstance(answer, Fetched):
            return answer
        try:
            there = here.join(answer)
        except (httpx.InvalidURL, ValueError) as wrong:
            raise Refused("The server redirects to something that is no address.") from wrong
        here = read_url(str(there))
    raise Refused(f"The address redirects more than {MAX_REDIRECTS} times.")


async def _hop(target: Target, headers: dict[str, str], max_bytes: int, kinds: tuple[str, ...]) -> Fetched | str:
    """The answer of one server, or where it redirects to."""
    lost: Exception | None = None
    for address in target.addresses[:3]:
        try:
            return await _ask(target, address, headers, max_bytes, kinds)
        except (httpx.ConnectError, httpx.ConnectTimeout) as failed:
            lost = failed
        except httpx.TimeoutException as slow:
            raise Unavailable(f"{target.host} does not answer.", remedy="Try again later.") from slow
        except httpx.HTTPError as broken:
            raise Unavailable(f"{target.host} broke off: {_reason(broken)}.", remedy="Try again later.") from broken
    raise Unavailable(f"{target.host} cannot be reached: {_reason(lost)}.", remedy="Try again later.") from lost


def _reason(error: Exception | None) -> str:
    text = str(error).strip().rstrip(".") if error else ""
    return text[:200] or type(error).__name__


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


async def _ask(
    target: Target, address: str, headers: dict[str, str], max_bytes: int, kinds: tuple[str, ...]
) -> Fetched | str:
    host = target.url.netloc.decode("ascii")
    fixed = {
        "host": host,
        "user-agent": "Gator",
        "accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/html;q=0.8, */*;q=0.5",
        "accept-encoding": "gzip, deflate",
        "connection": "close",
    }
    request = httpx.Request(
        "GET",
        target.url.copy_with(host=address, port=target.port),
        headers={**fixed, **headers},
        extensions={
            "sni_hostname": target.host.removesuffix("."),  # the certificate must be the name's, not the number's
            "timeout": {"connect": CONNECT_S, "read": READ_S, "write": READ_S, "pool": CONNECT_S},
        },
    )
    async with httpx.AsyncHTTPTransport(verify=_tls(), trust_env=False, retries=0) as transport:
        response = await transport.handle_async_request(request)
        try:
            return await _read(response, target, max_bytes, kinds)
        finally:
            await response.aclose()


async def _read(response: httpx.Response, target: Target, max_bytes: int, kinds: tuple[str, ...]) -> Fetched | str:
    status, headers = response.status_code, response.headers
    if status in _REDIRECTS and "location" in headers:
        return headers["location"]
    if status != 304:
        _check_status(status, headers, target.host)
    answer = Fetched(
        status=status,
        url=str(target.url),
        content_type=headers.get("content-type", "")[:200],
        body=b"",
        etag=headers.get("etag", "")[:500],
        modified=headers.get("last-modified", "")[:100],
    )
    if status == 304:
        return answer
    if answer.kind and not answer.kind.startswith(kinds):
        raise Refused(f"At that address is {answer.kind}, which cannot be read.")
    body = await _unpacked(response, max_bytes)
    return Fetched(answer.status, answer.url, answer.content_type, body, answer.etag, answer.modified)


def _check_status(status: int, headers: httpx.Headers, host: str) -> None:
    if status in (404, 410):
        raise Refused(f"There is nothing at that address: {host} says {status}.", remedy="Check the address.")
    if status in (401, 402, 403, 407, 451):
        raise Refused(f"{host} does not let us read that ({status}).")
    if status in _LATER or status >= 500:
        wait = _retry_after_s(headers.get("retry-after", ""))
        raise Unavailable(f"{host} says {status}.", remedy="Try again later.", retry_after_s=wait)
    if not 200 <= status < 300 or status in (204, 205, 206):
        raise Refused(f"{host} answers with {status} instead of a page.")


def _retry_after_s(value: str) -> float | None:
    """Seconds of a Retry-After header, in either of its spellings (RFC 9110 section 10.2.3); at most a day."""
    if value.isascii() and value.isdigit():
        return float(min(int(value[:9]), 86400))
    try:
        at = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now()).total_seconds(), 0.0), 86400.0)


async def _unpacked(response: httpx.Response, max_bytes: int) -> bytes:
    """The body, its content encoding undone. Raises Refused once it passes a bound, having held no more than that."""
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > max_bytes):
        raise _too_big(max_bytes)
    unpack = _Unpacker(response.headers.get("content-encoding", "").strip().lower(), max_bytes)
    async for chunk in response.aiter_raw():
        unpack.take(chunk)
    return unpack.end()


def _too_big(max_bytes: int) -> Refused:
    return Refused(f"What is at that address is larger than {max_bytes // 1024} KiB.")


class _Unpacker:
    """Undoes gzip and deflate piece by piece, so that a bomb is noticed before it unfolds."""

    def __init__(self, encoding: str, max_bytes: int) -> None:
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Refused(f"The server packs its answer in a way nobody asked for ({encoding[:40]}).")
        packed = encoding not in ("", "identity")
        # 47: zlib's word for "gzip or zlib, by the header".
        self._zlib = zlib.decompressobj(47) if packed else None
        self._max = max_bytes
        self._taken = 0
        self._out = bytearray()

    def take(self, chunk: bytes) -> None:
        self._taken += len(chunk)
        if self._taken > self._max:
            raise _too_big(self._max)
        self._out += self._inflate(chunk) if self._zlib else chunk
        if len(self._out) > self._max:
            raise _too_big(self._max)
        if len(self._out) > FREE_BYTES and len(self._out) > MAX_RATIO * self._taken:
            raise Refused(f"The server's answer unpacks to more than {MAX_RATIO} times its size.")

    def _inflate(self, chunk: bytes) -> bytes:
        room = self._max - len(self._out) + 1
        at_start = not self._out and self._taken == len(chunk)
        # Some servers say deflate and send it bare, without zlib's header: -15 reads that.
        for inflater in (self._zlib, zlib.decompressobj(-15) if at_start else None):
            if inflater is None:
                break
            try:
                out = inflater.decompress(chunk, room)
            except zlib.error:
                continue
            self._zlib = inflater
            return out
        raise Unavailable("The server's answer is broken.", remedy="Try again later.")

    def end(self) -> bytes:
        if self._zlib and self._taken and not self._zlib.eof:
            raise Unavailable("The server's answer broke off.", remedy="Try again later.")
        return bytes(self._out)
