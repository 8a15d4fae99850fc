"""How does a picture model come into memory, and what is added to it there? Weights from safetensors of a local folder only.

One set of weights serves every task: `LoadedModel.pipeline` puts them together as text-to-image, image-to-image, inpainting
or ControlNet. LoRAs stay in it once read, ControlNets are kept as long as they are used, an IP-Adapter while it is asked for.
"""

import gc
import inspect
import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diffusers
import structlog
import torch
import transformers
from accelerate import cpu_offload_with_hook
from accelerate.hooks import UserCpuOffloadHook, remove_hook_from_module

from gator.errors import Refused
from gpu_worker.engine.maker import Spare
from gpu_worker.jobs import Control, Lora
from gpu_worker.pictures.families import Family, Task, family_of
from gpu_worker.pictures.resting import RESTING
from gpu_worker.shelf import MANIFEST, Shelf, ShelfEntry

_KEPT_LORAS = 8
_KEPT_CONTROLNETS = 2
_SMALL_BYTES = 12 * 2**30  # of memory: decoding a large picture whole would not fit beside the model
log = structlog.get_logger()
diffusers.utils.logging.set_verbosity_error()
diffusers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()  # it tells that torchvision is not there; Pillow does what it would
transformers.utils.logging.disable_progress_bar()


