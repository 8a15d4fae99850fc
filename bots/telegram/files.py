"""How does a file that came in get here? By its id, streamed onto the disk, never more than was allowed."""

from pathlib import Path

import httpx
from telegram.error import BadRequest

from bots.channel import TooLarge
from bots.telegram.failing import ours
from bots.telegram.line import Line
from gator.errors import Refused, Unavailable

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)


async def fetch(line: Line, ref: str, into: Path, limit_bytes: int) -> None:
    """Write the file's bytes. Raises Refused when it is too large or gone, Unavailable when it cannot be had now."""
    try:
        with ours(repeatable=True):
            file = await line.bot.get_file(ref)
    except Refused as no:
        if isinstance(no.__cause__, BadRequest) and "too big" in no.__cause__.message.lower():
            raise _too_large() from no
        raise
    if (file.file_size or 0) > limit_bytes:
        raise _too_large()
    if not file.file_path:
        raise Refused("Telegram has the file no longer.", remedy="Send it again.")
    try:
        await _stream(file.file_path, into, limit_bytes)
    except httpx.HTTPError as lost:
        raise Unavailable(f"The file cannot be had from Telegram now: {type(lost).__name__}.") from lost


async def _stream(url: str, into: Path, limit_bytes: int) -> None:
    got = 0
    async with httpx.AsyncClient(timeout=_TIMEOUT) as client, client.stream("GET", url) as answer:
        if answer.status_code == 404:
            raise Refused("Telegram has the file no longer.", remedy="Send it again.")
        if answer.status_code != 200:
            raise Unavailable(f"Telegram answered {answer.status_code} for the file.")
        with into.open("wb") as out:
            async for chunk in answer.aiter_bytes(1 << 16):
                got += len(chunk)
                if got > limit_bytes:
                    raise _too_large()
                out.write(chunk)


def _too_large() -> Refused:
    return TooLarge("The file is larger than can be taken in.", remedy="Send a smaller one.")
