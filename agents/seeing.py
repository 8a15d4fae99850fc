"""Which models see, and how is a picture put before them? Small JPEGs as content blocks; the others are told in words.

Pictures come from people we do not know: what is seen in one is a quotation, for the model that describes it too.
"""

import asyncio
import base64
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, SystemMessage

import prompts
from agents.models import Mind
from agents.sight import sees
from gator.errors import NotFound, Unavailable
from memory.attached import holds
from memory.blobs import Blobs
from memory.media_place import blobs_of
from memory.media_threads import in_media_thread
from memory.models import Asset
from tools.capability import Turn
from tools.incoming import Examiner
from tools.unseen import cut, without_unseen

log = structlog.get_logger()

LONGEST_PX = 1024  # what providers scale pictures down to themselves, about
MOST_PICTURES = 4  # in one message; an album has up to ten
ALT_CHARACTERS = 300
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)


def showing(text: str, pictures: Sequence[bytes], id: str | None = None) -> HumanMessage:
    """A message with its pictures, each a JPEG."""
    blocks: list[str | dict[Any, Any]] = [{"type": "text", "text": text}]
    blocks += [
        {"type": "image", "base64": base64.b64encode(jpeg).decode(), "mime_type": "image/jpeg"} for jpeg in pictures
    ]
    return HumanMessage(blocks, id=id)


async def describe(jpeg: bytes, mind: Mind, turn: Turn) -> str:
    """What the picture shows, in a sentence for those who do not see it; empty when no model that sees answers."""
    messages: list[BaseMessage] = [SystemMessage(prompts.load("describe")), showing("The picture:", [jpeg])]
    try:
        said = (await mind.think(messages, [], turn, sighted=True)).text
    except Unavailable as away:
        log.warning("picture_not_described", turn=turn.id, why=away.message)
        return ""
    return cut(_ADDRESS.sub("", without_unseen(said)).strip(), ALT_CHARACTERS)


async def with_pictures(messages: list[AnyMessage], turn: Turn) -> list[AnyMessage]:
    """The messages, those that are being answered with the pictures that came with them, where a model sees.

    Older pictures are told in words only: each costs some thousand tokens in every turn.
    """
    settings = turn.settings
    if not any(sees(name, settings) for name in (settings.model, *settings.fallback_models)):
        return messages
    left, shown = MOST_PICTURES, list(messages)
    for n in _answered(messages):
        pictures = await _pictures_of(messages[n], turn, left)
        left -= len(pictures)
        shown[n] = showing(messages[n].text, pictures, messages[n].id) if pictures else messages[n]
    return shown


def _answered(messages: Sequence[AnyMessage]) -> list[int]:
    """Places of the messages with pictures that nobody has replied to, the newest first."""
    replied = max((n for n, one in enumerate(messages) if isinstance(one, AIMessage)), default=-1)
    return [n for n in range(len(messages) - 1, replied, -1) if holds(messages[n].text, "picture")]


async def _pictures_of(message: AnyMessage, turn: Turn, most: int) -> list[bytes]:
    async with turn.open_work(reads=True) as work:
        sent = await work.assets.sent_with([message.id]) if message.id else []
    blobs, examiner = blobs_of(turn.settings), Examiner()
    pictures = [one for one in sent if one.kind == "picture"][:most]
    small = [await shrunk(examiner, blobs, one) for one in pictures]
    return [jpeg for jpeg in small if jpeg]


async def shrunk(examiner: Examiner, blobs: Blobs, picture: Asset) -> bytes | None:
    """A picture as models are shown it; None when its file is gone, or lies where nobody answers now."""
    with TemporaryDirectory(prefix="gator-") as folder:
        small = Path(folder) / "small"
        try:
            whole = await in_media_thread(blobs.get, picture.sha256)
        except (NotFound, Unavailable) as away:
            log.warning("picture_not_shown", asset=picture.id, why=away.message)
            return None
        there = await examiner.shrink(whole, small, LONGEST_PX)
        return await asyncio.to_thread(small.read_bytes) if there else None
