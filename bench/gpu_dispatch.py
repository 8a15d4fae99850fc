"""What does a job on a model cost beside its making, and how long does a device wait between two? (PERFORMANCE G4)

    python -m bench.gpu_dispatch [--jobs 200] [--ms 50] [--batch 1]

A device's own process code on SQLite, with a maker that sleeps for the time a picture would take and writes a few bytes.
CPU is that of the whole process for each job: look, choice, claim, lease, progress, end of the job, rows of the device. The
gap is from the end of one making to the beginning of the next. Goals: at most 5 ms and 20 ms.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles

from gator.principal import Principal
from gator.settings import Settings
from gpu_worker.devices import Found
from gpu_worker.engine.hardware import Cpu
from gpu_worker.engine.maker import MAKERS, Made, Order, Spare, Step
from gpu_worker.engine.process import Device, Habits
from gpu_worker.jobs import KINDS, Payload
from gpu_worker.lease import Terms
from gpu_worker.shelf import Shelf, ShelfEntry
from gpu_worker.studio import Draft
from memory import schema
from memory.founding import found
from memory.store import Store

KIND, STEPS = "bench.sleep", 20


class Sleep(Payload):
    """How long it takes."""

    ms: float
    alone: bool


class Weights:
    model = "sleepy"

    def size_bytes(self) -> int:
        return 1

    def unload(self) -> None:
        """There is nothing to give back."""


class Sleeper:
    """Notes when it began and ended."""

    def __init__(self) -> None:
        self.spans: list[tuple[float, float]] = []

    def together(self, one: Payload, other: Payload) -> bool:
        return isinstance(one, Sleep) and isinstance(other, Sleep) and not one.alone

    def load(self, entry: ShelfEntry, device: str, spare: Spare, rooms: Mapping[str, int]) -> Weights:  # noqa: ARG002
        return Weights()

    def make(self, loaded: Weights, orders: Sequence[Order], step: Step) -> Sequence[Made]:  # noqa: ARG002
        began = time.perf_counter()
        first = orders[0].payload
        assert isinstance(first, Sleep)
        for done in range(STEPS):
            time.sleep(first.ms / 1000 / STEPS)
            step(done + 1, STEPS)
        drafts = [self._draft(order) for order in orders]
        self.spans.append((began, time.perf_counter()))
        return drafts

    def _draft(self, order: Order) -> Draft:
        path = order.scratch / "text"
        path.write_text("made")
        return Draft(path, "text/plain")


maker = Sleeper()


async def queue(store: Store, who: Principal, jobs: int, told: Sleep) -> None:
    async with store.open_work(who) as work:
        for n in range(jobs):
            await work.jobs.queue(KIND, told.model_dump(), key=f"{told}{n}", makes="text", model="sleepy")


async def measure(jobs: int, ms: float, batch: int) -> tuple[float, list[float]]:
    """CPU in ms a job, and the gaps in ms."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        (settings.shelf_folder / "sleepy").mkdir(parents=True)
        Shelf(settings.shelf_folder).put(
            ShelfEntry(name="sleepy", kind="pipeline", family="sdxl", path=settings.shelf_folder / "sleepy", bytes=1)
        )
        schema.upgrade(settings.database)
        store = Store(settings.database)
        who = await found(store)
        kind = "cuda" if batch > 1 else "cpu"
        device = Device(settings, Cpu(Found("cpu", kind, "bench", 10**9)), Terms(), Habits())
        working = asyncio.create_task(device.serve())
        await queue(store, who, 2, Sleep(ms=1, alone=True))  # imports and first statements are not to be measured
        await _done(store, who, 2)
        maker.spans.clear()
        await queue(store, who, jobs, Sleep(ms=ms, alone=batch == 1))
        began = time.process_time()
        await _done(store, who, jobs + 2)
        cpu_ms = 1000 * (time.process_time() - began) / jobs
        device.stop()
        await working
        await store.close()
    gaps = [1000 * (begin - end) for (_, end), (begin, _) in zip(maker.spans, maker.spans[1:], strict=False)]
    return cpu_ms, gaps


async def _done(store: Store, who: Principal, jobs: int) -> None:
    while True:
        await asyncio.sleep(0.2)
        async with store.open_work(who, reads=True) as work:
            if await work.jobs.count("done") == jobs:
                return


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--jobs", type=int, default=200)
    options.add_argument("--ms", type=float, default=50.0, help="how long one making takes")
    options.add_argument("--batch", type=int, default=1)
    asked = options.parse_args()
    MAKERS.clear()  # the others need not be imported
    KINDS[KIND], MAKERS[KIND] = Sleep, "bench.gpu_dispatch"
    sys.modules["bench.gpu_dispatch"] = sys.modules["__main__"]  # the maker that is measured is this one
    cpu_ms, gaps = asyncio.run(measure(asked.jobs, asked.ms, asked.batch))
    print(f"CPU {cpu_ms:.2f} ms a job; gap median {median(gaps):.1f} ms, p95 {quantiles(gaps, n=20)[18]:.1f} ms")


if __name__ == "__main__":
    main()
