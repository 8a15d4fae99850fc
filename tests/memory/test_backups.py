"""Is a backup whole, does it come back as it was, and does what was forgotten since stay forgotten?"""

import io
import tarfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from gator.errors import Refused
from gator.principal import Principal
from gator.settings import Settings
from memory import backups, erasures, linking, receipts, restoring
from memory.blobs import Blobs
from memory.erasing import Eraser
from memory.models import Asset, Base, Erasure, Message, Outbound, TurnRow
from memory.store import Store
from memory.vault import VaultKey, open_vault
from tests.memory.people import acquaint
from tests.memory.test_erasing import SECRET, Talk, files, hits, two_talks


async def everything(store: Store) -> dict[str, list[Any]]:
    async with store.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in await connection.execute(select(table).order_by(table.c.id))]
            for table in Base.metadata.sorted_tables
            if table.name != "outbound"  # what was on its way is for an operator to look at
        }


async def restored(settings: Settings, path: Path, store: Store, *, force: bool = True) -> restoring.Restored:
    await store.close()
    return await restoring.restore(settings, path, force=force)


def bytes_with(folder: Path, mark: str) -> list[str]:
    """Every file below that folder in which the mark stands."""
    marks = (mark.encode(), mark.encode("utf-16-le"))
    return [
        str(one.relative_to(folder))
        for one in folder.rglob("*")
        if one.is_file() and any(mark in one.read_bytes() for mark in marks)
    ]


