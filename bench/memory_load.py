"""Which memories does everybody hold whom bench.memory measures, and how is it timed? The same vectors, texts and queries."""

import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

DIM = 384
PER_FAN = 100
BLOCK = 5_000  # memories that are made, and added in bulk, at once
BEST = 8
WORDS = (
    "river", "lamp", "tiger", "violin", "cellar", "bridge", "paper", "cloud",
    "engine", "garden", "mirror", "salt", "ladder", "otter", "window", "copper",
)  # fmt: skip

Figures = dict[str, float]
Floats = np.ndarray[Any, np.dtype[np.float32]]


def blocks(count: int) -> Iterator[tuple[int, Floats]]:
    """The place of the first, and unit vectors: the same ones for everybody."""
    for start in range(0, count, BLOCK):
        yield start, unit(min(BLOCK, count - start), seed=start + 1)


def unit(count: int, seed: int) -> Floats:
    made = np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def text_of(at: int) -> str:
    """About as long as what fans say."""
    return " ".join(WORDS[(at * step + step) % len(WORDS)] for step in range(1, 13)) + f" {at}"


def asked(rounds: int, fans: int) -> list[tuple[int, Floats]]:
    """A fan and a vector for each query."""
    chance = np.random.default_rng(7)
    return list(zip(chance.integers(fans, size=rounds).tolist(), unit(rounds, seed=9_999_999), strict=True))


class Clock:
    """Wall and CPU of the rounds that it was given."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    async def time(self, work: Callable[[], Awaitable[object]]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        await work()
        self.wall.append(1000 * (time.perf_counter() - wall))
        self.cpu.append(1000 * (time.process_time() - cpu))

    def told(self, name: str) -> Figures:
        p95 = sorted(self.wall)[int(0.95 * len(self.wall))]
        return {f"{name}_cpu": median(self.cpu), f"{name}_p50": median(self.wall), f"{name}_p95": p95}


def resident_mib() -> float:
    fields = Path("/proc/self/status").read_text().split("VmRSS:")[1].split()
    return int(fields[0]) / 1024


def disk_bytes(*paths: Path) -> int:
    files = [file for path in paths for file in (path.rglob("*") if path.is_dir() else [path])]
    return sum(file.stat().st_size for file in files if file.is_file())
