"""What a device sees of the rows: everybody's, and what was begun before apart from all else."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from gator.principal import Principal
from gpu_worker.devices import Found
from gpu_worker.engine.batch import Ticket
from gpu_worker.engine.cache import Cache
from gpu_worker.engine.desk import Desk
from gpu_worker.engine.hand import Hand
from gpu_worker.engine.maker import Made
from gpu_worker.shelf import Shelf
from memory import backlog
from memory.models import Job
from memory.store import Store
from tests.gpu_worker.engine.making import KIND, Counting
from tests.gpu_worker.engine.shelves import put


def _give(_ticket: Ticket, _made: Made | BaseException) -> None:
    """Nothing is made here."""


def _progress(_part: Sequence[Ticket], _share: float, _eta_s: float) -> None:
    """Nothing is made here."""


async def _order(store: Store, who: Principal, count: int, persona: str | None = None) -> list[Job]:
    async with store.open_work(who) as work:
        told = [(f"{persona}{n}", {"text": f"{n}"}) for n in range(count)]
        jobs = [await work.jobs.queue(KIND, payload, key=key, makes="text", model="a") for key, payload in told]
        for job in jobs:
            job.persona_id = persona
        return jobs


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    put(tmp_path, "a", 40)
    here, shelf = Counting(Found("cuda:0", "cuda", "Counting", 100)), Shelf(tmp_path)
    cache = Cache(here)
    return Desk(store, shelf, "here/cuda:0", here, cache, Hand(here, cache, shelf, 4, _give, _progress))


async def test_one_persona_that_ordered_much_hides_no_other(store: Store, operator: Principal) -> None:
    await _order(store, operator, 30, "0190aaaa-0000-7000-8000-000000000001")
    (other,) = await _order(store, operator, 1, "0190aaaa-0000-7000-8000-000000000002")

    seen = await backlog.for_devices(store, 10)

    assert len(seen) == 10
    assert other.id in {row.job for row in seen}


async def test_what_was_begun_and_came_to_no_end_is_made_alone(store: Store, operator: Principal, desk: Desk) -> None:
    jobs = await _order(store, operator, 4)
    async with store.open_work(operator) as work:
        died = await work.jobs.claim(jobs[0].id, "a process", timedelta(seconds=30))
    assert died
    await backlog.put_back(store, "a process")

    batches = await _picked(desk)

    assert {jobs[0].id} in batches
    assert {job.id for job in jobs[1:]} in batches


async def test_what_no_machine_has_is_taken_when_all_have_told(store: Store, operator: Principal, desk: Desk) -> None:
    (here, there, nowhere) = await _order(store, operator, 3)
    async with store.open_work(operator) as work:
        told = {"name": "cuda:0", "kind": "cuda", "host": "there", "memory_bytes": 10, "state": "ready"}
        await work.devices.tell("there/cuda:0", models=["b"], **told)
        for job, model in ((here, "a"), (there, "b"), (nowhere, "c")):
            (await work.jobs.get(job.id)).model = model

    assert await _picked(desk) == [{here.id}]
    async with store.open_work(operator) as work:
        (await work.jobs.get(nowhere.id)).due_at -= timedelta(minutes=2)
    assert {nowhere.id} in await _picked(desk)


async def test_who_asks_while_the_shelf_is_read_waits_for_it(desk: Desk) -> None:
    assert [*await asyncio.gather(desk.models(), desk.models())] == [["a"], ["a"]]


async def _picked(desk: Desk) -> list[set[str]]:
    """All batches that this device would make; nobody claims them, so in the end it sees them again."""
    batches: list[set[str]] = []
    while True:
        picked = await desk.pick(woken=not batches)
        await asyncio.sleep(picked.again_in_s)  # for others that may come right behind
        jobs = {row.job for row in picked.jobs}
        if jobs in batches or (not jobs and not picked.again_in_s):
            return batches
        batches += [jobs] if jobs else []
