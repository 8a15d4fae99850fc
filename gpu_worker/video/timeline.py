"""What happens when in the video? An edit list with everything settled that it left open, and its frames counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from gator.errors import Refused
from gpu_worker.edit_list import LONGEST_EDIT_S, EditList, Scene, Title
from gpu_worker.video.cues import Spoken, settled_cues

_PICTURE_S = 4.0  # of a picture when nothing else says how long
_TAIL_S = 0.5  # after the last word, so that it does not end in mid-breath
_SHORTEST_PICTURE_S = 0.4


@dataclass(frozen=True)
class Timeline:
    """A settled list, in frames."""

    edit: EditList
    worded: frozenset[str] = frozenset()  # assets of scenes that have words of their own: cards

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """At which frame each scene begins to come, and the end."""
        seconds = accumulate((scene.duration_s or 0.0 for scene in self.edit.scenes), initial=0.0)
        return tuple(round(second * self.edit.fps) for second in seconds)

    @property
    def frames(self) -> int:
        return self.starts[-1]

    @property
    def duration_s(self) -> float:
        return self.frames / self.edit.fps

    @property
    def size_px(self) -> tuple[int, int]:
        return self.edit.width, self.edit.height

    def has_words(self, at_s: float, duration_s: float) -> bool:
        """Whether a scene with words of its own is seen in that time."""
        first, last = at_s * self.edit.fps, (at_s + duration_s) * self.edit.fps
        spans = zip(self.edit.scenes, pairwise(self.starts), strict=True)
        return any(one.asset in self.worded and start < last and end > first for one, (start, end) in spans)

    def coming(self, place: int) -> int:
        """For how many frames a scene comes; none after the last."""
        if place >= len(self.edit.scenes) or self.edit.scenes[place].transition.kind == "cut":
            return 0
        wanted = round(self.edit.scenes[place].transition.length_s * self.edit.fps)
        return min(wanted, (self.starts[place + 1] - self.starts[place]) // 2)


def placed(edit: EditList, spoken_s: Mapping[str, float], clips_s: Mapping[str, float]) -> EditList:
    """The list with its voices at their times where they are said to scenes, and those scenes as long as that takes.

    `spoken_s` gives the seconds of each recording, `clips_s` of each clip. Raises Refused where a scene is told to be
    shorter than what is said to it.
    """
    said_s: dict[int, float] = {}
    for each in edit.speech:
        if each.scene is not None:
            said_s[each.scene] = max(said_s.get(each.scene, 0.0), each.at_s + spoken_s[each.asset])
    if not said_s:
        return edit
    said_s[max(said_s)] += _TAIL_S
    scenes = [
        _to_the_end(scene, place, clips_s) if place not in said_s else scene for place, scene in enumerate(edit.scenes)
    ]
    lengths = [_said_to(scene, place, said_s.get(place)) for place, scene in enumerate(scenes)]
    open_ones = sum(scene.duration_s is None for scene in scenes)
    spare_s = max((edit.duration_s or 0.0) - sum(lengths), 0.0) / max(open_ones, 1)
    lengths = [length if scene.duration_s else length + spare_s for scene, length in zip(scenes, lengths, strict=True)]
    starts = [0.0, *accumulate(lengths)]
    speech = [
        each if each.scene is None else each.model_copy(update={"at_s": starts[each.scene] + each.at_s, "scene": None})
        for each in edit.speech
    ]
    scenes = [scene.model_copy(update={"duration_s": length}) for scene, length in zip(scenes, lengths, strict=True)]
    return edit.model_copy(update={"scenes": tuple(scenes), "speech": tuple(speech), "duration_s": None})


def _said_to(scene: Scene, place: int, said_s: float | None) -> float:
    """How long the scene is with what is said to it."""
    if scene.duration_s is None:
        return said_s or _PICTURE_S
    if said_s and said_s > scene.duration_s + 0.05 + _TAIL_S:
        raise Refused(
            f"Scene {place + 1} lasts {scene.duration_s:g} s, and what is said to it {said_s:.1f} s.",
            remedy="Let the scene be longer, or leave its length out.",
        )
    return scene.duration_s


def settle(edit: EditList, voices: Sequence[Spoken], clips: Mapping[str, float]) -> EditList:
    """The list with every length and caption; `clips` gives the seconds of each clip.

    Raises Refused where scenes and voices do not fit into the time there is, or a clip is shorter than what is asked of it.
    """
    scenes = [_to_the_end(scene, place, clips) for place, scene in enumerate(edit.scenes)]
    total_s = _total(edit, scenes, voices)
    scenes = _shared_out(scenes, total_s)
    _check_frames(scenes, edit.fps)
    total_s = sum(scene.duration_s or 0.0 for scene in scenes)
    _check_voices(voices, total_s, edit.fps)
    cues = settled_cues(edit.captions, voices, total_s)
    return edit.model_copy(
        update={
            "duration_s": None,
            "scenes": tuple(scenes),
            "titles": tuple(_title(title, total_s) for title in edit.titles),
            "captions": edit.captions.model_copy(update={"cues": cues, "text": None}),
        }
    )


def _to_the_end(scene: Scene, place: int, clips: Mapping[str, float]) -> Scene:
    if scene.kind == "still":
        return scene
    there_s = clips[scene.asset]
    wanted_s = scene.duration_s if scene.duration_s is not None else there_s - scene.in_s
    short = scene.in_s + wanted_s > there_s + 0.05 and not (scene.hold and scene.in_s < there_s)
    if short or wanted_s <= 0:  # the last frame's own length may be missing in a file
        asked = f"from {scene.in_s:g} s" + (f" to {scene.in_s + scene.duration_s:g} s" if scene.duration_s else "")
        raise Refused(
            f"The clip of scene {place + 1} lasts {there_s:.1f} s; the scene wants it {asked}.",
            remedy="Trim the scene, or begin it earlier in the clip.",
        )
    return scene.model_copy(update={"duration_s": wanted_s})


def _total(edit: EditList, scenes: Sequence[Scene], voices: Sequence[Spoken]) -> float:
    known_s = sum(scene.duration_s or 0.0 for scene in scenes)
    open_ones = sum(scene.duration_s is None for scene in scenes)
    spoken_s = max((voice.end_s for voice in voices), default=0.0)
    if edit.duration_s is not None:
        return edit.duration_s
    if not open_ones:
        return known_s
    total_s = max(spoken_s + _TAIL_S, known_s) if spoken_s else known_s + _PICTURE_S * open_ones
    if total_s > LONGEST_EDIT_S and spoken_s:
        raise Refused(
            f"The speech lasts {spoken_s:.0f} s; a video holds {LONGEST_EDIT_S} s.",
            remedy="Shorten the text or split it.",
        )
    return min(total_s, LONGEST_EDIT_S)


def _shared_out(scenes: Sequence[Scene], total_s: float) -> list[Scene]:
    """Every scene with its length: those that have none share what the others leave."""
    known_s = sum(scene.duration_s or 0.0 for scene in scenes)
    open_ones = sum(scene.duration_s is None for scene in scenes)
    if not open_ones:
        if abs(known_s - total_s) > 0.02:
            raise Refused(
                f"The scenes last {known_s:.2f} s, not {total_s:g} s.",
                remedy="Change the length of a scene, or leave the video's length out.",
            )
        return list(scenes)
    share_s = (total_s - known_s) / open_ones
    if share_s < _SHORTEST_PICTURE_S:
        noun = "picture is" if open_ones == 1 else "pictures are"
        raise Refused(
            f"{open_ones} {noun} too many for {max(total_s - known_s, 0):.1f} s.", remedy="Use fewer, or more time."
        )
    return [scene if scene.duration_s else scene.model_copy(update={"duration_s": share_s}) for scene in scenes]


def _check_frames(scenes: Sequence[Scene], fps: int) -> None:
    for place, scene in enumerate(scenes):
        if (scene.duration_s or 0.0) < 1 / fps - 0.001:
            raise Refused(
                f"Scene {place + 1} lasts {scene.duration_s:g} s, less than one frame.", remedy="Give it more time."
            )


def _check_voices(voices: Sequence[Spoken], total_s: float, fps: int) -> None:
    for voice in voices:
        if voice.end_s > total_s + 1 / fps:
            after = f" from {voice.at_s:g} s on" if voice.at_s else ""
            raise Refused(
                f"The speech lasts {voice.length_s:.1f} s and does not fit into {total_s:g} s{after}.",
                remedy=f"Ask for {voice.end_s + _TAIL_S:.0f} s or more, or shorten the text.",
            )


def _title(title: Title, total_s: float) -> Title:
    if title.at_s >= total_s:
        raise Refused(
            f'The title "{title.text[:40]}" begins at {title.at_s:g} s, after the end at {total_s:g} s.',
            remedy="Let it begin earlier.",
        )
    return title.model_copy(update={"duration_s": min(title.duration_s, total_s - title.at_s)})
