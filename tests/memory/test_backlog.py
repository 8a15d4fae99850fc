"""What waits for devices, what they gave, and what a dead one left; on both databases."""

from datetime import timedelta
from typing import Any

from gator.clock import now
from gator.principal import Principal, service
from memory import backlog, counting
from memory.models import Device, Job
from memory.repositories.devices import heard_of
from memory.store import Store

SOON = timedelta(seconds=30)


async def queue(store: Store, operator: Principal, key: str, **told: Any) -> Job:
    async with store.open_work(operator) as work:
        return await work.jobs.queue("picture.make", {"prompt": key}, key=key, makes="picture", **told)


async def test_jobs_on_models_are_for_devices_and_the_others_are_not(store: Store, operator: Principal) -> None:
    light = await queue(store, operator, "light")
    late = await queue(store, operator, "late", model="a", deadline_at=now() + 2 * SOON)
    batch = await queue(store, operator, "batch", model="a")
    selfie = await queue(store, operator, "selfie", model="b", deadline_at=now() + SOON)
    held = await queue(store, operator, "held", model="b")
    async with store.open_work(operator) as work:
        await work.jobs.pause(held.id)

    assert [one.job for one in await backlog.waiting(store, 10)] == [light.id]
    rows = await backlog.for_devices(store, 10)
    assert [(row.job, row.model) for row in rows] == [(selfie.id, "b"), (late.id, "a"), (batch.id, "a")]
    assert await backlog.payloads(store, [selfie.id]) == {selfie.id: {"prompt": "selfie"}}
    assert await backlog.find(store, selfie.id) is None
    assert await backlog.find(store, light.id)
    counted = {(one.state, one.model): one.jobs for one in await counting.open_jobs(store)}
    assert counted == {("queued", ""): 1, ("queued", "a"): 2, ("queued", "b"): 1, ("paused", "b"): 1}


async def test_urgent_is_what_could_begin_now_on_a_device(store: Store, operator: Principal) -> None:
    soon = now() + timedelta(seconds=20)
    part = await queue(store, operator, "part", model="a")
    await queue(store, operator, "by a provider", deadline_at=soon)
    await queue(store, operator, "needs that", model="a", deadline_at=soon, needs=[str(part.asset_id)])
    assert not await backlog.is_urgent(store)

    await queue(store, operator, "selfie", model="a", deadline_at=soon)
    assert await backlog.is_urgent(store)


async def test_what_a_dead_process_left_waits_again_at_once(store: Store, operator: Principal) -> None:
    jobs = [await queue(store, operator, str(n), model="a") for n in range(3)]
    async with store.open_work(operator) as work:
        for job, owner in zip(jobs, ("dead", "dead", "alive"), strict=True):
            claimed = await work.jobs.claim(job.id, owner, SOON, device="rack/cuda:0")
            assert claimed
            assert claimed.device == "rack/cuda:0"
    assert await backlog.for_devices(store, 10) == []

    assert sorted(await backlog.put_back(store, "dead")) == sorted([jobs[0].id, jobs[1].id])
    assert {row.job for row in await backlog.for_devices(store, 10)} == {jobs[0].id, jobs[1].id}
    assert await backlog.put_back(store, "dead") == []


async def test_a_job_that_ends_processes_which_do_nothing_else_has_no_fourth(store: Store, operator: Principal) -> None:
    poison, other = [await queue(store, operator, str(n), model="a") for n in range(2)]
    seen = []
    for beside in (other, None, None):
        async with store.open_work(operator) as work:
            for job in (poison, beside):
                assert job is None or await work.jobs.claim(job.id, "dies", SOON)
        await backlog.put_back(store, "dies")
        seen.append({row.job: row.attempts for row in await backlog.for_devices(store, 10)})

    assert [one[poison.id] for one in seen] == [1, 4, 7], "five attempts is what a job has"
    assert seen[-1][other.id] == 1


async def test_seconds_of_devices_are_counted_by_persona(store: Store, operator: Principal) -> None:
    async with store.open_work(operator) as work:
        ids = [(await work.personas.create(name, name, {"name": name}, author="tests")).id for name in ("nova", "iris")]
    for n, (persona, seconds) in enumerate([(ids[0], 5), (ids[0], 7), (ids[1], 2)]):
        job = await queue(store, operator, str(n), model="a", persona_id=persona)
        async with store.open_work(operator) as work:
            row = await work.jobs.get(job.id)
            row.state, row.started_at, row.ended_at = "done", now() - timedelta(seconds=seconds), now()
    await queue(store, operator, "waits", model="a", persona_id=ids[1])
    late = await queue(store, operator, "waited long and failed", model="a", persona_id=ids[1])
    async with store.open_work(operator) as work:
        row = await work.jobs.get(late.id)
        row.state, row.due_at = "failed", now() - timedelta(hours=2)
        row.started_at, row.ended_at = now() - timedelta(seconds=3), now()

    given = await backlog.seconds_given(store, timedelta(hours=1))
    assert {persona: round(seconds) for persona, seconds in given.items()} == {ids[0]: 12, ids[1]: 5}
    assert [one.jobs for one in await counting.ended_lately(store)] == [3]


async def test_what_a_job_waits_between_two_attempts_is_no_work(store: Store, operator: Principal) -> None:
    job = await queue(store, operator, "long", model="a")
    for _ in range(2):
        async with store.open_work(operator) as work:
            row = await work.jobs.get(job.id)
            row.started_at, row.due_at = (now() - timedelta(minutes=30) if row.started_at else None), now()
            await work.session.flush()
            claimed = await work.jobs.claim(job.id, "a process", timedelta(seconds=30))
            assert claimed
            await work.jobs.put_off(job.id, claimed.fence, timedelta(0), "", counts=False)
    async with store.open_work(operator) as work:
        await work.jobs.claim(job.id, "a process", timedelta(seconds=30))

    assert sum((await backlog.seconds_given(store, timedelta(hours=1))).values()) < 60


async def test_devices_are_told_of_ended_and_forgotten(store: Store, operator: Principal) -> None:
    worker = service("", "worker")
    told = {"name": "cuda:0", "kind": "cuda", "label": "A big one", "memory_bytes": 1}
    async with store.open_work(worker) as work:
        for host in ("rack", "shelf"):
            await work.devices.tell(f"{host}/cuda:0", host=host, state="busy", **told)
        await work.devices.tell("rack/cuda:0", state="ready", loaded=[{"model": "a", "bytes": 1}])
        await work.devices.end("shelf/cuda:0", "lost", "It fell off the bus.")
    async with store.open_work(worker, reads=True) as work:
        rack, shelf = await work.devices.all()
    assert (rack.state, rack.loaded, heard_of(rack, now())) == ("ready", [{"model": "a", "bytes": 1}], True)
    assert (shelf.state, shelf.reason, heard_of(shelf, now())) == ("lost", "It fell off the bus.", False)

    async with store.open_work(worker) as work:
        (await work.session.get_one(Device, "shelf/cuda:0")).seen_at = now() - timedelta(days=2)
        await work.session.flush()
        assert [one.id for one in await work.devices.all()] == ["rack/cuda:0"]
        await work.devices.forget()
        assert await work.session.get(Device, "shelf/cuda:0", populate_existing=True) is None
