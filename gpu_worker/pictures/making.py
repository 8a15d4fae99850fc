"""Pictures by diffusers: the maker of `picture.make` on a device. An order and its seed give the same picture in any batch.

`families` says what a model's family can, `loading` has the weights, `prompts` the texts, `images` the files.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from typing import Any

import torch
from PIL import Image

from gator.errors import Refused
from gpu_worker.engine.maker import Loaded, Made, Order, Spare, Step
from gpu_worker.jobs import Brought, MakePicture, Payload
from gpu_worker.pictures import images, upscaling
from gpu_worker.pictures.families import Task
from gpu_worker.pictures.loading import LoadedModel
from gpu_worker.pictures.prompts import embed, length_of, read_in_part
from gpu_worker.placed import give_back
from gpu_worker.shelf import Defaults, ShelfEntry
from gpu_worker.stamping import source_types
from gpu_worker.studio import Draft

_ALT_CHARACTERS = 400


class PictureMaker:
    """See gpu_worker.engine.maker.Maker."""

    def together(self, one: Payload, other: Payload) -> bool:
        """Prompts may differ, and nothing else."""
        return _but_words(one) == _but_words(other)

    def load(self, entry: ShelfEntry, device: str, spare: Spare, rooms: Mapping[str, int]) -> LoadedModel:
        return LoadedModel(entry, device, spare, rooms)

    def make(self, loaded: Loaded, orders: Sequence[Order], step: Step) -> list[Made]:
        assert isinstance(loaded, LoadedModel)
        batches = list(_batches(loaded, orders))
        drafts: dict[str, Made] = {}
        try:
            for place, (length, batch) in enumerate(batches):
                drafts |= _Batch(loaded, batch, length, _part(step, place, len(batches))).make()
        except BaseException:
            # Out of memory or cancelled: what was half made must be gone before the next one is tried.
            loaded.rest()
            give_back(loaded.device)
            raise
        return [drafts[order.id] for order in orders]


class _Batch:
    """Orders that go through the model at once: alike in all but their words and seeds."""

    def __init__(self, loaded: LoadedModel, orders: Sequence[Order], length: int, step: Step) -> None:
        self._loaded, self._orders, self._length, self._step = loaded, orders, length, step
        payloads = [_payload(order) for order in orders]
        self._like = payloads[0]
        self._prompts = [_prompt(loaded, one) for one in payloads]
        self._negatives = [_negative(loaded, one) for one in payloads]
        self._size = (self._like.width, self._like.height)
        self._task = _task(self._like)
        self._upscaler_read: dict[int, str] = {}
        self._denoised = 0  # steps of the pipeline that made the pictures
        each = upscaling.steps_for(loaded, self._size) if self._like.upscale > 1 else 0
        self._enlarging = each * len(orders)  # steps that come after those

    def make(self) -> dict[str, Made]:
        """What becomes a draft, by the order's id: encoding takes a core 40-180 ms a megapixel, and the device need not wait."""
        pictures = self._finished(self._denoise())
        by = ""
        if self._like.upscale > 1:
            pictures, by = self._enlarged(pictures)
        return {
            order.id: partial(self._draft, order, picture, place, by)
            for place, (order, picture) in enumerate(zip(self._orders, pictures, strict=True))
        }

    def _denoise(self) -> list[Image.Image]:
        loaded, like = self._loaded, self._like
        loaded.wear(like.loras)
        adapter = loaded.resemble(like.likeness if like.references else None)
        pipe = loaded.pipeline(self._task, like.control)
        told = embed(loaded, self._prompts, self._negatives, self._length)
        loaded.rest()
        told |= self._inputs(pipe)
        if adapter:
            _check_takes(pipe, "ip_adapter_image", "references")
            told["ip_adapter_image"] = self._references()
        with torch.inference_mode():
            made = pipe(**told, output_type="pt", callback_on_step_end=self._on_step)
        loaded.rest()
        _check_safe(made)
        return _seen(pipe, made.images, loaded.model)

    def _inputs(self, pipe: Any) -> dict[str, Any]:
        like, size = self._like, images.on_grid(self._size, self._loaded.family.grid)
        takes = inspect.signature(type(pipe).__call__).parameters
        told: dict[str, Any] = {
            "width": size[0], "height": size[1], "num_inference_steps": self._steps(),
            self._loaded.family.scale: _guidance(self._loaded, like),
            "generator": [torch.Generator("cpu").manual_seed(order.seed) for order in self._orders],
        }  # fmt: skip
        count = len(self._orders)
        if like.start:
            told["image"] = [images.covering(self._file(like.start), size)] * count
            told["strength"] = like.strength
        if like.mask:
            told["mask_image"] = [images.covering(self._file(like.mask), size).convert("L")] * count
        if like.control:
            shape = images.covering(self._file(like.control.asset), size)
            told["control_image" if "control_image" in takes else "image"] = [shape] * count
            told["controlnet_conditioning_scale"] = like.control.strength
        return {name: value for name, value in told.items() if name not in ("width", "height") or name in takes}

    def _references(self) -> list[Any]:
        seen = [self._file(id) for id in self._like.references]
        return [seen if len(seen) > 1 else seen[0]]  # one entry an adapter, and that one may see several pictures

    def _finished(self, pictures: list[Image.Image]) -> list[Image.Image]:
        """Of the asked size exactly; where a mask is black, as it was."""
        cut = [images.cut(picture, self._size) for picture in pictures]
        if not (self._like.mask and self._like.start):
            return cut
        start = images.covering(self._file(self._like.start), self._size)
        mask = images.covering(self._file(self._like.mask), self._size).convert("L")
        return [Image.composite(picture, start, mask) for picture in cut]

    def _enlarged(self, pictures: list[Image.Image]) -> tuple[list[Image.Image], str]:
        def on_step(done: int) -> None:
            self._step(self._denoised + done, self._denoised + self._enlarging)

        larger = upscaling.enlarge(self._loaded, pictures, self._prompts, self._like.upscale, on_step)
        self._upscaler_read = larger.read
        return larger.pictures, larger.by

    def _on_step(self, pipe: Any, done: int, _time: Any, told: dict[str, Any]) -> dict[str, Any]:
        self._denoised = pipe.num_timesteps
        self._step(done + 1, self._denoised + self._enlarging)
        return told

    def _steps(self) -> int:
        steps = self._like.steps or _own(self._loaded, self._like).steps or self._loaded.family.steps
        # Of these only the share `strength` is taken; at least one must be.
        return max(steps, math.ceil(1 / self._like.strength)) if self._like.start else steps

    def _file(self, asset: str) -> Image.Image:
        try:
            return images.opened(self._orders[0].files[asset])
        except (OSError, ValueError) as wrong:
            raise Refused(f"The asset {asset} cannot be used as a picture: {wrong}.") from wrong

    def _draft(self, order: Order, picture: Image.Image, place: int, by: str) -> Draft:
        path = order.scratch / "picture.png"
        images.write(picture, path)
        told = f"AI-generated picture: {_payload(order).prompt}"[:_ALT_CHARACTERS]
        provenance = self._provenance(place, by)
        return Draft(path, "image/png", picture.width, picture.height, provenance=provenance, alt_text=told)

    def _provenance(self, place: int, by: str) -> dict[str, Any]:
        loaded, like = self._loaded, self._like
        told: dict[str, Any] = {
            "digital_source_type": source_types.RETOUCHED if like.mask else source_types.LEARNT,
            "engine": f"diffusers {version('diffusers')}",
            "model": loaded.model,
            "revision": loaded.entry.revision,
            "licence": loaded.entry.licence,
            "prompt": self._prompts[place],
            "negative": self._negatives[place],
            "steps": self._steps(),
            "guidance": _guidance(loaded, like),
            "sampler": type(loaded.pipe.scheduler).__name__,
            "files": like.brought.files if like.brought else None,
            "loras": [one.model_dump() for one in like.loras],
            "control": like.control.model_dump() if like.control else None,
            "references": [*like.references],
            "likeness": like.likeness if like.references else None,
            "strength": like.strength if like.start else None,
            "upscaled_by": by,
            "prompt_read": read_in_part(loaded, self._prompts[place]),
            "prompt_read_by_upscaler": self._upscaler_read.get(place),
        }
        return {name: value for name, value in told.items() if value not in (None, "", [], {})}


