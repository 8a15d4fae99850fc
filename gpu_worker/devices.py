"""Which devices has this machine, and may jobs on models be done at all? Light to import: torch only in a process of its own.

`python -m gpu_worker.devices` is that process: it asks torch and prints what there is. It is started only where something
hints at an accelerator, because torch takes seconds and 200 MB to import.
"""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import structlog

from gator.errors import Refused, Unavailable

ALL, NONE, CPU = "all", "none", "cpu"
_HINTS = ("/dev/nvidia0", "/dev/nvidiactl", "/dev/kfd", "/dev/dxg")  # NVIDIA, ROCm, WSL
_VISIBLE = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
_PROBE_S = 120.0
_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")
# Of a container, in both versions of control groups: its limit, what it has, and what of that is given up when asked for.
_GROUPS = (
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file"),
)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Found:
    """A device, named as torch does."""

    name: str  # cuda:0, mps, cpu
    kind: str  # cuda, rocm, mps, cpu
    label: str
    memory_bytes: int
    uuid: str = ""  # whatever its number is
    is_renumbered: bool = False  # another process of this machine may call another device so

    @property
    def seat(self) -> str:
        """What it is called on this machine, by whichever process."""
        return f"{self.name}@{self.uuid[:8]}" if self.is_renumbered else self.name


def require_torch() -> None:
    """Raises Unavailable, with the remedy, where torch is not installed."""
    if find_spec("torch") is None:
        raise Unavailable(
            "Pictures and clips on models need torch, which is not installed.",
            remedy='Install it: pip install -e ".[gpu]"; `gator doctor --studio` says what this machine can run.',
        )


def wanted(told: str) -> tuple[str, ...]:
    """The devices a setting names: "all", "none", "cpu", or numbers of GPUs such as "0,1". Raises Refused for others."""
    names = tuple(part.strip().casefold() for part in told.split(",") if part.strip())
    wrong = [name for name in names if name not in (ALL, NONE, CPU, "mps") and not name.isdigit()]
    if wrong or not names:
        raise Refused(f"'{told}' names no devices.", remedy="Write all, none, cpu, or numbers of GPUs such as 0,1.")
    return names


def cpu() -> Found:
    return Found(CPU, CPU, f"CPU, {os.cpu_count() or 1} cores", memory_bytes())


def memory_bytes() -> int:
    """The machine's memory, or what its container may have of it."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [int(text) for text in (_read(_GROUP / limit) for limit, *_ in _GROUPS) if text.isdigit()]
    return min([whole, *limits])


def free_memory_bytes() -> int:
    """What programs can still take without swapping, or this container may; where the system does not say, half of all."""
    free = _named(_read(_MEMINFO), "MemAvailable:")
    return min([memory_bytes() // 2 if free is None else free * 1024, *left_in_group(_GROUP)])


def left_in_group(group: Path) -> list[int]:
    """What a container's limits leave of memory; nothing where it has none. Beyond it the system kills without a word."""
    left: list[int] = []
    for limit, used, stat, reclaimed in _GROUPS:
        most, has = _read(group / limit), _read(group / used)
        if most.isdigit() and has.isdigit():
            left.append(max(0, int(most) - int(has) + (_named(_read(group / stat), reclaimed) or 0)))
    return left


def _named(text: str, name: str) -> int | None:
    """The number behind a line's first word."""
    lines = (line.split() for line in text.splitlines())
    return next((int(words[1]) for words in lines if len(words) > 1 and words[0] == name), None)


async def find(names: Sequence[str]) -> list[Found]:
    """Those of the wanted devices that are there, each with its own memory; the CPU when it is named or stands alone."""
    if NONE in names:
        return []
    there = await _accelerators() if names != (CPU,) and _hinted(names) else []
    found = [one for one in there if ALL in names or one.name.removeprefix("cuda:") in names]
    if missing := {*names} - {ALL, CPU} - {one.name.removeprefix("cuda:") for one in found}:
        log.warning("devices_not_there", names=sorted(missing))
    return [*found, *([cpu()] if CPU in names or (ALL in names and not found) else [])]


def environment() -> dict[str, str]:
    """That of every process which uses torch: GPUs have the numbers that `nvidia-smi` gives them, not the fastest the first."""
    return {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", **os.environ}


def _hinted(names: Sequence[str]) -> bool:
    return ALL not in names or sys.platform == "darwin" or any(Path(path).exists() for path in _HINTS)


async def _accelerators() -> list[Found]:
    probe = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gpu_worker.devices",
        stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL, env=environment(),
    )  # fmt: skip
    try:
        told, _ = await asyncio.wait_for(probe.communicate(), _PROBE_S)
        return [Found(**one) for one in json.loads(told)]
    except (TimeoutError, ValueError, TypeError) as silent:
        log.warning("devices_not_found", reason=type(silent).__name__, status=probe.returncode)
        return []
    finally:
        if probe.returncode is None:
            probe.kill()
            await probe.wait()


def probe() -> list[Found]:
    """The accelerators that torch sees."""
    import torch

    if torch.cuda.is_available():
        kind = "rocm" if torch.version.hip else "cuda"
        seen = [(f"cuda:{n}", torch.cuda.get_device_properties(n)) for n in range(torch.cuda.device_count())]
        moved = any(_renumbers(os.environ.get(name, "")) for name in _VISIBLE)
        return [
            Found(name, kind, str(one.name)[:100], int(one.total_memory), uuid_of(one), moved) for name, one in seen
        ]
    if torch.backends.mps.is_available():
        return [Found("mps", "mps", "Apple GPU", int(torch.mps.recommended_max_memory()))]
    return []


def uuid_of(properties: Any) -> str:
    """Of a device's properties as torch gives them; that of its slice where a GPU is shared out (MIG)."""
    return str(getattr(properties, "uuid", ""))


def _renumbers(visible: str) -> bool:
    """Whether devices have other numbers than where nothing is hidden."""
    names = [name.strip() for name in visible.split(",") if name.strip()]
    return names != [str(number) for number in range(len(names))]


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


if __name__ == "__main__":
    sys.stdout.write(json.dumps([asdict(one) for one in probe()]))
