"""Does what was decided since a backup hold after it came back, and is nothing lost when a restore fails?"""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from gator.clock import now
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory import backups, erasures, linking, restoring, rights
from memory.blobs import Blobs
from memory.erasing import Eraser
from memory.models import Asset, MemoryChoice, OwnWord
from memory.store import Store
from memory.vault import VaultKey, open_vault
from tests.memory.people import acquaint, as_fan, say
from tests.memory.test_erasing import Talk, hits


@pytest.fixture
def eraser(store: Store, settings: Settings) -> Eraser:
    return Eraser(store, settings, Blobs(settings.media_folder))


async def restored(settings: Settings, path: Path, store: Store) -> Store:
    await store.close()
    await restoring.restore(settings, path, force=True)
    return Store(settings.database)


async def test_a_message_forgotten_after_its_fan_was_linked_is_forgotten_in_the_backup_of_before(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, settings: Settings, tmp_path: Path
) -> None:
    async with store.open_work(operator) as work:
        other = await acquaint(work, "nova", "ada-elsewhere")
        said = await Talk(other, "").turn(work, "I have a dog called Heron", "Heron! lovely")
    path, _ = backups.create(settings, tmp_path / "one.tar")
    async with store.open_work(operator) as work:
        assert await linking.link(work, other.fan, key.fan)
    await eraser.forget(operator, key, "exchange", said)

    again = await restored(settings, path, store)

    assert await hits(again, "Heron") == []
    await again.close()


async def test_a_message_forgotten_after_two_parted_is_forgotten_in_the_backup_of_when_they_were_linked(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, settings: Settings, tmp_path: Path
) -> None:
    async with store.open_work(operator) as work:
        other = await acquaint(work, "nova", "ada-elsewhere")
        said = await Talk(other, "").turn(work, "I have a dog called Heron", "Heron! lovely")
        assert await linking.link(work, other.fan, key.fan)
    path, _ = backups.create(settings, tmp_path / "one.tar")
    async with store.open_work(operator) as work:
        await linking.part(work, other.fan)
        (fact,) = await open_vault(work, other, "").facts.held()
    await eraser.forget(as_fan(other), other, "fact", fact.id)
    await eraser.forget(as_fan(other), other, "exchange", said)

    again = await restored(settings, path, store)

    assert await hits(again, "Heron") == []
    await again.close()


async def test_a_fact_that_was_told_again_is_forgotten_as_it_was_told_first(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, settings: Settings, tmp_path: Path
) -> None:
    talk = Talk(key, "")
    async with store.open_work(operator) as work:
        await talk.turn(work, "I live in Porto.", "Nice")
    path, _ = backups.create(settings, tmp_path / "one.tar")
    for told in ("I moved to Lisbon.", "I live in Porto now."):
        async with store.open_work(operator) as work:
            await talk.turn(work, told, "Nice")
    async with store.open_work(operator, reads=True) as work:
        (fact,) = [one for one in await open_vault(work, key, "").facts.held() if one.value == "Porto"]
    await eraser.forget(as_fan(key), key, "fact", fact.id)

    again = await restored(settings, path, store)

    assert await hits(again, "Porto") == []
    await again.close()


async def test_what_she_said_with_a_forgotten_fact_goes_from_a_backup_that_knows_no_such_fact(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, settings: Settings, tmp_path: Path
) -> None:
    talk = Talk(key, "")
    async with store.open_work(operator) as work:
        await talk.turn(work, "What will you do?", "I love Porto")
    path, _ = backups.create(settings, tmp_path / "one.tar")
    async with store.open_work(operator) as work:
        await talk.turn(work, "I live in Porto.", "Nice")
        (fact,) = await open_vault(work, key, "").facts.held()
    await eraser.forget(as_fan(key), key, "fact", fact.id)

    again = await restored(settings, path, store)

    async with again.open_work(operator, reads=True) as work:
        assert list(await work.session.scalars(select(OwnWord))) == []
    await again.close()


async def test_a_line_of_the_journal_that_was_cut_off_keeps_no_backup_from_coming_back(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, settings: Settings, tmp_path: Path
) -> None:
    async with store.open_work(operator) as work:
        first, second = await say(work, key, "I live in Porto."), await say(work, key, "Hello")
    await eraser.forget(operator, key, "message", first.id)
    journal = settings.home / erasures.NAME
    journal.write_bytes(journal.read_bytes()[:-20])
    await eraser.forget(operator, key, "message", second.id)

    path, _ = backups.create(settings, tmp_path / "one.tar")

    backups.verify(path)
    with backups.opened(path) as (tar, _):
        (line,) = backups.member(tar, erasures.NAME).read().splitlines()
    assert [one.subject_id for one in erasures.parsed(line).values()] == [second.id]
    again = await restored(settings, path, store)
    assert len(await erasures.rows(again)) == 2
    assert set(erasures.read(journal)) == {one.id for one in await erasures.rows(again)}
    await again.close()


