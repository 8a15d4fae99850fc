"""What is an edit list while it is changed? JSON, whose voices and captions stay with the scenes that they belong to.

What is wrong with it is said when it is used.
"""

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

from gpu_worker.edit_list import EditList

Part = dict[str, Any]


class Draft:
    """The list, and what can be done to its scenes."""

    def __init__(self, edit: EditList) -> None:
        self.told: Part = edit.model_dump(mode="json")
        starts = self._starts()
        # Of captions that belong to a scene: it, and their times from its beginning.
        self._owned: dict[int, tuple[Part, Part]] = {}
        for cue in self.told["captions"]["cues"] or ():
            if owner := self._owner(cue, starts):
                self._owned[id(cue)] = owner, _shifted(cue, -starts[id(owner)])

    @property
    def scenes(self) -> list[Part]:
        scenes: list[Part] = self.told["scenes"]
        return scenes

    @property
    def length_s(self) -> float:
        return sum(scene["duration_s"] or 0.0 for scene in self.scenes)

    def move(self, place: int, to: int) -> None:
        self._change(lambda: self.scenes.insert(to, self.scenes.pop(place)))

    def remove(self, place: int) -> None:
        self._change(lambda: self.scenes.pop(place))

    def last(self, scene: Part, duration_s: float | None) -> None:
        self._change(lambda: scene.update(duration_s=duration_s))

    def _change(self, change: Callable[[], object]) -> None:
        """Change the scenes; what is said to one goes with it, and its captions too."""
        spoken = [(each, None if each["scene"] is None else self.scenes[each["scene"]]) for each in self.told["speech"]]
        change()
        places = {id(scene): place for place, scene in enumerate(self.scenes)}
        self.told["speech"] = [
            each | {"scene": places[id(owner)] if owner else None}
            for each, owner in spoken
            if owner is None or id(owner) in places
        ]
        if self.told["captions"]["cues"] is not None:
            self.told["captions"]["cues"] = sorted(self._cues(), key=lambda cue: float(cue["start_s"]))

    def _cues(self) -> Iterator[Part]:
        """The captions at their times now; those of scenes that are gone are gone."""
        starts = self._starts()
        for cue in self.told["captions"]["cues"]:
            if id(cue) in self._owned:
                owner, times = self._owned[id(cue)]
                if id(owner) not in starts:
                    continue
                moved = _shifted(times, starts[id(owner)])
                cue |= moved | {"text": cue["text"], "words": moved["words"] if cue["words"] else []}
            yield cue

    def _owner(self, cue: Part, starts: dict[int, float]) -> Part | None:
        """The scene to which it is said; none where the voice belongs to no scene."""
        spoken_to = {each["scene"] for each in self.told["speech"]}
        for place, scene in enumerate(self.scenes):
            first = starts[id(scene)]
            if place in spoken_to and first <= cue["start_s"] + 0.001 < first + (scene["duration_s"] or 0.0):
                return scene
        return None

    def _starts(self) -> dict[int, float]:
        starts = accumulate((scene["duration_s"] or 0.0 for scene in self.scenes), initial=0.0)
        return {id(scene): start for scene, start in zip(self.scenes, starts, strict=False)}


def _shifted(cue: Part, later_s: float) -> Part:
    start_s, end_s = (round(cue[name] + later_s, 3) for name in ("start_s", "end_s"))
    words = [[word, round(a + later_s, 3), round(b + later_s, 3)] for word, a, b in cue["words"]]
    return {"start_s": start_s, "end_s": end_s, "words": words}
