"""How does a video model come into memory (`gpu_worker.placed`), and what can it begin from?"""

import inspect
from collections.abc import Mapping
from typing import Any

import diffusers
import torch

from gator.errors import Refused
from gpu_worker.clips.families import Family, Task, family_of
from gpu_worker.engine.maker import Spare
from gpu_worker.placed import PlacedModel, read_pipeline
from gpu_worker.shelf import ShelfEntry

_SMALL_BYTES = 24 * 2**30  # of memory: decoding a piece of video whole would not fit beside the model


class LoadedClips(PlacedModel):
    """A video model in memory."""

    def __init__(self, entry: ShelfEntry, device: str, spare: Spare, rooms: Mapping[str, int]) -> None:
        self.family: Family = family_of(entry.family, entry.name)
        super().__init__(entry, device, spare, rooms, self.family.denoiser, _SMALL_BYTES)
        self.pipe = read_pipeline(entry, self.dtype)
        self._check()
        if self.family.name == "wan":
            self.pipe.vae.to(torch.float32)  # its card: in 16 bits colours flicker
        self._place()
        self._measure()
        self.sparing = self._small()
        self._decode_in_parts()

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

    def _decode_in_parts(self) -> None:
        """What decoding takes must not grow with the length of a piece, nor on a small device with its size."""
        vae = self.pipe.vae  # SVD's is told with each clip how many frames to decode at once
        if hasattr(vae, "use_slicing"):
            vae.enable_slicing()
        if self.sparing and hasattr(vae, "use_tiling"):
            vae.enable_tiling()
        if self.sparing and hasattr(vae, "use_framewise_decoding"):
            vae.use_framewise_decoding = True
