"""What an error of torch's means: whether memory ran out, and whether the device must be looked at."""

import errno

import pytest

from gpu_worker.devices import Found
from gpu_worker.engine.hardware import Cpu, is_of_device, is_out_of_memory


@pytest.mark.parametrize(
    "said",
    [
        "CUDA error: out of memory",  # taken beside torch's own allocator
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
        "CUDA driver error: out of memory",
        "Triton Error [CUDA]: out of memory",
        "GET was unable to find an engine to execute this computation",
        "cuDNN Frontend error: [cudnn_frontend] Error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
        "HIP error: out of memory",
        "CUDA error: HIPBLAS_STATUS_ALLOC_FAILED when calling `hipblasCreate(handle)`",
        "miopenStatusAllocFailed",
        "MPS backend out of memory (MPS allocated: 5.56 GB, other allocations: 1.10 GB, max allowed: 6.80 GB).",
        "Invalid buffer size: 33.53 GiB",
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes. Error code 12",
        "unable to mmap 8 bytes from file <model>: Cannot allocate memory (12)",
    ],
)
def test_memory_that_ran_out_is_known_whoever_says_so(said: str) -> None:
    assert is_out_of_memory(RuntimeError(said))
    assert not is_out_of_memory(ValueError(said)), "words of a prompt or a file are no error of memory"


def test_other_errors_of_a_device_are_not_of_memory() -> None:
    broken = RuntimeError("CUDA error: an illegal memory access was encountered")
    assert is_of_device(broken)
    assert not is_out_of_memory(broken)


@pytest.mark.parametrize(
    "said",
    [
        "CUDA error: unspecified launch failure",
        "CUDA error: uncorrectable ECC error encountered",
        "CUDA driver error: unknown error",
        "CUDA unknown error - this may be due to an incorrectly set up environment",
        "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
        "Triton Error [CUDA]: an illegal memory access was encountered",
        "HIP error: the operation cannot be performed in the present state",
        "No HIP GPUs are available",
        "miopenStatusUnknownError",
    ],
)
def test_after_an_error_of_a_device_it_is_looked_at(said: str) -> None:
    assert is_of_device(RuntimeError(said))
    assert not is_out_of_memory(RuntimeError(said))


def test_a_system_that_has_no_memory_is_told_from_a_file_that_is_not_there() -> None:
    assert is_out_of_memory(OSError(errno.ENOMEM, "Cannot allocate memory"))
    assert not is_out_of_memory(OSError(errno.ENOENT, "No such file or directory"))


def test_what_torch_raises_here_for_too_much_is_known() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: `make dev` says why")
    with pytest.raises(RuntimeError) as raised:
        torch.empty(2**60, dtype=torch.uint8)
    assert is_out_of_memory(raised.value)


def test_a_cpu_leaves_something_to_others() -> None:
    whole = Cpu(Found("cpu", "cpu", "CPU", 10**9)).free_bytes()
    assert Cpu(Found("cpu", "cpu", "CPU", 10**12)).free_bytes() < whole
