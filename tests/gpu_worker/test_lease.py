"""The lease: renewed while it is needed, and what goes into the end of a job with it."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gator.principal import Principal
from gpu_worker.lease import Lease, Terms
from gpu_worker.runner import Runner
from gpu_worker.studio import Claim, Draft, Studio
from memory.blobs import Blobs
from memory.models import Job
from memory.store import Store
from memory.work import Work
from tests.gpu_worker import trades as _trades  # noqa: F401

TERMS = Terms(lives=timedelta(seconds=10), beat_s=5.0, progress_s=0.02)
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def claimed(store: Store, operator: Principal) -> Job:
    async with store.open_work(operator) as work:
        job = await work.jobs.queue("test.write", {}, key="one", makes="text")
        held = await work.jobs.claim(job.id, "tests", TERMS.lives)
    assert held
    return held


@pytest.mark.parametrize(("eta_s", "written"), [(60.0, 0.5), (0.001, 0.0)])
async def test_progress_is_not_written_where_the_end_soon_is(
    store: Store, operator: Principal, eta_s: float, written: float
) -> None:
    job = await claimed(store, operator)
    lease = Lease(store, job, TERMS)

    async def work() -> None:
        for _ in range(8):
            lease.note(0.5, eta_s)
            await asyncio.sleep(0.02)

    await lease.over(work())
    async with store.open_work(operator, reads=True) as there:
        assert (await there.jobs.get(job.id)).progress == written


async def test_what_is_written_beside_goes_with_the_end_of_the_job(
    store: Store, operator: Principal, tmp_path: Path
) -> None:
    ended: list[bool] = []

    async def beside(work: Work) -> None:
        ended.append((await work.jobs.get(job.id)).state == "done")
        raise OSError("the row could not be written")

    async def write(_claim: Claim[Any], studio: Studio) -> Draft:
        (studio.scratch / "text").write_text("made")
        return Draft(studio.scratch / "text", "text/plain")

    async with store.open_work(operator) as work:
        job = await work.jobs.queue("test.write", {}, key="one", makes="text")
    blobs = Blobs(tmp_path / "media")
    runner = Runner(store, blobs, tmp_path / "scratch", "tests", 1, TERMS, handler=lambda _: write, beside=beside)
    await runner.work(job.workspace, job.id)

    assert ended == [True]
    async with store.open_work(operator, reads=True) as work:
        assert (await work.jobs.get(job.id)).state == "queued", "both or none"


async def test_progress_that_is_no_number_loses_no_lease(store: Store, operator: Principal) -> None:
    job = await claimed(store, operator)
    async with store.open_work(operator) as work:
        assert await work.jobs.beat(job.id, job.fence, TERMS.lives, float("nan"), float("inf"))
    async with store.open_work(operator, reads=True) as work:
        there = await work.jobs.get(job.id)
    assert (there.progress, there.eta_s) == (0.0, None)
