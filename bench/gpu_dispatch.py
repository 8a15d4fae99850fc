"""What does a job on a model cost beside its making, and how long does a device wait between two? (PERFORMANCE G4)

    python -m bench.gpu_dispatch [--jobs 200] [--ms 50] [--batch 1] [--heap 0]

A device's own process code on SQLite, with a maker that sleeps for the time a picture would take and writes a few bytes;
`--heap` more wait all the while. CPU is that of the whole process for each job, at the level of logging that a worker has.

What is work and no dispatch is measured in the same run, by itself, and taken off: the maker's own, and the file's, which is
looked at, labelled, hashed, copied, synced and named. What remains is dispatch: look, choice, claim, lease, progress, end of
the job, rows of the device, log. A job without a device has of that claim, lease and end; it is measured beside. The gap is
from the end of one making to the beginning of the next. Goals: at most 5 ms and 20 ms.
"""

import argparse
import asyncio
import contextlib
import sqlite3
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from gator import log as logs
from gator.garbage import Sparing
from gator.principal import Principal
from gator.settings import Settings
from gpu_worker.devices import Found
from gpu_worker.engine.hardware import Cpu
from gpu_worker.engine.maker import MAKERS, Made, Order, Spare, Step
from gpu_worker.engine.process import Device, Habits
from gpu_worker.jobs import KINDS, Payload
from gpu_worker.lease import Terms
from gpu_worker.looks import looks_of
from gpu_worker.runner import Runner
from gpu_worker.shelf import Shelf, ShelfEntry
from gpu_worker.stamping import Making, stamp
from gpu_worker.studio import Claim, Draft, Studio
from memory import backlog, schema
from memory.blobs import Blobs
from memory.founding import found
from memory.media_place import blobs_of
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
    """Notes when it began and ended, and what it took of the processor itself."""

    def __init__(self) -> None:
        self.spans: list[tuple[float, float]] = []
        self.cpu_s = 0.0

    def together(self, one: Payload, other: Payload) -> bool:
        return isinstance(one, Sleep) and isinstance(other, Sleep) and not one.alone

    def load(self, entry: ShelfEntry, device: str, spare: Spare, rooms: Mapping[str, int]) -> Weights:  # noqa: ARG002
        return Weights()

    def make(self, loaded: Weights, orders: Sequence[Order], step: Step) -> Sequence[Made]:  # noqa: ARG002
        began = time.perf_counter()
        first = orders[0].payload
        assert isinstance(first, Sleep)
        for done in range(STEPS):
            at = time.thread_time()
            time.sleep(first.ms / 1000 / STEPS)
            self.cpu_s += time.thread_time() - at
            step(done + 1, STEPS)
        at = time.thread_time()
        drafts = [written(order.scratch, order.id) for order in orders]
        self.cpu_s += time.thread_time() - at
        self.spans.append((began, time.perf_counter()))
        return drafts


def written(folder: Path, what: str) -> Draft:
    path = folder / "text"
    path.write_text(f"made of {what}")  # each another file
    return Draft(path, "text/plain")


maker = Sleeper()


@dataclass(frozen=True, slots=True)
class House:
    """A Gator of its own."""

    settings: Settings
    store: Store
    blobs: Blobs
    who: Principal

    async def queue(self, jobs: int, told: Sleep, model: str | None = "sleepy") -> list[backlog.Waiting]:
        async with self.store.open_work(self.who) as work:
            queued = [
                await work.jobs.queue(KIND, told.model_dump(), key=f"{model}{told}{n}", makes="text", model=model)
                for n in range(jobs)
            ]
        return [backlog.Waiting(one.workspace, one.id) for one in queued]

    async def until_done(self, jobs: int) -> int:
        """How many are done then. Asked past the store, for a few microseconds."""
        with contextlib.closing(sqlite3.connect(self.settings.home / "gator.db")) as rows:
            while True:
                await asyncio.sleep(0.5)
                ended = dict(rows.execute("SELECT state, count(*) FROM job GROUP BY state").fetchall())
                if ended.get("failed"):
                    raise SystemExit("A job failed.")
                if ended.get("done", 0) >= jobs:
                    return int(ended["done"])


