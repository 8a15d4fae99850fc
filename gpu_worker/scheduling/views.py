"""What does the choice of the next job see? Waiting jobs and devices, as plain values; times are seconds of one clock."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

# A load is from the disk's cache to the device; both figures are on the careful side of what an NVMe disk gives.
_LOAD_S = 1.0
_LOAD_BYTES_S = 1.5e9
# Effort a second of a device that was not measured yet; one is a step of a square megapixel.
SPEEDS = {"cuda": 8.0, "rocm": 6.0, "mps": 1.0, "cpu": 0.05}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that could begin now."""

    id: str
    model: str
    persona: str
    since: float  # when it came to be due
    effort: float
    bytes: int  # that its model takes on a device
    deadline: float | None = None  # somebody waits for it until then
    used: float = 0.0  # effort that its persona was given lately


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device, as its process last told."""

    id: str
    kind: str
    memory: int
    loaded: Mapping[str, int] = field(default_factory=dict)  # bytes by model, the longest unused first
    loaded_at: float | None = None  # when it last loaded a model
    ready: bool = True  # it takes jobs: not lost, not stopped, heard of lately
    free_at: float | None = None  # when what it does now should be done; none: it does nothing
    measured: float = 0.0  # effort a second; 0: not yet
    most: int = 4  # jobs in a batch
    free: int = 0  # bytes that could be loaded now
    models: Collection[str] | None = None  # that its machine has; none: all

    @property
    def speed(self) -> float:
        return self.measured or SPEEDS.get(self.kind, 1.0)

    def has(self, model: str) -> bool:
        return self.models is None or model in self.models

    def load_s(self, model: str, size: int) -> float:
        """How long it takes until the model can work here."""
        return 0.0 if model in self.loaded else load_s(size)

    def free_in(self, now: float) -> float:
        """How long it is still busy. One that is late is thought to need as long again as it is late."""
        return 0.0 if self.free_at is None else abs(self.free_at - now)


def load_s(size: int) -> float:
    return _LOAD_S + size / _LOAD_BYTES_S


def to_evict(loaded: Mapping[str, int], room: int, needed: int) -> list[str]:
    """Which models must go, the longest unused first, so that `needed` bytes fit where `room` are free."""
    gone: list[str] = []
    for model, size in loaded.items():
        if room >= needed:
            break
        gone.append(model)
        room += size
    return gone