def _batches(loaded: LoadedModel, orders: Sequence[Order]) -> Iterator[tuple[int, list[Order]]]:
    """The orders by the room that their words take."""
    sorted_out: dict[int, list[Order]] = {}
    for order in orders:
        payload = _payload(order)
        length = length_of(loaded, _prompt(loaded, payload), _negative(loaded, payload))
        sorted_out.setdefault(length, []).append(order)
    yield from sorted_out.items()


def _part(step: Step, place: int, of: int) -> Callable[[int, int], None]:
    return lambda done, steps: step(place * steps + done, of * steps)


def _payload(order: Order) -> MakePicture:
    assert isinstance(order.payload, MakePicture)
    return order.payload


def _but_words(payload: Payload) -> dict[str, Any]:
    return payload.model_dump(exclude={"prompt", "words", "negative", "again_of", "view"})


def _task(payload: MakePicture) -> Task:
    base: Task = "inpaint" if payload.mask else "image" if payload.start else "text"
    if payload.control is None:
        return base
    return {"text": "control", "image": "control-image", "inpaint": "control-inpaint"}[base]  # type: ignore[return-value]


def _prompt(loaded: LoadedModel, payload: MakePicture) -> str:
    """With the LoRAs' trigger words that it lacks."""
    said = payload.prompt.casefold()
    words = [word for one in payload.loras for word in loaded.shelf.get(one.name).trigger_words]
    return ", ".join([payload.prompt, *(word for word in dict.fromkeys(words) if word.casefold() not in said)])


def _negative(loaded: LoadedModel, payload: MakePicture) -> str:
    if not loaded.family.negative:
        return ""
    return payload.negative or _own(loaded, payload).negative


def _guidance(loaded: LoadedModel, payload: MakePicture) -> float:
    told = payload.guidance if payload.guidance is not None else _own(loaded, payload).guidance
    return loaded.family.guidance if told is None else told


def _own(loaded: LoadedModel, payload: MakePicture) -> Brought | Defaults:
    """What the model says for itself: as it was when the order was given, so that another take is made like the first."""
    return payload.brought or loaded.entry.defaults


def _seen(pipe: Any, pixels: torch.Tensor, model: str) -> list[Image.Image]:
    """Raises Refused where there is nothing to see: numbers that overflowed would come out as a black picture."""
    if not bool(torch.isfinite(pixels).all()):
        raise Refused(f"{model} gave no picture: its numbers overflowed.", remedy="Try another seed, or another model.")
    there: list[Image.Image] = pipe.image_processor.numpy_to_pil(pipe.image_processor.pt_to_numpy(pixels))
    return there


def _check_takes(pipe: Any, name: str, what: str) -> None:
    if name not in inspect.signature(type(pipe).__call__).parameters:
        raise Refused(f"This model takes no {what} together with the rest that was asked for.", remedy="Leave one out.")


def _check_safe(made: Any) -> None:
    """Where a model brings a check of its own and that finds something, it has blackened the picture."""
    if any(getattr(made, "nsfw_content_detected", None) or ()):
        raise Refused("The model's own check held the picture back.", remedy="Say it in other words, or try again.")


maker = PictureMaker()
