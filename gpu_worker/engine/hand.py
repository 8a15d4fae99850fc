"""How is a batch made on the device? In the device's one thread, with what is done when memory runs out.

Out of memory: the cache is emptied and the batch halved; then other models leave; then the model is loaded anew with more of it
kept off the device; then the order fails, with that reason. An error in a batch is looked for one order at a time, so that only
its own order fails.

What is urgent comes in between: at a step of what is being made, which stays in memory meanwhile; or, where there is no room for
both, what is being made ends where nothing of it is lost.
"""

import socket
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from queue import Empty, SimpleQueue

import structlog

from gator.errors import GatorError, NotFound, Refused
from gpu_worker.engine.batch import Batch, Ticket, steps_of
from gpu_worker.engine.cache import Cache
from gpu_worker.engine.hardware import Hardware, as_if_alone, is_of_device, is_out_of_memory
from gpu_worker.engine.maker import DeviceLost, Made, Maker, maker_of
from gpu_worker.lease import Stopped
from gpu_worker.scheduling.effort import effort_of, size_of
from gpu_worker.shelf import Entries, Shelf, ShelfEntry
from gpu_worker.studio import Cancelled

_NEWS = 0.3  # how much a new measurement of speed counts
_UNTIL_DONE = 0.95  # of the progress is the steps; decoding, encoding and stamping are the rest
log = structlog.get_logger()
Give = Callable[[Ticket, Made | BaseException], None]
Progress = Callable[[Sequence[Ticket], float, float], None]


@dataclass(slots=True)
class Pace:
    """How fast the device is, and what it learnt about batches."""

    speed: float = 0.0  # effort a second; 0: not measured
    room: dict[str, float] = field(
        default_factory=dict
    )  # size of a batch that memory allows, by model, while it is loaded
    done: int = 0
    stirred_at: float = field(default_factory=time.monotonic)  # when it last did something
    making: bool = False

    def stir(self) -> None:
        self.stirred_at = time.monotonic()

    def learn(self, effort: float, took_s: float) -> None:
        speed = effort / max(took_s, 1e-3)
        self.speed = speed if not self.speed else (1 - _NEWS) * self.speed + _NEWS * speed


class Rests(Exception):
    """What is being made ends here and goes on later."""


