"""Which files are a fan's alone? What they sent, what was made or sent for them; found with their rows, and freed."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import String, and_, cast, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from memory.blobs import Blobs
from memory.models import Asset, Job, Message, Post
from memory.store import READS, Store
from memory.vault import VaultKey
from memory.work import Work

UNSENT_FOR = timedelta(days=1)  # an upload that no message named by then never will be
LOOKED_AT_FOR = timedelta(days=8)  # from then on it is known to be sent
EXPORTS_FOR = timedelta(days=7)
EXPORT = "export"  # the mark in the provenance of a file that holds what is known of a fan
_YOUNGEST = timedelta(hours=1)  # a file younger than that may have its row in a transaction under way


async def of_fan(work: Work, key: VaultKey, fans: Sequence[str], rooms: Sequence[str]) -> list[Asset]:
    """What these fans sent to the persona, and what was sent or made in these conversations of theirs."""
    made = select(Job.asset_id).where(Job.workspace == key.workspace, Job.conversation_id.in_(rooms))
    which = or_(
        and_(Asset.fan_id.in_(fans), Asset.persona_id == key.persona),
        Asset.provenance["conversation"].as_string().in_(rooms),
        Asset.id.in_(made),
    )
    return list(await work.session.scalars(select(Asset).where(Asset.workspace == key.workspace, which)))


async def remove(work: Work, assets: Sequence[Asset]) -> tuple[int, list[str]]:
    """Delete these rows, but not of what was not theirs and is used elsewhere; how many, and the hashes nobody names now."""
    going = [one for one in assets if one.fan_id or not await _used(work, one.id)]
    await work.session.execute(delete(Asset).where(Asset.id.in_([one.id for one in going])))
    return len(going), await unnamed(work.session, {one.sha256 for one in going})


async def unnamed(session: AsyncSession, hashes: Collection[str]) -> list[str]:
    """Those that no row of any workspace names: files are shared."""
    named = set(await session.scalars(select(Asset.sha256).where(Asset.sha256.in_(hashes))))
    return sorted(one for one in hashes if one and one not in named)


async def _used(work: Work, id: str) -> bool:
    """Whether a message that is left, or a post, shows it."""
    for table in (Message, Post):
        named: Any = cast(table.assets, String).contains(id)
        query = select(table.id).where(table.workspace == work.principal.workspace, named)
        if await work.session.scalar(query.limit(1)) is not None:
            return True
    return False


async def remove_unsent(work: Work) -> list[str]:
    """Delete rows of uploads that were never sent, and of old exports; the hashes nobody names now."""
    at = now()
    mine = Asset.workspace == work.principal.workspace, Asset.state != "removed", Asset.fan_id.is_not(None)
    exports = and_(Asset.provenance[EXPORT].as_boolean().is_(True), Asset.created_at < at - EXPORTS_FOR)
    young = and_(Asset.origin == "fan", Asset.created_at < at - UNSENT_FOR, Asset.created_at > at - LOOKED_AT_FOR)
    found = list(await work.session.scalars(select(Asset).where(*mine, or_(exports, young))))
    _, freed = await remove(work, [one for one in found if one.provenance.get(EXPORT) or not await _sent(work, one)])
    return freed


async def _sent(work: Work, asset: Asset) -> bool:
    """Whether a message of the conversation that it was uploaded for names it."""
    room = Message.conversation_id == asset.provenance.get("conversation", "")
    named: Any = cast(Message.assets, String).contains(asset.id)
    return await work.session.scalar(select(Message.id).where(room, named).limit(1)) is not None


async def sweep_files(store: Store, blobs: Blobs) -> int:
    """Remove files that no row names: a process may have died between the two. Says how many."""
    names = await asyncio.to_thread(lambda: list(blobs.names(now() - _YOUNGEST)))
    removed = 0
    for start in range(0, len(names), 500):
        async with AsyncSession(store.engine) as session:
            await session.connection(execution_options=READS)
            lost = await unnamed(session, names[start : start + 500])
        removed += sum(blobs.delete(name) for name in lost)
    return removed
