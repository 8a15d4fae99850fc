"""What beside its words is a picture made of: a mask, a picture to follow, LoRAs, a larger size. Asked by `tools.imagery`.

What does not fit the model is refused before it is queued, with what there is.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from gator.errors import Refused
from gator.settings import Settings
from gpu_worker.jobs import Control, Lora
from gpu_worker.shelf import Kind, ShelfEntry, shelf

Mask = Annotated[
    str | None,
    Field(description="id of a picture in black and white that lies on `start`: white is painted anew, black stays"),
]
Larger = Annotated[Literal[1, 2, 4], Field(description="how many times as wide and high it is made in the end")]
Follow = Annotated[
    str | None, Field(description="id of a picture of edges, depth or a pose that a ControlNet of the shelf follows")
]
FollowBy = Annotated[str, Field(max_length=200, description="name of that ControlNet, where there are several")]
FollowStrength = Annotated[float, Field(ge=0, le=2, description="how closely it is followed")]
Loras = Annotated[
    list[str] | None,
    Field(max_length=8, description="LoRAs with their weights, such as ink:0.8; left out: the persona's"),
]


def check_mask(mask: str | None, start: str | None) -> None:
    if mask and not start:
        raise Refused(
            "On which picture does the mask lie?", remedy="Name the picture that is to be changed as `start`."
        )


def followed(
    picture: str | None, by: str, strength: float, model: ShelfEntry | None, settings: Settings
) -> Control | None:
    """Raises Refused where no ControlNet fits, or several do and none was named."""
    if not picture:
        return None
    there = _fitting("controlnet", model, settings)
    named = [one for one in there if one == by] if by else there
    if len(named) == 1:
        return Control(name=named[0], asset=picture, strength=strength)
    if not there:
        raise Refused("No ControlNet here fits that model.", remedy="Put one into the models folder (docs/studio.md).")
    raise Refused(
        f"{by} is no ControlNet for that model." if by else "Which ControlNet is to follow it?",
        remedy=f"Name one in `follow_by`. There is: {', '.join(there)}.",
    )


def worn(told: Sequence[str], model: ShelfEntry | None, settings: Settings) -> tuple[Lora, ...]:
    """Raises Refused for a LoRA that the model cannot wear."""
    loras = tuple(lora(one) for one in told)
    there = _fitting("lora", model, settings) if loras else []
    for one in loras:
        if one.name not in there:
            raise Refused(f"{one.name} is no LoRA for that model.", remedy=f"There is: {', '.join(there) or 'none'}.")
    return loras


def lora(told: str) -> Lora:
    """From `ink:0.8`, or the name alone."""
    name, _, weight = told.rpartition(":")
    try:
        return Lora(name=name, weight=float(weight)) if name else Lora(name=told)
    except ValueError as wrong:
        raise Refused(f"{told} names no LoRA and its weight; write it like ink:0.8.") from wrong


def _fitting(kind: Kind, model: ShelfEntry | None, settings: Settings) -> list[str]:
    if model is None:
        raise Refused(
            "Providers' models take no ControlNet and no LoRA.", remedy="Leave it out, or use a model of your own."
        )
    return [one.name for one in shelf(settings).entries(kind, model.family)]
