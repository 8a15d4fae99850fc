"""Is what nothing refers to found, kept until it is old, and nothing else ever removed?"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gator.clock import set_to
from gator.errors import Conflict
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory import leftovers, sharing
from memory.blobs import Blobs
from memory.models import Asset, Post
from memory.store import Store
from memory.work import Work


@contextmanager
def later(**time: float) -> Iterator[None]:
    with set_to(lambda: datetime.now(UTC) + timedelta(**time)):
        yield


async def add(work: Work, blobs: Blobs, content: bytes, **about: Any) -> Asset:
    id = new_id()
    await work.assets.take(id, **({"kind": "picture", "sha256": blobs.put(content).sha256} | about))
    return await work.assets.get(id)


async def found(store: Store, settings: Settings) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    for one in await leftovers.find(store, settings):
        kinds.setdefault(one.kind, set()).add(one.name)
    return kinds


async def test_nothing_is_left_over_in_a_gator_where_all_is_in_use(
    store: Store, operator: Principal, settings: Settings, blobs: Blobs
) -> None:
    async with store.open_work(operator) as work:
        asset = await add(work, blobs, b"in use")
        await sharing.share(work, settings, asset.id, sharing.LONGEST)
    assert blobs.put_small(asset.sha256, b"small")
    with later(days=2):
        assert await leftovers.remove(store, settings) == []
    assert blobs.get(asset.sha256).read_bytes() == b"in use"
    assert blobs.small(asset.sha256).exists()


async def test_files_without_a_row_go_with_their_small_pictures_once_they_are_old(
    store: Store, settings: Settings, blobs: Blobs
) -> None:
    lost = blobs.put(b"nobody's").sha256
    gone = blobs.put(b"gone").sha256
    for one in (lost, gone):
        assert blobs.put_small(one, b"small")
    blobs.path(gone).unlink()
    assert await found(store, settings) == {"small": {gone}}
    with later(hours=2):
        assert await found(store, settings) == {"file": {lost}, "small": {lost, gone}}
        assert blobs.path(lost).exists()
        went = await leftovers.remove(store, settings)
        assert await leftovers.find(store, settings) == []
    assert sum(one.size_bytes for one in went) == len(b"nobody's") + 2 * len(b"small")
    assert [one for one in blobs.folder.rglob("*") if one.is_file()] == [blobs.folder / "lock"]


def test_bytes_that_are_kept_again_meanwhile_stay(blobs: Blobs) -> None:
    sha256 = blobs.put(b"again").sha256
    old = datetime.now(UTC) - timedelta(hours=1)
    assert not blobs.delete_old(sha256, old)
    assert blobs.get(sha256).read_bytes() == b"again"
    assert blobs.delete_old(sha256, datetime.now(UTC) + timedelta(hours=1))
    assert not blobs.delete_old(sha256, old)
    assert blobs.put(b"again").sha256 == sha256
    assert blobs.get(sha256).read_bytes() == b"again"


async def test_whoever_keeps_the_same_bytes_at_that_moment_does_not_lose_them(blobs: Blobs) -> None:
    old = datetime.now(UTC) - timedelta(hours=1)
    for _ in range(100):
        sha256 = blobs.put(b"at once").sha256
        os.utime(blobs.path(sha256), (0, 0))
        put, delete = asyncio.to_thread(blobs.put, b"at once"), asyncio.to_thread(blobs.delete_old, sha256, old)
        await asyncio.gather(delete, put)
        assert blobs.get(sha256).read_bytes() == b"at once"
    assert blobs.left() == []


def test_no_small_picture_is_left_of_bytes_that_went_while_it_was_made(blobs: Blobs) -> None:
    sha256 = blobs.put(b"a picture").sha256
    blobs.delete(sha256)
    assert not blobs.put_small(sha256, b"small")
    assert list(blobs.smalls()) == []


async def test_a_removed_row_stays_as_long_as_anything_names_it(
    store: Store, operator: Principal, fan: Principal, settings: Settings, blobs: Blobs
) -> None:
    async with store.open_work(operator) as work:
        removed = [await add(work, blobs, b"x", sha256="") for _ in range(6)]
        for one in removed:
            one.state = "removed"
        await work.session.flush()
        said, posted, needed, told, worn, free = (one.id for one in removed)
        room = await work.conversations.meet("web", "", "1", persona_id=fan.persona, fan_id=fan.subject)
        await work.conversations.say(room.id, "fan", "look", assets=[said])
        await work.posts.plan(
            Post(persona_id=str(fan.persona), assets=[posted], due_at=datetime.now(UTC), key="p", state="cancelled")
        )
        await work.jobs.queue("video.make", {"pictures": [told]}, key="v", makes="video", needs=[needed])
        persona = await work.personas.get(str(fan.persona))
        persona.character = {**persona.character, "look": {"views": [{"asset": worn}]}}
        await work.session.flush()
    assert "row" not in await found(store, settings)
    with later(hours=2):
        assert (await found(store, settings))["row"] == {free}
        assert [one.name for one in await leftovers.remove(store, settings) if one.kind == "row"] == [free]
    async with store.open_work(operator, reads=True) as work:
        assert set(await work.assets.by_ids([said, posted, needed, told, worn, free])) == {
            said, posted, needed, told, worn,
        }  # fmt: skip


def test_every_document_in_which_an_asset_may_be_named_is_looked_at() -> None:
    names = {f"{one.table.name}.{one.name}" for one in leftovers.documents() if one.table is not None}
    assert {"message.assets", "post.assets", "job.needs", "job.payload", "persona.character", "outbound.piece"} <= names
    assert {"inbound.attachments", "asset.provenance"} <= names
    assert len(names) >= 15
    assert not any(name.startswith("audit.") for name in names)


async def test_links_that_have_ended_go_and_others_stay(
    store: Store, operator: Principal, settings: Settings, blobs: Blobs
) -> None:
    async with store.open_work(operator) as work:
        asset = await add(work, blobs, b"linked")
        short = await sharing.share(work, settings, asset.id, sharing.SHORTEST)
        long = await sharing.share(work, settings, asset.id, sharing.LONGEST)
        await work.people.add_token("api", "of another kind", asset.id, lives=sharing.SHORTEST)
    with later(hours=2):
        assert [(one.kind, one.name) for one in await leftovers.remove(store, settings)] == [("link", short.id)]
    async with store.open_work(operator, reads=True) as work:
        assert [one.id for one in await sharing.links(work, asset.id)] == [long.id]


async def test_previews_of_the_editor_go_after_a_day_unless_something_names_them(
    store: Store, operator: Principal, settings: Settings, blobs: Blobs
) -> None:
    async with store.open_work(operator) as work:
        shown, needed = [
            await add(work, blobs, content, kind="video", origin="preview", size_bytes=len(content))
            for content in (b"a preview", b"needed")
        ]
        both = await add(work, blobs, b"a preview")
        await work.jobs.queue("video.make", {}, key="x", makes="video", needs=[needed.id])
    assert await found(store, settings) == {}
    with later(days=1, hours=1):
        assert await found(store, settings) == {"preview": {shown.id}}
        went = await leftovers.remove(store, settings)
        assert [(one.kind, one.name, one.size_bytes) for one in went] == [("preview", shown.id, 9)]
        assert await found(store, settings) == {"row": {shown.id}}
    async with store.open_work(operator, reads=True) as work:
        assert (await work.assets.get(shown.id)).state == "removed"
    assert blobs.get(both.sha256).read_bytes() == b"a preview"  # another row has the same bytes


async def test_scratch_of_a_job_that_waits_or_runs_stays(
    store: Store, operator: Principal, settings: Settings, blobs: Blobs
) -> None:
    async with store.open_work(operator) as work:
        waits, ended = [
            await work.jobs.queue("picture.card", {}, key=key, makes="picture") for key in ("waits", "ended")
        ]
        await work.jobs.cancel(ended.id)
    scratch = settings.home.resolve() / "scratch"
    for id in (waits.id, ended.id, new_id()):
        (scratch / f"{id}.1").mkdir(parents=True)
        (scratch / f"{id}.1" / "frames.raw").write_bytes(b"x" * 1000)
    assert await leftovers.find(store, settings) == []
    with later(days=2):
        went = await leftovers.remove(store, settings)
    assert [(one.kind, one.size_bytes) for one in went] == [("scratch", 1000)] * 2
    assert [one.name for one in scratch.iterdir()] == [f"{waits.id}.1"]


async def test_nothing_is_removed_while_a_backup_is_being_made(
    store: Store, settings: Settings, blobs: Blobs, tmp_path: Path
) -> None:
    lost = blobs.put(b"of the backup's moment").sha256
    with later(hours=2):
        with blobs.read_by_backup(), pytest.raises(Conflict, match="A backup is being made"):
            await leftovers.remove(store, settings)
        assert blobs.path(lost).exists()
        assert len(await leftovers.remove(store, settings)) == 1
