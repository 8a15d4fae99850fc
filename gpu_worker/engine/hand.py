"""How is a batch made on the device? In the device's one thread, with what is done when memory runs out.

Out of memory: the cache is emptied and the batch halved; then other models leave; then the model is loaded anew with more of it
kept off the device; then the order fails, with that reason. An error in a batch is looked for one order at a time, so that only
its own order fails.
"""

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from gator.errors import GatorError, Refused
from gpu_worker.engine.batch import Batch, Ticket, steps_of
from gpu_worker.engine.cache import Cache
from gpu_worker.engine.hardware import Hardware, is_of_device, is_out_of_memory
from gpu_worker.engine.maker import DeviceLost, Made, Maker, maker_of
from gpu_worker.scheduling.effort import effort_of
from gpu_worker.shelf import Shelf, ShelfEntry
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
    most: dict[str, int] = field(default_factory=dict)  # orders in a batch that memory allows, by model
    done: int = 0
    stirred_at: float = field(default_factory=time.monotonic)  # when it last did something
    making: bool = False

    def stir(self) -> None:
        self.stirred_at = time.monotonic()

    def learn(self, effort: float, took_s: float) -> None:
        speed = effort / max(took_s, 1e-3)
        self.speed = speed if not self.speed else (1 - _NEWS) * self.speed + _NEWS * speed


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

    def most(self, model: str) -> int:
        return self.pace.most.get(model, self._most)

    def make(self, batch: Batch) -> None:
        """Make every order of the batch and hand each on. Raises DeviceLost, with nothing handed on for what is left."""
        self.pace.stir()
        self.pace.making = True
        try:
            try:
                maker, entry = maker_of(batch.kind), self._shelf.get(batch.model)
            except (GatorError, ImportError) as refused:
                for ticket in batch.tickets:
                    self._give(ticket, refused)
                return
            for part in batch.in_parts(maker, self.most(batch.model)):
                self._make_part(maker, entry, [ticket for ticket in part if ticket.wanted])
        finally:
            self.pace.making = False

    def _make_part(self, maker: Maker, entry: ShelfEntry, part: list[Ticket]) -> None:
        """Make the orders of one part; in smaller ones where memory or an error makes it so."""
        while part:
            size = min(len(part), self.most(entry.name))
            some, part = part[:size], part[size:]
            try:
                self._make_some(maker, entry, some)
            except Cancelled:
                self._hardware.empty()
            except DeviceLost:
                raise
            except Exception as error:  # noqa: BLE001 (it is the order's own, and its runner names or logs it)
                part = [*self._after(error, entry, some), *part]

    def _after(self, error: Exception, entry: ShelfEntry, some: list[Ticket]) -> list[Ticket]:
        """The orders to be made again after an error: all, where there is a way left; none when it was handed on."""
        traceback.clear_frames(error.__traceback__)  # they hold what fills the memory
        if is_of_device(error):
            self._hardware.check()
        if is_out_of_memory(error):
            return self._after_no_memory(entry, some)
        if len(some) == 1:
            self._give(some[0], error)
            return []
        for ticket in some:
            self._make_part(maker_of(ticket.kind), entry, [ticket] if ticket.wanted else [])
        return []

    def _after_no_memory(self, entry: ShelfEntry, some: list[Ticket]) -> list[Ticket]:
        self._hardware.empty()
        log.info("memory_short", model=entry.name, orders=len(some), free_bytes=self._hardware.free_bytes())
        if len(some) > 1:
            self.pace.most[entry.name] = len(some) // 2
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
        loaded = self._cache.get(maker, entry)
        self.pace.stir()
        began = time.monotonic()

        def on_step(done: int, of: int) -> None:
            self.pace.stir()
            share = min(1.0, done / max(of, 1))
            took_s = time.monotonic() - began
            self._progress(some, _UNTIL_DONE * share, took_s / share - took_s if share else 0.0)

        made = maker.make(loaded, [ticket.order for ticket in some], steps_of(some, on_step))
        self.pace.stir()
        if len(made) != len(some):
            raise ValueError(f"the maker gave {len(made)} drafts for {len(some)} orders")
        effort = sum(effort_of(one.kind, one.order.payload.model_dump()) for one in some)
        self.pace.learn(effort, time.monotonic() - began)
        for ticket, one in zip(some, made, strict=True):
            self.pace.done += 1
            self._give(ticket, one)
