"""What do the shelf's models see on a picture? Encoders, face detectors and classifiers, on the CPU: well under a second each.

Only safetensors are loaded, and no code that a model brings.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from PIL import Image

from gator.errors import Refused
from gpu_worker.likeness.films import sampled
from gpu_worker.likeness.judging import Exam, Findings
from gpu_worker.likeness.made_faces import another_take, face
from gpu_worker.shelf import Shelf, ShelfEntry

_CLIP_MEAN, _CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
_FACES, _TAKES = 6, 2  # made to measure a threshold: 12 pairs that should be alike, 60 that should not
_ENCODERS = {"clip_vision_model": "CLIPVisionModelWithProjection", "siglip_vision_model": "SiglipVisionModel"}
# Of a face detector: how certain it must be, how much around a face is seen with it (a share of the face on each side), how many
# faces of a picture are compared, and how small they may be.
_CERTAIN, _AROUND, _MOST_FACES, _LEAST_PX = 0.5, 0.2, 8, 16
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


class Detector:
    """Finds faces: an object detector one of whose labels is a face."""

    def __init__(self, folder: Path) -> None:
        self._model: Any = _loaded(transformers.AutoModelForObjectDetection, folder)
        self._processor: Any = transformers.AutoImageProcessor.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        told = {int(n): str(name) for n, name in self._model.config.id2label.items()}
        self._faces = {n for n, name in told.items() if "face" in name.lower()}
        if not self._faces:
            raise Refused("The face detector knows no faces.", remedy="One of its labels must be “face”.")

    def faces(self, picture: Image.Image) -> list[Image.Image]:
        """The faces that it is certain of, the surest first, each cut out with a little around it."""
        with torch.inference_mode():
            out = self._model(**self._processor(images=picture, return_tensors="pt"))
        size = torch.tensor([[picture.height, picture.width]])
        [found] = self._processor.post_process_object_detection(out, threshold=_CERTAIN, target_sizes=size)
        boxes = [
            (float(score), box.tolist())
            for score, label, box in zip(found["scores"], found["labels"], found["boxes"], strict=True)
            if int(label) in self._faces
        ]
        cuts = [_square(picture, box) for _, box in sorted(boxes, key=lambda one: -one[0])]
        return [cut for cut in cuts if cut is not None][:_MOST_FACES]


def _square(picture: Image.Image, box: Sequence[float]) -> Image.Image | None:
    """What is in the box and some of what is around it, as a square: an encoder sees squares. None for next to nothing."""
    left, top, right, bottom = box
    half = max(right - left, bottom - top) * (1 + 2 * _AROUND) / 2
    x, y = (left + right) / 2, (top + bottom) / 2
    if not (math.isfinite(x) and math.isfinite(y) and math.isfinite(half)):
        return None
    edges = (max(0.0, x - half), max(0.0, y - half), min(picture.width, x + half), min(picture.height, y + half))
    return picture.crop(edges) if min(edges[2] - edges[0], edges[3] - edges[1]) >= _LEAST_PX else None


def examine(shelf: Shelf, exam: Exam, known: dict[str, float]) -> Findings:
    """What they see of it. `known` are thresholds that were measured before, by encoder; a new one is added."""
    from gpu_worker.pictures.images import opened

    classifiers = [(entry.name, _classifier(_folder(entry))) for entry in shelf.entries("classifier")]
    hers = _hers(shelf, exam, known)
    pictures = sampled(exam.picture) if exam.picture.suffix == ".mp4" else iter([opened(exam.picture)])
    labels, scores = [], []
    for picture in pictures:  # of a film one frame after another: all of them at once would not fit into memory
        labels.append({name: each.labels(picture) for name, each in classifiers})
        if hers and (score := hers.score(picture)) is not None:
            scores.append(score)
    if not labels:
        raise ValueError("the film shows nothing")
    found = Findings(labels=labels[0], frames=labels[1:], of=hers.of if hers else "")
    if not hers or not scores:
        return found
    return replace(found, score=least(scores), threshold=hers.threshold, encoder=hers.by)


def least(scores: Sequence[float]) -> float:
    """No number where one of them is none: `min` would take the others, and who made nothing of a frame would have seen her."""
    return min(scores) if all(map(math.isfinite, scores)) else math.nan


class Likeness:
    """Compares pictures with views of one face, which are looked at once."""

    def __init__(self, encoder: Encoder, by: str, detector: Detector | None, views: Sequence[Image.Image]) -> None:
        found = [faces[0] for view in views if detector and (faces := detector.faces(view))]
        # Where nothing finds a face on her own views, as on drawings, all of the pictures are compared.
        self._detector = detector if found else None
        self._encoder, self.by, self.of = encoder, by, "face" if found else "picture"
        self.views = encoder.see(found or views)
        self.threshold = 0.0

    def score(self, picture: Image.Image) -> float | None:
        """How alike what is most alike on the picture is; None where no face is found on it."""
        seen = self._detector.faces(picture) if self._detector else [picture]
        return float((self._encoder.see(seen) @ self.views.T).max()) if seen else None


def _hers(shelf: Shelf, exam: Exam, known: dict[str, float]) -> Likeness | None:
    """What compares with the face that it should have; None where there is none, or nothing that compares."""
    from gpu_worker.pictures.images import opened

    encoders, detectors = shelf.entries("clip-vision"), shelf.entries("face-detector")
    if not exam.views or not encoders:
        return None
    encoder = _encoder(_folder(encoders[0]))
    detector = _detector(_folder(detectors[0])) if detectors else None
    made = Likeness(encoder, encoders[0].name, detector, [opened(view) for view in exam.views])
    key = f"{encoders[0].name}@{encoders[0].revision}"
    if exam.threshold is None and key not in known:
        known[key] = encoder.measured()
    made.threshold = exam.threshold if exam.threshold is not None else _at_most(known[key], made.views)
    return made


def _at_most(measured: float, views: Vectors) -> float:
    """A picture need not be more like the views than they are like one another: a person said that they are her."""
    if len(views) < 2:
        return measured
    among = views @ views.T - 2 * np.eye(len(views), dtype=np.float32)
    return min(measured, float(among.max(axis=1).min()))


@lru_cache(maxsize=1)
def _encoder(folder: Path) -> Encoder:
    return Encoder(folder)


@lru_cache(maxsize=1)
def _detector(folder: Path) -> Detector:
    return Detector(folder)


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
