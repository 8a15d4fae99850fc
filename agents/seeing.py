"""Which models see, and how is a picture put before them? Small JPEGs as content blocks; the others are told in words.

Pictures come from people we do not know: what is seen in one is a quotation, for the model that describes it too.
"""

import base64
import re
from collections.abc import Sequence
from typing import Any

import structlog
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

import prompts
from agents.models import Mind
from agents.sight import sees
from gator.errors import Unavailable
from gator.settings import Settings
from tools.capability import Turn
from tools.unseen import cut, without_unseen

log = structlog.get_logger()

LONGEST_PX = 1024  # what providers scale pictures down to themselves, about
MOST_PICTURES = 4  # in one message; an album has up to ten
ALT_CHARACTERS = 300
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)


def any_sees(mind: Mind, settings: Settings) -> bool:
    """Whether the first of the models that answer sees."""
    return sees(mind.names[0], settings)


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
        said = (await mind.think(messages, [], turn)).text
    except Unavailable as away:
        log.warning("picture_not_described", turn=turn.id, why=away.message)
        return ""
    return cut(_ADDRESS.sub("", without_unseen(said)).strip(), ALT_CHARACTERS)
