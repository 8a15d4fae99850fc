"""What a job keeps for its later attempts: there as long as the job is, and gone with it."""

import asyncio
from pathlib import Path
from typing import Any

from gator.principal import Principal
from gpu_worker.runner import Runner
from gpu_worker.studio import Claim, Draft, Handler, Studio
from memory.blobs import Blobs
from memory.models import Job
from memory.store import Store
from tests.gpu_worker import trades as _trades  # noqa: F401
from tests.gpu_worker.test_runner import QUICK

KIND = "test.write"


async def _begin(job: Claim[Any], studio: Studio) -> Draft:
    """Keep a piece, and then take long over the next one."""
    (studio.kept / f"piece of attempt {job.attempt}").touch()
    while True:
        await studio.progress(0.5)
        await asyncio.sleep(0.02)


def _handler(_kind: str) -> Handler:
    return _begin


async def test_a_held_job_keeps_its_pieces_and_a_cancelled_one_does_not(
    store: Store, operator: Principal, tmp_path: Path
) -> None:
    runner = Runner(store, Blobs(tmp_path / "media"), tmp_path / "scratch", "tests", 1, QUICK, handler=_handler)
    async with store.open_work(operator) as work:
        job = await work.jobs.queue(KIND, {}, key="long", makes="text")
    kept = tmp_path / "scratch" / f"kept.{job.id}"

    await _until_it_keeps(runner, job, kept, "piece of attempt 1", store, operator, "pause")
    assert [one.name for one in kept.iterdir()] == ["piece of attempt 1"]

    async with store.open_work(operator) as work:
        await work.jobs.resume(job.id)
    await _until_it_keeps(runner, job, kept, "piece of attempt 1", store, operator, "cancel")
    assert not kept.exists()


async def _until_it_keeps(
    runner: Runner, job: Job, kept: Path, piece: str, store: Store, operator: Principal, then: str
) -> None:
    """Do the job until it keeps that, then pause or cancel it."""
    doing = asyncio.create_task(runner.work(job.workspace, job.id))
    while not (kept / piece).exists() or not await _runs(store, operator, job):
        await asyncio.sleep(0.02)
    async with store.open_work(operator) as work:
        await getattr(work.jobs, then)(job.id)
    await doing


async def _runs(store: Store, operator: Principal, job: Job) -> bool:
    async with store.open_work(operator, reads=True) as work:
        return (await work.jobs.get(job.id)).state == "running"
