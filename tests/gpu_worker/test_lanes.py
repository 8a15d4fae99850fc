"""The lanes of a worker: what takes a moment does not wait for what takes minutes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gator.ids import new_id
from gator.principal import Principal
from gpu_worker.jobs import SHORT_CHARACTERS
from gpu_worker.lanes import Lanes
from gpu_worker.runner import Runner
from memory import backlog
from memory.blobs import Blobs
from memory.models import Job
from memory.store import Store
from tests.gpu_worker import trades as _trades  # noqa: F401

SLOTS = 1


class Desk:
    """A worker's lanes; of `test.write` what has few characters is short."""

    def __init__(self, store: Store, operator: Principal, home: Path) -> None:
        self.store, self.operator = store, operator
        blobs = Blobs(home / "media")

        def lane(name: str) -> Runner:
            return Runner(store, blobs, home / "scratch", name, slots=SLOTS)

        self.lanes = Lanes(store, lane("every"), lane("quick"), lane("errands"), short={"test.write"})

    async def order(self, key: str, text: str, **payload: Any) -> Job:
        async with self.store.open_work(self.operator) as work:
            return await work.jobs.queue("test.write", {"text": text, **payload}, key=key, makes="text")

    async def until(self, job: Job, state: str) -> None:
        while (await self.job(job)).state != state:
            await self.lanes.fill()
            await asyncio.sleep(0.02)

    async def job(self, job: Job) -> Job:
        async with self.store.open_work(self.operator, reads=True) as work:
            return await work.jobs.get(job.id)


@pytest.fixture
async def desk(store: Store, operator: Principal, home: Path) -> AsyncIterator[Desk]:
    desk = Desk(store, operator, home)
    yield desk
    await desk.lanes.stop()


async def test_a_card_is_done_while_long_renders_hold_every_slot(desk: Desk) -> None:
    renders = [await desk.order(str(n), "a" * (SHORT_CHARACTERS + 1), steps=2000) for n in range(SLOTS + 1)]
    await desk.until(renders[0], "running")

    card = await desk.order("card", "Herons")
    assert await desk.lanes.hear(card.id) is False  # a message does not have it wait for a slot either
    await desk.until(card, "done")

    assert [(await desk.job(one)).state for one in renders] == ["running", "queued"]


async def test_what_a_chat_waits_for_takes_the_short_lane_before_a_batch_and_a_long_reading_never(
    store: Store, operator: Principal
) -> None:
    async with store.open_work(operator) as work:
        told = {"batch": "a", "long": "a" * (SHORT_CHARACTERS + 1), "asked": "a"}
        queued = {
            name: await work.jobs.queue(
                "voice.speak",
                {"text": text},
                key=name,
                makes="audio",
                conversation_id=new_id() if name == "asked" else None,
            )
            for name, text in told.items()
        }
        await work.jobs.queue("video.make", {}, key="video", makes="video")

    found = await backlog.short(store, 5, kinds={"voice.speak"}, characters=SHORT_CHARACTERS)

    assert [one.job for one in found] == [queued["asked"].id, queued["batch"].id]
