"""What do the shelf's models see on a picture? Encoders and classifiers, on the CPU: a picture takes them well under a second.

Only safetensors are loaded, and no code that a model brings.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from PIL import Image

from gator.errors import Refused
from gpu_worker.likeness.judging import Exam, Findings
from gpu_worker.likeness.made_faces import another_take, face
from gpu_worker.shelf import Shelf, ShelfEntry

_CLIP_MEAN, _CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
_FACES, _TAKES = 6, 2  # made to measure a threshold: 12 pairs that should be alike, 60 that should not
_ENCODERS = {"clip_vision_model": "CLIPVisionModelWithProjection", "siglip_vision_model": "SiglipVisionModel"}
Vectors = np.ndarray[Any, np.dtype[np.float32]]


class Encoder:
    """An image encoder: what it gives for two pictures of one face lies close together."""

    def __init__(self, folder: Path) -> None:
        kind = str(json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type", ""))
        made = getattr(transformers, _ENCODERS.get(kind, "AutoModel"))
        self._model: Any = _loaded(made, folder)
        self._inputs = _Inputs(folder, self._model)

    def see(self, pictures: Sequence[Image.Image]) -> Vectors:
        """A vector of length 1 for each."""
        seen = []
        for picture in pictures:  # one after another: a batch is no faster on a CPU and takes more memory
            with torch.inference_mode():
                out = self._model(pixel_values=self._inputs.of(picture))
            given = getattr(out, "image_embeds", None)
            given = given if given is not None else getattr(out, "pooler_output", None)
            seen.append((given if given is not None else out.last_hidden_state.mean(1))[0].float().numpy())
        vectors = np.stack(seen).astype(np.float32)
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))

    def measured(self) -> float:
        """How alike two pictures of one face are at least, as a rule: half way from what other made faces are."""
        faces = [face(seed) for seed in range(_FACES)]
        first = self.see(faces)
        takes = [self.see([another_take(one, n) for n in range(_TAKES)]) for one in faces]
        same = np.concatenate([taken @ first[n] for n, taken in enumerate(takes)])
        others = np.concatenate([(taken @ np.delete(first, n, 0).T).ravel() for n, taken in enumerate(takes)])
        return float((np.percentile(same, 5) + np.percentile(others, 95)) / 2)


class Classifier:
    """Tells how certain each of its labels is of a picture."""

    def __init__(self, folder: Path) -> None:
        self._model: Any = _loaded(transformers.AutoModelForImageClassification, folder)
        self._inputs = _Inputs(folder, self._model)

    def labels(self, picture: Image.Image) -> dict[str, float]:
        with torch.inference_mode():
            certain = self._model(pixel_values=self._inputs.of(picture)).logits[0].softmax(-1)
        return {str(self._model.config.id2label[n]): round(float(one), 6) for n, one in enumerate(certain)}


class _Inputs:
    """Pictures as the model wants them: its size, its mean and deviation."""

    def __init__(self, folder: Path, model: Any) -> None:
        file = folder / "preprocessor_config.json"
        told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        size = getattr(model.config, "image_size", None) or 224
        self._side = int(size if isinstance(size, int) else size[0])
        self._mean = torch.tensor(told.get("image_mean") or _CLIP_MEAN).view(3, 1, 1)
        self._std = torch.tensor(told.get("image_std") or _CLIP_STD).view(3, 1, 1)

    def of(self, picture: Image.Image) -> torch.Tensor:
        square = picture.convert("RGB").resize((self._side, self._side), Image.Resampling.BICUBIC)
        pixels = torch.from_numpy(np.array(square, dtype=np.float32)).permute(2, 0, 1) / 255
        return ((pixels - self._mean) / self._std)[None]


def examine(shelf: Shelf, exam: Exam, known: dict[str, float]) -> Findings:
    """What they see of it. `known` are thresholds that were measured before, by encoder; a new one is added."""
    from gpu_worker.pictures.images import opened

    picture = opened(exam.picture)
    told = {entry.name: _classifier(_folder(entry)).labels(picture) for entry in shelf.entries("classifier")}
    encoders = shelf.entries("clip-vision")
    if not exam.views or not encoders:
        return Findings(labels=told)
    encoder = _encoder(_folder(encoders[0]))
    seen = encoder.see([picture, *(opened(view) for view in exam.views)])
    own, views = seen[0], seen[1:]
    key = f"{encoders[0].name}@{encoders[0].revision}"
    if exam.threshold is None and key not in known:
        known[key] = encoder.measured()
    threshold = exam.threshold if exam.threshold is not None else _at_most(known[key], views)
    return Findings(float((views @ own).max()), threshold, encoders[0].name, told)


def _at_most(measured: float, views: Vectors) -> float:
    """A picture need not be more like the views than they are like one another: a person said that they are her."""
    if len(views) < 2:
        return measured
    among = views @ views.T - 2 * np.eye(len(views), dtype=np.float32)
    return min(measured, float(among.max(axis=1).min()))


@lru_cache(maxsize=1)
def _encoder(folder: Path) -> Encoder:
    return Encoder(folder)


@lru_cache(maxsize=4)
def _classifier(folder: Path) -> Classifier:
    return Classifier(folder)


def _folder(entry: ShelfEntry) -> Path:
    """Where its configuration lies: in its folder, or in the one that hubs call `image_encoder`."""
    for folder in (entry.path, entry.path / "image_encoder"):
        if (folder / "config.json").is_file():
            return folder
    raise Refused(f"The model {entry.name} has no config.json.", remedy="Pull it again.")


def _loaded(made: Any, folder: Path) -> Any:
    read = made.from_pretrained(folder, local_files_only=True, use_safetensors=True, trust_remote_code=False)
    return read.eval()
