"""What may a fan have of what is known about them? Seen, explained, corrected, switched off; forgetting is `memory.erasing`.

Doors: commands in chats (bots/memory_commands.py), REST, the console, `gator memory`. Each function works in the unit of
work that it is given; what an operator does, or looks at, is written to the audit log.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from gator.errors import NotFound
from gator.principal import Kind
from memory.models import Message, TurnRow
from memory.vault import FactShown, Vault, VaultKey, open_vault
from memory.vault.telling import EpisodeShown
from memory.work import Work

LAST_EPISODES = 5


@dataclass(frozen=True, slots=True)
class Known:
    """What a persona knows of one fan. `doubted` is kept apart and never used: for operators' eyes."""

    key: VaultKey
    facts: list[FactShown]  # what holds now, oldest first
    ended: list[FactShown]
    doubted: list[FactShown]
    episodes: list[EpisodeShown]  # newest first
    messages: int
    recalled: int  # messages that can be recalled by what they mean
    since: datetime | None  # the first message
    off_at: datetime | None  # since when the fan wants nothing remembered


@dataclass(frozen=True, slots=True)
class Used:
    """A memory that a reply was made with."""

    kind: Literal["fact", "said", "episode", "own"]
    id: str
    quote: str
    at: datetime
    author: str  # fan, persona
    fact: FactShown | None = None


async def known(work: Work, key: VaultKey, *, episodes: int | None = LAST_EPISODES) -> Known:
    """All facts, the newest episodes (None: all of them) and how much was said."""
    vault = _open(work, key)
    uses = await vault.telling.uses()
    every = [replace(fact, uses=fact.uses + uses[fact.id]) for fact in await vault.facts.all()]
    told = await vault.telling.episodes(episodes)
    held = {fact.id for fact in await vault.facts.held()}
    messages, since = await vault.telling.count()
    await _audit(work, "memory.read", key)
    return Known(
        key,
        facts=[fact for fact in every if fact.id in held],
        ended=[fact for fact in every if fact.id not in held and not fact.doubt],
        doubted=[fact for fact in every if fact.doubt],
        episodes=[replace(one, uses=one.uses + uses[one.id]) for one in told],
        messages=messages,
        recalled=await vault.telling.recalled(),
        since=since,
        off_at=await vault.choice.off_at(),
    )


async def why(work: Work, key: VaultKey, conversation_id: str = "", message_id: str = "") -> list[Used]:
    """Which memories the last reply between the two used; in one conversation, or for one reply, where those are named.

    Raises NotFound for a message that was not said between them.
    """
    vault = _open(work, key)
    await _audit(work, "memory.why", key)
    trace = await _trace(work, key, conversation_id, message_id)
    return await used_of(vault, trace.get("used") or {})


async def fix(work: Work, key: VaultKey, fact_id: str, value: str) -> FactShown:
    """Correct a fact. Raises NotFound when it is not in this vault, Refused for an empty or endless value."""
    fact = await _open(work, key).facts.correct(fact_id, value, "operator" if _is_operator(work) else "fan")
    await _audit(work, "memory.fix", key, fact=fact_id)
    return fact


async def release(work: Work, key: VaultKey, fact_id: str) -> FactShown:
    """An operator found that what was in doubt is no harm: it is used from now on."""
    vault = _open(work, key)
    fact = await vault.facts.release(fact_id)
    await vault.said.trusted(fact.message_id)
    await _audit(work, "memory.release", key, fact=fact_id)
    return fact


async def remember(work: Work, key: VaultKey, on: bool) -> None:
    """Have nothing learned and nothing recalled from this statement on, or again; what was said meanwhile is never told."""
    choice = _open(work, key).choice
    await (choice.on() if on else choice.off())
    await _audit(work, "memory.on" if on else "memory.off", key)


def _open(work: Work, key: VaultKey) -> Vault:
    return open_vault(work, key, model="")  # no vector is read or written here, so no embedder is looked for


def _is_operator(work: Work) -> bool:
    return work.principal.kind in (Kind.operator, Kind.admin)


async def _audit(work: Work, action: str, key: VaultKey, **detail: Any) -> None:
    if _is_operator(work):
        await work.audit.note(action, key.fan, persona=key.persona, **detail)


async def _trace(work: Work, key: VaultKey, conversation_id: str, message_id: str) -> dict[str, Any]:
    """What was noted of the turn that gave the reply."""
    query = select(TurnRow.trace).where(TurnRow.conversation_id.in_(key.conversations()), TurnRow.state == "closed")
    query = query.where(TurnRow.conversation_id == conversation_id) if conversation_id else query
    if message_id:
        between = Message.conversation_id.in_(key.conversations()), Message.id == message_id
        said = await work.session.scalar(select(Message).where(*between))
        if said is None:
            raise NotFound(f"There is no message {message_id} here.")
        query = query.where(TurnRow.id == said.turn_id)
    found = await work.session.scalar(query.order_by(TurnRow.id.desc()).limit(1))
    return dict(found or {})


async def used_of(vault: Vault, ids: dict[str, list[str]]) -> list[Used]:
    """Those of them that there still are: what was forgotten meanwhile is not told."""
    facts = [one for one in await vault.facts.all() if one.id in ids.get("facts", [])]
    said = await vault.telling.quoted(ids.get("said", []))
    episodes = [one for one in await vault.telling.episodes() if one.id in ids.get("episodes", [])]
    own = [one for one in await vault.telling.own_words() if one.id in ids.get("own", [])]
    return [
        *(Used("fact", one.id, one.quote, one.at, "fan", one) for one in facts),
        *(Used("said", one.id, one.text, one.at, one.author) for one in said),
        *(Used("episode", one.id, one.text, one.began_at, "persona") for one in episodes),
        *(Used("own", one.id, one.quote, one.at, "persona") for one in own),
    ]