async def on_device(house: House, asked: argparse.Namespace) -> tuple[float, float]:
    """CPU in ms a job, and that of the maker among it."""
    jobs, kind = asked.jobs, "cuda" if asked.batch > 1 else "cpu"
    device = Device(house.settings, Cpu(Found("cpu", kind, "bench", 10**9)), Terms(), Habits())
    working = asyncio.create_task(device.serve())
    await house.queue(4, Sleep(ms=1, alone=True))  # imports and first statements are not to be measured
    await house.until_done(4)
    maker.spans.clear()
    maker.cpu_s = 0.0
    await house.queue(jobs + asked.heap, Sleep(ms=asked.ms, alone=asked.batch == 1))
    began = time.process_time()
    done = await house.until_done(jobs + 4) - 4
    told = 1000 * (time.process_time() - began) / done, 1000 * maker.cpu_s / done
    device.stop()
    await working
    return told


async def without_device(house: House, jobs: int) -> float:
    """CPU in ms a job."""

    async def write(claim: Claim[Any], studio: Studio) -> Draft:
        return written(studio.scratch, claim.id)

    scratch = house.settings.home / "scratch"
    runner = Runner(house.store, house.blobs, scratch, "bench", 1, handler=lambda _kind: write)
    waiting = await house.queue(jobs, Sleep(ms=0, alone=True), model=None)
    await runner.work(*waiting[0])
    began = time.process_time()
    for one in waiting[1:]:
        await runner.work(*one)
    cpu_s = time.process_time() - began
    await runner.stop()
    return 1000 * cpu_s / (jobs - 1)


def of_file(house: House, jobs: int) -> float:
    """CPU in ms of what is done with a file, without rows and without a loop."""
    folder = house.settings.home / "scratch"
    folder.mkdir(exist_ok=True)
    began = time.process_time()
    for n in range(jobs):
        draft = written(folder, f"nothing {n}")
        looks = tuple(looks_of(draft.path, draft.mime))
        labelled = replace(draft, looks=looks, provenance={"digital_source_type": "algorithmicMedia"})
        stamped = stamp(labelled, Making(str(n), "text", 1, ()), None)
        with house.blobs.bring(stamped.path) as arrival:
            arrival.keep()
    return 1000 * (time.process_time() - began) / jobs


async def measure(asked: argparse.Namespace) -> dict[str, float]:
    """Each figure in ms."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        path = settings.shelf_folder / "sleepy"
        path.mkdir(parents=True)
        Shelf(settings.shelf_folder).put(ShelfEntry(name="sleepy", kind="pipeline", family="sdxl", path=path, bytes=1))
        schema.upgrade(settings.database)
        store = Store(settings.database)
        house = House(settings, store, blobs_of(settings), await found(store))
        told = dict(zip(("all", "maker"), await on_device(house, asked), strict=True))
        told["file"] = await asyncio.to_thread(of_file, house, asked.jobs)
        told["without"] = await without_device(house, asked.jobs)
        await store.close()
    return told


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--jobs", type=int, default=200)
    options.add_argument("--ms", type=float, default=50.0, help="how long one making takes")
    options.add_argument("--batch", type=int, default=1)
    options.add_argument("--heap", type=int, default=0, help="how many more wait")
    asked = options.parse_args()
    MAKERS.clear()  # the others need not be imported
    KINDS[KIND], MAKERS[KIND] = Sleep, "bench.gpu_dispatch"
    sys.modules["bench.gpu_dispatch"] = sys.modules["__main__"]  # the maker that is measured is this one
    Sparing().start()  # as a device's process does
    with tempfile.TemporaryFile("w") as lines, contextlib.redirect_stderr(lines):
        logs.configure("info")
        told = asyncio.run(measure(asked))
    work = told["maker"] + told["file"]
    print(f"CPU-ms a job: {told['all']:.2f} = {told['maker']:.2f} maker + {told['file']:.2f} file + dispatch", end=" ")
    print(f"{told['all'] - work:.2f}; without a device {told['without'] - told['file']:.2f} beside its file")
    gaps = [1000 * (begin - end) for (_, end), (begin, _) in zip(maker.spans, maker.spans[1:], strict=False)]
    print(f"gap: median {median(gaps):.1f} ms, p95 {quantiles(gaps, n=20)[18]:.1f} ms")


if __name__ == "__main__":
    main()
