"""Where does a model go that leaves a GPU? Into pinned memory of the machine, as long as there is room: back from there it
takes the time of a copy, not that of reading files and building layers.

The device's memory is counted by the engine; this is the machine's own, of which at most a share is taken.
"""

import gc
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import torch

from gpu_worker.devices import free_memory_bytes
from gpu_worker.engine.hardware import is_out_of_memory

_SHARE = 0.4  # of the memory that is available when a model comes to rest; all devices of the machine together


@dataclass(frozen=True, slots=True)
class Rested:
    pipe: Any
    bytes: int


class Resting:
    """Pipelines by model and the state of its files, the longest unused first. Used by a device's one thread."""

    def __init__(self) -> None:
        self._rested: OrderedDict[str, Rested] = OrderedDict()

    def lay(self, key: str, pipe: Any, *, pin: bool = True) -> bool:
        """Take the pipeline from its device and keep it; False when there is no room, and its owner lets it go."""
        size = sum(held.nbytes for held in _tensors(pipe))
        room = int(free_memory_bytes() * _SHARE / max(1, torch.cuda.device_count()))
        if size > room:
            return False
        while self._rested and sum(one.bytes for one in self._rested.values()) + size > room:
            self._rested.popitem(last=False)
        try:
            _bring_home(pipe, pin=pin)
        except RuntimeError as short:
            if not is_out_of_memory(short):
                raise
            return False  # the system gives no more page-locked memory
        self._rested[key] = Rested(pipe, size)
        return True

    def let_go(self) -> bool:
        """Give the machine back what the longest unused takes; whether there was any."""
        if not self._rested:
            return False
        self._rested.popitem(last=False)
        gc.collect()
        if torch.accelerator.is_available():
            torch.accelerator.memory.empty_host_cache()  # else freed pages stay locked, for the next who locks some
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


def _bring_home(pipe: Any, *, pin: bool) -> None:
    tensors = _tensors(pipe)
    devices = {held.device for held in tensors if held.device.type == "cuda"}
    for held in tensors:
        there = torch.empty_like(held.data, device="cpu", pin_memory=pin)
        held.data = there.copy_(held.data, non_blocking=pin)
    for device in devices:
        torch.cuda.synchronize(device)


def _tensors(pipe: Any) -> list[torch.Tensor]:
    """Each once, though modules may share them."""
    modules = [part for part in pipe.components.values() if isinstance(part, torch.nn.Module)]
    held = (one for module in modules for one in (*module.parameters(), *module.buffers()))
    return list({id(one): one for one in held}.values())


RESTING = Resting()
