"""What does each frame show? The view of its scene, the way it comes after the one before, and what lies over both."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from gpu_worker.edit_list import Cut, Scene
from gpu_worker.video.clips import Clip
from gpu_worker.video.overlays import Overlays
from gpu_worker.video.pictures import Still
from gpu_worker.video.planes import Planes, blend, slid, solid, wiped
from gpu_worker.video.timeline import Timeline


class _View(Protocol):
    def at(self, second: float, share: float) -> Planes: ...

    def close(self) -> None: ...


class _Ground:
    """What is there before the first scene."""

    def __init__(self, planes: Planes) -> None:
        self._planes = planes

    def at(self, second: float, share: float) -> Planes:  # noqa: ARG002 - it is always the same
        return self._planes

    def close(self) -> None:
        """Nothing is open."""


def frames(timeline: Timeline, files: Mapping[str, Path]) -> Iterator[Planes]:
    """Every frame in order; no more than two scenes are held at once."""
    overlays = Overlays(timeline, files)
    ground = colour(timeline.edit.background)
    before: _View = _Ground(solid(timeline.size_px, ground))
    now: _View = before
    started = 0  # at which frame `before` began
    try:
        for place, scene in enumerate(timeline.edit.scenes):
            now = _view(scene, files[scene.asset], timeline.size_px, ground, place)
            for number in range(timeline.starts[place], timeline.starts[place + 1]):
                frame = _frame(timeline, place, number, before, now, started)
                overlays.over(frame, number)
                yield frame
            before.close()
            before, started = now, timeline.starts[place]
    finally:
        before.close()
        now.close()


def _frame(timeline: Timeline, place: int, number: int, before: _View, now: _View, started: int) -> Planes:
    start, fps = timeline.starts[place], timeline.edit.fps
    # A scene is still seen while the next one comes.
    seen = timeline.starts[place + 1] - start + timeline.coming(place + 1)
    frame = now.at((number - start) / fps, (number - start) / seen)
    coming = timeline.coming(place)
    if number - start >= coming:
        return frame
    old = before.at((number - started) / fps, (number - started) / (start - started + coming))
    return _joined(timeline.edit.scenes[place].transition.kind, old, frame, (number - start + 1) / (coming + 1))


def _joined(kind: Cut, old: Planes, new: Planes, share: float) -> Planes:
    if kind == "fade":
        return blend(old, new, share)
    eased = share * share * (3 - 2 * share)
    return slid(old, new, eased) if kind == "slide" else wiped(old, new, eased)


def _view(scene: Scene, path: Path, size_px: tuple[int, int], ground: tuple[int, int, int], place: int) -> _View:
    if scene.kind == "clip":
        return Clip(path, scene, size_px, ground, f"The clip of scene {place + 1}")
    return Still(path, scene, size_px, ground, f"The picture of scene {place + 1}")


def colour(written: str) -> tuple[int, int, int]:
    """Of #rrggbb."""
    return int(written[1:3], 16), int(written[3:5], 16), int(written[5:7], 16)
