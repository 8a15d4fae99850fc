"""What does a persona know that fits what a fan says? Her older posts, her lorebook by meaning, and what she read.

An ordinary turn asks for none of it: posts are searched where there are more than are told anyway, lore where the book is
long, stories of feeds only when the fan asks what she read. Stories are others' words, told as quotations with their source.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from memory.archive import FEW, Archive
from memory.holdings import FEW_LORE, Told, is_free, lore_id
from memory.vault import VaultKey
from tools.capability import Turn
from tools.personas.lorebook import Lorebook
from tools.unseen import without_unseen

LORE = 2  # entries that nobody named
STORIES = 4
LONGEST_STORY = 300  # characters of a summary

_ASKS_WHAT_SHE_READ = re.compile(
    r"(?i)\b(?:did|do|have|had|has|'ve|are|were|hast|habt|hattest|liest|lasest)\b.{0,30}\b(?:you|u|du|ihr)\b.{0,60}"
    r"\b(?:read|reading|heard?|hear|seen|saw|see|follow(?:ed|ing)?|notice[d]?|catch|caught"
    r"|gelesen|gehört|mitbekommen|gesehen|verfolgt)\b"
    r"|\b(?:liest|lasest) du\b|\bwhat(?:'s| is| are| have) you (?:been )?reading\b"
    r"|\b(?:news|headlines?|newspapers?|articles?|nachrichten|schlagzeilen?|zeitung(?:en)?|artikel)\b"
)


@dataclass(frozen=True, slots=True)
class Known:
    """Beside what every turn is told."""

    posts: list[tuple[str, datetime]] = field(default_factory=list)
    lore: list[str] = field(default_factory=list)
    read: list[dict[str, Any]] = field(default_factory=list)  # {"title", "summary", "source", "at"}


def asks_what_she_read(question: str) -> bool:
    """Whether somebody asks after news and what the persona has read of them."""
    return _ASKS_WHAT_SHE_READ.search(question) is not None


async def known(
    turn: Turn,
    archive: Archive | None,
    key: VaultKey,
    question: str,
    vector: Any,
    model: str,
    *,
    posts: int,
    book: Lorebook,
    told: Sequence[str],
) -> Known:
    """What fits `question`, whose vector was made by `model`; `posts` is how many she has, `told` the lore there is already."""
    if archive is None:
        return Known()
    reads = partial(turn.open_work, reads=True)
    about = (key.workspace, key.persona)
    older = await archive.posts(reads, *about, question, vector, model) if posts > FEW else []
    read: list[Told] = []
    if asks_what_she_read(question):
        read = await archive.stories(reads, *about, question, vector, model, STORIES)
    return Known(older, await _lore(archive, key, book, vector, model, told), [_quoted(story) for story in read])


async def _lore(
    archive: Archive, key: VaultKey, book: Lorebook, vector: Any, model: str, told: Sequence[str]
) -> list[str]:
    if len(book.entries) <= FEW_LORE:
        return []
    fitting = await archive.lore(key.workspace, key.persona, vector, model, LORE)
    texts = {lore_id(entry.content): entry for entry in book.entries} if fitting else {}
    free = [texts[id].content for id in fitting if id in texts and is_free(texts[id].model_dump())]
    return [text for text in free if text not in told]


def _quoted(story: Told) -> dict[str, Any]:
    return {
        "title": _line(story.title),
        "summary": _line(story.summary)[:LONGEST_STORY],
        "source": _line(story.source),
        "at": story.at.isoformat(),
    }


def _line(text: str) -> str:
    """On one line, without what nobody sees and without the marks that end a quotation."""
    return " ".join(without_unseen(text).replace("«", "‹").replace("»", "›").split())
