"""Whose memory does a request mean, and who is shown that something was forgotten? For REST and the console."""

from dataclasses import replace

import structlog

from api.deps import Caller
from bots.core import Core
from gator.errors import Conflict, NotFound, Unavailable
from gator.principal import Principal
from memory import inspecting
from memory.embedding import embedder
from memory.erasing import Erased, Scope, erase
from memory.inspecting import Found
from memory.linking import person_of
from memory.vault import VaultKey, open_vault

log = structlog.get_logger()


async def own_memory(core: Core, caller: Caller) -> tuple[Principal, VaultKey]:
    """The fan as the person whom they are, over all apps that they linked, and the key of what their persona knows.

    Raises NotFound to whoever is no fan.
    """
    who = caller.principal
    if not caller.is_fan or not who.persona:
        raise NotFound(
            "Nobody remembers you here: personas remember fans.",
            remedy="A fan's memory is at /api/v1/personas/{persona}/fans/{fan}/memory.",
        )
    async with core.store.open_work(who, reads=True) as work:
        person = await person_of(work, who.subject)
    return replace(who, subject=person.id), VaultKey(who.workspace, who.persona, person.id)


async def searched(core: Core, who: Principal, key: VaultKey, query: str, limit: int) -> list[Found]:
    """What an operator finds there, by words and by meaning; without an embedder words decide."""
    try:
        vector = (await embedder().embed([query]))[0]
    except Unavailable as away:
        log.warning("embedder_unavailable", why=away.message)
        vector = None
    async with core.store.open_work(who) as work:
        return await inspecting.search(work, key, query, vector, limit)


async def forget(core: Core, who: Principal, key: VaultKey, scope: Scope, subject: str = "") -> Erased:
    """Forget for good, on that principal's behalf; pages that show it drop it. Raises NotFound for what is not there."""
    async with core.store.open_work(who) as work:
        open_vault(work, key, model="")  # whether they may
        erased = await erase(work, core.settings.secret, key, scope, subject)
    core.forgotten([erased])
    await core.eraser.settle()
    return erased


async def forget_everything(core: Core, who: Principal, key: VaultKey, *, confirm: bool) -> Erased:
    """All that the persona knows of the person. Raises Conflict until it is confirmed."""
    if not confirm:
        raise Conflict(
            "This forgets every word of the conversation and all that came of it, for good.",
            remedy="Ask again with confirm=true.",
        )
    return await forget(core, who, key, "everything")
