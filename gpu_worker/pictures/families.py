"""What do the families of picture models have in common, and what not? One table; `loading` and `making` follow it.

Sources: the classes' own signatures in diffusers 0.42; steps and guidance as the models' cards recommend.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gator.errors import Refused

Task = Literal["text", "image", "inpaint", "control", "control-image", "control-inpaint"]
_SAID = {
    "image": "start from a picture",
    "inpaint": "paint a part of a picture anew",
    "control": "follow a ControlNet",
    "control-image": "follow a ControlNet while starting from a picture",
    "control-inpaint": "follow a ControlNet while painting a part anew",
}


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    classes: Mapping[str, str]  # task → diffusers' class
    denoiser: Literal["unet", "transformer"]
    grid: int  # sides are made in multiples of this, and cut
    steps: int
    guidance: float
    text: Literal["clip", "t5", "qwen"]  # who reads the prompt
    controlnet: str
    scale: str = "guidance_scale"  # what guidance is called
    negative: bool = True  # whether it heeds a negative prompt

    def class_for(self, task: Task) -> str:
        """Raises Refused for what diffusers has no pipeline of."""
        if task not in self.classes:
            raise Refused(f"A model of the family {self.name} cannot {_SAID[task]}.", remedy="Choose another model.")
        return self.classes[task]


def _classes(stem: str, *, image: str = "Img2Img", control: str = "ControlNet") -> dict[str, str]:
    return {
        "text": f"{stem}Pipeline",
        "image": f"{stem}{image}Pipeline",
        "inpaint": f"{stem}InpaintPipeline",
        "control": f"{stem}{control}Pipeline",
        "control-image": f"{stem}{control}{image}Pipeline",
        "control-inpaint": f"{stem}{control}InpaintPipeline",
    }


def _without(classes: dict[str, str], *tasks: str) -> dict[str, str]:
    return {task: name for task, name in classes.items() if task not in tasks}


_ALL = (
    Family("sd15", _classes("StableDiffusion"), "unet", 8, 30, 7.5, "clip", "ControlNetModel"),
    Family("sdxl", _classes("StableDiffusionXL"), "unet", 8, 30, 5.0, "clip", "ControlNetModel"),
    Family(
        "sd3",
        # Its ControlNet that inpaints is one of its own kind, trained with the mask.
        _without(_classes("StableDiffusion3"), "control-image", "control-inpaint"),
        "transformer", 16, 28, 7.0, "t5", "SD3ControlNetModel",
    ),
    # FLUX was distilled with its guidance: a negative prompt would need a second pass that the models were not made for.
    Family("flux", _classes("Flux"), "transformer", 16, 28, 3.5, "t5", "FluxControlNetModel", negative=False),
    Family(
        "qwen-image",
        _without(_classes("QwenImage"), "control-image", "control-inpaint"),
        "transformer", 16, 50, 4.0, "qwen", "QwenImageControlNetModel", scale="true_cfg_scale",
    ),
)  # fmt: skip
FAMILIES: dict[str, Family] = {family.name: family for family in _ALL}


def family_of(name: str, model: str) -> Family:
    """Raises Refused for a family that makes no pictures here."""
    if name not in FAMILIES:
        raise Refused(
            f"The model {model} is of the family {name}, which makes no pictures here.",
            remedy=f"Known are {', '.join(FAMILIES)}.",
        )
    return FAMILIES[name]
