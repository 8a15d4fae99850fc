"""What came with a message? Its files, by their ids, and the few things that are words to us: a sticker's emoji, a place."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from telegram import Message

from bots.channel import Attachment, AttachmentKind

_SMALLEST_PX = 1280  # of a photo's sizes: the smallest that still shows all that a model sees


def of(message: Message) -> Iterator[Attachment]:
    """The message's files. An animation is sent as a document, too: it is one."""
    if message.photo:
        yield _photo(message.photo)
    for kind, file, mime in (
        ("voice", message.voice, "audio/ogg"),
        ("audio", message.audio, "audio/mpeg"),
        ("video", message.video or message.video_note or message.animation, "video/mp4"),
        ("document", None if message.animation else message.document, "application/octet-stream"),
    ):
        if file:
            yield _file(kind, file, mime)  # type: ignore[arg-type]
    if message.sticker:
        yield _sticker(message.sticker)


def _photo(sizes: Any) -> Attachment:
    by_size = sorted(sizes, key=lambda one: max(one.width, one.height))
    enough = next((one for one in by_size if max(one.width, one.height) >= _SMALLEST_PX), by_size[-1])
    return Attachment("picture", enough.file_id, "image/jpeg", size_bytes=enough.file_size or 0)


def _file(kind: AttachmentKind, file: Any, mime: str) -> Attachment:
    return Attachment(
        kind,
        file.file_id,
        (getattr(file, "mime_type", None) or mime)[:100],
        name=(getattr(file, "file_name", None) or "")[:200],
        size_bytes=file.file_size or 0,
        duration_s=_seconds(getattr(file, "duration", None)),
        says=(getattr(file, "title", None) or "")[:200],
    )


def _sticker(sticker: Any) -> Attachment:
    mime = "video/webm" if sticker.is_video else "application/x-tgsticker" if sticker.is_animated else "image/webp"
    return Attachment("sticker", sticker.file_id, mime, size_bytes=sticker.file_size or 0, says=sticker.emoji or "")


def _seconds(duration: Any) -> float | None:
    return duration.total_seconds() if isinstance(duration, timedelta) else duration


def in_words(message: Message) -> str:
    """What a message without words says all the same."""
    if message.dice:
        return f"{message.dice.emoji} {message.dice.value}"
    if message.venue:
        return f"📍 {message.venue.title}, {message.venue.address}"
    if message.location:
        return f"📍 {message.location.latitude:.5f}, {message.location.longitude:.5f}"
    if message.contact:
        return f"👤 {message.contact.first_name} {message.contact.last_name or ''}".strip()
    if message.poll:
        return "\n".join([f"📊 {message.poll.question}", *(f"• {one.text}" for one in message.poll.options)])
    return ""
