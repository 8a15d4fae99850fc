"""Where does a model go that leaves a GPU? Into pinned memory of the machine, as long as there is room: back from there it
takes the time of a copy, not that of reading files and building layers.

The device's memory is counted by the engine; this is the machine's own, of which at most a share is taken.
"""

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

_SHARE = 0.4  # of the memory that is available when a model comes to rest
_MEMINFO = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True)
class Rested:
    pipe: Any
    bytes: int


class Resting:
    """Pipelines by model and the state of its files, the longest unused first. Used by a device's one thread."""

    def __init__(self) -> None:
        self._rested: OrderedDict[str, Rested] = OrderedDict()

    def lay(self, key: str, pipe: Any, *, pin: bool = True) -> bool:
        """Take the pipeline from its device and keep it; False when there is no room, and it stays where it is."""
        size = sum(held.nbytes for held in _tensors(pipe))
        room = int(_available_bytes() * _SHARE)
        if size > room:
            return False
        while self._rested and sum(one.bytes for one in self._rested.values()) + size > room:
            self._rested.popitem(last=False)
        for held in _tensors(pipe):
            there = torch.empty_like(held.data, device="cpu", pin_memory=pin)
            held.data = there.copy_(held.data, non_blocking=pin)
        if pin:
            torch.cuda.synchronize()
        self._rested[key] = Rested(pipe, size)
        return True

    def wake(self, key: str, device: torch.device) -> Any | None:
        """The pipeline, on the device again; None when it does not rest here."""
        rested = self._rested.pop(key, None)
        if rested is None:
            return None
        for held in _tensors(rested.pipe):  # out of memory: it is read anew when there is room
            held.data = held.data.to(device, non_blocking=True)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return rested.pipe


def _tensors(pipe: Any) -> list[torch.Tensor]:
    """Each once, though modules may share them."""
    modules = [part for part in pipe.components.values() if isinstance(part, torch.nn.Module)]
    held = (one for module in modules for one in (*module.parameters(), *module.buffers()))
    return list({id(one): one for one in held}.values())


def _available_bytes() -> int:
    try:
        line = next(one for one in _MEMINFO.read_text().splitlines() if one.startswith("MemAvailable"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration, ValueError, IndexError):
        return 0  # where nobody says how much there is, nothing is kept


RESTING = Resting()