async def test_all_rows_and_files_come_back_as_they_were(
    store: Store, operator: Principal, key: VaultKey, blobs: Blobs, settings: Settings, tmp_path: Path
) -> None:
    talk, ben = await two_talks(store, operator, key, blobs)
    async with store.open_work(operator) as work:
        assert await linking.link(work, ben.key.fan, key.fan)  # a row that points to another of its table
    before = await everything(store)
    path, made = backups.create(settings, tmp_path / "one.tar")
    assert backups.verify(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    async with store.open_work(operator) as work:
        (await work.conversations.message(talk.ids[0])).text = "changed"
    for one in files(blobs, "badger"):
        one.unlink()

    done = await restored(settings, path, store)

    assert (done.forgotten, done.other_key) == (0, False)
    again = Store(settings.database)
    assert await everything(again) == before
    async with again.open_work(operator, reads=True) as work:
        assert {row.state for row in await work.session.scalars(select(Outbound))} == {"unconfirmed"}
    await again.close()
    assert files(blobs, "badger")


async def test_what_was_forgotten_since_is_forgotten_again_and_the_others_are_there(
    store: Store, operator: Principal, key: VaultKey, blobs: Blobs, settings: Settings, tmp_path: Path
) -> None:
    _, ben = await two_talks(store, operator, key, blobs)
    async with store.open_work(operator) as work:
        cat = await acquaint(work, "nova", "cat")
        other = Talk(cat, "otter")
        await other.turn(work, "I have a cat called Otter", "otter!")
        await other.turn(work, "I live in Faro.", "I see.")
        (fact,) = [one for one in await open_vault(work, cat, "").facts.held() if one.kind == "home"]
    path, _ = backups.create(settings, tmp_path / "one.tar")
    badger = await hits(store, "badger")
    eraser = Eraser(store, settings, blobs)
    await eraser.forget(operator, key, "everything")
    await eraser.forget(operator, cat, "message", other.ids[0])
    await eraser.forget(operator, cat, "fact", fact.id)
    receipt = (await eraser.forget(operator, key, "everything")).receipt

    done = await restored(settings, path, store)

    assert done.forgotten == 7  # four, and the messages that went with two of them
    again = Store(settings.database)
    assert await hits(again, "heron") == await hits(again, "Faro") == []
    assert {one.partition(".")[0] for one in await hits(again, "otter")} <= {"turn", "fan"}
    assert await hits(again, "badger") == badger
    assert len(await erasures.rows(again)) == 7
    async with again.open_work(operator, reads=True) as work:
        assert set(await work.session.scalars(select(Message.text).where(Message.conversation_id == ben.room)))
    await again.close()
    assert files(blobs, "heron") == []
    assert files(blobs, "badger")
    assert bytes_with(settings.home, "heron") == []
    assert receipts.verify(SECRET, receipt).scope == "everything"


async def test_the_backups_own_journal_counts_in_an_empty_home(
    store: Store, operator: Principal, key: VaultKey, blobs: Blobs, settings: Settings, tmp_path: Path
) -> None:
    await two_talks(store, operator, key, blobs)
    path, _ = backups.create(settings, tmp_path / "one.tar")
    await Eraser(store, settings, blobs).forget(operator, key, "everything")
    second, _ = backups.create(settings, tmp_path / "two.tar")
    home = tmp_path / "another"
    home.mkdir()
    fresh = Settings(home=home, secret_key=SECRET)
    (home / erasures.NAME).write_bytes((settings.home / erasures.NAME).read_bytes())
    assert (await restoring.restore(fresh, path)).forgotten == 1
    assert bytes_with(home, "heron") == []
    assert bytes_with(home, "badger")
    with pytest.raises(Refused, match="already"):
        await restoring.restore(fresh, second)
    assert (await restoring.restore(fresh, second, force=True)).forgotten == 0
    assert bytes_with(home, "heron") == []


async def test_a_linked_fan_who_was_forgotten_apart_is_forgotten_in_the_backup_of_before(
    store: Store, operator: Principal, key: VaultKey, blobs: Blobs, settings: Settings, tmp_path: Path
) -> None:
    _, ben = await two_talks(store, operator, key, blobs)
    async with store.open_work(operator) as work:
        await linking.link(work, ben.key.fan, key.fan)
    path, _ = backups.create(settings, tmp_path / "one.tar")
    async with store.open_work(operator) as work:
        await linking.part(work, ben.key.fan)
    await Eraser(store, settings, blobs).forget(operator, ben.key, "everything")

    await restored(settings, path, store)

    again = Store(settings.database)
    left = await hits(again, "badger")
    assert "message.text" in await hits(again, "heron")
    await again.close()
    assert {one for one in left if not one.startswith("asset")} == set()


async def test_a_damaged_backup_or_one_of_a_newer_gator_is_refused_and_nothing_is_touched(
    store: Store, operator: Principal, key: VaultKey, blobs: Blobs, settings: Settings, tmp_path: Path
) -> None:
    await two_talks(store, operator, key, blobs)
    path, _ = backups.create(settings, tmp_path / "one.tar")
    whole = path.read_bytes()
    at = whole.index(b"heron")
    damaged = {
        "changed": whole[:at] + b"Heron" + whole[at + 5 :],
        "cut": whole[: len(whole) // 2],
        "none": b"hello",
        "newer": _with_revision(path, "f00f00f00f00"),
    }
    for name, data in damaged.items():
        wrong = tmp_path / name
        wrong.write_bytes(data)
        with pytest.raises(Refused):
            backups.verify(wrong)
        with pytest.raises(Refused):
            await restoring.restore(settings, wrong, force=True)
    with pytest.raises(Refused, match="written over"):
        backups.create(settings, path)
    assert "message.text" in await hits(store, "heron")


def _with_revision(path: Path, revision: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=out, mode="w") as new:
        for one in old:
            data = backups.member(old, one.name).read()
            if one.name == backups.MANIFEST:
                data = orjson.dumps({**orjson.loads(data), "revision": revision})
                one.size = len(data)
            new.addfile(one, io.BytesIO(data))
    return out.getvalue()


async def test_what_waited_for_a_yes_is_closed_and_the_key_comes_along(
    store: Store, operator: Principal, key: VaultKey, blobs: Blobs, settings: Settings, tmp_path: Path
) -> None:
    talk, _ = await two_talks(store, operator, key, blobs)
    async with store.open_work(operator) as work:
        (row, *_) = await work.session.scalars(select(TurnRow).where(TurnRow.conversation_id == talk.room))
        row.state = "waiting"
    own = Settings(home=settings.home, database_url=settings.database_url)
    assert own.secret
    path, made = backups.create(own, tmp_path)
    assert backups.KEY in made.files
    home = tmp_path / "another"
    fresh = Settings(home=home)
    home.mkdir()
    done = await restoring.restore(fresh, path)
    assert not done.other_key
    assert (home / backups.KEY).read_text() == (settings.home / backups.KEY).read_text()
    assert (home / backups.KEY).stat().st_mode & 0o777 == 0o600
    assert (await restoring.restore(Settings(home=home, secret_key="a key of its own"), path, force=True)).other_key
    again = Store(fresh.database)
    async with again.open_work(operator, reads=True) as work:
        assert "waiting" not in set(await work.session.scalars(select(TurnRow.state)))
        assert list(await work.session.scalars(select(Erasure))) == []
        assert list(await work.session.scalars(select(Asset)))
    await again.close()
