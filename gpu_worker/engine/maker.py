"""What makes media on a model? The seam between the engine (`gpu_worker.engine`), which owns devices, memory and jobs, and
the makers (`gpu_worker.pictures`, `gpu_worker.clips`), which know models. Light to import: no torch.

A maker lets `torch.OutOfMemoryError` and `MemoryError` fly: the engine halves the batch, evicts other models, loads with the
next `Spare`, then fails the job. An error of the device itself flies as well; the engine decides whether it is lost.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from gator.errors import Unavailable
from gpu_worker.jobs import Payload
from gpu_worker.studio import Draft

if TYPE_CHECKING:
    from gpu_worker.shelf import ShelfEntry

Step = Callable[[int, int], None]
# A draft, or what gives it in another thread while the device has its next batch: encoding needs no device.
Made = Draft | Callable[[], Draft]


class DeviceLost(Exception):
    """The device is gone and will not come back to this process; the message says why."""


class Spare(StrEnum):
    """What is kept off the device to spare its memory, each level slower than the one before."""

    none = "none"  # all of the model is on the device
    apart = "apart"  # text encoder and decoder are on another GPU of the machine, where one has room
    offload = "offload"  # text encoder and decoder are on the CPU
    turns = "turns"  # one part at a time is on the device
    sequential = "sequential"  # layers come to the device one after another


def _go_on() -> None:
    """Nobody wants the work to end here."""


@dataclass(frozen=True, slots=True)
class Order:
    """One claimed job as a maker sees it. `scratch` is its own folder; `files` are those of the assets it needs, by asset id.

    `kept` is a folder for what was hard to come by, made by who uses it: later attempts of the job here find it. A maker calls
    `pause` where nothing would be lost if it ended, because all is kept; what that raises ends the work.
    """

    id: str
    payload: Payload
    seed: int
    scratch: Path
    files: Mapping[str, Path]
    kept: Path | None = None
    pause: Callable[[], None] = _go_on


class Loaded(Protocol):
    """A model in memory."""

    model: str

    def size_bytes(self) -> int:
        """Measured: what was allocated on the device by the load."""
        ...

    def unload(self) -> None:
        """Give its memory back."""
        ...


class Maker(Protocol):
    """What makes one kind of media. Its methods block and are called in one thread, never two at once."""

    def together(self, one: Payload, other: Payload) -> bool:
        """Whether two orders of one model may share a batch."""
        ...

    def load(self, entry: "ShelfEntry", device: str, spare: Spare, rooms: Mapping[str, int]) -> Loaded:
        """The model on the device, named as torch does: "cuda:0", "mps", "cpu".

        `rooms` are the bytes that are free on the devices of this machine where its parts may lie, by their names.
        Raises Refused for a model that cannot be used.
        """
        ...

    def make(self, loaded: Loaded, orders: Sequence[Order], step: Step) -> Sequence[Made]:
        """What was made of each order, in their order; each file lies in its order's `scratch`.

        `step(done, of)` after each step of the whole batch; it raises Cancelled, which must end the work and free its
        memory. With orders of one model that may go `together`.
        """
        ...


# Job kind → module that has a `maker: Maker`; a device process imports it with the first job of the kind.
MAKERS: dict[str, str] = {"picture.make": "gpu_worker.pictures.making", "video.clip": "gpu_worker.clips.making"}


def maker_of(kind: str) -> Maker:
    """The maker of that kind of job. Raises Unavailable when this worker has none."""
    if kind not in MAKERS:
        raise Unavailable(f"This worker cannot do {kind} jobs on a model.", remedy="Update the worker.")
    return cast(Maker, import_module(MAKERS[kind]).maker)


def import_makers() -> None:
    """All that are there, ahead of their first job: diffusers alone takes seconds. One that is not there is missed by its job."""
    for module in MAKERS.values():
        with suppress(ImportError):
            import_module(module)
