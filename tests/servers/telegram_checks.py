"""What does Telegram refuse? The checks of our Bot API server, no kinder than the real one's."""

import json
import re
from typing import Any

TYPES = {
    "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link", "text_mention", "blockquote",
    "mention", "hashtag", "url", "bot_command",
}  # fmt: skip
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")


class BadRequest(Exception):
    """Answered with 400, unless another status is given."""

    def __init__(self, description: str, status: int = 400, **parameters: Any) -> None:
        super().__init__(description)
        self.status, self.parameters = status, parameters
        names = {400: "Bad Request", 403: "Forbidden", 409: "Conflict", 401: "Unauthorized", 404: "Not Found"}
        self.description = f"{names[status]}: {description}" if description else names[status]


def data_of(value: Any, otherwise: Any) -> Any:
    """A parameter that is JSON in a form."""
    return json.loads(value) if value else otherwise


def check_text(text: str, entities: list[dict[str, Any]], most: int, empty: str = "message text is empty") -> None:
    if not text.strip():
        raise BadRequest(empty)
    encoded = text.encode("utf-16-le")
    if len(encoded) // 2 > most:
        raise BadRequest("message is too long" if most == 4096 else "message caption is too long")
    for one in entities:
        _check_entity(one, encoded)


def _check_entity(one: dict[str, Any], encoded: bytes) -> None:
    start, length = one["offset"], one["length"]
    if one["type"] not in TYPES or length <= 0 or start < 0 or 2 * (start + length) > len(encoded):
        raise BadRequest(f"entity {one} is outside of the text")
    if one["type"] == "text_link" and not re.match(r"https?://", one.get("url", "")):
        raise BadRequest("entity has no URL")
    try:
        encoded[2 * start : 2 * (start + length)].decode("utf-16-le")
    except UnicodeDecodeError:
        raise BadRequest(f"entity {one} begins or ends within a character") from None


def check_keyboard(markup: dict[str, Any] | None) -> None:
    for row in (markup or {}).get("inline_keyboard", []):
        for key in row:
            if not 1 <= len(key.get("callback_data", "").encode()) <= 64:
                raise BadRequest("BUTTON_DATA_INVALID")


def check_file(method: str, data: bytes) -> None:
    if not data:
        raise BadRequest("file must be non-empty")
    if len(data) > 50_000_000:
        raise BadRequest("Request Entity Too Large")
    if method == "sendPhoto" and (not data.startswith(_PICTURES) or len(data) > 10_000_000):
        raise BadRequest("IMAGE_PROCESS_FAILED")
    if method == "sendVoice" and not (data.startswith(b"OggS") and b"OpusHead" in data[:100]):
        raise BadRequest("a voice note is OGG with Opus")


def check_secret(secret: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise BadRequest("secret token contains unallowed characters")
