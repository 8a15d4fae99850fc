"""How does an asset go out? As a photo, an album, a voice bubble, a video, or as a file where Telegram takes no other form."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from telegram import InputFile, InputMediaPhoto, InputMediaVideo, Message, MessageEntity
from telegram.error import BadRequest

from bots.channel import Media, Outbound
from bots.sound import as_bubble, is_bubble
from bots.telegram.entities import render
from bots.telegram.line import Line
from gator.errors import Refused

log = structlog.get_logger()

# https://core.telegram.org/bots/api#sending-files and #sendphoto
_UPLOAD_BYTES = 50_000_000
_PHOTO_BYTES = 10_000_000
_PHOTO_SIDES_PX = 10_000  # width and height together
_PHOTO_RATIO = 20
_ENDINGS = {
    "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif", "video/mp4": ".mp4",
    "video/webm": ".webm", "audio/ogg": ".ogg", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/wav": ".wav",
    "audio/x-wav": ".wav", "application/pdf": ".pdf",
    "application/json": ".json", "text/html": ".html",
}  # fmt: skip


def styles(text: str) -> tuple[str, list[MessageEntity]]:
    """CommonMark as Telegram wants it: the text and its entities."""
    page = render(text)
    return page.text, [
        MessageEntity(one.type, one.offset, one.length, url=one.url or None, language=one.language or None)
        for one in page.entities
    ]


async def send_media(line: Line, where: dict[str, Any], item: Outbound) -> Sequence[Message]:
    """Send what the piece carries; gives what it became. Raises the library's errors, and Refused for what is too large."""
    for one in item.media:
        if not one.path.is_file():
            raise Refused("The file is no longer kept.")
        if one.path.stat().st_size > _UPLOAD_BYTES:
            raise Refused("The file is larger than a bot may send on Telegram (50 MB).", remedy="Make it smaller.")
    caption, entities = styles(item.text)
    under = {"caption": caption or None, "caption_entities": entities or None}
    if len(item.media) > 1:
        return await _album(line, where, item.media, under)
    return [await _single(line, where, item.media[0], under)]


async def _album(line: Line, where: dict[str, Any], media: list[Media], under: dict[str, Any]) -> Sequence[Message]:
    where = {name: value for name, value in where.items() if name != "reply_markup"}  # an album has no buttons
    parts: list[InputMediaPhoto | InputMediaVideo] = []
    for at, one in enumerate(media):
        words = under if at == 0 else {}
        form = InputMediaVideo if one.kind == "video" else InputMediaPhoto
        parts.append(form(await _bytes(one), filename=name_of(one), **words))
    return await line.bot.send_media_group(media=parts, **where)


async def _single(line: Line, where: dict[str, Any], one: Media, under: dict[str, Any]) -> Message:
    if one.kind == "voice":
        return await _voice(line, where, one, under)
    if one.kind == "picture" and _is_photo(one):
        return await line.bot.send_photo(photo=await _file(one), **under, **where)
    if one.kind == "video":
        size: dict[str, Any] = {"width": one.width_px, "height": one.height_px, "duration": _whole(one.duration_s)}
        return await line.bot.send_video(video=await _file(one), supports_streaming=True, **size, **under, **where)
    return await line.bot.send_document(document=await _file(one), **under, **where)


async def _voice(line: Line, where: dict[str, Any], one: Media, under: dict[str, Any]) -> Message:
    """A voice bubble; a sound file for those whose settings take no voice notes of ours, a document at the last."""
    sound = await _bytes(one) if is_bubble(one.mime) else await asyncio.to_thread(as_bubble, one.path)
    seconds = _whole(one.duration_s)
    try:
        bubble = InputFile(sound, filename="voice.ogg")
        return await line.bot.send_voice(voice=bubble, duration=seconds, **under, **where)
    except BadRequest as no:
        if "voice_messages_forbidden" not in no.message.lower():
            raise
    log.info("voice_note_forbidden", account=line.account.id, chat=where["chat_id"])
    try:
        song = InputFile(sound, filename="voice.ogg")
        return await line.bot.send_audio(audio=song, duration=seconds, title=one.title or None, **under, **where)
    except BadRequest:
        return await line.bot.send_document(document=InputFile(sound, filename="voice.ogg"), **under, **where)


def _is_photo(one: Media) -> bool:
    if one.mime not in ("image/png", "image/jpeg", "image/webp") or one.path.stat().st_size > _PHOTO_BYTES:
        return False
    wide, high = one.width_px or 1, one.height_px or 1
    return wide + high <= _PHOTO_SIDES_PX and max(wide, high) <= _PHOTO_RATIO * min(wide, high)


def name_of(one: Media) -> str:
    """A name for the file: its title, as far as a file may be called so."""
    stem = "".join(sign for sign in one.title if sign.isalnum() or sign in " -_").strip()[:60]
    return f"{stem or one.kind}{_ENDINGS.get(one.mime, Path(one.path).suffix)}"


async def _file(one: Media) -> InputFile:
    return InputFile(await _bytes(one), filename=name_of(one))


async def _bytes(one: Media) -> bytes:
    return await asyncio.to_thread(one.path.read_bytes)


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, round(seconds))
