"""What can this machine make, and with which models? Devices, engines, room, and each model beside each device.

For `gator doctor --studio`, and the console's page of models. torch is asked in a process of its own. Whether a model fits
is reckoned from its weights, as the engine reckons before it has measured (`gpu_worker.engine.cache`); how fast it is is
told only where it was measured here.
"""

import asyncio
import json
import shutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from gator.clock import now
from gator.errors import Refused
from gator.principal import service
from gator.settings import Settings
from gpu_worker import devices, weights
from gpu_worker.devices import Found
from gpu_worker.known_models import KnownModel, known_models
from gpu_worker.sharing import holder_of
from gpu_worker.shelf import MAKES_CLIPS, MAKES_PICTURES, ShelfEntry, shelf
from memory.repositories.devices import heard_of
from memory.store import AWAY, Store
from tools.engines import elsewhere
from tools.lookers import lookers
from tools.models import measured
from tools.part import Part
from tools.parts import studio_parts
from tools.wording import sized

Verdict = Literal["fits", "fits with offload", "fits layer by layer, slowly", "does not fit"]
_PROBE_S = 120.0
_KEPT_FREE = 0.08  # of a device's memory, as the engine does (gpu_worker.engine.hardware)
_OVER_WEIGHTS = 1.1  # as the engine reckons
_BYTES = {"cpu": 4}  # of a number, where it is not 2
_HINTS = ("/dev/nvidia0", "/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
_LIBRARIES = ("diffusers", "transformers", "accelerate", "peft", "safetensors")
_ENCODERS = {"libx264": "H.264", "aac": "AAC", "libmp3lame": "MP3", "libopus": "Opus"}
_GPU = "Run `make gpu`, and start Gator again."


class DeviceFound(BaseModel):
    name: str
    kind: str
    label: str
    memory_bytes: int
    free_bytes: int | None = None  # where it is known
    held_by: str = ""  # another Gator of this machine

    def in_words(self) -> str:
        free = "" if self.free_bytes is None else f", {self.free_bytes / 1e9:.1f} free"
        held = f"; another Gator has it: {self.held_by}" if self.held_by else ""
        return f"{self.name:<8}{self.label}: {self.memory_bytes / 1e9:.1f} GB{free}{held}"


class ModelFit(BaseModel):
    """`fits` by the device's name; `speed` only as measured on this Gator."""

    name: str
    is_here: bool
    kind: str
    family: str
    weights_bytes: int  # in 16 bits
    fits: dict[str, Verdict]
    speed: list[str]

    def in_words(self) -> str:
        where = "; ".join(f"{device}: {verdict}" for device, verdict in self.fits.items())
        here = "here" if self.is_here else "known"
        fast = "; ".join(self.speed) or ("not measured here" if self.is_here else "")
        if not self.fits:  # what goes with a model, such as a LoRA
            return f"{self.name} ({here}), {self.kind} for {self.family}, {sized(self.weights_bytes)}."
        words = f"{self.name} ({here}), {self.kind} for {self.family}, {self.weights_bytes / 1e9:.1f} GB in 16 bits: {where}"
        return f"{words}. {fast}".rstrip(". ") + "."


class StudioSeen(BaseModel):
    devices: list[DeviceFound]
    engines: list[Part]
    models: list[ModelFit]


@dataclass(frozen=True, slots=True)
class Asked:
    """What torch says: its accelerators, or why it says nothing."""

    found: tuple[Found, ...] = ()
    wrong: str = ""


Ask = Callable[[], Awaitable[Asked]]


async def ask_torch() -> Asked:
    """In a process of its own, which takes some seconds."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gpu_worker.devices",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        told, problems = await asyncio.wait_for(child.communicate(), _PROBE_S)
        return Asked(tuple(Found(**one) for one in json.loads(told)))
    except TimeoutError:
        return Asked(wrong=f"does not answer within {_PROBE_S:.0f} s")
    except (ValueError, TypeError):
        last = problems.decode(errors="replace").strip().rpartition("\n")[2]
        return Asked(wrong=last[:300] or f"ended with {child.returncode}")
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def examine_studio(settings: Settings, store: Store | None, ask: Ask = ask_torch) -> StudioSeen:
    """All of it. Without a store nothing is known of free memory and speed."""
    asked = await ask() if _version("torch") else Asked()
    found = _found(asked)
    found[-1].free_bytes = devices.free_memory_bytes()
    for shown, one in zip(found, asked.found, strict=False):
        shown.held_by = holder_of(one, settings.home.resolve())
    engines = [_torch(asked), _libraries(), *await studio_parts(settings)]
    engines += await asyncio.gather(*(asyncio.to_thread(one) for one in (_encoders, _piper, _xtts)))
    engines += elsewhere(settings)
    engines += await asyncio.to_thread(lookers, settings)
    engines.append(await asyncio.to_thread(_room, settings.shelf_folder))
    return StudioSeen(
        devices=await _with_free(found, store), engines=engines, models=await _models(settings, found, store)
    )


_SHOWN = ("name", "kind", "label", "memory_bytes")


def _found(asked: Asked) -> list[DeviceFound]:
    """The accelerators, and the CPU behind them."""
    return [DeviceFound(**{name: getattr(one, name) for name in _SHOWN}) for one in (*asked.found, devices.cpu())]


async def foresee_known(ask: Ask = ask_torch) -> dict[str, str]:
    """Of each model that can be pulled and makes pictures or clips, by name, whether it would run on this machine."""
    gpu = sys.platform == "darwin" or bool(_hints())
    lacks = not all(map(_version, ("torch", *_LIBRARIES)))
    if lacks and gpu:
        return dict.fromkeys((one.name for one in _makers()), "It needs `make gpu`, which tells then whether it fits.")
    found = _found(await ask() if gpu else Asked())  # without a GPU torch need not be loaded to ask it
    before = "It needs `make gpu`. " if lacks else ""
    fits = (_of_known(one, found) for one in _makers())
    return {
        one.name: f"{before}On this machine: {'; '.join(f'{name}: {said}' for name, said in one.fits.items())}."
        for one in fits
    }


def fit(whole: int, denoiser: int, device: DeviceFound, machine_bytes: int) -> Verdict:
    """Whether a model of so many parameters fits; the denoiser's among them must be on the device."""
    usable = device.memory_bytes * (1 - _KEPT_FREE)
    each = _BYTES.get(device.kind, 2) * _OVER_WEIGHTS
    if whole * each <= usable:
        return "fits"
    if device.kind == "cpu" or whole * each > machine_bytes * (1 - _KEPT_FREE):
        return "does not fit"
    return "fits with offload" if denoiser * each <= usable else "fits layer by layer, slowly"


async def _models(settings: Settings, found: Sequence[DeviceFound], store: Store | None) -> list[ModelFit]:
    machine = found[-1].memory_bytes
    here = [one for one in shelf(settings).entries() if one.kind in (MAKES_PICTURES, MAKES_CLIPS)]
    fits = [await asyncio.to_thread(_of_shelf, one, found, machine) for one in here]
    for one in fits:
        one.speed = await _speed(one.name, store)
    fits += [_beside(one) for one in shelf(settings).entries() if one not in here]
    sources = {one.source for one in here}
    fits += [_of_known(model, found) for model in _makers() if model.source not in sources]
    return fits


def _hints() -> list[str]:
    return [path for path in _HINTS if Path(path).exists()]


def _makers() -> list[KnownModel]:
    return [one for one in known_models().values() if one.kind in (MAKES_PICTURES, MAKES_CLIPS)]


def _of_known(model: KnownModel, found: Sequence[DeviceFound]) -> ModelFit:
    about = {"name": model.name, "is_here": False, "kind": model.kind, "family": model.family}
    return _fit(about, model.bytes // 2, model.denoiser_bytes // 2, found, found[-1].memory_bytes)


def _of_shelf(entry: ShelfEntry, found: Sequence[DeviceFound], machine: int) -> ModelFit:
    """Counted in its files; where they cannot be read, from their size."""
    try:
        parts = weights.parts(entry.path)
    except (Refused, OSError):
        parts = {}
    whole = sum(parts.values()) or entry.bytes // 2
    denoiser = sum(count for name, count in parts.items() if name.startswith(("unet", "transformer"))) or whole
    about = {"name": entry.name, "is_here": True, "kind": entry.kind, "family": entry.family}
    return _fit(about, whole, denoiser, found, machine)


def _beside(entry: ShelfEntry) -> ModelFit:
    """What makes nothing by itself, such as a LoRA or a voice: of it only the size is told."""
    about = {"name": entry.name, "kind": entry.kind, "family": entry.family, "weights_bytes": entry.bytes}
    return ModelFit.model_validate({**about, "is_here": True, "fits": {}, "speed": []})


def _fit(about: dict[str, object], whole: int, denoiser: int, found: Sequence[DeviceFound], machine: int) -> ModelFit:
    verdicts = {one.name: fit(whole, denoiser, one, machine) for one in found}
    return ModelFit.model_validate({**about, "weights_bytes": whole * 2, "fits": verdicts, "speed": []})


async def _speed(model: str, store: Store | None) -> list[str]:
    try:
        return await measured(model, store, service("", "doctor")) if store else []
    except AWAY:  # its own part of the doctor says so
        return []


async def _with_free(found: list[DeviceFound], store: Store | None) -> list[DeviceFound]:
    """What the processes of devices last said to be free, on this machine."""
    import socket

    if store is None:
        return found
    try:
        async with store.open_work(service("", "doctor"), reads=True) as work:
            rows = {one.name: one for one in await work.devices.all() if one.host == socket.gethostname()[:80]}
    except AWAY:
        return found
    for one in found[:-1]:
        row = rows.get(one.name)
        one.free_bytes = row.free_bytes if row and heard_of(row, now()) else None
    return found


def _torch(asked: Asked) -> Part:
    there = _version("torch")
    hints = _hints()
    if not there:
        gpu = f"; a GPU seems to be there ({hints[0]})" if hints else ""
        return Part(name="torch", state="off", detail=f"not installed, so no model is run here{gpu}", remedy=_GPU)
    if asked.wrong:
        return Part(name="torch", state="broken", detail=f"torch {there} does not load: {asked.wrong}", remedy=_GPU)
    if not asked.found and hints:
        detail = f"torch {there} sees no GPU, though {hints[0]} is there"
        remedy = "Look at the GPU's driver; `make gpu` installs the torch that fits this machine's GPU."
        return Part(name="torch", state="broken", detail=detail, remedy=remedy)
    seen = ", ".join(one.name for one in asked.found) or "the CPU only"
    return Part(name="torch", state="ready", detail=f"torch {there} with {seen}")


def _libraries() -> Part:
    there = {name: _version(name) for name in _LIBRARIES}
    if lacking := [name for name, found in there.items() if not found]:
        return Part(name="diffusers", state="off", detail=f"not installed: {', '.join(lacking)}", remedy=_GPU)
    return Part(name="diffusers", state="ready", detail=", ".join(f"{name} {found}" for name, found in there.items()))


def _encoders() -> Part:
    """As the libraries inside PyAV say."""
    remedy = "Run `make run` again."
    if not _version("av"):
        return Part(name="encoders", state="off", detail="not installed: av", remedy=remedy)
    import av

    lacking = [words for name, words in _ENCODERS.items() if name not in av.codecs_available]
    if lacking:
        return Part(
            name="encoders", state="broken", detail=f"PyAV was built without {', '.join(lacking)}", remedy=remedy
        )
    return Part(name="encoders", state="ready", detail=f"{', '.join(_ENCODERS.values())} by PyAV {_version('av')}")


def _piper() -> Part:
    found = shutil.which("piper")
    if found is None:
        remedy = "Install Piper (`pipx install piper-tts`), and put a voice into the models folder (docs/studio.md)."
        return Part(name="piper", state="off", detail="the program piper is not there", remedy=remedy)
    return Part(name="piper", state="ready", detail=found)


def _xtts() -> Part:
    found = shutil.which("tts")
    if found is None:
        remedy = "Install XTTS (`pipx install coqui-tts`), and put a voice into the models folder (docs/studio.md)."
        return Part(name="xtts", state="off", detail="the program tts is not there", remedy=remedy)
    return Part(name="xtts", state="ready", detail=found)


def _room(folder: Path) -> Part:
    there = next(above for above in (folder, *folder.parents) if above.exists())
    free = shutil.disk_usage(there).free
    return Part(name="models", state="ready", detail=f"{folder} ({free / 1e9:.1f} GB free)")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
