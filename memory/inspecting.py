"""What do operators look up in a fan's memory, and do there? Searched, which replies used what, kept apart, told anew.

What fans may have themselves is `memory.rights`, forgetting is `memory.erasing`. The audit log says who did it, and no
word of what was found.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, func, or_, select

from gator.errors import NotFound
from gator.principal import Principal
from memory.linking import person_of
from memory.models import Conversation, Fan, Message, TurnRow
from memory.rights import Used, used_of
from memory.store import Store
from memory.vault import FactShown, Vault, VaultKey, open_vault
from memory.work import Work

if TYPE_CHECKING:
    from memory.minilm import Floats

MOST_FOUND = 20
LAST_REPLIES = 10
LEAST_OF_AN_ID = 4  # characters of an id's end that name somebody
_LITERALLY = str.maketrans({"%": "\\%", "_": "\\_", "\\": "\\\\"})
_PARTS = (("facts", "fact"), ("said", "said"), ("episodes", "episode"), ("own", "own"))


@dataclass(frozen=True, slots=True)
class Met:
    """A fan who talked with a persona."""

    id: str
    name: str
    channel: str
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a fan's memory that has the words, or the meaning. `state`: "", ended, or why it is kept apart."""

    kind: Literal["fact", "episode", "said"]
    id: str
    text: str
    at: datetime
    author: str
    message_id: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of the persona's, and the memories that it was made with."""

    message_id: str
    text: str
    at: datetime
    used: list[Used]


async def fans_of(work: Work, persona_id: str, limit: int = 200) -> list[Met]:
    """Who talks with that persona, whoever was spoken with last first."""
    last = func.max(Conversation.last_at)
    query = (
        select(Fan.id, Fan.display_name, Fan.channel, last)
        .join(Conversation, Conversation.fan_id == Fan.id)
        .where(Fan.workspace == work.principal.workspace, Conversation.persona_id == persona_id)
        .group_by(Fan.id, Fan.display_name, Fan.channel)
        .order_by(last.desc(), Fan.id)
    )
    return [Met(*row) for row in await work.session.execute(query.limit(limit))]


async def fans_named(work: Work, persona_id: str, named: str, limit: int = 200) -> list[Met]:
    """Of all who talk with that persona those of that name, id or end of an id; where there are none, those with it in the
    name. Whoever was spoken with last comes first.

    Two linked accounts of one person are one `id`, by either name.
    """
    named = " ".join(named.split())
    part = named.translate(_LITERALLY)
    # SQLite's lower() knows ASCII only, so the usual spellings of other letters are named.
    spelled = {named, named.lower(), named.upper(), named.title(), named.capitalize()}
    same = [func.lower(Fan.display_name) == named.lower(), Fan.display_name.in_(spelled)]
    ends = [Conversation.fan_id.like(f"%{part.lower()}", escape="\\")] if len(named) >= LEAST_OF_AN_ID else []
    found = await _met(work, persona_id, or_(*same, *ends), limit)
    within = or_(*(Fan.display_name.ilike(f"%{one.translate(_LITERALLY)}%", escape="\\") for one in sorted(spelled)))
    return found or (await _met(work, persona_id, within, limit) if named else [])


async def _met(work: Work, persona_id: str, which: ColumnElement[bool], limit: int) -> list[Met]:
    last = func.max(Conversation.last_at)
    query = (
        select(Conversation.fan_id, Fan.display_name, Fan.channel, last)
        .join(Fan, or_(Fan.id == Conversation.fan_id, Fan.person_id == Conversation.fan_id))
        .where(Conversation.workspace == work.principal.workspace, Conversation.persona_id == persona_id, which)
        .group_by(Conversation.fan_id, Fan.id, Fan.display_name, Fan.channel)
        .order_by(last.desc(), Fan.id)
    )
    rows = await work.session.execute(query.limit(limit))
    return [Met(str(person), name, channel, at) for person, name, channel, at in rows]


async def key_of(work: Work, persona: str, fan: str) -> VaultKey:
    """The key of that fan's memory with the persona of that name. Raises NotFound where the two have never met."""
    who = await work.personas.named(persona)
    key = VaultKey(work.principal.workspace, who.id, (await person_of(work, fan)).id)
    if await work.session.scalar(key.conversations().limit(1)) is None:
        raise NotFound(f"{who.name} has never met a fan {fan}.", remedy="Ask which fans there are.")
    return key


