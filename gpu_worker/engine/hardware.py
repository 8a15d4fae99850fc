"""What is asked of a device itself? Its memory, and whether it lives; torch is imported only for what needs it."""

import ctypes
import errno
import gc
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, Protocol

from gpu_worker.devices import Found, free_memory_bytes, uuid_of
from gpu_worker.engine.maker import DeviceLost

_RESERVED = 0.08  # of a device's memory, for what works beside the weights
# What torch says where memory is short and the error is not of its class: Apple's allocator and the CPU's, and what
# cuBLAS, cuDNN, MIOpen, Triton and page-locking take beside torch's own allocator. A library that finds no memory for its
# handle says that it is not initialized, and cuDNN that no engine can do it where none finds room for what it needs.
_SHORT = (
    "out of memory", "OutOfMemory", "allocate memory", "not enough memory", "Invalid buffer size", "ALLOC_FAILED",
    "ALLOCATION_FAILED", "StatusAllocFailed", "status_memory_error", "Memory not available to allocate",
    "CUBLAS_STATUS_NOT_INITIALIZED", "CUDNN_STATUS_NOT_INITIALIZED", "unable to find an engine to execute",
)  # fmt: skip
# Of what an error of a device speaks, whoever raises it: the runtime, the driver, a library, a compiled kernel.
_DEVICE = ("CUDA", "HIP", "MPS backend", "CUDNN", "cuDNN", "CUBLAS", "MIOpen", "miopen", "hipBLAS", "rocblas", "NVML")


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
        """Do a little on it, and be it what this thread works on. Raises DeviceLost when it does not work."""
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
            taken = int(torch.mps.driver_allocated_memory()) + int(_RESERVED * self.found.memory_bytes)
            return max(0, self.found.memory_bytes - taken)
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
            if self.found.kind != "mps":
                # A thread's own setting; what names no device (kernels, page-locking, questions) would go to the first.
                torch.cuda.set_device(self.found.name)
                if uuid_of(torch.cuda.get_device_properties(self.found.name)) != self.found.uuid:
                    raise DeviceLost("Another device has its number now.")  # the one before it is gone
            one: Any = torch.ones(8, device=self.found.name)
            if float((one + one).sum().cpu()) != 16.0:
                raise DeviceLost("It adds wrong.")
        except RuntimeError as broken:  # torch's own errors are of this kind
            raise DeviceLost(_first_line(broken)) from None


def hardware(found: Found) -> Hardware:
    return Cpu(found) if found.kind == "cpu" else Gpu(found)


def as_if_alone() -> AbstractContextManager[object]:
    """For what is made in the middle of something else: weights that are loaded meanwhile are no part of that one's inference."""
    torch = sys.modules.get("torch")
    return nullcontext() if torch is None else torch.inference_mode(False)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch, Python or the system found no memory."""
    torch = sys.modules.get("torch")
    if isinstance(error, MemoryError) or (torch is not None and isinstance(error, torch.OutOfMemoryError)):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, RuntimeError) and any(said in str(error) for said in _SHORT)


def is_of_device(error: BaseException) -> bool:
    """Whether the error is one after which the device must be looked at: not of this order, or not of it alone."""
    if isinstance(error, DeviceLost):
        return True
    said = str(error)
    return isinstance(error, RuntimeError) and any(name in said for name in _DEVICE)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