class Hand:
    """Makes batches. `give` hands on what came of an order, `progress` how far a part of a batch is; both from its thread."""

    def __init__(
        self, hardware: Hardware, cache: Cache, shelf: Shelf, most: int, give: Give, progress: Progress
    ) -> None:
        self.pace = Pace()
        self._hardware = hardware
        self._cache = cache
        self._shelf = shelf
        self._most = most
        self._give = give
        self._progress = progress
        self._entries: Entries = {}
        self._urgent: SimpleQueue[Batch] = SimpleQueue()
        self._rests = False
        self.is_beside = False  # what it makes now is in the middle of something else
        self.no_room_beside = False  # for anything, while this batch is made

    def most(self, model: str, size: float) -> int:
        """How many orders of that size (`effort.size_of`) go in a batch."""
        room = self.pace.room.get(model)
        return self._most if room is None else min(self._most, max(1, int(room / size)))

    def _most_of(self, model: str, ticket: Ticket) -> int:
        return self.most(model, _size(ticket))

    def make(self, batch: Batch) -> None:
        """Make every order of the batch and hand each on. Raises DeviceLost, with nothing handed on for what is left."""
        self.pace.stir()
        self.pace.making = True
        self._rests = self.no_room_beside = False
        try:
            self._make_batch(batch)
        finally:
            self.pace.making = False

    # From another thread, while a batch is made.

    def make_beside(self, batch: Batch) -> None:
        """Make this one at the next step of what is being made. See `left`."""
        self._urgent.put(batch)

    def left(self) -> Batch | None:
        """What was to be made beside a batch that ended before that."""
        try:
            return self._urgent.get_nowait()
        except Empty:
            return None

    def let_rest(self) -> None:
        """Put back what is being made as soon as nothing of it is lost."""
        self._rests = True

    # In the device's thread.

    def _make_batch(self, batch: Batch) -> None:
        try:
            maker, entry = maker_of(batch.kind), self._entry(batch.model)
        except (GatorError, ImportError) as refused:
            for ticket in batch.tickets:
                self._give(ticket, refused)
            return
        for part in batch.in_parts(maker, partial(self._most_of, batch.model)):
            self._make_part(maker, entry, [ticket for ticket in part if ticket.wanted])

    def _entry(self, model: str) -> ShelfEntry:
        """Raises NotFound, naming this machine: what another one has is done there, so none of those that take jobs has it."""
        try:
            return self._shelf.get(model, self._entries)
        except NotFound as missing:
            told = f"No machine that takes jobs has the model {model}; it was looked for on {socket.gethostname()}."
            raise NotFound(told, remedy=f"Put it into the models folder there. {missing.remedy}") from missing

    def _make_way(self) -> float:
        """Make what is urgent, if anything is; gives how long that took. Models that were not there leave again."""
        if self._urgent.empty():  # as after most steps, and a fast model has hundreds a second
            return 0.0
        began = time.monotonic()
        while not self.is_beside and (batch := self.left()):
            self.is_beside, before = True, self._cache.loaded()
            try:
                with as_if_alone():
                    self._make_batch(batch)
                    for model in self._cache.loaded().keys() - before.keys():
                        self._cache.drop(model)
            finally:
                self.is_beside = False
        return time.monotonic() - began

    def _pause(self) -> None:
        if self._rests and not self.is_beside:
            raise Rests

    def _make_part(self, maker: Maker, entry: ShelfEntry, part: list[Ticket]) -> None:
        """Make the orders of one part; in smaller ones where memory or an error makes it so."""
        while part:
            size = min(len(part), self._most_of(entry.name, part[0]))
            some, part = part[:size], part[size:]
            try:
                self._make_some(maker, entry, some)
            except Cancelled:
                self._hardware.empty()
            except Rests:
                self._put_back(some)
            except DeviceLost:
                raise
            except Exception as error:  # noqa: BLE001 (it is the order's own, and its runner names or logs it)
                part = [*self._after(error, entry, some), *part]

    def _after(self, error: Exception, entry: ShelfEntry, some: list[Ticket]) -> list[Ticket]:
        """The orders to be made again after an error: all, where there is a way left; none when it was handed on."""
        traceback.clear_frames(error.__traceback__)  # they hold what fills the memory
        short = is_out_of_memory(error)
        if short:
            self._hardware.empty()
        if is_of_device(error):
            self._hardware.check()
        if short:
            return self._after_no_memory(entry, some)
        if len(some) == 1:
            self._give(some[0], error)
            return []
        for ticket in some:
            self._make_part(maker_of(ticket.kind), entry, [ticket] if ticket.wanted else [])
        return []

    def _put_back(self, some: Sequence[Ticket]) -> None:
        for ticket in some:
            self._give(ticket, Stopped())

    def _after_no_memory(self, entry: ShelfEntry, some: list[Ticket]) -> list[Ticket]:
        log.info("memory_short", model=entry.name, orders=len(some), free_bytes=self._hardware.free_bytes())
        if self.is_beside:  # it may well fit alone
            self.no_room_beside = True
            self._put_back(some)
            return []
        if len(some) > 1:
            self.pace.room[entry.name] = (len(some) // 2) * _size(some[0])
        elif not self._cache.evict_others(entry.name) and not self._cache.spare_more(entry.name):
            label = self._hardware.found.label
            refused = Refused(
                f"It does not fit into the memory of {label}, even alone.",
                remedy="Ask for a smaller picture or fewer frames, or use a device with more memory.",
            )
            self._give(some[0], refused)
            return []
        return some

    def _make_some(self, maker: Maker, entry: ShelfEntry, some: list[Ticket]) -> None:
        if entry.name not in self._cache.loaded():
            self.pace.room.pop(entry.name, None)
        loaded = self._cache.get(maker, entry)
        self.pace.stir()
        began = time.monotonic()

        def on_step(done: int, of: int) -> None:
            nonlocal began
            self.pace.stir()
            share = min(1.0, done / max(of, 1))
            took_s = time.monotonic() - began
            self._progress(some, _UNTIL_DONE * share, took_s / share - took_s if share else 0.0)
            began += self._make_way()

        with self._cache.using(entry.name):
            orders = [replace(ticket.order, pause=self._pause) for ticket in some]
            made = maker.make(loaded, orders, steps_of(some, on_step))
        self.pace.stir()
        if len(made) != len(some):
            raise ValueError(f"the maker gave {len(made)} drafts for {len(some)} orders")
        effort = sum(effort_of(one.kind, one.order.payload.model_dump()) for one in some)
        self.pace.learn(effort, time.monotonic() - began)
        for ticket, one in zip(some, made, strict=True):
            self.pace.done += 1
            self._give(ticket, one)


def _size(ticket: Ticket) -> float:
    return max(1e-6, size_of(ticket.kind, ticket.order.payload.model_dump()))
