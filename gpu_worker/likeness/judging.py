"""What follows from what was seen? A likeness, a rating, or a refusal; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Literal

Labels = Mapping[str, Mapping[str, float]]  # by classifier: how certain it is of each label
Rating = Literal["general", "mature", "unknown", "minor"]
Likeness = Literal["", "held", "unheld", "unchecked", "drifted"]
# A share of a classifier's certainty from which on it counts. A child that is missed is worse than an adult who is not.
_MINOR, _ADULT, _MATURE = 0.15, 0.85, 0.3
_EXPLICIT = 0.5  # more likely than not: between the two it may be a bathing suit
_MINORS = {"child", "children", "kid", "minor", "underage", "teen", "teenager", "baby", "infant", "toddler", "young"}
_ADULTS = {"adult", "middle", "middle-aged", "old", "senior", "elderly", "grown"}
_MATURES = {"nsfw", "porn", "hentai", "sexy", "sexual", "explicit", "unsafe", "nude", "nudity", "erotic", "mature"}
_SAFE = {"sfw", "normal", "safe", "neutral", "general", "drawing", "drawings"}
_ADULT_AGE = 18
_STRICT: tuple[Rating, ...] = ("general", "mature", "unknown", "minor")  # the strictest last


@dataclass(frozen=True, slots=True)
class Exam:
    """A picture or a video to look at. `views` are files of the face that it should have; `threshold`: a person's own."""

    picture: Path
    views: tuple[Path, ...] = ()
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What models saw. `score`: how alike the face is to the view that is most alike, -1 to 1."""

    score: float | None = None
    threshold: float | None = None
    encoder: str = ""
    labels: Labels = field(default_factory=dict)
    frames: Sequence[
        Labels
    ] = ()  # of a video: of its other frames; its `score` is that of the frame that is least alike
    of: str = ""  # what was compared: "face", or "picture" where nothing finds faces
    broken: bool = False  # a model that is there told nothing that could be used

    @property
    def drifted(self) -> bool:
        return self.score is not None and self.threshold is not None and self.score < self.threshold


def sound(findings: Findings) -> Findings:
    """Without what is no number: whatever is asked of those, "less than" is never true, and all would pass."""
    labels, *frames = map(_numbers, (findings.labels, *findings.frames))
    lost = any(
        len(one) < len(was) for one, was in zip((labels, *frames), (findings.labels, *findings.frames), strict=True)
    )
    told = (findings.score, findings.threshold)
    compared = None not in told and all(isfinite(one or 0.0) for one in told)
    broken = findings.broken or lost or (findings.score is not None and not compared)
    return replace(findings, score=findings.score if compared else None, labels=labels, frames=frames, broken=broken)


def _numbers(labels: Labels) -> Labels:
    return {name: told for name, told in labels.items() if all(map(isfinite, told.values()))}


def likeness_of(findings: Findings, *, has_face: bool, held: bool) -> Likeness:
    """What is said of the face. One that nothing held and nobody compared is not held."""
    if not has_face:
        return ""
    if findings.score is None:
        return "unchecked" if held else "unheld"
    return "drifted" if findings.drifted else "held"


def rating_of(findings: Findings) -> Rating:
    """Whom it is fit for: of a video, by its strictest frame."""
    return _rating(strictest_frame(findings), findings.broken)


def is_explicit(findings: Findings) -> bool:
    """Whether classifiers see nudity or sex on it, on any frame of a video."""
    seen = (_certainties(labels)[0] for labels in (findings.labels, *findings.frames))
    return any(nude is not None and nude >= _EXPLICIT for nude in seen)


def strictest_frame(findings: Findings) -> Labels:
    """What was seen of the frame that says most against it; of a picture there is one."""
    return max((findings.labels, *findings.frames), key=lambda labels: _STRICT.index(_rating(labels, findings.broken)))


def _rating(labels: Labels, broken: bool) -> Rating:
    """Unknown unless the classifiers say so plainly; mature only where everybody is plainly grown."""
    nude, minor, adult = _certainties(labels)
    if minor is not None and minor >= _MINOR:
        return "minor"
    if nude is None or broken:
        return "unknown"
    if nude < _MATURE:
        return "general"
    return "mature" if adult is not None and adult >= _ADULT else "unknown"


def _certainties(labels: Labels) -> tuple[float | None, float | None, float | None]:
    """Of nudity, of a minor, of an adult; None where no classifier tells."""
    nude = minor = adult = None
    for told in labels.values():
        sorts = {label: _sort(label) for label in told}
        if {"mature", "safe"} <= set(sorts.values()):
            nude = max(nude or 0.0, sum(told[label] for label, sort in sorts.items() if sort == "mature"))
        if {"minor", "adult"} <= set(sorts.values()):
            minor = max(minor or 0.0, sum(told[label] for label, sort in sorts.items() if sort == "minor"))
            grown = sum(told[label] for label, sort in sorts.items() if sort == "adult")
            adult = grown if adult is None else min(adult, grown)
    return nude, minor, adult


def _sort(label: str) -> str:
    """What a label tells: minor, adult, mature, safe, or nothing. "10-19" is a minor's: it begins below eighteen."""
    words = label.lower().replace("_", " ").replace("/", " ").split()
    lowest = "".join(letter if letter.isdigit() else " " for letter in label).split()
    if lowest:
        return "minor" if int(lowest[0]) < _ADULT_AGE else "adult"
    for sort, known in (("minor", _MINORS), ("mature", _MATURES), ("safe", _SAFE), ("adult", _ADULTS)):
        if known.intersection(words):
            return sort
    return ""