class LoadedModel:
    """A picture model in memory, with what was added to it. Used by one thread at a time."""

    def __init__(self, entry: ShelfEntry, device: str, spare: Spare) -> None:
        self.entry = entry
        self.model = entry.name
        self.family: Family = family_of(entry.family, entry.name)
        self.device = torch.device(device)
        self.dtype = dtype_for(self.device)
        self.shelf = Shelf(entry.path.parent)
        self._spare = spare
        self._hooks: list[UserCpuOffloadHook] = []
        self._loras: OrderedDict[str, str] = OrderedDict()  # name on the shelf → adapter
        self._controlnets: OrderedDict[str, Any] = OrderedDict()
        self._adapter: str | None = None
        before = _allocated(self.device)
        self._rests = self.device.type == "cuda" and spare is Spare.none and not entry.compile
        self.pipe: Any = RESTING.wake(self._key, self.device) if self._rests else None
        if self.pipe is None:
            self.pipe = read_pipeline(entry, self.dtype)
            self._place()
        self._bytes = _allocated(self.device) - before if self.device.type == "cuda" else self._counted()

    def size_bytes(self) -> int:
        return max(self._bytes, 0)

    def unload(self) -> None:
        """Give the device's memory back; the weights rest in the machine's own while there is room (`resting`)."""
        if self._rests:
            self.resemble(None)
            if self._loras:
                self.pipe.unload_lora_weights()
            RESTING.lay(self._key, self.pipe)
        for module in self._modules():
            remove_hook_from_module(module, recurse=True)
        self._hooks, self._controlnets, self._loras = [], OrderedDict(), OrderedDict()
        self.pipe = None
        give_back(self.device)

    @property
    def _key(self) -> str:
        """Of the model as its files are now."""
        return f"{self.entry.path} {(self.entry.path / MANIFEST).stat().st_mtime_ns} {self.dtype}"

    @property
    def denoiser(self) -> Any:
        return getattr(self.pipe, self.family.denoiser)

    def pipeline(self, task: Task, control: Control | None = None) -> Any:
        """The weights as a pipeline for the task. Raises Refused when the family has none or the ControlNet does not fit."""
        name = self.family.class_for(task)
        if type(self.pipe).__name__ == name:
            return self.pipe
        made_of = getattr(diffusers, name)
        parts = dict(self.pipe.components)
        if control:
            parts["controlnet"] = self._controlnet(control.name)
        known = inspect.signature(made_of.__init__).parameters
        settings = {name: self.pipe.config[name] for name in known if name in self.pipe.config and name not in parts}
        settings = {name: value for name, value in settings.items() if isinstance(value, bool)}
        # Not `from_pipe`: it would cast all weights to its own idea of a precision.
        made = made_of(**{name: part for name, part in parts.items() if name in known}, **settings)
        made.set_progress_bar_config(disable=True)
        return made

    def wear(self, loras: Sequence[Lora]) -> None:
        """Have exactly these LoRAs at work. Raises Refused for one of another family, NotFound for one that is not there."""
        if not loras:
            if self._loras:
                self.pipe.disable_lora()
            return
        adapters = [self._lora(one.name) for one in loras]
        self.pipe.enable_lora()
        self.pipe.set_adapters(adapters, [one.weight for one in loras])
        while len(self._loras) > max(_KEPT_LORAS, len(loras)):
            _, adapter = self._loras.popitem(last=False)
            self.pipe.delete_adapters(adapter)

    def resemble(self, likeness: float | None) -> str:
        """Have the shelf's IP-Adapter of this family at work that strongly; none for None. The adapter's name."""
        if likeness is None:
            if self._adapter:
                self.pipe.unload_ip_adapter()
                self._adapter = None
            return ""
        if self._adapter is None:
            self._adapter = self._take_adapter()
        self.pipe.set_ip_adapter_scale(likeness)
        return self._adapter

    def rest(self) -> None:
        """Take back to the CPU what is only needed before or after the denoising (Spare.offload)."""
        for hook in self._hooks:
            hook.offload()

    def _place(self) -> None:
        """Onto the device, as far as it is to be there."""
        if self._spare is Spare.none:
            self.pipe.to(self.device)
        elif self._spare is Spare.offload or self.device.type == "cpu":
            self._offload()
        else:
            self.pipe.enable_sequential_cpu_offload(device=self.device)
            if self.family.denoiser == "unet":
                self.pipe.enable_attention_slicing()
        if hasattr(self.pipe.vae, "enable_slicing"):
            self.pipe.vae.enable_slicing()  # a batch is decoded picture by picture: as fast, and as small as one
        if hasattr(self.pipe.vae, "enable_tiling") and self._small():
            self.pipe.vae.enable_tiling()
        if self.entry.compile and self._spare is Spare.none:
            make_fast(self.pipe, self.family)

    def _offload(self) -> None:
        """The denoiser stays on the device; whatever works before or after it comes when it is called."""
        for name, module in self.pipe.components.items():
            if not isinstance(module, torch.nn.Module):
                continue
            if name in ("vae", "image_encoder") or name.startswith("text_encoder"):
                before = self._hooks[-1] if self._hooks else None
                self._hooks.append(cpu_offload_with_hook(module, self.device, prev_module_hook=before)[1])
            else:
                module.to(self.device)

    @contextmanager
    def _unhooked(self) -> Iterator[None]:
        """While weights are added: diffusers would take our hooks for its own and put others in their place."""
        hooked = bool(self._hooks)
        if hooked:
            self._hooks = []
            for module in self._modules():
                remove_hook_from_module(module, recurse=True)
        try:
            yield
        finally:
            if hooked:
                self._offload()

    def _small(self) -> bool:
        if self._spare is not Spare.none:
            return True
        if self.device.type != "cuda":
            return self.device.type == "mps"
        return bool(torch.cuda.get_device_properties(self.device).total_memory < _SMALL_BYTES)

    def _lora(self, name: str) -> str:
        if name not in self._loras:
            entry = self._fitting(name, "lora")
            adapter = re.sub(r"\W", "_", name)  # dots would be paths to torch
            file = only_safetensors(entry.path)
            told = {"weight_name": file.name, "local_files_only": True, "use_safetensors": True}
            with _readable(entry), self._unhooked():
                self.pipe.load_lora_weights(str(entry.path), adapter_name=adapter, **told)
            self._loras[name] = adapter
        self._loras.move_to_end(name)
        return self._loras[name]

    def _controlnet(self, name: str) -> Any:
        if name not in self._controlnets:
            entry = self._fitting(name, "controlnet")
            check_harmless(entry.path)
            made_of = getattr(diffusers, self.family.controlnet)
            with _readable(entry):
                net = made_of.from_pretrained(entry.path, dtype=self.dtype, local_files_only=True, use_safetensors=True)
            self._controlnets[name] = net.to(self.device)
            while len(self._controlnets) > _KEPT_CONTROLNETS:
                self._controlnets.popitem(last=False)
                give_back(self.device)
        self._controlnets.move_to_end(name)
        return self._controlnets[name]

    def _take_adapter(self) -> str:
        there = self.shelf.entries("ip-adapter", self.entry.family)
        if not there or not hasattr(self.pipe, "load_ip_adapter"):
            raise Refused(
                f"Nothing here can make {self.model} show whom references show.",
                remedy=f"Put an IP-Adapter for {self.entry.family} into the models folder, or leave the references out.",
            )
        entry = there[0]
        if self.family.denoiser == "unet":
            self.pipe.disable_attention_slicing()  # its processors would be thrown away again
        told: dict[str, Any] = {"weight_name": only_safetensors(entry.path).name, "subfolder": ""}
        encoder = entry.path / "image_encoder"
        check_harmless(entry.path)
        if encoder.is_dir():
            only_safetensors(encoder)
        if self.family.name == "sd3" and encoder.is_dir():
            with _readable(entry):
                self._see_by(encoder)
        if self.family.name == "flux":
            told["image_encoder_pretrained_model_name_or_path"] = str(encoder) if encoder.is_dir() else None
        else:
            told["image_encoder_folder"] = "image_encoder" if encoder.is_dir() else None
        with _readable(entry), self._unhooked():
            self.pipe.load_ip_adapter(str(entry.path), local_files_only=True, **told)
            if self.pipe.image_encoder is not None:
                self.pipe.image_encoder.to(self.device, self.dtype)
        return entry.name

    def _see_by(self, encoder: Path) -> None:
        """Load SD3's image encoder: diffusers 0.42 looks for its processor on the hub, also where it lies beside it."""
        read: Any = transformers.SiglipVisionModel.from_pretrained
        seer = read(encoder, dtype=self.dtype, local_files_only=True, use_safetensors=True)
        processor = transformers.SiglipImageProcessor.from_pretrained(encoder, local_files_only=True)
        self.pipe.register_modules(image_encoder=seer, feature_extractor=processor)

    def _fitting(self, name: str, kind: str) -> ShelfEntry:
        entry = self.shelf.get(name)
        if entry.kind != kind or entry.family != self.entry.family:
            raise Refused(
                f"{name} is a {entry.kind} for {entry.family}; {self.model} needs a {kind} for {self.entry.family}."
            )
        return entry

    def _modules(self) -> Iterator[torch.nn.Module]:
        return (part for part in self.pipe.components.values() if isinstance(part, torch.nn.Module))

    def _counted(self) -> int:
        return sum(
            held.nbytes for module in self._modules() for held in (*module.parameters(), *module.buffers())
            if held.device.type == self.device.type
        )  # fmt: skip


