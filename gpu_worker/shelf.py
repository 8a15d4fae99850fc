"""Which models are there? Folders of the models folder, each with a `gator-model.json` that says what it is.

Light to import: other rooms ask it what can be ordered. The files are read by `gpu_worker.pictures` and its like, in the
processes of devices; only safetensors are ever loaded, so that no model can bring code along.
"""

import difflib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gator.errors import NotFound, Refused
from gator.ids import new_id
from gator.settings import Settings

MANIFEST = "gator-model.json"
ASIDE = ".pulling"  # what is coming lies here
_GOING = ".going"  # in there, what is being deleted; no model's name begins with a dot
Kind = Literal[
    "pipeline",
    "lora",
    "controlnet",
    "ip-adapter",
    "upscaler",
    "voice",
    "clip-vision",
    "face-detector",
    "classifier",
    "video",
]
MAKES_PICTURES: Kind = "pipeline"  # by itself
MAKES_CLIPS: Kind = "video"
# A diffusers folder's pipeline class, without what follows, tells the family.
_FAMILIES = {
    "StableDiffusionXL": "sdxl",
    "StableDiffusion3": "sd3",
    "StableDiffusionUpscale": "x4",
    "StableDiffusionLatentUpscale": "x2-latent",
    "StableDiffusion": "sd15",
    "StableVideoDiffusion": "svd",
    "Flux2": "flux2",
    "Flux": "flux",
    "QwenImage21": "qwen-image-2.1",
    "QwenImage": "qwen-image",
    "Wan": "wan",
    "LTX": "ltx",
    "CogVideoX": "cogvideox",
    "AnimateDiff": "animatediff",
}
_KINDS: dict[str, Kind] = {"svd": "video", "wan": "video", "ltx": "video", "cogvideox": "video", "animatediff": "video"}
_KINDS |= {"x4": "upscaler", "x2-latent": "upscaler"}
log = structlog.get_logger()


class Defaults(BaseModel):
    """What a picture of this model is made with unless the order says otherwise; None: the family's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: int | None = Field(None, ge=1, le=200)
    guidance: float | None = Field(None, ge=0, le=30)
    width: int | None = Field(None, ge=64, le=4096)
    height: int | None = Field(None, ge=64, le=4096)
    negative: str = ""


class ShelfEntry(BaseModel):
    """One model. `path` is its folder; all else is what its manifest says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    kind: Kind
    family: str  # of a pipeline: its own; of what is added to one: that of the pipelines it fits
    path: Path = Field(exclude=True)
    source: str = ""  # where it is from: a hub's repository, an address, a folder
    revision: str = ""
    licence: str = ""
    accepted_at: datetime | None = None
    accepted_by: str = ""  # who accepted the licence
    bytes: int = Field(0, ge=0)
    sha256: dict[str, str] = {}  # of each file, by its path in the folder
    trigger_words: tuple[str, ...] = ()  # a LoRA works only when the prompt has them
    defaults: Defaults = Defaults()
    compile: bool = False  # the denoiser is compiled when it is loaded: slower to start, faster from then on


class Shelf:
    """The models of one folder. Reads it anew each time: a model that was just put there is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entries(self, kind: Kind | None = None, family: str | None = None) -> list[ShelfEntry]:
        """By name; all, or those of a kind and family. A manifest that cannot be read is logged and left out."""
        found = (entry for entry in map(_read, self._folders()) if entry)
        return [one for one in found if kind in (None, one.kind) and family in (None, one.family)]

    def get(self, name: str, known: "Entries | None" = None) -> ShelfEntry:
        """Raises NotFound, naming the nearest, when no model has the name.

        Who asks again and again brings what is `known`: then one is read anew when its manifest is another file.
        """
        known = {} if known is None else known
        seen = known.get(name)
        if seen and seen[0] and seen[0] == _stamp(seen[1].path / MANIFEST):
            return seen[1]
        for folder in self._folders():
            if folder.name == name:
                stamp = _stamp(folder / MANIFEST)
                if entry := _read(folder):
                    known[name] = (stamp, entry)
                    return entry
        raise NotFound(f"There is no model named {name}.", remedy=_nearest(name, (one.name for one in self.entries())))

    def put(self, entry: ShelfEntry) -> None:
        """Write the manifest of a model whose files are in place: from then on it is on the shelf."""
        if entry.path.parent != self.folder or entry.path.name != entry.name:
            raise Refused(f"The model {entry.name} must lie in {self.folder / entry.name}.")
        new = entry.path / f".{MANIFEST}.{os.getpid()}"
        new.write_text(entry.model_dump_json(indent=1) + "\n", encoding="utf-8")
        new.replace(entry.path / MANIFEST)

    def remove(self, entry: ShelfEntry) -> None:
        """Take it off the shelf at once, then delete its files; who has them open keeps them until it lets go."""
        self.set_aside(entry.path)
        self.sweep()

    def set_aside(self, folder: Path) -> None:
        """Have a folder of ours go at once, to be deleted by `sweep`."""
        going = self.folder / ASIDE / _GOING
        going.mkdir(parents=True, exist_ok=True)
        folder.rename(going / new_id())

    def sweep(self) -> None:
        """Delete what was set aside, also by processes that died before they had deleted it."""
        for left in (self.folder / ASIDE / _GOING).glob("*"):
            shutil.rmtree(left, ignore_errors=True)

    def _folders(self) -> list[Path]:
        return sorted(manifest.parent for manifest in self.folder.glob(f"*/{MANIFEST}"))


Entries = dict[str, tuple[tuple[int, ...], ShelfEntry]]


def shelf(settings: Settings) -> Shelf:
    return Shelf(settings.shelf_folder)


def told_by(folder: Path) -> tuple[Kind, str] | None:
    """Kind and family that a diffusers folder tells of itself; None when it is none or none that we know."""
    try:
        index: dict[str, Any] = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told_by_index(index)


def told_by_index(index: Mapping[str, Any]) -> tuple[Kind, str] | None:
    """As `told_by`, of what is in its `model_index.json`."""
    made_of = str(index.get("_class_name", ""))
    family = next((family for begin, family in _FAMILIES.items() if made_of.startswith(begin)), None)
    return None if family is None else (_KINDS.get(family, "pipeline"), family)


def _read(folder: Path) -> ShelfEntry | None:
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return ShelfEntry.model_validate({**told, "name": folder.name, "path": folder})
    except (OSError, ValueError, TypeError, ValidationError) as wrong:
        log.warning("model_unread", model=folder.name, reason=type(wrong).__name__)
        return None


def _stamp(manifest: Path) -> tuple[int, ...]:
    """What is another when the file is another; empty when there is none. `put` writes a new file each time."""
    try:
        told = manifest.stat()
    except OSError:
        return ()
    return told.st_ino, told.st_mtime_ns, told.st_size


def _nearest(name: str, names: Iterable[str]) -> str:
    there = list(names)
    near = difflib.get_close_matches(name, there, n=3, cutoff=0.4) or there[:5]
    return f"There is: {', '.join(near)}." if near else "The models folder is empty: `gator model pull` fetches one."
