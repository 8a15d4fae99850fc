"""What could this device do next? Its look at the waiting rows and at the other devices, and what the policy picks of them."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from gator.clock import now
from gator.errors import GatorError
from gator.principal import service
from gpu_worker.engine.cache import Cache
from gpu_worker.engine.hand import Hand
from gpu_worker.engine.hardware import Hardware
from gpu_worker.engine.maker import maker_of
from gpu_worker.jobs import KINDS, Payload
from gpu_worker.scheduling.effort import effort_of, size_of
from gpu_worker.scheduling.policy import give_way, pick
from gpu_worker.scheduling.views import DeviceView, Waiting
from gpu_worker.shelf import Shelf, ShelfEntry
from memory import backlog
from memory.models import Device
from memory.repositories.devices import heard_of
from memory.store import Store

WINDOW_S = 0.15  # how long a job waits for others of its model that may come right behind it
_SEEN = 200  # jobs that are looked at; more wait behind them
_LATELY = timedelta(hours=1)  # what personas were given is counted for so long
_COUNT_EVERY_S = 15.0
_SHELF_EVERY_S = 10.0
_TOLD_S = 20.0  # until then every machine has told which models it has: it looks every 10 s, and tells every few
_FRESH_S = 1.0  # how long a look holds where no wake came: a job that another took costs a claim that fails


@dataclass(frozen=True, slots=True)
class Picked:
    """Jobs for one batch; none yet where `again_in_s` says when to look again."""

    jobs: tuple[backlog.ForDevice, ...]
    again_in_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Told:
    """What does not change of a job."""

    payload: Payload
    effort: float
    size: float = 1.0


class Desk:
    """The look of one device at what waits."""

    def __init__(self, store: Store, shelf: Shelf, id: str, hardware: Hardware, cache: Cache, hand: Hand) -> None:
        self._store = store
        self._shelf = shelf
        self._id = id
        self._hardware = hardware
        self._cache = cache
        self._hand = hand
        self._told: dict[str, _Told] = {}
        self._given: dict[str, float] = {}
        self._counted_at = -_COUNT_EVERY_S
        self._entries: dict[str, ShelfEntry] = {}
        self._shelf_read_at = -_SHELF_EVERY_S
        self._reading = asyncio.Lock()
        self._rows: dict[str, backlog.ForDevice] = {}
        self._views: dict[str, Waiting] = {}  # of rows, until the next look or another model in memory
        self._others: list[DeviceView] = []
        self._looked_at = -_FRESH_S
        self.loaded_at: float | None = None
        self._viewed_for: tuple[float | None, int] = (None, 0)

    async def pick(self, *, woken: bool = False) -> Picked:
        """What this device should do now that it is free, or nearly; `woken` when there may be something new."""
        if woken or not self._rows or time.monotonic() - self._looked_at > _FRESH_S:
            await self._look()
        picked = self._choose() if self._rows else Picked(())
        for row in picked.jobs:
            self._take(row.job)
        return picked

    def _take(self, job: str) -> backlog.ForDevice:
        self._views.pop(job, None)
        return self._rows.pop(job)

    async def _look(self) -> None:
        self._looked_at = time.monotonic()
        rows = await backlog.for_devices(self._store, _SEEN)
        self._rows = {row.job: row for row in rows}
        self._views.clear()
        if not rows:
            self._told.clear()
            return
        await self._read_shelf()
        await self._count()
        await self._read_payloads(rows)
        async with self._store.open_work(service("", "worker"), reads=True) as work:
            self._others = [_view(one) for one in await work.devices.all() if one.id != self._id]
        others = [one for one in self._others if one.ready and one.id.partition("/")[0] != self._id.partition("/")[0]]
        if others:  # one that was just put there is not told of yet; where no machine has it the job fails, naming it
            known = {*self._entries, *(model for one in others for model in one.models or ())}
            late = now() - timedelta(seconds=_TOLD_S)
            self._rows = {id: row for id, row in self._rows.items() if row.model in known or row.due_at < late}

    def _choose(self) -> Picked:
        at, me = time.time(), self.view()
        waiting = self._all_waiting(me)
        jobs = tuple(self._rows[id] for id in pick(me, waiting, self._others, at, self._together))
        if not jobs:
            return Picked(())
        most = self._hand.most(jobs[0].model, self._told[jobs[0].job].size)
        jobs = jobs[:most]  # the others would only wait here for their turn
        newest = max(row.due_at.timestamp() for row in jobs)
        waited_for = any(row.deadline_at for row in jobs)
        if len(jobs) < most and not waited_for and 0 <= at - newest < WINDOW_S:
            return Picked((), WINDOW_S - (at - newest))
        return Picked(jobs)

    def view(self) -> DeviceView:
        """This device, free."""
        found, pace = self._hardware.found, self._hand.pace
        return DeviceView(
            self._id,
            found.kind,
            found.memory_bytes,
            self._cache.loaded(),
            loaded_at=self.loaded_at,
            measured=pace.speed,
            most=self._hand.most("", 1.0),
            models=self._entries.keys(),
        )

    async def way(self, free_at: float, *, beside: bool) -> tuple[Picked, bool]:
        """What is urgent and should be done in the middle of what this device does; and whether that should rest for it."""
        if not await backlog.is_urgent(self._store):
            self._looked_at = -_FRESH_S  # what else came is seen when it is free
            return Picked(()), False
        await self._look()
        me = replace(self.view(), free_at=free_at)
        waiting = [self._waiting(row, me.speed) for row in self._rows.values() if row.deadline_at]
        way = give_way(me, self._cache.in_use(), waiting, self._others, time.time(), self._together)
        if way.beside and beside:
            return Picked(tuple(map(self._take, way.beside))), False
        # What is kept of it lies on this machine: on another one it would begin anew.
        alone = all(one.id.partition("/")[0] == self._id.partition("/")[0] for one in self._others if one.ready)
        return Picked(()), bool(way.rests or way.beside) and alone

    async def models(self) -> list[str]:
        """What this machine has, by name."""
        await self._read_shelf()
        return sorted(self._entries)

    def elsewhere(self) -> dict[str, int]:
        """What other devices of this machine and kind have free, by their names. Also asked from the device's thread."""
        if self._hardware.found.is_renumbered:  # theirs mean others here
            return {}
        host = self._id.partition("/")[0]
        near = (one for one in self._others if one.ready and one.kind == self._hardware.found.kind)
        return {
            one.id.partition("/")[2]: one.free for one in near if one.id.partition("/")[0] == host and "@" not in one.id
        }

    def _all_waiting(self, me: DeviceView) -> Sequence[Waiting]:
        """As the policy sees them. Made once a look: what was given, and how fast the device is, hardly changes in a second."""
        if self._viewed_for != (self.loaded_at, len(me.loaded)) or not self._views:
            self._viewed_for = (self.loaded_at, len(me.loaded))  # what a model takes was measured by its load
            self._views = {id: self._waiting(row, me.speed) for id, row in self._rows.items()}
        return [*self._views.values()]

    def _waiting(self, row: backlog.ForDevice, speed: float) -> Waiting:
        entry = self._entries.get(row.model)
        return Waiting(
            row.job,
            row.model,
            row.persona or "",
            row.due_at.timestamp(),
            self._told[row.job].effort,
            self._cache.need_bytes(entry) if entry else 0,
            row.deadline_at.timestamp() if row.deadline_at else None,
            self._given.get(row.persona or "", 0.0) * speed,
        )

    def _together(self, one: str, other: str) -> bool:
        if self._rows[one].attempts or self._rows[other].attempts:
            return (
                False  # an earlier attempt came to no end: if it is what kills devices, it kills no other job's attempt
            )
        first, second = self._told[one].payload, self._told[other].payload
        try:
            return type(first) is type(second) and maker_of(_kind(first)).together(first, second)
        except (GatorError, ImportError):  # each is told so by itself
            return False

    async def _read_payloads(self, rows: list[backlog.ForDevice]) -> None:
        """Of the jobs not seen before; what is gone is forgotten."""
        there = {row.job: row for row in rows}
        self._told = {id: told for id, told in self._told.items() if id in there}
        new = [id for id in there if id not in self._told]
        for id, payload in (await backlog.payloads(self._store, new)).items() if new else ():
            self._told[id] = _told(there[id].kind, payload)
        for id in new:  # removed between the two questions
            self._told.setdefault(id, _Told(Payload(), 1.0))

    async def _read_shelf(self) -> None:
        async with self._reading:  # whoever asks while it is read waits for it: at first there is nothing else
            if time.monotonic() - self._shelf_read_at >= _SHELF_EVERY_S:
                self._entries = {entry.name: entry for entry in await asyncio.to_thread(self._shelf.entries)}
                self._shelf_read_at = time.monotonic()

    async def _count(self) -> None:
        if time.monotonic() - self._counted_at >= _COUNT_EVERY_S:
            self._counted_at = time.monotonic()
            self._given = await backlog.seconds_given(self._store, _LATELY)


def _told(kind: str, payload: dict[str, object]) -> _Told:
    shape = KINDS.get(kind)
    try:
        read = shape.model_validate(payload) if shape else Payload()
    except ValueError:  # whoever claims it says so in its row
        read = Payload()
    return _Told(read, effort_of(kind, payload), size_of(kind, payload))


def _kind(payload: Payload) -> str:
    return next((kind for kind, shape in KINDS.items() if shape is type(payload)), "")


def _view(row: Device) -> DeviceView:
    return DeviceView(
        row.id,
        row.kind,
        row.memory_bytes,
        {str(one["model"]): int(one["bytes"]) for one in row.loaded},
        ready=heard_of(row, now()),
        free_at=row.free_at.timestamp() if row.free_at and row.state == "busy" else None,
        measured=row.speed,
        free=row.free_bytes,
        models=frozenset(row.models),
    )
