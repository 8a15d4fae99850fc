"""What of the media does nothing refer to any more? Found first, with sizes; removed only when that is wanted.

Nothing young is taken, since its row may be in a transaction under way, and nothing at all while a backup is being made: that
still reads files of its moment. Beside a running Gator each thing is looked at once more before it goes.
"""

import asyncio
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

from sqlalchemy import JSON, Column, String, cast, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from gator.ids import is_id
from gator.principal import service
from gator.settings import Settings
from memory import erasing_files
from memory.blobs import Blobs
from memory.media_place import blobs_of
from memory.models import Asset, Base, Job, Token
from memory.repositories.jobs import ENDED
from memory.sharing import LINK
from memory.store import READS, Store

# file: bytes that no row names; small: a small picture of what is gone; row: of a removed asset; link: that has ended;
# preview: of the editor, which nobody needs after a day; scratch: what a worker or a copy that died has left.
Kind: TypeAlias = Literal["file", "small", "row", "link", "preview", "scratch"]
SCRATCH_FOR = timedelta(days=1)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NO_REFERENCES = {"audit", "erasure", "turn"}  # what happened, not what is shown or needed


@dataclass(frozen=True, slots=True)
class Leftover:
    kind: Kind
    name: str  # a hash, an id, or a path
    size_bytes: int = 0
    workspace: str = ""


async def find(store: Store, settings: Settings) -> list[Leftover]:
    """All that there is, and nothing is touched."""
    blobs = blobs_of(settings)
    lost = await erasing_files.lost_files(store, blobs, _old())
    found = await asyncio.to_thread(_files, blobs, lost)
    gone = await asyncio.to_thread(blobs.stray_smalls)
    found += [Leftover("small", one, _size(blobs.small(one))) for one in sorted(gone | set(lost)) if _there(blobs, one)]
    found += await _rows(store)
    found += await _links(store)
    found += await _previews(store)
    scratch = [*blobs.left(), *await _scratch(store, settings.home.resolve() / "scratch")]
    return found + [Leftover("scratch", str(one), await asyncio.to_thread(_size, one)) for one in scratch]


async def remove(store: Store, settings: Settings) -> list[Leftover]:
    """Find it and remove it; what was removed. Raises Conflict while a backup is being made."""
    blobs = blobs_of(settings)
    with blobs.alone():
        found = await find(store, settings)
        ways: dict[str, Callable[[Leftover], bool]] = {
            "file": lambda one: blobs.delete_old(one.name, _old()),
            "small": lambda one: _remove_small(blobs, one.name),
            "scratch": lambda one: _remove_path(Path(one.name)),
        }
        went = [one for one in found if one.kind in ways and await asyncio.to_thread(ways[one.kind], one)]
    went += [one for one in found if one.kind in ("row", "link") and await _remove_row(store, one)]
    return went + [one for one in found if one.kind == "preview" and await _remove_preview(store, blobs, one)]


def _old() -> datetime:
    return now() - erasing_files.YOUNGEST


def _files(blobs: Blobs, lost: list[str]) -> list[Leftover]:
    sizes = {one: blobs.size_bytes(one) for one in lost}
    return [Leftover("file", one, size) for one, size in sizes.items() if size or blobs.has(one)]


def _there(blobs: Blobs, sha256: str) -> bool:
    return blobs.small(sha256).exists()


def _size(path: Path) -> int:
    """Of a file, or of all in a folder; nothing of what has just gone."""
    try:
        return sum(map(_size, path.iterdir())) if path.is_dir() else path.stat().st_size
    except FileNotFoundError:
        return 0


def _remove_small(blobs: Blobs, sha256: str) -> bool:
    """Unless its file is there (again): then it is none of nothing."""
    if blobs.has(sha256):
        return False
    blobs.small(sha256).unlink(missing_ok=True)
    return True


def _remove_path(path: Path) -> bool:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
    return not path.exists()


# Rows


async def _rows(store: Store) -> list[Leftover]:
    """Of removed assets that nothing names: no message, post, job, persona or other asset."""
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        removed = select(Asset.id, Asset.workspace).where(Asset.state == "removed", Asset.created_at < _old())
        rows = {row.id: row.workspace for row in await session.execute(removed)}
        named = await _named(session, set(rows)) if rows else set()
    return [Leftover("row", id, workspace=rows[id]) for id in rows if id not in named]


