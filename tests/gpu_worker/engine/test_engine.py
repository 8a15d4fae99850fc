"""The worker with devices, as processes: killed, cancelled, lost, idle, left alone. Their maker and hardware are the tests'."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gator.clock import now
from gator.principal import Principal
from gator.settings import Settings
from gpu_worker.wake import wake
from memory.models import Asset, Device, Job
from memory.store import Store
from tests.gpu_worker.engine.making import KIND
from tests.gpu_worker.engine.shelves import put
from tests.gpu_worker.test_worker import alive

ROOT = Path(__file__).resolve().parents[3]
# A start takes seconds of two processors; what the database does differently is in the queries, which have tests of their own.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    """Starts a worker with devices of these names; it is ended with the test, and they with it."""
    started: list[subprocess.Popen[bytes]] = []
    told = {"home": str(settings.home), "database_url": settings.database, "secret_key": settings.secret}

    def begin(names: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.gpu_worker.engine.worker", json.dumps(told), names]
        with (settings.home / "worker.log").open("ab") as log:
            started.append(subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log))
        return started[-1]

    yield begin
    for process in started:
        process.terminate()
        try:
            process.wait(10)
        finally:
            process.kill()


class Shop:
    def __init__(self, store: Store, operator: Principal, signs: Path) -> None:
        self.store, self.operator, self.signs = store, operator, signs
        self.count = 0

    async def order(self, model: str = "a", deadline_s: float | None = None, **told: Any) -> Job:
        self.count += 1
        deadline_at = now() + timedelta(seconds=deadline_s) if deadline_s else None
        payload = {"signs": str(self.signs), **told}
        async with self.store.open_work(self.operator) as work:
            return await work.jobs.queue(
                KIND, payload, key=str(self.count), makes="text", model=model, deadline_at=deadline_at
            )

    async def job(self, job: Job) -> Job:
        async with self.store.open_work(self.operator, reads=True) as work:
            return await work.jobs.get(job.id)

    async def asset(self, job: Job) -> Asset:
        async with self.store.open_work(self.operator, reads=True) as work:
            return await work.assets.get(str(job.asset_id))

    async def until(self, job: Job, *states: str) -> Job:
        while (found := await self.job(job)).state not in states:
            await asyncio.sleep(0.03)
        return found

    async def devices(self) -> dict[str, Device]:
        async with self.store.open_work(self.operator, reads=True) as work:
            return {one.name: one for one in await work.devices.all()}

    async def begun(self, job: Job, times: int = 1) -> list[int]:
        """The processes that began it, once it was begun so often."""
        while len(marks := sorted(self.signs.glob(f"{job.id}.began.*"))) < times:
            await asyncio.sleep(0.02)
        return [int(mark.name.rpartition(".")[2]) for mark in marks]


@pytest.fixture
async def shop(settings: Settings, operator: Principal, tmp_path: Path) -> AsyncIterator[Shop]:
    for name in ("a", "b"):
        put(settings.shelf_folder, name, 35)  # two of them fit into 100, with room to work in
    put(settings.shelf_folder, "huge", 900)
    signs = tmp_path / "signs"
    signs.mkdir()
    store = Store(settings.database, wake=wake(settings))
    yield Shop(store, operator, signs)
    await store.close()


@on_postgres
async def test_jobs_go_to_devices_which_tell_of_themselves(shop: Shop, start: Start) -> None:
    start("cuda:0,cuda:1")
    jobs = [await shop.order(model, text=f"{model}{n}") for n, model in enumerate("aabbaabb")]
    jobs = [await shop.until(job, "done", "failed") for job in jobs]
    late = await shop.until(await shop.order("huge"), "done", "failed")

    assert {job.state for job in jobs} == {"done"}
    assert {job.device.rpartition("/")[2] for job in jobs} <= {"cuda:0", "cuda:1"}
    asset = await shop.asset(jobs[0])
    assert (asset.state, asset.provenance["engine"]) == ("ready", "counting")
    assert (late.state, "does not fit" in late.error) == ("failed", True)
    while sum(one.jobs for one in (await shop.devices()).values()) < len(jobs):
        await asyncio.sleep(0.05)
    devices = await shop.devices()
    assert {one.state for one in devices.values()} <= {"ready", "busy"}
    assert {one["model"] for device in devices.values() for one in device.loaded} <= {"a", "b"}
    assert all(one.memory_bytes == 100 and one.label and one.speed > 0 for one in devices.values() if one.jobs)


@on_sqlite
async def test_a_device_process_killed_or_hanging_in_the_middle_leaves_one_finished_job(
    shop: Shop, start: Start, settings: Settings
) -> None:
    start("cuda:0")
    job = await shop.order(steps=30, step_s=0.03)
    (process,) = await shop.begun(job)
    os.kill(process, signal.SIGKILL)
    job = await shop.until(job, "done", "failed")

    assert (job.state, job.attempts, job.fence) == ("done", 4, 2), "it was alone, so it counts for three"
    assert len(await shop.begun(job)) == 2
    assert [path for path in settings.media_folder.rglob("*") if path.is_file() and path.stat().st_size]
    assert not [*(settings.home / "scratch").iterdir()]

    hangs = await shop.order(trouble="hang once")
    assert (await shop.until(hangs, "done", "failed")).state == "done"
    assert len(set(await shop.begun(hangs))) == 2


@on_sqlite
async def test_a_lost_devices_jobs_go_elsewhere_and_it_says_why(shop: Shop, start: Start) -> None:
    start("cuda:0,cuda:1")
    first = await shop.order(trouble="lost once")
    job = await shop.until(first, "done", "failed")
    processes = await shop.begun(first, 2)

    assert (job.state, len(set(processes)), job.attempts) == ("done", 2, 4), "it was alone, so it counts for three"
    lost = [one for one in (await shop.devices()).values() if one.state == "lost"]
    assert [one.reason for one in lost] == ["It fell off the bus."]


@on_sqlite
async def test_cancelled_and_paused_jobs_leave_the_device_and_a_selfie_goes_first(shop: Shop, start: Start) -> None:
    start("cuda:0")
    long = await shop.order(steps=900, step_s=0.02, alone=True)
    (process,) = await shop.begun(long)
    waiting = [await shop.order(model, alone=True) for model in "abab"]
    selfie = await shop.order("b", deadline_s=20, alone=True)
    seen = await shop.job(long)
    while not seen.progress:
        seen = await shop.job(long)
    assert seen.eta_s
    selfie = await shop.until(selfie, "done")
    assert (await shop.job(long)).state == "running", "it is made between two of its steps"
    async with shop.store.open_work(shop.operator) as work:
        await work.jobs.pause(waiting[0].id)
        await work.jobs.pause(long.id)
    ended = [await shop.until(job, "done") for job in waiting[1:]]

    assert min(job.ended_at or now() for job in ended) > (selfie.ended_at or now())
    assert [(await shop.job(job)).state for job in (waiting[0], long)] == ["paused", "paused"]
    assert (await shop.asset(long)).state == "pending"
    async with shop.store.open_work(shop.operator) as work:
        await work.jobs.resume(long.id)
    await shop.begun(long, 2)
    async with shop.store.open_work(shop.operator) as work:
        await work.jobs.cancel(long.id)
        await work.jobs.resume(waiting[0].id)
    await shop.until(waiting[0], "done")
    assert (await shop.job(long)).state == "cancelled"
    assert await shop.begun(waiting[0]) == [process]


@on_sqlite
async def test_a_cpus_process_starts_with_the_first_job_and_ends_when_idle(shop: Shop, start: Start) -> None:
    worker = start("cpu")
    light = await _light(shop)
    await shop.until(light, "done")
    assert await shop.devices() == {}

    job = await shop.order()
    await shop.until(job, "done")
    (process,) = await shop.begun(job)
    while alive(process):
        await asyncio.sleep(0.05)
    while (await shop.devices())["cpu"].state != "stopped":
        await asyncio.sleep(0.05)
    assert worker.poll() is None
    await shop.until(await shop.order(), "done")


async def _light(shop: Shop) -> Job:
    async with shop.store.open_work(shop.operator) as work:
        return await work.jobs.queue("test.write", {}, key="light", makes="text")


@on_sqlite
async def test_devices_stop_with_their_worker_and_put_jobs_back(shop: Shop, start: Start) -> None:
    worker = start("cuda:0")
    job = await shop.order(steps=900, step_s=0.02)
    (process,) = await shop.begun(job)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 5) == 0
    job = await shop.job(job)
    assert (job.state, job.attempts, alive(process)) == ("queued", 0, False)
    assert (await shop.devices())["cuda:0"].state == "stopped"

    worker = start("cuda:0")
    _, process = await shop.begun(job, 2)
    worker.kill()
    while alive(process):
        await asyncio.sleep(0.05)
