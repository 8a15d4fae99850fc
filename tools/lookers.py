"""Who looks at what was made here? Models of the shelf that compare faces and rate, as the doctor tells of them.

`gpu_worker.likeness` has them look; without them people do (`tools.ratings`).
"""

from gator.settings import Settings
from gpu_worker.shelf import Shelf, shelf
from tools.part import Part

_HOW = " (docs/studio.md)."


def lookers(settings: Settings) -> list[Part]:
    there = shelf(settings)
    return [_faces(there), _ratings(there)]


def _faces(there: Shelf) -> Part:
    encoders, detectors = there.entries("clip-vision"), there.entries("face-detector")
    if not encoders:
        remedy = "Put an image encoder (kind clip-vision) into the models folder" + _HOW
        return Part(name="likeness", state="off", detail="nothing compares faces", remedy=remedy)
    if not detectors:
        remedy = "Put a face-detector into the models folder, and faces are compared alone" + _HOW
        return Part(name="likeness", state="ready", detail=f"whole pictures, by {encoders[0].name}", remedy=remedy)
    return Part(name="likeness", state="ready", detail=f"faces that {detectors[0].name} finds, by {encoders[0].name}")


def _ratings(there: Shelf) -> Part:
    names = [one.name for one in there.entries("classifier")]
    if not names:
        remedy = "Put image classifiers into the models folder" + _HOW
        return Part(name="ratings", state="off", detail="by people only: gator media rate", remedy=remedy)
    return Part(name="ratings", state="ready", detail=f"by {', '.join(names)}")
