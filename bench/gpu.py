"""How fast are pictures on this machine's GPU, beside a plain diffusers loop in the same run? And what does a model swap cost?

    python -m bench.gpu [--steps N] [--size PX] [--batch 4] [--rounds 5] [--each 4] [--no-compile]

With a GPU: Stable Diffusion XL in its true size with random weights, which are as fast as trained ones, 20 steps at 1024 px;
nothing is downloaded, 7 GB are written to a temporary folder. Without one: a small model of its kind on one core, 4 steps at
256 px: what the maker costs beside the plain loop in processor time, and nothing of how fast a GPU is. Rows are interleaved, a
round of each at a time, and the median round counts. The plain loop is `pipe(prompt)` and nothing else; the maker's pictures
are also encoded, in threads beside the device, as a worker does it.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from bench.gpu_model import save_sdxl, save_small
from gpu_worker.engine.maker import Made, Order, Spare
from gpu_worker.jobs import MakePicture
from gpu_worker.pictures.loading import LoadedModel, make_fast
from gpu_worker.pictures.making import maker
from gpu_worker.placed import read_pipeline
from gpu_worker.shelf import Shelf, ShelfEntry

PROMPT = "a grey heron in the reeds of a lake at dawn, mist over the water, photograph"


@dataclass
class Run:
    """One measurement's surroundings."""

    device: str
    folder: Path
    steps: int
    size: int
    orders: int = 0
    encoding: list["Future[Any]"] = field(default_factory=list)
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4))

    @property
    def clock(self) -> Callable[[], float]:
        """On a CPU what the processor did counts, whoever else is at work on it."""
        return time.process_time if self.device == "cpu" else time.perf_counter

    def order(self) -> Order:
        self.orders += 1
        scratch = self.folder / "scratch" / str(self.orders)
        scratch.mkdir(parents=True)
        payload = MakePicture(prompt=PROMPT, model="a", width=self.size, height=self.size, steps=self.steps)
        return Order(str(self.orders), payload, self.orders, scratch, {})

    def make(self, loaded: LoadedModel, count: int) -> None:
        """A batch, its encoding begun in threads."""
        made: Sequence[Made] = maker.make(loaded, [self.order() for _ in range(count)], _unheard)
        self.encoding += [self.threads.submit(one) for one in made if callable(one)]

    def plain(self, pipe: Any) -> None:
        self.orders += 1
        seeded = torch.Generator("cpu").manual_seed(self.orders)
        size = {"width": self.size, "height": self.size}
        pipe(prompt=PROMPT, num_inference_steps=self.steps, generator=seeded, **size)

    def settle(self) -> None:
        """Wait for the device and for what is still encoded."""
        if self.device.startswith("cuda"):
            torch.cuda.synchronize()
        for one in self.encoding:
            one.result()
        self.encoding.clear()


def _unheard(_done: int, _of: int) -> None:
    """What the maker tells of its steps."""


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--steps", type=int)
    ask.add_argument("--size", type=int)
    ask.add_argument("--batch", type=int, default=4)
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--each", type=int, default=4, help="pictures of a row in a round")
    ask.add_argument("--no-compile", action="store_true")
    told = ask.parse_args()
    device = "cuda:0" if torch.cuda.is_available() else "cpu"
    name, steps, size = (
        (torch.cuda.get_device_name(0), 20, 1024) if device != "cpu" else ("one core of a CPU: a small model", 4, 256)
    )
    if device == "cpu":
        torch.set_num_threads(1)  # more wait for one another where others are at work
    with tempfile.TemporaryDirectory() as folder:
        run = Run(device, Path(folder), told.steps or steps, told.size or size)
        print(f"{name}; torch {torch.__version__}; {run.steps} steps at {run.size} px; load {os.getloadavg()[0]:.1f}")
        entries = made_models(run)
        swaps(run, entries)
        speeds(run, entries[0], told)
        run.threads.shutdown()