def read_pipeline(entry: ShelfEntry, dtype: torch.dtype) -> Any:
    """The model's pipeline, in the CPU's memory. Raises Refused when the folder does not hold one of safetensors, or code."""
    check_harmless(entry.path)
    read: Any = diffusers.DiffusionPipeline.from_pretrained
    with _readable(entry):
        pipe = read(entry.path, dtype=dtype, local_files_only=True, use_safetensors=True)
    pipe.set_progress_bar_config(disable=True)
    return pipe


@contextmanager
def _readable(entry: ShelfEntry) -> Iterator[None]:
    """Raises Refused for what loaders raise where files are missing, not theirs, or of another architecture."""
    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError) as wrong:
        if isinstance(wrong, RuntimeError) and "state_dict" not in str(wrong):
            raise  # of the device, or out of memory: the engine's
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


def make_fast(pipe: Any, family: Family) -> None:
    """Compile the denoiser: by its repeated blocks where it has them, which takes a tenth of the time."""
    denoiser = getattr(pipe, family.denoiser)
    if family.denoiser == "unet":
        denoiser.to(memory_format=torch.channels_last)
        pipe.fuse_qkv_projections(vae=False)
    if getattr(denoiser, "_repeated_blocks", None):
        denoiser.compile_repeated_blocks(fullgraph=True)
    else:
        denoiser.compile(fullgraph=True)


def dtype_for(device: torch.device) -> torch.dtype:
    """16 bits where they are computed with: bfloat16 has float32's range, so nothing overflows in a decoder."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    return torch.float16 if device.type == "mps" else torch.float32


def only_safetensors(folder: Path) -> Path:
    """Raises Refused when the folder has none or several at its top."""
    files = sorted(folder.glob("*.safetensors"))
    if len(files) != 1:
        raise Refused(f"{folder.name} must hold one safetensors file, it holds {len(files)}.")
    return files[0]


def give_back(device: torch.device) -> None:
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def _allocated(device: torch.device) -> int:
    return int(torch.cuda.memory_allocated(device)) if device.type == "cuda" else 0
