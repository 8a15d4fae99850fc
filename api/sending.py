"""From where does a file of media go out: from this machine, through it from a bucket, or from the bucket by a link?

A film in a bucket is read as it goes out, and never lies here as a whole for that. What is small is fetched and kept for a while.
"""

import re
from datetime import timedelta

from starlette.responses import Response

from api.files import Elsewhere, Sent, Streamed
from bots.core import Core
from gator.clock import now
from memory.buckets.blobs import BucketBlobs
from memory.media_threads import in_media_thread
from memory.models import Asset

# Types that a browser shows and that carry no script; any other file is only ever a download.
SHOWN = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
_SAVED = {"application/json": ".json", "text/html": ".html", "application/pdf": ".pdf", "text/plain": ".txt"}
LONGEST_LINK = timedelta(hours=1)  # somebody may look at a film, and seek in it
_SMALL_BYTES = 4 << 20


async def sent(core: Core, row: Asset, ends: int, longest_link: timedelta = LONGEST_LINK) -> Response:
    """The answer with the asset's file, at an address that lives until `ends`. Raises NotFound, and Unavailable."""
    inline = row.mime in SHOWN
    mime = row.mime if inline else "application/octet-stream"
    name, kept = _name(row), kept_until(ends)
    blobs = core.blobs
    if isinstance(blobs, BucketBlobs):
        whole = Streamed(
            lambda start, end: blobs.bucket.read(row.sha256, start, end),
            row.size_bytes,
            row.sha256,
            mime,
            name,
            kept,
            inline=inline,
        )
        if core.settings.storage_redirect:
            return await _sent_there(blobs, row, ends, longest_link, whole)
        if row.size_bytes > _SMALL_BYTES and not blobs.cached(row.sha256):
            return whole
    path = await in_media_thread(blobs.get, row.sha256)
    return Sent(path, row.sha256, mime, name, kept, inline=inline)


async def _sent_there(blobs: BucketBlobs, row: Asset, ends: int, longest: timedelta, whole: Streamed) -> Response:
    """To the bucket, by a link that does not outlive the address by which it was asked for."""
    lives = min(longest, timedelta(seconds=max(1, ends - now().timestamp())))
    headers = {one: whole.headers[one] for one in ("Content-Type", "Content-Disposition")}
    link = await in_media_thread(blobs.bucket.link, row.sha256, lives, headers)
    return Elsewhere(link, {"Cache-Control": f"private, max-age={int(lives.total_seconds() / 2)}"}, whole)


def kept_until(ends: int) -> dict[str, str]:
    return {"Cache-Control": f"private, max-age={max(0, ends - int(now().timestamp()))}, immutable"}


def _name(asset: Asset) -> str:
    """A file name for those who save it: letters, digits and dashes of its title."""
    words = re.sub(r"[^a-z0-9]+", "-", asset.title.lower()).strip("-")[:60]
    return f"{words or asset.kind}{(SHOWN | _SAVED).get(asset.mime, '.bin')}"