async def _named(session: AsyncSession, ids: set[str]) -> set[str]:
    """Those of the ids that stand anywhere in a document of a row, or that a job makes which has not ended."""
    unfinished = select(Job.asset_id).where(Job.asset_id.in_(ids), Job.state.not_in(ENDED))
    found = {id for id in await session.scalars(unfinished) if id}
    for column in documents():
        text = cast(column, String)
        query = select(text).where(text.not_in(("[]", "{}", "null"))).execution_options(yield_per=500)
        async for said in await session.stream_scalars(query):
            found.update(ids.intersection(_ID.findall(said)))
    return found


def documents() -> Iterator[Column[object]]:
    """Every column of JSON in which an asset may be named, those of tables to come as well."""
    for table in Base.metadata.sorted_tables:
        if table.name not in _NO_REFERENCES:
            yield from (one for one in table.columns if isinstance(one.type, JSON))


async def _links(store: Store) -> list[Leftover]:
    ended = or_(Token.expires_at < _old(), Token.revoked_at < _old())
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        rows = await session.execute(select(Token.id, Token.workspace).where(Token.kind == LINK, ended))
    return [Leftover("link", id, workspace=workspace) for id, workspace in rows]


async def _remove_row(store: Store, one: Leftover) -> bool:
    gone = (
        delete(Asset).where(Asset.state == "removed") if one.kind == "row" else delete(Token).where(Token.kind == LINK)
    )
    table = Asset if one.kind == "row" else Token
    async with store.open_work(service(one.workspace, "gc")) as work:
        mine = gone.where(table.workspace == one.workspace, table.id == one.name).returning(table.id)
        return await work.session.scalar(mine) is not None


# Previews


async def _previews(store: Store) -> list[Leftover]:
    """Old ones that nothing names: a preview may have become a scene of something."""
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        rows = [*await session.execute(erasing_files.old_previews())]
        named = await _named(session, {id for id, _, _ in rows}) if rows else set()
    return [Leftover("preview", id, size, workspace) for id, size, workspace in rows if id not in named]


async def _remove_preview(store: Store, blobs: Blobs, one: Leftover) -> bool:
    """With its bytes, where no other row names them."""
    by = service(one.workspace, "gc")
    freed = await erasing_files.remove_preview(store, by, one.name)
    async with store.open_work(by, reads=True) as work:
        lost = await erasing_files.unnamed(work.session, [freed])
    for sha256 in lost:
        await asyncio.to_thread(blobs.delete_old, sha256, _old())
        await asyncio.to_thread(_remove_small, blobs, sha256)
    return bool(freed)


# Scratch


async def _scratch(store: Store, folder: Path) -> list[Path]:
    """What workers that died have left of jobs that have ended: one that waits or runs may still need its folder."""
    left = await asyncio.to_thread(_untouched, folder)
    jobs = {id for id in map(_job_of, left) if is_id(id)}
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        alive = set(await session.scalars(select(Job.id).where(Job.id.in_(jobs), Job.state.not_in(ENDED))))
    return [one for one in left if _job_of(one) not in alive]


def _job_of(path: Path) -> str:
    """A folder of one attempt is named by its job first; what a job keeps for later ones is `kept.` and its id."""
    return path.name.removeprefix("kept.").partition(".")[0]


async def tidy_scratch(store: Store, folder: Path) -> int:
    """Remove what workers that died have left; how many there were. Workers do so by themselves."""
    left = await _scratch(store, folder)
    return sum([await asyncio.to_thread(_remove_path, one) for one in left])


def _untouched(folder: Path) -> list[Path]:
    old = (now() - SCRATCH_FOR).timestamp()
    return [one for one in sorted(folder.glob("*")) if _touched(one) < old]


def _touched(path: Path) -> float:
    """When anything in it was last written; for ever, for what has just gone."""
    try:
        return max([path.stat().st_mtime, *(one.stat().st_mtime for one in path.rglob("*"))])
    except FileNotFoundError:
        return float("inf")
