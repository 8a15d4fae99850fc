"""Where do the parts of a diffusers model lie while it works? Read from safetensors of a local folder only, then placed.

All on one device, or what works before and after the denoiser on another one, or only while it works, or layer by layer:
the levels of `Spare`. `gpu_worker.pictures.loading` and `gpu_worker.clips.loading` add what their pipelines need.
"""

import functools
import gc
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diffusers
import structlog
import torch
import transformers
from accelerate import cpu_offload, cpu_offload_with_hook
from accelerate.hooks import ModelHook, UserCpuOffloadHook, add_hook_to_module, remove_hook_from_module

from gator.errors import Refused, Unavailable
from gpu_worker.devices import free_memory_bytes
from gpu_worker.engine.hardware import is_out_of_memory
from gpu_worker.engine.maker import Spare
from gpu_worker.pictures.resting import RESTING
from gpu_worker.scheduling.placement import apart
from gpu_worker.shelf import ShelfEntry
from gpu_worker.weights import converted_bytes

_PRECISIONS = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}
log = structlog.get_logger()
diffusers.utils.logging.set_verbosity_error()
diffusers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()  # it tells that torchvision is not there; Pillow does what it would
transformers.utils.logging.disable_progress_bar()


class PlacedModel:
    """A model in memory. Used by one thread at a time. `rooms` are the free bytes of devices, its own among them."""

    pipe: Any

    def __init__(
        self, entry: ShelfEntry, device: str, spare: Spare, rooms: Mapping[str, int], denoiser: str, small_bytes: int
    ) -> None:
        self.entry = entry
        self.model = entry.name
        self.device = torch.device(device)
        self.dtype = dtype_for(self.device)
        self._spare = spare
        self._rooms = rooms
        self._denoiser = denoiser
        self._small_bytes = small_bytes
        self._hooks: list[UserCpuOffloadHook] = []
        self._hooked = False
        self._before = self._allocated()
        self._bytes = 0

    @property
    def denoiser(self) -> Any:
        return getattr(self.pipe, self._denoiser)

    def size_bytes(self) -> int:
        return max(self._bytes, 0)

    def unload(self) -> None:
        for module in self._modules().values():
            remove_hook_from_module(module, recurse=True)
        self._hooks, self.pipe = [], None
        give_back(self.device)

    def rest(self) -> None:
        """Take back to the CPU what is there only while it works."""
        for hook in self._hooks:
            hook.offload()

    def _place(self) -> None:
        """Onto the device, as far as it is to be there."""
        if self._spare is Spare.none:
            self.pipe.to(self.device)
        elif self._spare is Spare.sequential:
            self._place_layers()
        else:
            self._arrange()

    def _place_layers(self) -> None:
        """Each on the CPU, from where it comes when it is called; as diffusers does, but on a CPU as well."""
        for name, module in self._modules().items():
            if name in self.pipe._exclude_from_cpu_offload:  # its layers read one another's weights
                module.to(self.device)
            else:
                cpu_offload(module, self.device, offload_buffers=bool(module._parameters))
        self._hooked = True

    def _measure(self) -> None:
        self._bytes = self._allocated() - self._before if self.device.type == "cuda" else self._counted()

    def _arrange(self) -> None:
        """Every part at home, on another device, or on the CPU from where it comes when it is called."""
        home, modules = str(self.device), self._modules()
        where = self._where(modules)
        for name, module in modules.items():
            if where.get(name) == home:
                module.to(self.device)
                add_hook_to_module(module, _At(self.device, self.device), append=True)
            elif name in where:
                add_hook_to_module(module, _At(self.device, torch.device(where[name])), append=True)
            else:
                before = self._hooks[-1] if self._hooks else None
                self._hooks.append(cpu_offload_with_hook(module, self.device, prev_module_hook=before)[1])
        self._hooked = True

    def _where(self, modules: Mapping[str, torch.nn.Module]) -> dict[str, str]:
        stay = self._stay()
        if self._spare is not Spare.apart:
            return dict.fromkeys(stay, str(self.device))
        return apart({name: _bytes(module) for name, module in modules.items()}, stay, str(self.device), self._rooms)

    def _stay(self) -> tuple[str, ...]:
        """What stays on the device: the denoiser, unless it is two that take turns, or everything comes in turn."""
        two = self.pipe.components.get("transformer_2") is not None
        return () if self._spare is Spare.turns or two else (self._denoiser,)

    @contextmanager
    def _unhooked(self) -> Iterator[None]:
        """While weights are added: diffusers would take our hooks for its own and put others in their place.

        Where layers come one after another, it would put what is added where they are, which is nowhere (`meta`).
        """
        hooked, self._hooked = self._hooked, False
        if hooked:
            self._hooks = []
            for module in self._modules().values():
                remove_hook_from_module(module, recurse=True)
        try:
            yield
        finally:
            if hooked:
                self._place()

    def _small(self) -> bool:
        """Whether decoding something whole would not fit beside the model."""
        if self._spare is not Spare.none:
            return True
        if self.device.type != "cuda":
            return self.device.type == "mps"
        return bool(torch.cuda.get_device_properties(self.device).total_memory < self._small_bytes)

    def _modules(self) -> dict[str, torch.nn.Module]:
        return {name: part for name, part in self.pipe.components.items() if isinstance(part, torch.nn.Module)}

    def _allocated(self) -> int:
        return int(torch.cuda.memory_allocated(self.device)) if self.device.type == "cuda" else 0

    def _counted(self) -> int:
        return sum(_bytes(module, self.device.type) for module in self._modules().values())


