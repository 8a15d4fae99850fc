"""How does a picture get larger? By an upscaler of the shelf, else by plain Lanczos, which adds no detail and is named so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
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


def steps_for(loaded: LoadedModel, size: tuple[int, int]) -> int:
    """How many steps a picture of that size takes; none where no upscaler does it."""
    return _STEPS if _upscaler(loaded, size) else 0


def enlarge(
    loaded: LoadedModel,
    pictures: Sequence[Image.Image],
    prompts: Sequence[str],
    times: int,
    on_step: Callable[[int], None],
) -> Larger:
    """Each picture that many times as wide and high. The upscaler is in memory only meanwhile.

    `on_step` is told how many steps of all pictures are done; what it raises ends the work.
    """
    width, height = pictures[0].size
    entry = _upscaler(loaded, (width, height))
    made, read = [*pictures], {}
    if entry is not None:
        pipe = read_pipeline(entry, loaded.dtype).to(loaded.device)
        quote_nothing()
        made = [
            _through(pipe, picture, prompt, partial(_told, on_step, place))
            for place, (picture, prompt) in enumerate(zip(pictures, prompts, strict=True))
        ]
        read = {place: part for place, prompt in enumerate(prompts) if (part := read_by_upscaler(pipe, prompt))}
        del pipe
    size = (width * times, height * times)
    fitted = [one if one.size == size else one.resize(size, Image.Resampling.LANCZOS) for one in made]
    return Larger(fitted, entry.name if entry else LANCZOS, read)


def _upscaler(loaded: LoadedModel, size: tuple[int, int]) -> ShelfEntry | None:
    there = loaded.shelf.entries("upscaler") if max(size) <= _LARGEST_PX else []
    return there[0] if there else None


def _told(on_step: Callable[[int], None], place: int, step: int, *_: Any) -> None:
    on_step(place * _STEPS + step + 1)


def _through(pipe: Any, picture: Image.Image, prompt: str, on_step: Callable[..., None]) -> Image.Image:
    made: Image.Image = pipe(
        prompt=prompt,
        image=picture,
        num_inference_steps=_STEPS,
        generator=torch.Generator("cpu").manual_seed(0),
        callback=on_step,
    ).images[0]
    return made
