"""What does a persona know of a fan? Operators look, search, correct, release what is kept apart, forget; all is audited.

A fan's own doors, and the shapes of both, are in `api.routes.memory`.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.deps import CallerDep, CoreDep, needs
from api.remembering import forget, forget_everything, searched
from api.routes.memory import (
    Confirm,
    FactOut,
    Format,
    Language,
    MemoryOut,
    ReceiptOut,
    Remembering,
    UsedOut,
    Value,
    entry_out,
    fact_out,
    facts_out,
    file_of,
    memory_fields,
    receipt_out,
    used_out,
)
from api.shapes import FromRow, Limit
from bots.core import Core
from memory import erasures, exporting, inspecting, rights
from memory.erasing import Scope
from memory.rights import Known
from memory.vault import VaultKey

router = APIRouter(prefix="/personas/{persona}/fans", tags=["memory"])


class FanOut(FromRow):
    """A fan who talked with the persona."""

    id: str
    name: str
    channel: str
    last_at: datetime


class FansMemory(MemoryOut):
    quarantine: list[FactOut] = Field(description="what is kept apart and never used: `doubt` says why")


class FoundOut(FromRow):
    kind: str = Field(description="fact, episode or said")
    id: str
    text: str
    at: datetime
    author: str = Field(description="fan or persona")
    message: str = Field(validation_alias="message_id", description="where it was said")
    state: str = Field(description="ended, or why it is kept apart; empty: it is used")


class ReplyOut(BaseModel):
    """A receipt of use: a reply, and the memories that it was made with."""

    message: str
    text: str
    at: datetime
    used: list[UsedOut]


class Replayed(BaseModel):
    episodes: int = Field(description="how many there are now")


@router.get("", dependencies=[needs("memory:read")])
async def list_fans(
    persona: str,
    core: CoreDep,
    caller: CallerDep,
    limit: Limit = 50,
    named: Annotated[
        str, Query(max_length=200, description="only of that name or end of an id; without one, with it in the name")
    ] = "",
) -> list[FanOut]:
    """Who talks with that persona, whoever was spoken with last first."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        who = await work.personas.named(persona)
        named = named.strip()
        met = inspecting.fans_named(work, who.id, named, limit) if named else inspecting.fans_of(work, who.id, limit)
        return [FanOut.model_validate(one) for one in await met]


@router.get("/{fan}/memory", dependencies=[needs("memory:read")])
async def show_memory(persona: str, fan: str, core: CoreDep, caller: CallerDep) -> FansMemory:
    """All that the persona knows of them, and what is kept apart."""
    async with core.store.open_work(caller.principal) as work:
        return _memory_out(await rights.known(work, await inspecting.key_of(work, persona, fan), episodes=None))


@router.get("/{fan}/memory/search", dependencies=[needs("memory:read")])
async def search_memory(
    persona: str,
    fan: str,
    core: CoreDep,
    caller: CallerDep,
    q: Annotated[str, Query(min_length=1, max_length=500, description="words, or a question")],
    limit: Limit = 20,
) -> list[FoundOut]:
    """Facts and episodes with these words, then what was said that fits them."""
    key = await _key(core, caller, persona, fan)
    return [FoundOut.model_validate(one) for one in await searched(core, caller.principal, key, q, limit)]


@router.get("/{fan}/memory/why", dependencies=[needs("memory:read")])
async def explain_reply(
    persona: str,
    fan: str,
    core: CoreDep,
    caller: CallerDep,
    message: Annotated[str, Query(max_length=64, description="a reply; none: the last one")] = "",
) -> list[UsedOut]:
    """Which memories a reply to them was made with."""
    async with core.store.open_work(caller.principal) as work:
        key = await inspecting.key_of(work, persona, fan)
        return used_out(await rights.why(work, key, message_id=message))


@router.get("/{fan}/memory/replies", dependencies=[needs("memory:read")])
async def list_uses(persona: str, fan: str, core: CoreDep, caller: CallerDep, limit: Limit = 10) -> list[ReplyOut]:
    """The last replies, newest first, each with the memories that it was made with."""
    async with core.store.open_work(caller.principal) as work:
        found = await inspecting.replies(work, await inspecting.key_of(work, persona, fan), limit)
    return [ReplyOut(message=one.message_id, text=one.text, at=one.at, used=used_out(one.used)) for one in found]


@router.get("/{fan}/memory/export", response_class=Response, dependencies=[needs("memory:read")])
async def export_memory(
    persona: str, fan: str, core: CoreDep, caller: CallerDep, format: Format = "json", language: Language = "en"
) -> Response:
    """All that is kept of them, as a file."""
    async with core.store.open_work(caller.principal) as work:
        key = await inspecting.key_of(work, persona, fan)
        await work.audit.note("memory.export", key.fan, persona=key.persona)
        return file_of(await exporting.export(work, key), format, language)


@router.get("/{fan}/memory/receipts", dependencies=[needs("memory:read")])
async def list_receipts(persona: str, fan: str, core: CoreDep, caller: CallerDep) -> list[ReceiptOut]:
    """What was forgotten of them, newest first."""
    async with core.store.open_work(caller.principal) as work:
        key = await inspecting.key_of(work, persona, fan)
        await work.audit.note("memory.receipts", key.fan, persona=key.persona)
        return [entry_out(one) for one in await erasures.of_vault(work, key)]