async def search(
    work: Work, key: VaultKey, query: str, vector: "Floats | None" = None, limit: int = MOST_FOUND
) -> list[Found]:
    """Facts and episodes with a word of the query, then what was said that fits it; what ended or is in doubt too."""
    vault = open_vault(work, key)
    words = [word for word in query.casefold().split() if len(word) > 1]
    held = {fact.id for fact in await vault.facts.held()}
    facts = [
        Found("fact", one.id, f"{one.kind} {one.subject}: {one.value}".replace(" :", ":"), one.at, "fan",
              one.message_id, one.doubt or ("" if one.id in held else "ended"))
        for one in await vault.facts.all()
    ]  # fmt: skip
    episodes = [
        Found("episode", one.id, one.text, one.began_at, "persona", one.lines[0]["from"][0])
        for one in await vault.telling.episodes()
    ]
    said = [
        Found("said", one.message_id, one.text, one.at, one.author, one.message_id)
        for one in await vault.said.recall(query, vector, limit=limit, though_off=True)
    ]
    await work.audit.note("memory.search", key.fan, persona=key.persona)
    named = [one for one in (*facts, *episodes) if any(word in one.text.casefold() for word in words)]
    return [*named[:limit], *said]


async def replies(work: Work, key: VaultKey, limit: int = LAST_REPLIES) -> list[Reply]:
    """The last replies to that fan, newest first, each with what it was made with: receipts of use."""
    turns = select(TurnRow.id, TurnRow.trace).where(
        TurnRow.conversation_id.in_(key.conversations()), TurnRow.state == "closed"
    )
    newest = (await work.session.execute(turns.order_by(TurnRow.id.desc()).limit(limit))).all()
    traces = {id: dict(trace.get("used") or {}) for id, trace in newest}
    spoken = select(Message).where(
        Message.conversation_id.in_(key.conversations()), Message.turn_id.in_(traces), Message.author == "persona"
    )
    said = list(await work.session.scalars(spoken.order_by(Message.id.desc())))
    used = await _by_reply(open_vault(work, key), traces)
    await work.audit.note("memory.replies", key.fan, persona=key.persona)
    return [Reply(one.id, one.text, one.created_at, used[str(one.turn_id)]) for one in said]


async def around(work: Work, key: VaultKey, message_id: str, count: int = 3) -> list[Message]:
    """The message with as many before and after it; none where it is gone, or was not said between the two."""
    query = select(Message).where(Message.conversation_id.in_(key.conversations()), Message.id == message_id)
    row = await work.session.scalar(query)
    if row is None:
        return []
    before = await work.conversations.window(row.conversation_id, count, row.id)
    return [*before, row, *await work.conversations.after(row.conversation_id, row.id, count)]


async def quarantine(work: Work, key: VaultKey) -> list[FactShown]:
    """What is kept apart and never used, with the reason; `memory.rights.release` has it used."""
    await work.audit.note("memory.quarantine", key.fan, persona=key.persona)
    return await open_vault(work, key).facts.doubted()


async def drop(work: Work, key: VaultKey, fact_id: str) -> None:
    """Take what is kept apart out of the memory for good; the message that tried it stays. Raises NotFound."""
    vault = open_vault(work, key)
    if fact_id not in {fact.id for fact in await vault.facts.doubted()}:
        raise NotFound(f"Nothing is kept apart as {fact_id}.", remedy="It was released or dropped meanwhile.")
    await vault.facts.erase(fact_id)
    await work.audit.note("memory.drop", key.fan, persona=key.persona, fact=fact_id)


async def end(work: Work, key: VaultKey, fact_id: str) -> FactShown:
    """That it no longer holds; it stays as what did. Raises NotFound."""
    fact = await open_vault(work, key).facts.end(fact_id)
    await work.audit.note("memory.end", key.fan, persona=key.persona, fact=fact_id)
    return fact


async def replay(store: Store, who: Principal, key: VaultKey) -> int:
    """Tell all episodes anew from the messages that they cite, a sitting a transaction; how many there are then.

    What a model told stays. Broken off, it is begun anew.
    """
    async with store.open_work(who, reads=True) as work:
        conversations = list(await work.session.scalars(key.conversations()))
    for conversation in conversations:
        after: str | None = ""
        while after is not None:
            async with store.open_work(who) as work:
                after = await open_vault(work, key).episodes.replay(conversation, after)
    async with store.open_work(who) as work:
        count = len(await open_vault(work, key).episodes.all())
        await work.audit.note("memory.replay", key.fan, persona=key.persona, episodes=count)
    return count


async def _by_reply(vault: Vault, traces: dict[str, dict[str, Any]]) -> dict[str, list[Used]]:
    """What each turn used, of all in one reading of the vault."""
    ids = {part: [id for trace in traces.values() for id in trace.get(part, [])] for part, _ in _PARTS}
    there: dict[tuple[str, str], Used] = {(one.kind, one.id): one for one in await used_of(vault, ids)}
    return {
        turn: [there[kind, id] for part, kind in _PARTS for id in trace.get(part, []) if (kind, id) in there]
        for turn, trace in traces.items()
    }
