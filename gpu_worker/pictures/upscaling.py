"""How does a picture get larger? By an upscaler of the shelf, else by plain Lanczos, which adds no detail and is named so."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from PIL import Image

from gpu_worker.pictures.loading import LoadedModel
from gpu_worker.pictures.prompts import quote_nothing, read_by_upscaler
from gpu_worker.placed import read_pipeline
from gpu_worker.shelf import ShelfEntry

LANCZOS = "lanczos"
_STEPS = 20
_LARGEST_PX = 768  # of a side that goes into a model whole: four times that is what 24 GB decode


@dataclass(frozen=True, slots=True)
class Larger:
    pictures: list[Image.Image]
    by: str  # the upscaler's name, or lanczos
    read: dict[int, str] = field(default_factory=dict)  # of which prompts it read but a part, and which


def enlarge(loaded: LoadedModel, pictures: Sequence[Image.Image], prompts: Sequence[str], times: int) -> Larger:
    """Each picture that many times as wide and high. The upscaler is in memory only meanwhile."""
    width, height = pictures[0].size
    entry = _upscaler(loaded) if max(width, height) <= _LARGEST_PX else None
    made, read = [*pictures], {}
    if entry is not None:
        pipe = read_pipeline(entry, loaded.dtype).to(loaded.device)
        quote_nothing()
        made = [_through(pipe, *each) for each in zip(pictures, prompts, strict=True)]
        read = {place: part for place, prompt in enumerate(prompts) if (part := read_by_upscaler(pipe, prompt))}
        del pipe
    size = (width * times, height * times)
    fitted = [one if one.size == size else one.resize(size, Image.Resampling.LANCZOS) for one in made]
    return Larger(fitted, entry.name if entry else LANCZOS, read)


def _upscaler(loaded: LoadedModel) -> ShelfEntry | None:
    there = loaded.shelf.entries("upscaler")
    return there[0] if there else None


def _through(pipe: Any, picture: Image.Image, prompt: str) -> Image.Image:
    made: Image.Image = pipe(
        prompt=prompt,
        image=picture,
        num_inference_steps=_STEPS,
        generator=torch.Generator("cpu").manual_seed(0),
    ).images[0]
    return made