@router.patch("/{fan}/memory/facts/{fact}", dependencies=[needs("memory:write")])
async def correct_fact(persona: str, fan: str, fact: str, ask: Value, core: CoreDep, caller: CallerDep) -> FactOut:
    """It was never so: this is right."""
    async with core.store.open_work(caller.principal) as work:
        key = await inspecting.key_of(work, persona, fan)
        return fact_out(await rights.fix(work, key, fact, ask.value))


@router.post("/{fan}/memory/facts/{fact}/end", dependencies=[needs("memory:write")])
async def end_fact(persona: str, fan: str, fact: str, core: CoreDep, caller: CallerDep) -> FactOut:
    """It was so, and no longer is."""
    async with core.store.open_work(caller.principal) as work:
        key = await inspecting.key_of(work, persona, fan)
        return fact_out(await inspecting.end(work, key, fact))


@router.delete("/{fan}/memory/facts/{fact}", dependencies=[needs("memory:write")])
async def forget_fact(persona: str, fan: str, fact: str, core: CoreDep, caller: CallerDep) -> ReceiptOut:
    """Forget it, with the words that told it."""
    return await _forget(core, caller, persona, fan, "fact", fact)


@router.delete("/{fan}/memory/episodes/{episode}", dependencies=[needs("memory:write")])
async def forget_episode(persona: str, fan: str, episode: str, core: CoreDep, caller: CallerDep) -> ReceiptOut:
    """Forget a sitting, with the messages that it was made from."""
    return await _forget(core, caller, persona, fan, "episode", episode)


@router.delete("/{fan}/memory/messages/{message}", dependencies=[needs("memory:write")])
async def forget_message(persona: str, fan: str, message: str, core: CoreDep, caller: CallerDep) -> ReceiptOut:
    """Forget a message, with what was answered to it and learned from it."""
    return await _forget(core, caller, persona, fan, "message", message)


@router.delete("/{fan}/memory", dependencies=[needs("memory:write")])
async def forget_fan(persona: str, fan: str, core: CoreDep, caller: CallerDep, confirm: Confirm = False) -> ReceiptOut:
    """Forget all of it, on every app that they linked. Conflict until it is confirmed."""
    key = await _key(core, caller, persona, fan)
    return receipt_out(await forget_everything(core, caller.principal, key, confirm=confirm))


@router.put("/{fan}/memory/choice", dependencies=[needs("memory:write")])
async def choose_for_fan(persona: str, fan: str, ask: Remembering, core: CoreDep, caller: CallerDep) -> FansMemory:
    """Have the persona remember them, or not, as they asked for."""
    async with core.store.open_work(caller.principal) as work:
        key = await inspecting.key_of(work, persona, fan)
        await rights.remember(work, key, ask.on)
        return _memory_out(await rights.known(work, key, episodes=None))


@router.post("/{fan}/memory/replay", dependencies=[needs("memory:write")])
async def replay_episodes(persona: str, fan: str, core: CoreDep, caller: CallerDep) -> Replayed:
    """Tell all episodes anew from the messages that they cite; what was forgotten stays so."""
    key = await _key(core, caller, persona, fan)
    return Replayed(episodes=await inspecting.replay(core.store, caller.principal, key))


# What is kept apart


@router.get("/{fan}/memory/quarantine", dependencies=[needs("memory:read")])
async def list_quarantine(persona: str, fan: str, core: CoreDep, caller: CallerDep) -> list[FactOut]:
    """What is kept apart and never used: `doubt` says why."""
    async with core.store.open_work(caller.principal) as work:
        return facts_out(await inspecting.quarantine(work, await inspecting.key_of(work, persona, fan)))


@router.post("/{fan}/memory/quarantine/{fact}/release", dependencies=[needs("memory:write")])
async def release_fact(persona: str, fan: str, fact: str, core: CoreDep, caller: CallerDep) -> FactOut:
    """It is no harm: it is used from now on."""
    async with core.store.open_work(caller.principal) as work:
        key = await inspecting.key_of(work, persona, fan)
        return fact_out(await rights.release(work, key, fact))


@router.delete("/{fan}/memory/quarantine/{fact}", status_code=204, dependencies=[needs("memory:write")])
async def drop_fact(persona: str, fan: str, fact: str, core: CoreDep, caller: CallerDep) -> None:
    """Take it out of the memory for good; the message that tried it stays."""
    async with core.store.open_work(caller.principal) as work:
        await inspecting.drop(work, await inspecting.key_of(work, persona, fan), fact)


def _memory_out(known: Known) -> FansMemory:
    return FansMemory(**memory_fields(known), quarantine=facts_out(known.doubted))


async def _key(core: Core, caller: CallerDep, persona: str, fan: str) -> VaultKey:
    async with core.store.open_work(caller.principal, reads=True) as work:
        return await inspecting.key_of(work, persona, fan)


async def _forget(core: CoreDep, caller: CallerDep, persona: str, fan: str, scope: Scope, subject: str) -> ReceiptOut:
    key = await _key(core, caller, persona, fan)
    return receipt_out(await forget(core, caller.principal, key, scope, subject))
