"""A pull that REST asked for: a job without an asset, done in a process of its own, cancelled and refused like others."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gator.principal import Principal
from gator.settings import Settings
from gpu_worker.errands import Errands
from gpu_worker.jobs import ERRANDS, PullModel
from gpu_worker.shelf import shelf
from memory import backlog
from memory.blobs import Blobs
from memory.models import Job
from memory.store import Store
from tests.gpu_worker.pulling.test_pulling import CHUNK, big
from tests.gpu_worker.test_runner import QUICK
from tests.servers.hub import Hang, Hub, Repository

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Porter:
    def __init__(self, store: Store, operator: Principal, settings: Settings) -> None:
        self.store, self.operator, self.settings = store, operator, settings
        blobs, scratch = Blobs(settings.home / "media"), settings.home / "errands"
        self.runner = Errands(store, blobs, scratch, "tests", slots=1, terms=QUICK, settings=settings)

    async def order(self, **payload: Any) -> Job:
        told = PullModel.model_validate({"what": "ada/dream", "accepted_by": "user:1", **payload})
        async with self.store.open_work(self.operator) as work:
            return await work.jobs.queue_errand("model.pull", told.model_dump(mode="json"), key=str(payload))

    async def job(self, id: str) -> Job:
        async with self.store.open_work(self.operator, reads=True) as work:
            return await work.jobs.get(id)


@pytest.fixture
def hub() -> Hub:
    return Hub({"ada/dream": Repository(big())})


@pytest.fixture
async def porter(store: Store, operator: Principal, tmp_path: Path, hub: Hub) -> AsyncIterator[Porter]:
    async with hub.serving() as there:
        made = Porter(store, operator, Settings(home=tmp_path, hub_url=there))
        yield made
        await made.runner.stop()


async def test_a_pull_is_done_and_one_without_the_right_licence_fails_and_names_it(porter: Porter) -> None:
    job = await porter.order(accept_licence="apache-2.0")
    assert [one.job for one in await backlog.waiting(porter.store, 5, only=ERRANDS)] == [job.id]
    assert await backlog.waiting(porter.store, 5, but=ERRANDS) == []
    assert await backlog.find(porter.store, job.id, but=ERRANDS) is None
    wrong = await porter.order(accept_licence="mit", name="other")
    await porter.runner.work(job.workspace, wrong.id)
    await porter.runner.work(job.workspace, job.id)

    done, failed = await porter.job(job.id), await porter.job(wrong.id)
    assert (done.state, done.progress, done.asset_id, done.error) == ("done", 1.0, None, "")
    assert failed.state == "failed"
    assert "apache-2.0: commercial use allowed" in failed.error
    assert [(one.name, one.accepted_by) for one in shelf(porter.settings).entries()] == [("dream", "user:1")]


async def test_a_cancelled_pull_ends_its_process_and_the_next_one_goes_on(porter: Porter, hub: Hub) -> None:
    hub.script.append(Hang(CHUNK))
    job = await porter.order(accept_licence="apache-2.0")
    working = asyncio.create_task(porter.runner.work(job.workspace, job.id))
    async with asyncio.timeout(60):
        while (await porter.job(job.id)).progress < 0.9:
            await asyncio.sleep(0.05)
        async with porter.store.open_work(porter.operator) as work:
            await work.jobs.cancel(job.id)
        await working
    assert shelf(porter.settings).entries() == []
    async with porter.store.open_work(porter.operator) as work:
        await work.jobs.retry(job.id)
    await porter.runner.work(job.workspace, job.id)
    assert (await porter.job(job.id)).state == "done"
    assert hub.asked == ["", f"bytes={CHUNK}-"]
