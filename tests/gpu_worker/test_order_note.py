"""Is what was ordered outside kept with the job: found by another machine, given by nobody else, forgotten when it should be?"""

from datetime import timedelta

import pytest

from gator.principal import Principal
from gpu_worker.order_note import JobsOrder, OrderNote
from gpu_worker.studio import Cancelled
from memory.models import Job
from memory.store import Store

LIVES = timedelta(minutes=1)


@pytest.fixture
async def job(store: Store, operator: Principal) -> Job:
    """As a worker claimed it."""
    async with store.open_work(operator) as work:
        queued = await work.jobs.queue("video.clip", {}, key="clip", makes="video")
        claimed = await work.jobs.claim(queued.id, "one", LIVES)
        assert claimed
        return claimed


async def test_another_worker_finds_the_order_and_whoever_lost_the_job_gives_none(
    store: Store, operator: Principal, job: Job
) -> None:
    first = OrderNote(JobsOrder(store, job))
    assert await first.read() == (False, "")
    await first.begin()
    assert await OrderNote(JobsOrder(store, job)).read() == (True, "")  # given, and nobody knows as what
    async with store.open_work(operator) as work:
        await work.jobs.put_off(job.id, job.fence, timedelta(0), "away")
        assert await work.jobs.claim(job.id, "two", LIVES)

    await first.name("task-7")  # it is true whoever has the job by now

    other = OrderNote(JobsOrder(store, job))
    assert await other.read() == (True, "task-7")
    with pytest.raises(Cancelled):
        await first.begin()
    await first.forget()
    assert await other.read() == (False, "")
    await other.forget()


@pytest.mark.parametrize(
    ("ended", "told", "kept"),
    [("failed", {"order": "1", "task": "7"}, {"order": "1", "task": "7"}), ("failed", {"order": "1"}, {}),
     ("cancelled", {"order": "1", "task": "7"}, {})],
)  # fmt: skip
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_job_that_is_tried_again_asks_for_its_order_only_where_that_stands(
    store: Store, operator: Principal, job: Job, ended: str, told: dict[str, str], kept: dict[str, str]
) -> None:
    async with store.open_work(operator) as work:
        assert await work.jobs.note_order(job.id, told, fence=job.fence)
        if ended == "failed":
            await work.jobs.end(job.id, job.fence, "failed", "away")
        else:
            await work.jobs.cancel(job.id)
        assert (await work.jobs.retry(job.id)).ordered == kept
