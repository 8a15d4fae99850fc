"""How does a video model come into memory, and what can it begin from? Weights from safetensors of a local folder only."""

import inspect
from collections.abc import Iterator
from typing import Any

import diffusers
import torch
from accelerate import cpu_offload_with_hook
from accelerate.hooks import UserCpuOffloadHook, remove_hook_from_module

from gator.errors import Refused
from gpu_worker.clips.families import Family, Task, family_of
from gpu_worker.engine.maker import Spare
from gpu_worker.pictures.loading import dtype_for, give_back, read_pipeline
from gpu_worker.shelf import ShelfEntry

_SMALL_BYTES = 24 * 2**30  # of memory: decoding a piece of video whole would not fit beside the model


class LoadedClips:
    """A video model in memory. Used by one thread at a time."""

    def __init__(self, entry: ShelfEntry, device: str, spare: Spare) -> None:
        self.entry = entry
        self.model = entry.name
        self.family: Family = family_of(entry.family, entry.name)
        self.device = torch.device(device)
        self.dtype = dtype_for(self.device)
        self._spare = spare
        self._hooks: list[UserCpuOffloadHook] = []
        before = self._allocated()
        self.pipe: Any = read_pipeline(entry, self.dtype)
        self._check()
        if self.family.name == "wan":
            self.pipe.vae.to(torch.float32)  # its card: in 16 bits colours flicker
        self._place()
        self._bytes = self._allocated() - before if self.device.type == "cuda" else self._counted()
        self.sparing = spare is not Spare.none or self._small()
        self._decode_in_parts()

    def size_bytes(self) -> int:
        return max(self._bytes, 0)

    def unload(self) -> None:
        for module in self._modules():
            remove_hook_from_module(module, recurse=True)
        self._hooks, self.pipe = [], None
        give_back(self.device)

    def rest(self) -> None:
        """Take back to the CPU what is only needed before or after the denoising (Spare.offload)."""
        for hook in self._hooks:
            hook.offload()

    @property
    def denoiser(self) -> Any:
        return getattr(self.pipe, self.family.denoiser)

    @property
    def begins_from(self) -> tuple[Task, ...]:
        """What its weights were trained to begin from: those that see a picture have further channels for it."""
        if self.family.name == "svd":
            return ("image",)
        if self.family.name == "ltx" or self.pipe.config.get("expand_timesteps"):
            return ("text", "image")
        vae = self.pipe.vae.config
        latents = vae.z_dim if self.family.name == "wan" else vae.latent_channels
        return ("text",) if self.denoiser.config.in_channels == latents else ("image",)

    @property
    def most_frames(self) -> int:
        """At once: as many as it was trained on, where it says so."""
        told = self.denoiser.config
        return int(told.get("num_frames") or told.get("sample_frames") or self.family.frames)

    @property
    def fixed_size(self) -> tuple[int, int] | None:
        """The only size that it can make, where it learnt every place of it by heart."""
        told = self.denoiser.config
        if not told.get("use_learned_positional_embeddings"):
            return None
        scale = self.pipe.vae_scale_factor_spatial
        return told.sample_width * scale, told.sample_height * scale

    @property
    def grid(self) -> int:
        if self.family.name != "wan":
            return self.family.grid
        return int(self.pipe.vae_scale_factor_spatial * self.denoiser.config.patch_size[1])

    def pipeline(self, task: Task) -> Any:
        """The weights as a pipeline that begins from that."""
        name = self.family.text if task == "text" else self.family.image
        if type(self.pipe).__name__ == name:
            return self.pipe
        made_of = getattr(diffusers, name)
        known = [one for one in inspect.signature(made_of.__init__).parameters if one != "self"]
        parts = {one: part for one, part in self.pipe.components.items() if one in known}
        settings = {one: self.pipe.config[one] for one in known if one in self.pipe.config and one not in parts}
        made = made_of(**parts, **settings)
        made.set_progress_bar_config(disable=True)
        return made

    def _check(self) -> None:
        name = type(self.pipe).__name__
        if name not in (self.family.text, self.family.image, *self.family.also):
            raise Refused(f"The model {self.model} is a {name}, which makes no clips here.")

    def _place(self) -> None:
        if self._spare is Spare.none:
            self.pipe.to(self.device)
        elif self._spare is Spare.offload or self.device.type == "cpu":
            self._offload()
        else:
            self.pipe.enable_sequential_cpu_offload(device=self.device)

    def _offload(self) -> None:
        """The denoiser stays on the device, unless it is two; whatever else works comes when it is called."""
        stays = () if self.pipe.components.get("transformer_2") is not None else (self.denoiser,)
        for module in self._modules():
            if any(module is one for one in stays):
                module.to(self.device)
                continue
            before = self._hooks[-1] if self._hooks else None
            self._hooks.append(cpu_offload_with_hook(module, self.device, prev_module_hook=before)[1])

    def _decode_in_parts(self) -> None:
        """What decoding takes must not grow with the length of a piece, nor on a small device with its size."""
        vae = self.pipe.vae  # SVD's is told with each clip how many frames to decode at once
        if hasattr(vae, "use_slicing"):
            vae.enable_slicing()
        if self.sparing and hasattr(vae, "use_tiling"):
            vae.enable_tiling()
        if self.sparing and hasattr(vae, "use_framewise_decoding"):
            vae.use_framewise_decoding = True

    def _small(self) -> bool:
        if self.device.type != "cuda":
            return self.device.type == "mps"
        return bool(torch.cuda.get_device_properties(self.device).total_memory < _SMALL_BYTES)

    def _modules(self) -> Iterator[torch.nn.Module]:
        return (part for part in self.pipe.components.values() if isinstance(part, torch.nn.Module))

    def _allocated(self) -> int:
        return int(torch.cuda.memory_allocated(self.device)) if self.device.type == "cuda" else 0

    def _counted(self) -> int:
        return sum(
            held.nbytes for module in self._modules() for held in (*module.parameters(), *module.buffers())
            if held.device.type == self.device.type
        )  # fmt: skip
