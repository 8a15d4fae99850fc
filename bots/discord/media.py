"""How do files go out to Discord, and come in from it? Uploads with alt text, voice notes as voice messages, bounded fetching."""

import asyncio
import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import discord
import structlog
import yarl

from bots.channel import Media, TooLarge
from bots.discord.wire import Http, asked
from bots.sound import as_bubble, is_bubble
from gator.errors import NotFound, Refused, Unavailable

log = structlog.get_logger()

VOICE_MESSAGE = 1 << 13
MOST_FILES = 10
_POINTS = 256  # of a waveform, at most: https://discord.com/developers/docs/resources/message#voice-messages
_STEP_S = 0.1
_RATE = 8_000
_WITHIN = aiohttp.ClientTimeout(total=60, sock_connect=10)
_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_CDN = "https://cdn.discordapp.com"
_ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "application/json": "json",
    "text/html": "html",
}


def files(media: Sequence[Media]) -> list[discord.File]:
    """The media as uploads; whoever asks closes them. Raises NotFound when a file is gone."""
    opened: list[discord.File] = []
    try:
        for n, one in enumerate(media):
            name = f"{one.kind}-{n + 1}.{_ENDINGS.get(one.mime, 'bin')}"
            opened.append(discord.File(one.path, filename=name, description=(one.alt_text or None)))
    except OSError as gone:
        close(opened)
        raise NotFound("A file of this message is gone.", remedy="Make it again and send it anew.") from gone
    return opened


def close(opened: Sequence[discord.File]) -> None:
    for one in opened:
        one.close()


def about(opened: Sequence[discord.File]) -> list[dict[str, Any]]:
    """Discord's `attachments` for the uploads, with their alt texts."""
    described = [{"description": str(one.description)[:1024]} if one.description else {} for one in opened]
    return [{"id": n, "filename": one.filename, **described[n]} for n, one in enumerate(opened)]


def is_voice_note(media: Sequence[Media]) -> bool:
    """Whether it can go out as a voice message: one spoken note, alone."""
    return len(media) == 1 and media[0].kind == "voice"


async def voice_note(note: Media) -> tuple[discord.File, dict[str, Any]]:
    """The note as a voice message's upload, with its length and shape as the bubble shows them.

    Raises Refused for a file that does not play, NotFound when it is gone.
    """
    if not note.path.exists():
        raise NotFound("A file of this message is gone.", remedy="Make it again and send it anew.")
    data = await asyncio.to_thread(note.path.read_bytes if is_bubble(note.mime) else lambda: as_bubble(note.path))
    points, length_s = await asyncio.to_thread(_shape, data)
    shape = {"duration_secs": round(length_s, 2), "waveform": base64.b64encode(points).decode()}
    return discord.File(io.BytesIO(data), filename="voice-message.ogg"), shape


def _shape(data: bytes) -> tuple[bytes, float]:
    """Loudness of each tenth of a second (fewer points for long ones), 0-255, and the length in seconds."""
    import av
    import numpy as np

    try:
        with av.open(io.BytesIO(data), "r") as container:
            narrow = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
            frames = [out for frame in container.decode(audio=0) for out in narrow.resample(frame)]
    except (av.FFmpegError, IndexError, ValueError) as broken:
        raise Refused("The voice note does not play.", remedy="Have it spoken again.") from broken
    if not frames:
        raise Refused("The voice note is empty.", remedy="Have it spoken again.")
    wave = np.abs(np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.float32))
    count = max(1, min(_POINTS, int(len(wave) / _RATE / _STEP_S)))
    loud = np.array([part.mean() if len(part) else 0.0 for part in np.array_split(wave, count)])
    return (loud / max(1.0, float(loud.max())) * 255).astype(np.uint8).tobytes(), len(wave) / _RATE


async def fetch(http: Http, ref: str, into: Path, limit_bytes: int) -> None:
    """Write an attachment's bytes to that file. Its address is asked for anew: Discord's are good for a day."""
    url = await _address(http, ref)
    if url.host not in _HOSTS and url.origin() != http.origin:
        raise Refused("The file lies somewhere else than on Discord.")
    try:
        async with http.plain().get(url, timeout=_WITHIN, allow_redirects=False) as got:
            if got.status in (403, 404, 410):
                raise NotFound("The file is gone.", remedy="Ask for it again.")
            if got.status != 200:
                raise Unavailable(f"The file cannot be had now (HTTP {got.status}).", retry_after_s=5.0)
            await _write(got, into, limit_bytes)
    except (OSError, aiohttp.ClientError) as lost:
        raise Unavailable(f"The file cannot be had now ({type(lost).__name__}).", retry_after_s=5.0) from lost


async def _address(http: Http, ref: str) -> yarl.URL:
    if ref.startswith("sticker/"):
        return yarl.URL(f"{_CDN}/stickers/{int(ref.partition('/')[2])}.png")
    channel, message, file = (int(part) for part in ref.split("/"))
    shown: Any = await asked(http.get_message(channel, message))
    for one in shown.get("attachments") or []:
        if int(one["id"]) == file:
            return yarl.URL(one["url"])
    raise NotFound("The file is gone from its message.", remedy="Ask for it again.")


async def _write(got: aiohttp.ClientResponse, into: Path, limit_bytes: int) -> None:
    too_large = TooLarge(f"The file is larger than {limit_bytes:,} bytes.", remedy="Send a smaller one.")
    if (got.content_length or 0) > limit_bytes:
        raise too_large
    size = 0
    with into.open("wb") as file:  # chunks of 64 KiB: the writes are short
        async for chunk in got.content.iter_chunked(65_536):
            size += len(chunk)
            if size > limit_bytes:
                raise too_large
            file.write(chunk)
