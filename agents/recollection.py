"""What does a persona remember of this fan, now? Facts, memories, episodes, lore and posts: one read of the store a turn.

Each within a budget, so that a long past makes no longer prompt; which of it a reply was made with is noted in the turn's
trace (`used`), which "why?" reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from agents.knowing import known
from gator.clock import now
from gator.errors import Unavailable
from memory.archive import FEW, Archive
from memory.choosing import chosen
from memory.embedding import embedder
from memory.embedding_batches import Embedder
from memory.named_time import named_time
from memory.repositories.conversations import Line
from memory.said_count import count_said
from memory.vault import EpisodeFound, FactShown, Memory, Vault, VaultKey, open_vault
from memory.vault.own_words import Held
from memory.work import Work
from tools.capability import Turn
from tools.personas import lorebook
from tools.personas.character import Character
from tools.personas.lorebook import Activated, Lorebook

log = structlog.get_logger()

FACTS = 40
# What a prompt spends on a past, in tokens; one of them is some four characters.
SAID_TOKENS, EPISODE_TOKENS = 700, 400
EPISODES = 3
OWN_WORDS = 12
SAID = ""  # the place among a lorebook's timers where the count of messages is kept; no entry has that id


@dataclass(frozen=True, slots=True)
class Remembered:
    """As the built-in model and the prompt read it, and what the turn keeps afterwards."""

    facts: list[dict[str, Any]]
    memories: list[dict[str, Any]]
    episodes: list[dict[str, Any]]  # the last one first, where it is over, then those that fit
    own_words: list[str]  # what the persona said of herself before, to this fan or to everybody
    lore: list[str]
    posts: list[dict[str, Any]]
    timers: dict[str, Any]  # of the lorebook, after this turn
    timers_changed: bool
    read: list[dict[str, Any]]  # stories of feeds, where the fan asks for them
    vector: Any = field(repr=False)  # of what the fan said; None when the embedder is unavailable
    model: str  # of the embedder that made it: another one may serve when the turn is written down
    used: dict[str, list[str]] = field(default_factory=dict)  # ids of what of it lies in the vault
    off: bool = False  # the fan wants nothing remembered: nothing is recalled, and nothing kept


@dataclass(frozen=True, slots=True)
class _Past:
    """What the vault gives."""

    facts: list[FactShown] = field(default_factory=list)
    said: list[Memory] = field(default_factory=list)
    episodes: list[EpisodeFound] = field(default_factory=list)
    own_words: list[Held] = field(default_factory=list)
    off: bool = False

    @property
    def used(self) -> dict[str, list[str]]:
        return {
            "facts": [one.id for one in self.facts],
            "said": [one.message_id for one in self.said],
            "episodes": [one.id for one in self.episodes],
            "own": [one.id for one in self.own_words],
        }


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
    by = embedder()
    vector = await _vector(by, question)
    zone = ZoneInfo(turn.zone)
    async with turn.open_work(reads=True) as work:
        vault, half_life = open_vault(work, key, by.name), character.memory.half_life_days
        past = await _recall(vault, question, vector, window, half_life, now().astimezone(zone))
        lore, timers = await _lore(work, turn.id, conversation, character.lorebook, window)
        posts = await work.posts.latest(key.persona, FEW + 1)
    more = await known(
        turn, archive, key, question, vector, by.name, posts=len(posts), book=character.lorebook, told=lore.texts
    )
    posts = more.posts + posts[:FEW]
    return Remembered(
        facts=[
            {"kind": fact.kind, "subject": fact.subject, "value": fact.value, "quote": fact.quote}
            for fact in past.facts
        ],
        memories=[{"author": one.author, "text": one.text, "at": _local(one.at, zone)} for one in past.said],
        episodes=[_episode(one, zone) for one in past.episodes],
        own_words=[one.quote for one in past.own_words],
        lore=lore.texts + more.lore,
        posts=[{"text": text, "at": at.isoformat()} for text, at in dict.fromkeys(posts)],
        timers=lore.timers,
        timers_changed=lore.timers != timers,
        read=more.read,
        vector=vector,
        model=by.name,
        used=past.used,
        off=past.off,
    )


async def _recall(
    vault: Vault, question: str, vector: Any, window: Sequence[Line], half_life_days: float, at: datetime
) -> _Past:
    """What fits the question, of what the window does not show anyway."""
    if await vault.choice.is_off():
        return _Past(off=True)
    facts = chosen(await vault.facts.held(), question, at, half_life_days, FACTS)
    own_words = await vault.own_words.held(OWN_WORDS)
    if not window:
        return _Past(facts, own_words=own_words)
    said = await vault.said.recall(question, vector, before=window[0].id, asked_at=at, budget=SAID_TOKENS)
    # The window's own sittings too: it says when nothing was said.
    episodes = await vault.episodes.recall(
        question, vector, EPISODES, EPISODE_TOKENS, half_life_days=half_life_days, with_last=True,
        when=named_time(question, at),
    )  # fmt: skip
    return _Past(facts, said, episodes, own_words)


def _episode(one: EpisodeFound, zone: ZoneInfo) -> dict[str, Any]:
    lines = [{"text": line.text, "by": line.by} for line in one.lines]
    return {"at": _local(one.began_at, zone), "lines": lines}


def _local(at: datetime, zone: ZoneInfo) -> str:
    """By the persona's clock."""
    return at.astimezone(zone).isoformat(timespec="minutes")


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


async def _vector(by: Embedder, text: str) -> Any:
    try:
        return (await by.embed([text]))[0]
    except Unavailable as away:
        log.warning("embedder_unavailable", why=away.message)
        return None
