"""What is asked of a device itself? Its memory, and whether it lives; torch is imported only for what needs it."""

import ctypes
import gc
import sys
from contextlib import suppress
from typing import Any, Protocol

from gpu_worker.devices import Found, free_memory_bytes
from gpu_worker.engine.maker import DeviceLost

_RESERVED = 0.08  # of a device's memory, for what works beside the weights


class Hardware(Protocol):
    """One device, as the engine sees it."""

    found: Found

    def free_bytes(self) -> int:
        """What could be loaded now."""
        ...

    def empty(self) -> None:
        """Give what is kept for later back to the device."""
        ...

    def check(self) -> None:
        """Do a little on it. Raises DeviceLost when it does not work."""
        ...


class Cpu:
    """The machine's own processors and memory."""

    def __init__(self, found: Found) -> None:
        self.found = found

    def free_bytes(self) -> int:
        return max(0, free_memory_bytes() - int(_RESERVED * self.found.memory_bytes))

    def empty(self) -> None:
        gc.collect()
        with suppress(OSError, AttributeError):  # other C libraries have no malloc_trim
            ctypes.CDLL(None).malloc_trim(0)

    def check(self) -> None:
        """It runs this line."""


class Gpu:
    """CUDA and ROCm, which torch names alike, and Apple's."""

    def __init__(self, found: Found) -> None:
        self.found = found

    def free_bytes(self) -> int:
        import torch

        if self.found.kind == "mps":
            return max(0, self.found.memory_bytes - int(torch.mps.driver_allocated_memory()))
        free, _whole = torch.cuda.mem_get_info(self.found.name)
        # What torch keeps for later is free as well, for it.
        kept = torch.cuda.memory_reserved(self.found.name) - torch.cuda.memory_allocated(self.found.name)
        return max(0, int(free + kept - _RESERVED * self.found.memory_bytes))

    def empty(self) -> None:
        import torch

        gc.collect()
        (torch.mps if self.found.kind == "mps" else torch.cuda).empty_cache()

    def check(self) -> None:
        import torch

        try:
            one: Any = torch.ones(8, device=self.found.name)
            if float((one + one).sum().cpu()) != 16.0:
                raise DeviceLost("It adds wrong.")
        except RuntimeError as broken:  # torch's own errors are of this kind
            raise DeviceLost(_first_line(broken)) from None


def hardware(found: Found) -> Hardware:
    return Cpu(found) if found.kind == "cpu" else Gpu(found)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch or Python found no memory."""
    torch = sys.modules.get("torch")
    return isinstance(error, MemoryError) or (torch is not None and isinstance(error, torch.OutOfMemoryError))


def is_of_device(error: BaseException) -> bool:
    """Whether the error is one after which the device must be looked at: not of this order, or not of it alone."""
    if isinstance(error, DeviceLost):
        return True
    said = str(error)
    return isinstance(error, RuntimeError) and any(
        name in said for name in ("CUDA error", "HIP error", "MPS backend", "cuDNN")
    )


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
