"""Does a job end, whatever is said of it?"""

from datetime import timedelta

import pytest

from gator.principal import Principal
from memory.models import Job
from memory.store import Store

MINUTE = timedelta(minutes=1)


async def claimed(store: Store, operator: Principal) -> Job:
    async with store.open_work(operator) as work:
        job = await work.jobs.queue("test.write", {}, key="one", makes="text")
        held = await work.jobs.claim(job.id, "tests", MINUTE)
    assert held
    return held


@pytest.mark.parametrize("said", ["No\0 way.", "No way\ud83d."])
async def test_an_error_that_no_database_takes_is_kept_without_what_it_does_not(
    store: Store, operator: Principal, said: str
) -> None:
    job = await claimed(store, operator)
    async with store.open_work(operator) as work:
        assert await work.jobs.end(job.id, job.fence, "failed", said)
    async with store.open_work(operator, reads=True) as work:
        there = await work.jobs.get(job.id)
    assert there.state == "failed"
    assert there.error.startswith("No way")


async def test_so_it_is_with_one_that_is_put_off(store: Store, operator: Principal) -> None:
    job = await claimed(store, operator)
    async with store.open_work(operator) as work:
        await work.jobs.put_off(job.id, job.fence, MINUTE, "Busy\0.")
    async with store.open_work(operator, reads=True) as work:
        there = await work.jobs.get(job.id)
    assert (there.state, there.error) == ("queued", "Busy.")
