"""What do the families of video models have in common, and what not? One table, light to import.

Sources: the classes' own signatures in diffusers 0.42; frames, rates, steps and guidance as the models' cards recommend.
"""

import json
from dataclasses import dataclass
from typing import Literal

from gator.errors import Refused
from gpu_worker.shelf import ShelfEntry

Task = Literal["text", "image"]


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    text: str  # diffusers' class that begins from words alone; empty: it has none
    image: str  # the one that begins from a picture
    also: tuple[str, ...]  # further classes that a folder of the same parts may name
    denoiser: Literal["unet", "transformer"]
    grid: int  # sides are made in multiples of this, and cut
    group: int  # it makes some number of groups of so many frames, and one
    frames: int  # the most that it makes at once and well
    fps: int  # that it was trained on
    steps: int
    guidance: float
    size: tuple[int, int]  # it was trained on: only how many pixels counts
    words: int = 0  # tokens of a prompt that it reads; 0: it reads none
    scale: str = "guidance_scale"  # what guidance is called

    def rounded(self, frames: int) -> int:
        """The number of frames that it can make, not smaller."""
        return -(-(frames - 1) // self.group) * self.group + 1


_ALL = (
    Family(
        "svd", "", "StableVideoDiffusionPipeline", (), "unet", 64, 1, 25, 7, 25, 3.0, (1024, 576),
        scale="max_guidance_scale",
    ),
    Family(
        "wan", "WanPipeline", "WanImageToVideoPipeline", (), "transformer", 16, 4, 81, 16, 50, 5.0, (832, 480), 512,
    ),
    Family(
        "ltx", "LTXPipeline", "LTXImageToVideoPipeline", ("LTXConditionPipeline",), "transformer", 32, 8, 121, 24, 40,
        3.0, (768, 512), 256,
    ),
    Family(
        "cogvideox", "CogVideoXPipeline", "CogVideoXImageToVideoPipeline", (), "transformer", 16, 4, 49, 8, 50, 6.0,
        (720, 480), 226,
    ),
)  # fmt: skip
FAMILIES: dict[str, Family] = {family.name: family for family in _ALL}


def family_of(name: str, model: str) -> Family:
    """Raises Refused for a family that makes no clips here."""
    if name not in FAMILIES:
        raise Refused(
            f"The model {model} is of the family {name}, which makes no clips here.",
            remedy=f"Known are {', '.join(FAMILIES)}.",
        )
    return FAMILIES[name]


def begins_from(entry: ShelfEntry) -> tuple[Task, ...]:
    """What the model makes clips from, as its folder tells; both where it does not. The device that loads it knows."""
    if entry.family == "svd":
        return ("image",)
    family = family_of(entry.family, entry.name)
    try:
        index = json.loads((entry.path / "model_index.json").read_text(encoding="utf-8"))
        made_of, both = str(index["_class_name"]), bool(index.get("expand_timesteps"))
    except (OSError, ValueError, KeyError):
        return ("text", "image")
    if family.name == "ltx" or both or made_of not in (family.text, family.image):
        return ("text", "image")
    return ("text",) if made_of == family.text else ("image",)
