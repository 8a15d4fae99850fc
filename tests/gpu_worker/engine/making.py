"""A maker of the tests' own, on hardware that counts: it allocates, runs out of memory, hangs, or loses its device when told."""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gator.errors import Refused
from gpu_worker.devices import Found
from gpu_worker.engine.hand import Rests
from gpu_worker.engine.maker import MAKERS, DeviceLost, Made, Order, Spare, Step
from gpu_worker.jobs import KINDS, Payload
from gpu_worker.shelf import ShelfEntry
from gpu_worker.studio import Cancelled, Draft

KIND = "test.make"
SHARES = {Spare.none: 1, Spare.apart: 2, Spare.offload: 2, Spare.turns: 3, Spare.sequential: 4}


class Make(Payload):
    """What a test asks for. `signs` is a folder where the maker leaves a mark for each thing it does."""

    text: str = "made"
    steps: int = 2
    step_s: float = 0.0
    signs: str = ""
    pauses: bool = False  # all that was made is kept
    alone: bool = False  # goes with no other
    width: int | None = None
    height: int | None = None
    needs: int = 0  # memory for each order while it is made
    trouble: str = ""  # refused, bug, hang, kill, lost; with "once": only the first time


KINDS[KIND] = Make
MAKERS[KIND] = "tests.gpu_worker.engine.making"


class Counting:
    """Hardware whose memory is a number."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.held = 0
        self.emptied = 0
        self.dead = ""

    def free_bytes(self) -> int:
        return self.found.memory_bytes - self.held

    def empty(self) -> None:
        self.emptied += 1

    def check(self) -> None:
        if self.dead:
            raise DeviceLost(self.dead)

    def take(self, size: int) -> None:
        if size > self.free_bytes():
            raise MemoryError
        self.held += size


@dataclass
class Weights:
    model: str
    hardware: Counting
    size: int
    spare: Spare

    def size_bytes(self) -> int:
        return self.size

    def unload(self) -> None:
        self.hardware.held -= self.size
        self.size = 0


class TestMaker:
    """`hardware` is set by whoever starts the process."""

    __test__ = False
    hardware: Counting

    def __init__(self) -> None:
        self.did: list[str] = []

    def together(self, one: Payload, other: Payload) -> bool:
        return isinstance(one, Make) and isinstance(other, Make) and not (one.alone or other.alone)

    def load(self, entry: ShelfEntry, device: str, spare: Spare, rooms: Mapping[str, int]) -> Weights:
        assert device == self.hardware.found.name
        assert rooms[device] == self.hardware.free_bytes()
        size = entry.bytes // SHARES[spare]
        self.hardware.take(size)
        self.did.append(f"load {entry.name} {spare.value}")
        return Weights(entry.name, self.hardware, size, spare)

    def make(self, loaded: Weights, orders: Sequence[Order], step: Step) -> list[Made]:
        told = [order.payload for order in orders]
        taken = sum(one.needs for one in told if isinstance(one, Make))
        self.hardware.take(taken)
        try:
            return self._make(loaded, orders, step)
        except Cancelled:
            self.did.append("cancelled")
            raise
        except Rests:
            self.did.append("rested")
            raise
        finally:
            self.hardware.held -= taken

    def _make(self, loaded: Weights, orders: Sequence[Order], step: Step) -> list[Made]:
        self.did.append(f"make {loaded.model} {len(orders)}")
        first = orders[0].payload
        assert isinstance(first, Make)
        for order in orders:
            _mark(order, "began")
            _trouble(order, self.hardware)
        for done in range(first.steps):
            time.sleep(first.step_s)
            step(done + 1, first.steps)
            if first.pauses and done + 1 < first.steps:
                orders[0].pause()
        return [_drawn(order) for order in orders]


def _drawn(order: Order) -> Made:
    assert isinstance(order.payload, Make)
    text = order.payload.text

    def write() -> Draft:
        path = order.scratch / "text"
        path.write_text(f"{text} {order.seed} " + " ".join(file.read_text() for file in order.files.values()))
        return Draft(path, "text/plain", provenance={"engine": "counting"})

    return write


def _mark(order: Order, what: str) -> bool:
    """Whether it was not left before."""
    signs = getattr(order.payload, "signs", "")
    if not signs:
        return False
    before = [*Path(signs).glob(f"{order.id}.{what}.*")]
    (Path(signs) / f"{order.id}.{what}.{len(before)}.{os.getpid()}").touch()
    return not before


def _trouble(order: Order, hardware: Counting) -> None:
    trouble = getattr(order.payload, "trouble", "")
    if trouble.endswith("once"):
        trouble = trouble.removesuffix("once").strip() if _mark(order, "trouble") else ""
    if trouble == "refused":
        raise Refused("Nobody makes such a thing.")
    if trouble == "bug":
        raise KeyError("secret words")
    if trouble == "hang":
        time.sleep(600)
    if trouble == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if trouble == "lost":
        hardware.dead = "It fell off the bus."
        raise RuntimeError("CUDA error: an illegal memory access was encountered")


maker = TestMaker()
