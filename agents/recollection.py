"""What does a persona remember of this fan, now? Facts, memories, lore and posts: one read of the store a turn."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog

from gator.errors import Unavailable
from memory.archive import FEW, Archive
from memory.embedding import embedder
from memory.repositories.conversations import Line
from memory.said_count import count_said
from memory.vault import VaultKey, open_vault
from memory.work import Work
from tools.capability import Turn
from tools.personas import lorebook
from tools.personas.character import Character
from tools.personas.lorebook import Activated, Lorebook

log = structlog.get_logger()

FACTS = 40
SAID = ""  # the place among a lorebook's timers where the count of messages is kept; no entry has that id


@dataclass(frozen=True, slots=True)
class Remembered:
    """As the built-in model and the prompt read it, and what the turn keeps afterwards."""

    facts: list[dict[str, Any]]
    memories: list[dict[str, Any]]
    lore: list[str]
    posts: list[dict[str, Any]]
    timers: dict[str, Any]  # of the lorebook, after this turn
    timers_changed: bool
    vector: Any = field(repr=False)  # of what the fan said; None when the embedder is unavailable


async def remember(
    turn: Turn,
    key: VaultKey,
    conversation: str,
    character: Character,
    question: str,
    window: Sequence[Line],
    archive: Archive | None,
) -> Remembered:
    """Read what matters for the answer to `question`, beyond the `window` of what was said last.

    A failing embedder costs recall by meaning, never the answer.
    """
    vector = await _vector(question)
    async with turn.open_work(reads=True) as work:
        vault = open_vault(work, key)
        facts = await vault.facts.held()
        memories = await vault.said.recall(question, vector, before=window[0].id) if window else []
        lore, timers = await _lore(work, turn.id, conversation, character.lorebook, window)
        posts = await work.posts.latest(key.persona, FEW + 1)
    if archive and len(posts) > FEW and vector is not None:
        posts = await _fitting(turn, archive, key, vector) + posts[:FEW]
    return Remembered(
        facts=[
            {"kind": fact.kind, "subject": fact.subject, "value": fact.value, "quote": fact.quote}
            for fact in facts[-FACTS:]
        ],
        memories=[
            {"author": one.author, "text": one.text, "at": one.at.isoformat(timespec="minutes")} for one in memories
        ],
        lore=lore.texts,
        posts=[{"text": text, "at": at.isoformat()} for text, at in dict.fromkeys(posts)],
        timers=lore.timers,
        timers_changed=lore.timers != timers,
        vector=vector,
    )


async def _lore(
    work: Work, turn: str, conversation: str, book: Lorebook, window: Sequence[Line]
) -> tuple[Activated, dict[str, Any]]:
    """What the lorebook has to say, with the timers as they are after this turn and as they were before it."""
    if not book.entries:
        return Activated([], {}, []), {}
    before = await work.conversations.lore_timers(conversation)
    said = await count_said(work, conversation, before.get(SAID, {}))
    lore = lorebook.activate(book, [line.text for line in window], before, said.count, turn)
    return replace(lore, timers={**lore.timers, SAID: said.kept} if said.kept else lore.timers), before


async def _fitting(turn: Turn, archive: Archive, key: VaultKey, vector: Any) -> list[tuple[str, datetime]]:
    """Older posts that fit what the fan said: some 8 CPU-ms, spent only on personas with more posts than are told anyway."""
    ids = await archive.near(key.workspace, key.persona, vector, FEW)
    if not ids:
        return []
    async with turn.open_work(reads=True) as work:
        return await archive.read(work, ids)


async def _vector(text: str) -> Any:
    try:
        return (await embedder().embed([text]))[0]
    except Unavailable as away:
        log.warning("embedder_unavailable", why=away.message)
        return None
