"""What is added to a picture model in memory (`gpu_worker.placed`), and what pipelines does it make?

One set of weights serves every task: `LoadedModel.pipeline` puts them together as text-to-image, image-to-image, inpainting
or ControlNet. LoRAs stay in it once read, ControlNets are kept as long as they are used, an IP-Adapter while it is asked for.
"""

import inspect
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers

from gator.errors import Refused
from gpu_worker.engine.maker import Spare
from gpu_worker.jobs import Control, Lora
from gpu_worker.pictures.families import Family, Task, family_of
from gpu_worker.pictures.resting import RESTING
from gpu_worker.placed import PlacedModel, check_harmless, give_back, read_pipeline, readable
from gpu_worker.shelf import MANIFEST, Shelf, ShelfEntry

_KEPT_LORAS = 8
_KEPT_CONTROLNETS = 2
_SMALL_BYTES = 12 * 2**30  # of memory: decoding a large picture whole would not fit beside the model


class LoadedModel(PlacedModel):
    """A picture model in memory, with what was added to it."""

    def __init__(self, entry: ShelfEntry, device: str, spare: Spare, rooms: Mapping[str, int]) -> None:
        self.family: Family = family_of(entry.family, entry.name)
        super().__init__(entry, device, spare, rooms, self.family.denoiser, _SMALL_BYTES)
        self.shelf = Shelf(entry.path.parent)
        self._loras: OrderedDict[str, str] = OrderedDict()  # name on the shelf → adapter
        self._controlnets: OrderedDict[str, Any] = OrderedDict()
        self._adapter: str | None = None
        self._rests = self.device.type == "cuda" and spare is Spare.none and not entry.compile
        self.pipe = RESTING.wake(self._key, self.device) if self._rests else None
        if self.pipe is None:
            self.pipe = read_pipeline(entry, self.dtype)
            self._place()
            self._decode_in_parts()
        self._measure()

    def unload(self) -> None:
        """Give the device's memory back; the weights rest in the machine's own while there is room (`resting`)."""
        if self._rests:
            self.resemble(None)
            if self._loras:
                self.pipe.unload_lora_weights()
            RESTING.lay(self._key, self.pipe)
        self._controlnets, self._loras = OrderedDict(), OrderedDict()
        super().unload()

    @property
    def _key(self) -> str:
        """Of the model as its files are now."""
        return f"{self.entry.path} {(self.entry.path / MANIFEST).stat().st_mtime_ns} {self.dtype}"

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

    def _decode_in_parts(self) -> None:
        if self._spare is Spare.sequential and self.family.denoiser == "unet":
            self.pipe.enable_attention_slicing()
        if hasattr(self.pipe.vae, "enable_slicing"):
            self.pipe.vae.enable_slicing()  # a batch is decoded picture by picture: as fast, and as small as one
        if hasattr(self.pipe.vae, "enable_tiling") and self._small():
            self.pipe.vae.enable_tiling()
        if self.entry.compile and self._spare is Spare.none:
            make_fast(self.pipe, self.family)

    def _lora(self, name: str) -> str:
        if name not in self._loras:
            entry = self._fitting(name, "lora")
            adapter = re.sub(r"\W", "_", name)  # dots would be paths to torch
            file = only_safetensors(entry.path)
            told = {"weight_name": file.name, "local_files_only": True, "use_safetensors": True}
            with readable(entry), self._unhooked():
                self.pipe.load_lora_weights(str(entry.path), adapter_name=adapter, **told)
            self._loras[name] = adapter
        self._loras.move_to_end(name)
        return self._loras[name]

    def _controlnet(self, name: str) -> Any:
        if name not in self._controlnets:
            entry = self._fitting(name, "controlnet")
            check_harmless(entry.path)
            made_of = getattr(diffusers, self.family.controlnet)
            with readable(entry):
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
        elif getattr(self.pipe, "image_encoder", None) is None:
            raise Refused(
                f"{entry.name} has no image encoder.", remedy="Pull it again, with its image_encoder/ folder."
            )
        if self.family.name == "sd3" and encoder.is_dir():
            with readable(entry):
                self._see_by(encoder)
        if self.family.name == "flux":
            told["image_encoder_pretrained_model_name_or_path"] = str(encoder) if encoder.is_dir() else None
        else:
            told["image_encoder_folder"] = "image_encoder" if encoder.is_dir() else None
        with readable(entry), self._unhooked():
            self.pipe.load_ip_adapter(str(entry.path), local_files_only=True, **told)
            if self.pipe.image_encoder is not None:
                at = self.device if self._spare is Spare.none else torch.device("cpu")  # else hooks bring it
                self.pipe.image_encoder.to(at, self.dtype)
        return entry.name

    def _see_by(self, encoder: Path) -> None:
        """Load SD3's image encoder: diffusers 0.42 looks for its processor on the hub, also where it lies beside it."""
        read: Any = transformers.SiglipVisionModel.from_pretrained
        seer = read(encoder, dtype=self.dtype, local_files_only=True, use_safetensors=True)
        processor = transformers.SiglipImageProcessor.from_pretrained(encoder, local_files_only=True)
        self.pipe.register_modules(image_encoder=seer, feature_extractor=processor)
        # Its last layer reads weights of another one, which would not be there if they came one after another.
        self.pipe._exclude_from_cpu_offload = [*self.pipe._exclude_from_cpu_offload, "image_encoder"]

    def _fitting(self, name: str, kind: str) -> ShelfEntry:
        entry = self.shelf.get(name)
        if entry.kind != kind or entry.family != self.entry.family:
            raise Refused(
                f"{name} is a {entry.kind} for {entry.family}; {self.model} needs a {kind} for {self.entry.family}."
            )
        return entry


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


def only_safetensors(folder: Path) -> Path:
    """Raises Refused when the folder has none or several at its top."""
    files = sorted(folder.glob("*.safetensors"))
    if len(files) != 1:
        raise Refused(f"{folder.name} must hold one safetensors file, it holds {len(files)}.")
    return files[0]
