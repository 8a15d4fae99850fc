"""The runner: one job, from its claim to its asset, and every way that can go wrong."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gator.clock import now
from gator.principal import Principal, service
from gpu_worker.jobs import MakePicture
from gpu_worker.lease import Terms
from gpu_worker.runner import MAX_ATTEMPTS, Runner
from gpu_worker.stamping import source_types
from gpu_worker.studio import Claim, Draft, Studio
from memory import backlog
from memory.blobs import Blobs
from memory.models import Appearance, Asset, Job, Workspace
from memory.store import Store
from tests.gpu_worker import trades as _trades  # noqa: F401

QUICK = Terms(lives=timedelta(seconds=0.6), beat_s=0.15, progress_s=0.02)


class Shop:
    """A store with a runner on it."""

    def __init__(self, store: Store, operator: Principal, home: Path) -> None:
        self.store, self.operator = store, operator
        self.blobs = Blobs(home / "media")
        self.scratch = home / "scratch"
        self.runner = self.another()

    def another(self) -> Runner:
        return Runner(self.store, self.blobs, self.scratch, "tests", slots=2, terms=QUICK)

    async def order(
        self, kind: str = "test.write", key: str = "", needs: list[str] | None = None, **payload: Any
    ) -> Job:
        async with self.store.open_work(self.operator) as work:
            key = key or f"{kind}{payload}"
            return await work.jobs.queue(kind, payload, key=key, makes="text", title="A text", needs=needs)

    async def work(self, job: Job) -> Job:
        await self.runner.work(job.workspace, job.id)
        return await self.job(job.id)

    async def work_all(self) -> None:
        while waiting := await backlog.waiting(self.store, 10):
            for one in waiting:
                await self.runner.work(*one)

    async def job(self, id: str) -> Job:
        async with self.store.open_work(self.operator, reads=True) as work:
            return await work.jobs.get(id)

    async def asset(self, job: Job) -> Asset:
        assert job.asset_id
        async with self.store.open_work(self.operator, reads=True) as work:
            return await work.assets.get(job.asset_id)


@pytest.fixture
async def shop(store: Store, operator: Principal, home: Path) -> AsyncIterator[Shop]:
    shop = Shop(store, operator, home)
    yield shop
    await shop.runner.stop()


async def until(shop: Shop, job: Job, state: str) -> Job:
    while (found := await shop.job(job.id)).state != state:
        await asyncio.sleep(0.02)
    return found


async def test_a_job_done_leaves_a_ready_asset_with_its_bytes(shop: Shop) -> None:
    job = await shop.work(await shop.order(text="hello", steps=2))
    asset = await shop.asset(job)

    assert (job.state, job.progress, job.attempts, job.lease_owner, job.eta_s) == ("done", 1.0, 1, None, None)
    assert (asset.state, asset.mime, asset.size_bytes, asset.duration_s) == ("ready", "text/plain", 5, 1.5)
    assert shop.blobs.get(asset.sha256).read_text() == "hello"
    assert asset.alt_text == "a text"
    assert asset.provenance["digital_source_type"].endswith("/algorithmicMedia")
    assert (asset.provenance["engine"], asset.provenance["job"]) == ("pen", job.id)
    assert not [*shop.scratch.iterdir()]
    assert not [*(shop.blobs.folder / "incoming").iterdir()]


async def test_progress_reaches_the_row_while_the_job_runs(shop: Shop) -> None:
    job = await shop.order(steps=15)
    doing = asyncio.create_task(shop.runner.work(job.workspace, job.id))
    while not (seen := await shop.job(job.id)).progress:
        await asyncio.sleep(0.02)
    await doing

    assert 0 < seen.progress < 1
    assert seen.eta_s


async def test_what_is_unavailable_is_tried_again(shop: Shop) -> None:
    job = await shop.work(await shop.order(fails_until=1))
    assert (job.state, job.error) == ("queued", "No pen is free. Wait.")

    await asyncio.sleep(0.02)
    job = await shop.work(job)
    assert (job.state, job.attempts, job.error) == ("done", 2, "")


async def test_what_stays_unavailable_fails_after_five_attempts(shop: Shop) -> None:
    job = await shop.order(fails_until=9)
    for _ in range(MAX_ATTEMPTS):
        job = await shop.work(job)
        await asyncio.sleep(0.02)

    assert (job.state, job.attempts, job.error) == ("failed", MAX_ATTEMPTS, "No pen is free. Wait.")
    assert (await shop.asset(job)).state == "failed"


async def test_what_is_refused_fails_at_once(shop: Shop) -> None:
    job = await shop.work(await shop.order(fails_until=9, error="refused"))

    assert (job.state, job.attempts, job.error) == ("failed", 1, "This cannot be written.")


async def test_a_bug_is_tried_once_more_and_named_without_its_words(shop: Shop) -> None:
    job = await shop.work(await shop.order(fails_until=9, error="secret words"))
    assert job.state == "queued"
    await asyncio.sleep(1.0)
    job = await shop.work(job)

    assert (job.state, job.attempts) == ("failed", 2)
    assert "KeyError" in job.error
    assert "secret" not in job.error


async def test_a_bug_after_a_killed_worker_is_tried_once_more(shop: Shop) -> None:
    job = await shop.order(fails_until=9, error="bug")
    async with shop.store.open_work(shop.operator) as work:
        await work.jobs.claim(job.id, "dead", timedelta(seconds=-1))

    assert (await shop.work(job)).state == "queued"


async def test_a_handler_that_leaves_no_file_has_a_bug(shop: Shop) -> None:
    job = await shop.work(await shop.order(text=""))

    assert (job.state, job.error) == ("queued", "It broke inside (ValueError); the worker's log says where.")


async def test_a_job_whose_needed_asset_was_removed_fails(shop: Shop) -> None:
    part = await shop.order()
    joined = await shop.order("test.join", needs=[str(part.asset_id)], parts=[str(part.asset_id)])
    async with shop.store.open_work(shop.operator) as work:
        await work.session.delete(await work.assets.get(str(part.asset_id)))

    assert (await shop.work(joined)).error == "Media that it needs was removed."


async def test_a_job_whose_own_asset_was_removed_fails_and_keeps_nothing(shop: Shop) -> None:
    job = await shop.order()
    async with shop.store.open_work(shop.operator) as work:
        await work.session.delete(await work.assets.get(str(job.asset_id)))

    job = await shop.work(job)
    assert (job.state, job.error) == ("failed", "What it makes was removed in the meantime.")
    assert not [path for path in shop.blobs.folder.rglob("*") if path.is_file()]


async def test_a_full_disk_puts_the_job_off(shop: Shop) -> None:
    shop.blobs.folder.touch()  # nothing can be written there
    job = await shop.work(await shop.order())

    assert job.state == "queued"
    assert "cannot write" in job.error


async def test_jobs_of_any_workspace_are_seen_in_the_order_they_are_due(shop: Shop) -> None:
    ours = await shop.order()
    async with shop.store.open_work(shop.operator) as work:
        other = Workspace(slug="other", name="Other")
        work.session.add(other)
    async with shop.store.open_work(service(other.id, "tests")) as work:
        theirs = await work.jobs.queue("test.write", {}, key="k", makes="text")
        later = await work.jobs.queue("test.write", {}, key="l", makes="text")
        later.due_at = now() + timedelta(minutes=1)

    assert await backlog.waiting(shop.store, 10) == [(ours.workspace, ours.id), (other.id, theirs.id)]
    assert await backlog.waiting(shop.store, 1) == [(ours.workspace, ours.id)]
    assert await backlog.find(shop.store, theirs.id) == (other.id, theirs.id)
    assert await backlog.find(shop.store, "nothing") is None


async def test_a_failed_job_can_be_tried_again(shop: Shop) -> None:
    job = await shop.work(await shop.order(fails_until=1, error="refused"))
    async with shop.store.open_work(shop.operator) as work:
        await work.jobs.retry(job.id)
    assert (await shop.asset(job)).state == "pending"

    job = await shop.work(job)
    assert (job.state, job.attempts) == ("failed", 1)


async def test_a_kind_that_nobody_knows_fails(shop: Shop) -> None:
    job = await shop.work(await shop.order("test.unheard"))

    assert job.state == "failed"
    assert "test.unheard" in job.error


async def test_a_job_waits_for_the_assets_it_needs(shop: Shop, woken: list[str]) -> None:
    first, second = await shop.order(text="one"), await shop.order(text="two")
    parts = [str(first.asset_id), str(second.asset_id)]
    joined = await shop.order("test.join", needs=parts, parts=parts)
    assert (await shop.work(joined)).state == "queued"
    assert [one.job for one in await backlog.waiting(shop.store, 10)] == [first.id, second.id]

    await shop.work(first)
    assert (await shop.work(joined)).state == "queued"
    woken.clear()
    await shop.work(second)
    assert woken == [joined.id]
    async with shop.store.open_work(shop.operator) as work:
        (await work.assets.get(parts[0])).provenance = {"digital_source_type": source_types.LEARNT}
    joined = await shop.work(joined)

    asset = await shop.asset(joined)
    assert shop.blobs.get(asset.sha256).read_text() == "one two"
    assert asset.provenance["digital_source_type"].endswith("/compositeSynthetic")
    assert asset.provenance["parents"] == parts


async def test_a_job_whose_needed_asset_failed_fails_with_the_reason(shop: Shop, woken: list[str]) -> None:
    part = await shop.order(fails_until=9, error="refused")
    joined = await shop.order("test.join", needs=[str(part.asset_id)], parts=[str(part.asset_id)])
    woken.clear()
    await shop.work(part)
    assert woken == [joined.id]

    joined = await shop.work(joined)
    assert (joined.state, joined.error) == ("failed", "The text that it needs was not made.")


async def test_a_cancelled_job_stops_and_keeps_nothing(shop: Shop) -> None:
    job = await shop.order(steps=400)
    doing = asyncio.create_task(shop.runner.work(job.workspace, job.id))
    await until(shop, job, "running")
    async with shop.store.open_work(shop.operator) as work:
        await work.jobs.cancel(job.id)
    await asyncio.wait_for(doing, 5)

    assert (await shop.job(job.id)).state == "cancelled"
    assert (await shop.asset(job)).state == "failed"
    assert not [*shop.scratch.iterdir()]


async def test_of_two_workers_one_does_the_job(shop: Shop, tmp_path: Path) -> None:
    job = await shop.order(steps=3, signs=str(tmp_path))
    await asyncio.gather(*(shop.another().work(job.workspace, job.id) for _ in range(4)))

    assert (await shop.job(job.id)).state == "done"
    assert len([*tmp_path.glob(f"{job.id}.*")]) == 1


async def test_a_worker_that_lost_its_lease_changes_nothing(shop: Shop) -> None:
    job = await shop.order(steps=40)
    slow = asyncio.create_task(shop.runner.work(job.workspace, job.id))
    await until(shop, job, "running")
    async with shop.store.open_work(shop.operator) as work:  # as if it had been silent for the whole lease
        taken = await work.jobs.get(job.id)
        taken.fence, taken.lease_owner = taken.fence + 1, "another"
        await work.session.flush()
    await asyncio.wait_for(slow, 5)

    job = await shop.job(job.id)
    assert (job.state, job.lease_owner) == ("running", "another")
    assert (await shop.asset(job)).state == "pending"
    assert not [*shop.blobs.folder.rglob("[0-9a-f]" * 64)]


async def test_a_silent_workers_job_is_done_by_another(shop: Shop) -> None:
    job = await shop.order()
    async with shop.store.open_work(shop.operator) as work:
        await work.jobs.claim(job.id, "dead", timedelta(seconds=-1))
    assert [one.job for one in await backlog.waiting(shop.store, 10)] == [job.id]

    job = await shop.work(job)
    assert (job.state, job.attempts, job.fence) == ("done", 2, 2)


async def test_a_job_that_kills_its_workers_is_given_up(shop: Shop) -> None:
    job = await shop.order()
    for _ in range(MAX_ATTEMPTS):
        async with shop.store.open_work(shop.operator) as work:
            assert await work.jobs.claim(job.id, "dead", timedelta(seconds=-1))

    job = await shop.work(job)
    assert (job.state, job.error) == ("failed", "It was begun again and again and never came to an end.")


async def test_stopping_puts_running_jobs_back_without_counting(shop: Shop) -> None:
    job = await shop.order(steps=400)
    runner = shop.another()
    doing = asyncio.create_task(runner.work(job.workspace, job.id))
    await until(shop, job, "running")
    await runner.stop()
    await doing

    job = await shop.job(job.id)
    assert (job.state, job.attempts, job.lease_owner) == ("queued", 0, None)
    assert runner.free == 0


async def test_a_stranger_workspace_finds_no_job(shop: Shop) -> None:
    job = await shop.order()
    await shop.runner.work("01900000-0000-7000-8000-00000000ffff", job.id)

    assert (await shop.job(job.id)).state == "queued"


async def made_by_consent(shop: Shop) -> tuple[str, str]:
    """A consent, and what was made by it."""
    part = await shop.work(await shop.order(text="her face"))
    async with shop.store.open_work(shop.operator) as work:
        consent = await work.consents.add("Ada", "likeness", "Pictures.", given_at=now(), evidence_sha256="ab" * 32)
        (await work.assets.get(str(part.asset_id))).provenance = {"consents": [consent.id]}
        return consent.id, str(part.asset_id)


async def test_a_consent_goes_on_to_all_that_is_made_of_what_was_made_by_it(shop: Shop) -> None:
    consent, part = await made_by_consent(shop)
    first = await shop.work(await shop.order("test.join", needs=[part], parts=[part]))
    second = await shop.order("test.join", key="2", needs=[str(first.asset_id)], parts=[str(first.asset_id)])
    assert (await shop.asset(first)).provenance["consents"] == [consent]

    async with shop.store.open_work(shop.operator) as work:
        await work.consents.revoke(consent)
        assert await work.assets.hide_made_by(consent) == 2
    assert (await shop.asset(first)).rating == "unknown"
    second = await shop.work(second)
    assert (second.state, "taken the consent back" in second.error) == ("failed", True)


async def test_what_a_consent_ends_while_it_is_made_is_not_kept(shop: Shop) -> None:
    consent, part = await made_by_consent(shop)
    job = await shop.order(steps=8, needs=[part])
    doing = asyncio.create_task(shop.runner.work(job.workspace, job.id))
    await until(shop, job, "running")
    async with shop.store.open_work(shop.operator) as work:
        await work.consents.revoke(consent)
    await doing

    job = await shop.job(job.id)
    assert (job.state, "taken the consent back" in job.error) == ("failed", True)
    assert (await shop.asset(job)).sha256 == ""


async def test_what_is_made_is_fit_for_no_more_than_its_parts_are_in_the_end(shop: Shop) -> None:
    part = await shop.work(await shop.order(text="a beach"))
    job = await shop.order(steps=8, needs=[str(part.asset_id)])
    doing = asyncio.create_task(shop.runner.work(job.workspace, job.id))
    await until(shop, job, "running")
    async with shop.store.open_work(shop.operator) as work:
        (await work.assets.get(str(part.asset_id))).rating = "mature"
    await doing

    assert (await shop.asset(job)).rating == "mature"


@pytest.mark.parametrize(("seed", "likeness"), [("another", "drifted"), ("same", "held")])
async def test_a_picture_has_the_face_of_when_it_is_done(shop: Shop, fan: Principal, seed: str, likeness: str) -> None:
    front = str((await shop.work(await shop.order(text="her face"))).asset_id)
    other = str((await shop.work(await shop.order(text="another"))).asset_id)

    async def approved(asset: str) -> Appearance:
        async with shop.store.open_work(shop.operator) as work:
            row = await work.appearances.propose(str(fan.persona), asset, shows="made", consent_id=None, views={})
            await work.appearances.approve(row.id)
            return await work.appearances.unlock(row.id)

    face = await approved(front)
    told = {"prompt": "her", "model": "openai:x", "face": {"appearance": face.id, "views": [front]}}
    async with shop.store.open_work(shop.operator) as work:
        job = await work.jobs.queue(
            "picture.make", told, key="hers", makes="picture", needs=[front], persona_id=fan.persona
        )

    async def paint(job: Claim[MakePicture], studio: Studio) -> Draft:
        await approved(other if seed == "another" else front)
        (studio.scratch / "made").write_text(job.payload.prompt)
        return Draft(studio.scratch / "made", "text/plain", likeness="held")

    runner = Runner(shop.store, shop.blobs, shop.scratch, "tests", slots=1, handler=lambda _kind: paint)
    await runner.work(job.workspace, job.id)
    await runner.stop()
    assert (await shop.asset(job)).likeness == likeness


async def test_a_job_is_not_made_of_what_was_emptied(shop: Shop) -> None:
    part = await shop.work(await shop.order())
    job = await shop.order("test.join", needs=[str(part.asset_id)], parts=[str(part.asset_id)])
    async with shop.store.open_work(shop.operator) as work:
        (await work.assets.get(str(part.asset_id))).state = "removed"

    assert (await shop.work(job)).error == "Media that it needs was removed."
