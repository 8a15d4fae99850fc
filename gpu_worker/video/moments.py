"""Which frames of a video are worth a look, and how do they look? Those where a scene is seen whole: in no transition, and if
it can be with no letters on it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from PIL import Image

from gator.errors import Refused
from gpu_worker.edit_list import EditList
from gpu_worker.opening import open_media
from gpu_worker.video.timeline import Timeline

_MOST = 24  # frames that are looked at
_WITHIN = (0.2, 0.5, 0.8)  # of what is left of a scene once it is there
_APART_S = 3.0  # frames that are nearer to each other are decoded in one go
_AFTER_S = 0.05  # from the edges of what is to be kept off


@dataclass(frozen=True, slots=True)
class Moment:
    at_s: float
    scene: int | None = None  # from 1
    lettered: bool = False  # whether captions or titles lie over it


def moments(edit: EditList | None, length_s: float, scene: int | None = None) -> list[Moment]:
    """In their order; of one scene, where its number is told. Without an edit list, moments all over the video.

    Raises Refused where there is no such scene.
    """
    if edit is None or any(one.duration_s is None for one in edit.scenes):
        if scene is not None:
            raise Refused("This video was not made of scenes.", remedy="Leave the scene's number out.")
        return [Moment(length_s * (n + 0.5) / _MOST) for n in range(_MOST)]
    if scene is not None and scene > len(edit.scenes):
        raise Refused(f"There is no scene {scene}: the video has {len(edit.scenes)}.")
    numbers = [scene] if scene else range(1, len(edit.scenes) + 1)
    found = [moment for number in numbers for moment in _of_scene(edit, number)]
    free, lettered = ([one for one in found if one.lettered is over] for over in (False, True))
    kept = _spread(free, _MOST)
    return sorted([*kept, *_spread(lettered, _MOST - len(kept))], key=lambda one: one.at_s)


def _spread(found: list[Moment], most: int) -> list[Moment]:
    """At most so many of them, from all over."""
    if len(found) <= most:
        return found
    return [found[n * len(found) // most] for n in range(most)]


def _of_scene(edit: EditList, number: int) -> Iterator[Moment]:
    timeline, fps = Timeline(edit), edit.fps
    begins = (timeline.starts[number - 1] + timeline.coming(number - 1)) / fps + _AFTER_S
    ends = timeline.starts[number] / fps - _AFTER_S
    letters = list(_letters(edit, timeline))
    wanted = {begins + share * (ends - begins) for share in _WITHIN}
    wanted |= set(_between(letters, begins, ends))
    for at_s in sorted(wanted):
        yield Moment(at_s, number, any(start <= at_s <= end for start, end in letters))


def _letters(edit: EditList, timeline: Timeline) -> Iterator[tuple[float, float]]:
    """When something is written over the picture."""
    if edit.captions.show in ("burnt", "both"):
        yield from ((cue.start_s, cue.end_s) for cue in edit.captions.cues or ())
    yield from ((title.at_s, title.at_s + title.duration_s) for title in edit.titles)
    for place, scene in enumerate(edit.scenes):
        if scene.title:
            yield timeline.starts[place] / edit.fps, timeline.starts[place + 1] / edit.fps


def _between(letters: Sequence[tuple[float, float]], begins: float, ends: float) -> Iterator[float]:
    """The middle of every gap between the letters."""
    free = begins
    for start, end in [*sorted(letters), (ends, ends)]:
        if min(start, ends) - free > 2 * _AFTER_S:
            yield (free + min(start, ends)) / 2
        free = max(free, end)


def seen_at(path: Path, wanted: Iterable[Moment], most_px: int) -> Iterator[tuple[Moment, Image.Image]]:
    """How the video looks at these moments, which come in their order, with at most `most_px` on the longer side.

    Raises Refused for a file that cannot be read.
    """
    try:
        with open_media(path) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            now_s, frames = -_APART_S * 2, iter(())  # type: float, Iterator[av.VideoFrame]
            for moment in wanted:
                if not 0 <= moment.at_s - now_s <= _APART_S:
                    container.seek(round(moment.at_s * av.time_base))
                    frames = container.decode(stream)
                frame = next((one for one in frames if (one.time or 0.0) >= moment.at_s - 0.001), None)
                if frame is None:
                    now_s = -_APART_S * 2
                    continue
                now_s = frame.time or 0.0
                yield moment, _small(frame, most_px)
    except (av.FFmpegError, IndexError) as broken:
        raise Refused("The video cannot be read.", remedy="Make it again.") from broken


def _small(frame: av.VideoFrame, most_px: int) -> Image.Image:
    factor = min(most_px / max(frame.width, frame.height), 1.0)
    width, height = (max(round(side * factor / 2) * 2, 2) for side in (frame.width, frame.height))
    return Image.fromarray(frame.to_ndarray(format="rgb24", width=width, height=height))
