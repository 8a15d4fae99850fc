"""How does a file of media go out? By Starlette's FileResponse, in pieces, and by the letter of RFC 9110 where that is lax.

An entity tag is the hash of the bytes. A range of a unit or a form that nobody knows is passed over (section 14.2), of several
ranges those that the file has are sent, HEAD reads nothing, and who has the file already is told so.
"""

import re
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

HEADLESS = "gator_headless"  # the mark of a request that came as HEAD (api.security)
_ONE = re.compile(r"(\d{1,18})-(\d{0,18})|-(\d{1,18})")  # section 14.1.1
_UNTOLD = {"content-length", "content-type", "content-disposition"}  # a 304 has no content to describe


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
            told = {name: value for name, value in self.headers.items() if name not in _UNTOLD}
            await Response(status_code=304, headers=told)(scope, receive, send)
            return
        headless = scope.get(HEADLESS) or scope["method"] == "HEAD"
        # Ranges are of GET only (section 14.2).
        wanted = None if headless else _wanted(asked.get("range"), int(self.headers["content-length"]))
        headers = MutableHeaders(raw=[pair for pair in scope["headers"] if pair[0] != b"range"])
        if wanted:
            headers["range"] = wanted
        method = "HEAD" if headless else scope["method"]
        await super().__call__({**scope, "method": method, "headers": headers.raw}, receive, send)


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
