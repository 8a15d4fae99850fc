"""Which texts does a persona's knowledge consist of? Her posts, her lorebook, the stories of her feeds, read from SQL.

Each text has an id that holds a mark of its words, so that a changed text is another one to the index: what is stale
shows by its id alone.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import func, or_, select

from memory.knowledge import Holding
from memory.models import Feed, Persona, Post, Story
from memory.work import Work

POSTS, LORE, STORIES = "posts", "lore", "stories"
FEW_POSTS = 3  # told in every turn; a persona with no more is not indexed at all
FEW_LORE = 30  # a book with no more is known by its keys
FEW_STORIES = 8  # told all, to who asks what she read
MOST = 10_000  # texts of one holding that are searched: the newest


@dataclass(frozen=True, slots=True)
class Told:
    """A story of a feed, as a persona may quote it. Its words come from outside."""

    id: str
    title: str
    summary: str
    source: str
    at: datetime


async def holdings_of(work: Work, persona: str | None = None) -> list[tuple[Holding, str]]:
    """What there is enough of to be worth an index, each with a mark that changes when its texts may have."""
    workspace = work.principal.workspace
    found = []
    for id, version, book in await _personas(work, persona):
        if len(book) > FEW_LORE:
            found.append((Holding(workspace, id, LORE), f"{version}"))
    published = select(Post.persona_id, func.count(), func.max(Post.published_at))
    published = published.where(Post.workspace == workspace, Post.state == "published").group_by(Post.persona_id)
    published = published.where(Post.persona_id == persona) if persona else published
    for author, count, newest in await work.session.execute(published):
        if count > FEW_POSTS:
            found.append((Holding(workspace, author, POSTS), f"{count} {newest}"))
    read = select(Feed.persona_id, func.count(), func.max(Story.id), func.min(Story.id))
    read = read.join(Story, Story.feed_id == Feed.id).where(Feed.workspace == workspace).group_by(Feed.persona_id)
    read = read.where(Feed.persona_id == persona) if persona else read
    for reader, count, last, first in await work.session.execute(read):
        if count > FEW_STORIES:
            found.append((Holding(workspace, reader or "", STORIES), f"{count} {last} {first}"))
    return found


async def texts_of(work: Work, holding: Holding) -> dict[str, str]:
    """The texts of a holding by their ids in the index."""
    if holding.kind == LORE:
        books = await _personas(work, holding.persona)
        return {lore_id(text): text for _, _, book in books for text in book}
    if holding.kind == POSTS:
        mine = (Post.workspace == holding.workspace, Post.persona_id == holding.persona, Post.state == "published")
        posts = select(Post.id, Post.text).where(*mine).order_by(Post.published_at.desc()).limit(MOST)
        return {_id(id, text): text for id, text in await work.session.execute(posts) if text}
    owner = Feed.persona_id == holding.persona if holding.persona else Feed.persona_id.is_(None)
    stories = select(Story.id, Story.title, Story.summary).join(Feed, Feed.id == Story.feed_id)
    stories = stories.where(Feed.workspace == holding.workspace, owner).order_by(Story.published_at.desc()).limit(MOST)
    rows = await work.session.execute(stories)
    return {_id(id, words): words for id, title, summary in rows if (words := f"{title}\n{summary}".strip())}


async def stories_of(work: Work, persona: str, *, ids: Sequence[str] | None = None, limit: int = 300) -> list[Told]:
    """What a persona read: stories of her feeds and of the workspace's; of these ids, or the newest."""
    query = select(Story.id, Story.title, Story.summary, Feed.name, Story.published_at)
    query = query.join(Feed, Feed.id == Story.feed_id).where(Feed.workspace == work.principal.workspace)
    query = query.where(or_(Feed.persona_id == persona, Feed.persona_id.is_(None)))
    query = query.where(Story.id.in_(ids)) if ids is not None else query
    rows = await work.session.execute(query.order_by(Story.published_at.desc(), Story.id.desc()).limit(limit))
    return [Told(*row) for row in rows]


def row_id(id: str) -> str:
    """The id of the row behind an id of the index."""
    return id.partition(":")[0]


def lore_id(text: str) -> str:
    """Of an entry of a lorebook: entries have no ids of their own that outlive an edit of the book."""
    return blake2b(text.encode(), digest_size=12).hexdigest()


def _id(row: str, text: str) -> str:
    return f"{row}:{zlib.crc32(text.encode()):08x}"


async def _personas(work: Work, persona: str | None) -> list[tuple[str, int, list[str]]]:
    """Living personas with what their lorebooks hold."""
    query = select(Persona.id, Persona.version, Persona.character)
    query = query.where(Persona.workspace == work.principal.workspace, Persona.deleted_at.is_(None))
    query = query.where(Persona.id == persona) if persona else query
    return [(id, version, _book(character)) for id, version, character in await work.session.execute(query)]


def _book(character: Mapping[str, Any]) -> list[str]:
    """Contents of the entries that may be told whenever they fit."""
    entries = (character.get("lorebook") or {}).get("entries") or []
    return list(dict.fromkeys(entry["content"] for entry in entries if is_free(entry)))


def is_free(entry: Mapping[str, Any]) -> bool:
    """Whether its author set no condition but its keys: no timer, chance, group or decorator says when it may come."""
    conditions = ("constant", "sticky", "cooldown", "delay", "group", "selective")
    text = str(entry.get("content") or "").strip()
    bound = any(entry.get(name) for name in conditions) or entry.get("probability", 100) < 100
    return bool(text) and not text.startswith("@@") and bool(entry.get("enabled", True)) and not bound
