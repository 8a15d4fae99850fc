"""Which files are a fan's alone? What they sent, what was made or sent for them; found with their rows, and freed."""

import asyncio
import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select, String, and_, cast, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from gator.errors import Conflict
from gator.principal import Principal, service
from memory import storage
from memory.blobs import Blobs
from memory.models import Asset, Job, Message, Post, Token
from memory.repositories.assets import PREVIEW
from memory.sharing import LINK
from memory.store import READS, Store
from memory.vault import VaultKey
from memory.work import Work

UNSENT_FOR = timedelta(days=1)  # an upload that no message named by then never will be
LOOKED_AT_FOR = timedelta(days=8)  # from then on it is known to be sent
EXPORTS_FOR = timedelta(days=7)
PREVIEWS_FOR = timedelta(days=1)  # somebody may still have the editor open
RESTORING = "restoring-"  # so begins the name of the folder in which a restore makes ready what is to be put in place
EXPORT = "export"  # the mark in the provenance of a file that holds what is known of a fan
_AT_ONCE = 50
YOUNGEST = timedelta(hours=1)  # a file younger than that may have its row in a transaction under way


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
    ids = [one.id for one in going]
    await work.session.execute(delete(Token).where(Token.kind == LINK, Token.subject.in_(ids)))
    await work.session.execute(delete(Asset).where(Asset.id.in_(ids)))
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


async def remove_unsent(store: Store, workspace: str) -> list[str]:
    """Delete rows of uploads that were never sent, and of old exports; the hashes nobody names now.

    They are looked for where nobody is kept from writing, and go a few at a time.
    """
    sweeper, freed = service(workspace, "sweep"), list[str]()
    async with store.open_work(sweeper, reads=True) as work:
        ids = [one.id for one in await _unsent(work)]
    for start in range(0, len(ids), _AT_ONCE):
        async with store.open_work(sweeper) as work:
            part = await _unsent(work, ids[start : start + _AT_ONCE])  # one may have been sent just now
            freed += (await remove(work, part))[1]
    return freed


async def _unsent(work: Work, ids: Sequence[str] | None = None) -> list[Asset]:
    """All of them; of `ids` only, where they are given."""
    at = now()
    mine = Asset.workspace == work.principal.workspace, Asset.state != "removed", Asset.fan_id.is_not(None)
    exports = and_(Asset.provenance[EXPORT].as_boolean().is_(True), Asset.created_at < at - EXPORTS_FOR)
    young = and_(Asset.origin == "fan", Asset.created_at < at - UNSENT_FOR, Asset.created_at > at - LOOKED_AT_FOR)
    query = select(Asset).where(*mine, or_(exports, young))
    found = list(await work.session.scalars(query if ids is None else query.where(Asset.id.in_(ids))))
    sent = {id for room in {_room(one) for one in found} for id in await _sent(work, room)}
    return [one for one in found if one.provenance.get(EXPORT) or one.id not in sent]


def _room(asset: Asset) -> str:
    """The conversation that it was uploaded for."""
    return str(asset.provenance.get("conversation", ""))


async def _sent(work: Work, room: str) -> set[str]:
    """All that messages of that conversation name."""
    named: Any = cast(Message.assets, String)
    lists = await work.session.scalars(select(Message.assets).where(Message.conversation_id == room, named != "[]"))
    return {id for assets in lists for id in assets}


def old_previews(workspace: str = "") -> Select[str, int, str]:
    """Id, bytes and workspace of previews that nobody edits by any more; of all workspaces, or of one."""
    old = Asset.origin == PREVIEW, Asset.state.in_(("ready", "failed")), Asset.created_at < now() - PREVIEWS_FOR
    query = select(Asset.id, Asset.size_bytes, Asset.workspace).where(*old)
    return query.where(Asset.workspace == workspace) if workspace else query


async def sweep_previews(store: Store, workspace: str) -> list[str]:
    """Empty the rows of all old previews, each in a transaction of its own; the hashes of their bytes."""
    sweeper = service(workspace, "sweep")
    async with store.open_work(sweeper, reads=True) as work:
        ids = [id for id, _, _ in await work.session.execute(old_previews(workspace))]
    return [freed for id in ids if (freed := await remove_preview(store, sweeper, id))]


async def remove_preview(store: Store, by: Principal, id: str) -> str:
    """Empty its row; the hash of its bytes, or nothing where a job or a post needs it."""
    with suppress(Conflict):
        async with store.open_work(by) as work:
            return await storage.remove(work, id)
    return ""


def remove_left(home: Path) -> None:
    """What a restore that was killed left behind: a copy of all that there is."""
    for left in home.glob(f"{RESTORING}*"):
        shutil.rmtree(left, ignore_errors=True)


async def sweep_files(store: Store, blobs: Blobs) -> int:
    """Remove files that no row names: a process may have died between the two. Says how many."""
    old = now() - YOUNGEST
    lost = await lost_files(store, blobs, old)
    await asyncio.to_thread(remove_smalls, blobs)
    return await asyncio.to_thread(lambda: sum(blobs.delete_old(name, old) for name in lost))


async def sweep_copies(store: Store, blobs: Blobs) -> int:
    """Remove this machine's copies of what no row names: another machine may have deleted the file itself. Says how many."""
    lost = await _unnamed(store, blobs.copies, now() - YOUNGEST)
    return await asyncio.to_thread(lambda: sum(map(blobs.drop_copy, lost)))


async def lost_files(store: Store, blobs: Blobs, older_than: datetime) -> list[str]:
    """Hashes of files from before then that no row names."""
    return await _unnamed(store, blobs.names, older_than)


async def _unnamed(store: Store, names_of: Callable[[datetime], Iterable[str]], older_than: datetime) -> list[str]:
    names, lost = await asyncio.to_thread(lambda: list(names_of(older_than))), list[str]()
    for start in range(0, len(names), 500):
        async with AsyncSession(store.engine) as session:
            await session.connection(execution_options=READS)
            lost += await unnamed(session, names[start : start + 500])
    return lost


def remove_smalls(blobs: Blobs) -> int:
    """Remove small pictures of what is gone: a process may have died between the two. Says how many."""
    lost = blobs.stray_smalls()
    for one in lost:
        blobs.small(one).unlink(missing_ok=True)
    return len(lost)