async def test_no_file_goes_before_the_restore_is_done(
    store: Store, operator: Principal, key: VaultKey, settings: Settings, tmp_path: Path
) -> None:
    blobs = Blobs(settings.media_folder)
    path, _ = backups.create(settings, tmp_path / "one.tar")
    blob = blobs.put(b"made after the backup")
    async with store.open_work(operator) as work:
        await work.assets.take(new_id(), title="later", kind="document", persona_id=key.persona, sha256=blob.sha256)
    await store.close()
    in_the_way = settings.home / "waiting.db"
    in_the_way.mkdir()

    with pytest.raises(OSError, match=r"waiting\.db"):
        await restoring.restore(settings, path, force=True)

    assert blobs.path(blob.sha256).exists()
    in_the_way.rmdir()
    again = await restored(settings, path, store)
    assert not blobs.path(blob.sha256).exists()
    async with again.open_work(operator, reads=True) as work:
        assert list(await work.session.scalars(select(Asset))) == []
    await again.close()


async def test_a_link_that_was_used_since_the_backup_signs_nobody_in_after_it(
    store: Store, operator: Principal, settings: Settings, tmp_path: Path
) -> None:
    async with store.open_work(operator) as work:
        await work.people.add_token("signin", "once", operator.subject, name="invitation", lives=timedelta(days=7))
        await work.people.add_token("session", "a browser", operator.subject, lives=timedelta(days=7))
    path, _ = backups.create(settings, tmp_path / "one.tar")
    async with store.open_work(operator) as work:
        assert await work.people.use_token("signin", "once")
        assert await work.people.token("session", "a browser")

    again = await restored(settings, path, store)

    async with again.open_work(operator) as work:
        assert await work.people.use_token("signin", "once") is None
        assert await work.people.token("session", "a browser") is None
    await again.close()


async def test_what_a_restore_that_was_killed_left_goes_when_the_home_is_tended(
    eraser: Eraser, settings: Settings
) -> None:
    left = settings.home / "restoring-0123456789ab"
    left.mkdir()
    (left / "gator.db").write_bytes(b"all that there was")
    await eraser.tend_home()
    assert not left.exists()


async def test_who_wanted_nothing_remembered_since_the_backup_is_not_remembered_after_it(
    store: Store, operator: Principal, key: VaultKey, eraser: Eraser, settings: Settings, tmp_path: Path
) -> None:
    async with store.open_work(operator) as work:
        ben, cat = await acquaint(work, "nova", "ben"), await acquaint(work, "nova", "cat")
        await rights.remember(work, cat, on=False)
    path, made = backups.create(settings, tmp_path / "one.tar")
    async with store.open_work(operator) as work:
        await linking.link(work, ben.fan, key.fan)
        await rights.remember(work, key, on=False)
        await rights.remember(work, cat, on=True)
        await rights.remember(work, await acquaint(work, "nova", "dan"), on=False)  # whom the backup does not know
        since = await open_vault(work, key, "").choice.off_at()

    again = await restored(settings, path, store)

    async with again.open_work(operator, reads=True) as work:
        off = {row.fan_id: row.off_at for row in await work.session.scalars(select(MemoryChoice))}
    assert since is not None
    assert abs(since - (off[key.fan] or now())) < timedelta(seconds=1)
    assert off[ben.fan]
    assert off[cat.fan] is None
    assert made.rows["memory_choice"] == 1
    async with again.open_work(operator, reads=True) as work:
        assert not [one for one in await erasures.of_vault(work, key) if one.receipt == ""]
    await again.close()


async def test_a_consent_that_was_taken_back_since_the_backup_does_not_hold_after_it(
    store: Store, operator: Principal, settings: Settings, tmp_path: Path
) -> None:
    async with store.open_work(operator) as work:
        consent = await work.consents.add("Ada", "likeness", "Pictures.", given_at=now(), evidence_sha256="ab" * 32)
        made = Asset(workspace=operator.workspace, kind="picture", state="ready", provenance={"consents": [consent.id]})
        work.session.add(made)
    path, _ = backups.create(settings, tmp_path / "one.tar")
    async with store.open_work(operator) as work:
        await work.consents.revoke(consent.id)

    again = await restored(settings, path, store)

    async with again.open_work(operator, reads=True) as work:
        row = await work.consents.get(consent.id)
        assert (row.revoked_by, (await work.assets.get(made.id)).rating) == (str(operator), "unknown")
    await again.close()
