"""Which of a worker's lanes does a job take? One for all, one for what takes a moment, one for errands.

A card that somebody waits for in a chat takes a second; two long renders fill the slots for minutes. So short jobs have a
slot beside those, on one-slot machines too, used when the others are full. A pull may take an hour, so errands have theirs.
"""

import asyncio
from collections.abc import Collection

from gpu_worker.jobs import ERRANDS, SHORT, SHORT_CHARACTERS
from gpu_worker.runner import Runner
from memory import backlog
from memory.store import Store


class Lanes:
    """Begins jobs. `short` are the kinds that may take the lane for short jobs."""

    def __init__(
        self, store: Store, every: Runner, quick: Runner, errands: Runner, short: Collection[str] = SHORT
    ) -> None:
        self._store = store
        self._every, self._quick, self._errands = every, quick, errands
        self._short = short
        self._begun: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> bool:
        """Whether no media are made."""
        return self._every.idle and self._quick.idle

    async def fill(self) -> None:
        """Begin the jobs that wait, as many as there are free slots."""
        if self._every.free:
            self._begin(self._every, await backlog.waiting(self._store, self._every.free, but=ERRANDS))
        await asyncio.sleep(0)  # what was begun takes its slot
        if self._quick.free and not self._every.free:
            self._begin(self._quick, await self._moments())
        if self._errands.free:
            self._begin(self._errands, await backlog.waiting(self._store, self._errands.free, only=ERRANDS))

    async def hear(self, job: str) -> bool:
        """Do the job of which a message spoke, if it has a slot now; False leaves it to `fill`, or to a device."""
        waiting = await backlog.find(self._store, job, but=ERRANDS)
        if waiting is None or not self._every.free:
            return False
        await self._every.work(*waiting)
        return True

    async def stop(self) -> None:
        await asyncio.gather(*(lane.stop() for lane in (self._every, self._quick, self._errands)))

    async def _moments(self) -> list[backlog.Waiting]:
        """Short jobs that no slot has taken; those that were just begun may not be claimed yet."""
        most = self._quick.free + len(self._every.here)
        found = await backlog.short(self._store, most, kinds=self._short, characters=SHORT_CHARACTERS)
        return [one for one in found if one.job not in self._every.here][: self._quick.free]

    def _begin(self, lane: Runner, jobs: Collection[backlog.Waiting]) -> None:
        for job in jobs:
            task = asyncio.create_task(lane.work(*job))
            self._begun.add(task)
            task.add_done_callback(self._begun.discard)