class _At(ModelHook):  # type: ignore[misc]  # accelerate has no types
    """A part that is spoken to at home and works where it is told: what goes in goes there, what comes out comes home."""

    def __init__(self, home: torch.device, at: torch.device) -> None:
        self.execution_device = home  # where a pipeline makes what it calls a part with, by the hook of any part
        self._at = at

    def init_hook(self, module: torch.nn.Module) -> torch.nn.Module:
        if self._at != self.execution_device:
            module.to(self._at)
            for name in ("encode", "decode"):  # a decoder's; hooks know `forward` alone
                if callable(method := getattr(module, name, None)):
                    setattr(module, name, self._carrying(method))
        return module

    def pre_forward(self, module: torch.nn.Module, *args: Any, **kwargs: Any) -> tuple[Any, Any]:  # noqa: ARG002
        return carried(args, self._at), carried(kwargs, self._at)

    def post_forward(self, module: torch.nn.Module, output: Any) -> Any:  # noqa: ARG002
        return carried(output, self.execution_device)

    def detach_hook(self, module: torch.nn.Module) -> torch.nn.Module:
        for name in ("encode", "decode"):
            module.__dict__.pop(name, None)
        return module

    def _carrying(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def carrying(*args: Any, **kwargs: Any) -> Any:
            return carried(method(*carried(args, self._at), **carried(kwargs, self._at)), self.execution_device)

        return carrying


def carried(value: Any, device: torch.device) -> Any:
    """With all tensors in it on that device; outputs of diffusers and transformers are changed in place."""
    if isinstance(value, torch.Tensor):
        return value.to(device)
    if type(value) in (tuple, list):
        return type(value)(carried(one, device) for one in value)
    if type(value) is dict:
        return {name: carried(one, device) for name, one in value.items()}
    if isinstance(value, dict):
        for name, one in [*value.items()]:
            value[name] = carried(one, device)
    elif type(value).__module__.startswith("diffusers."):  # a decoder's distribution
        for name, one in [*vars(value).items()]:
            if isinstance(one, torch.Tensor):
                setattr(value, name, one.to(device))
    return value


def read_pipeline(entry: ShelfEntry, dtype: torch.dtype) -> Any:
    """The model's pipeline, in the CPU's memory. Raises Refused when the folder does not hold one of safetensors, or code."""
    check_harmless(entry.path)
    check_room(entry, dtype)
    read: Any = diffusers.DiffusionPipeline.from_pretrained
    with readable(entry):
        pipe = read(entry.path, dtype=dtype, local_files_only=True, use_safetensors=True)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def check_room(entry: ShelfEntry, dtype: torch.dtype, free: Callable[[], int] = free_memory_bytes) -> None:
    """Raises Unavailable, with how much is missing, where the machine's memory has no room to read the model.

    The system would end this process, and maybe others with it. Models that rest there leave first.
    """
    try:
        needed = converted_bytes(entry.path, _PRECISIONS[dtype])
    except Refused:  # whoever reads it says what is wrong
        return
    while needed > free() and RESTING.let_go():
        pass
    if (missing := needed - free()) > 0:
        takes, lacks = f"{needed / 1e9:.1f} GB of this machine's memory", f"{missing / 1e9:.1f} GB"
        raise Unavailable(
            f"To read {entry.name} takes {takes}, of which {lacks} are missing.",
            remedy="End other programs, or pull the model in the precision that it is used in: 16 bits on a GPU.",
        )


@contextmanager
def readable(entry: ShelfEntry) -> Iterator[None]:
    """Raises Refused for what loaders raise where files are missing, not theirs, or of another architecture."""
    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError) as wrong:
        if is_out_of_memory(wrong) or (isinstance(wrong, RuntimeError) and "state_dict" not in str(wrong)):
            raise  # the engine's, as is what is the device's
        log.warning("model_unloadable", model=entry.name, reason=str(wrong)[:300])
        raise Refused(
            f"{entry.name} cannot be loaded: {str(wrong).strip().splitlines()[0][:200]}",
            remedy="Its folder must be whole, with safetensors weights, and of the family that it says; pull it again.",
        ) from wrong


def check_harmless(folder: Path) -> None:
    """Raises Refused for a folder with code in it, which none of ours needs: whether it runs is not left to a loader."""
    if code := next(folder.rglob("*.py"), None):
        raise Refused(
            f"The model {folder.name} brings code ({code.name}), which is never run.", remedy="Remove the file."
        )
    if strange := next((name for name in _libraries(folder) if not _is_known(name)), None):
        raise Refused(
            f"The model {folder.name} asks for the library {strange}, which makes no models here.",
            remedy="Choose a model whose parts are of diffusers and transformers.",
        )


def _libraries(folder: Path) -> list[str]:
    """Which libraries its parts are said to be of: diffusers imports whatever module is named there."""
    try:
        told = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []  # whoever loads it says what is missing
    parts = told.values() if isinstance(told, dict) else ()
    return [str(of[0]) for of in parts if isinstance(of, list) and len(of) == 2 and of[0] is not None]


def _is_known(library: str) -> bool:
    return library in ("diffusers", "transformers") or hasattr(diffusers.pipelines, library)


def dtype_for(device: torch.device) -> torch.dtype:
    """16 bits where they are computed with: bfloat16 has float32's range, so nothing overflows in a decoder."""
    if device.type == "cuda":
        with torch.cuda.device(device):  # what is asked is of the thread's device: a machine's may be unlike
            return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    return torch.float16 if device.type == "mps" else torch.float32


def give_back(device: torch.device) -> None:
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def _bytes(module: torch.nn.Module, kind: str = "") -> int:
    """What its weights take, on that kind of device or on any."""
    held = (*module.parameters(), *module.buffers())
    return sum(one.nbytes for one in held if kind in ("", one.device.type))