def made_models(run: Run) -> list[ShelfEntry]:
    """Two models of one shelf: the second is the first one's files under another name."""
    there = Shelf(run.folder / "models")
    first = there.folder / "a"
    if run.device == "cpu":
        save_small(first)
    else:
        save_sdxl(first, run.device)
    shutil.copytree(first, there.folder / "b", copy_function=lambda one, other: Path(other).hardlink_to(one))
    for name in ("a", "b"):
        there.put(ShelfEntry(name=name, kind="pipeline", family="sdxl", path=there.folder / name))
    return there.entries()


def swaps(run: Run, entries: list[ShelfEntry]) -> None:
    """From nothing to the first picture, and from one model to another's first step, beside the copy's own time."""
    one, other = entries
    cold_s, loaded = timed(run, lambda: maker.load(one, run.device, Spare.none, {}))
    first_s, _ = timed(run, lambda: run.make(loaded, 1))
    size = loaded.size_bytes()
    print(f"model of {size / 2**30:.2f} GiB: loaded in {cold_s:.2f} s, its first picture in {first_s:.2f} s more")
    found = []
    for _ in range(3):  # a → b → a → b: the first time each comes from the disk's cache, later from where it rested
        loaded.unload()
        one, other = other, one
        took_s, loaded = timed(run, lambda entry=one: maker.load(entry, run.device, Spare.none, {}))  # type: ignore[misc]
        found.append(took_s)
    print(f"swap to another model: {', '.join(f'{took_s:.2f}' for took_s in found)} s")
    loaded.unload()
    read_s, pipe = timed(run, lambda: read_pipeline(one, loaded.dtype).to(run.device))
    del pipe
    print(f"from_pretrained().to(): {read_s:.2f} s")
    if run.device != "cpu":
        pinned = torch.empty(size, dtype=torch.uint8, pin_memory=True)
        copy_s, copied = timed(run, lambda: pinned.to(run.device, non_blocking=True))
        del copied
        print(f"pinned copy of as many bytes: {copy_s:.2f} s; swap is {found[-1] / copy_s:.1f} times that")


def speeds(run: Run, entry: ShelfEntry, told: argparse.Namespace) -> None:
    loaded = maker.load(entry, run.device, Spare.none, {})
    pipe = loaded.pipe
    rows: dict[str, tuple[int, Callable[[], None]]] = {
        "plain loop": (told.each, lambda: _times(told.each, lambda: run.plain(pipe))),
        "maker, one at a time": (told.each, lambda: _times(told.each, lambda: run.make(loaded, 1))),
        f"maker, batches of {told.batch}": (told.batch, lambda: run.make(loaded, told.batch)),
    }
    first = measured(run, rows, told.rounds)
    report(first, first["plain loop"])
    if told.no_compile:
        return
    began = time.perf_counter()
    make_fast(pipe, loaded.family)
    run.make(loaded, 1)
    run.settle()
    compile_s = time.perf_counter() - began
    print(f"compiled in {compile_s:.0f} s, its first picture included")
    names = {f"compiled: {name}": row for name, row in rows.items() if name != f"maker, batches of {told.batch}"}
    report(measured(run, names, told.rounds), first["plain loop"])


def _times(count: int, work: Callable[[], None]) -> None:
    for _ in range(count):
        work()


def measured(run: Run, rows: dict[str, tuple[int, Callable[[], None]]], rounds: int) -> dict[str, float]:
    """Pictures a second of each row: the median of the rounds, after one that does not count."""
    found: dict[str, list[float]] = {name: [] for name in rows}
    for number in range(rounds + 1):
        for name, (pictures, work) in rows.items():
            took_s, _ = timed(run, work)
            if number:
                found[name].append(pictures / took_s)
    return {name: statistics.median(values) for name, values in found.items()}


def report(found: dict[str, float], plain: float) -> None:
    for name, speed in found.items():
        print(f"{name:36} {speed:8.3f} pictures/s   {speed / plain:5.2f} x the plain loop")


def timed(run: Run, work: Callable[[], Any]) -> tuple[float, Any]:
    run.settle()
    began = run.clock()
    given = work()
    run.settle()
    return run.clock() - began, given


if __name__ == "__main__":
    main()
