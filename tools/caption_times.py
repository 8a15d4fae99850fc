"""When are a changed list's captions read? With the voices that say them, wherever those are now.

A list that was made holds each caption with its time. Whoever makes a scene longer in it, or puts scenes in another order, need
not move captions: those that were left as they were go with their voices. The editor and `tools.cuts` move them by themselves.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from gpu_worker.edit_list import Cue, EditList

_NEARLY_S = 0.01


@dataclass(frozen=True, slots=True)
class _Span:
    """When a voice is heard."""

    start_s: float
    end_s: float


def with_their_voices(before: EditList, after: EditList, spoken_s: Mapping[str, float]) -> EditList:
    """The changed list, its captions at the times of their voices where they are those of before; gone with a voice that went.

    `spoken_s` are the seconds of each recording. Where the voices' times are open, so are those of the captions.
    """
    cues = after.captions.cues
    if not cues or cues != before.captions.cues:
        return after
    was, now = _spans(before, spoken_s), _spans(after, spoken_s)
    if was is None or now is None:
        return _captioned(after, None)
    if was == now:
        return after
    moved = sorted(_moved(cues, was, now), key=lambda cue: cue.start_s)
    return _captioned(after, tuple(moved))


def _captioned(edit: EditList, cues: tuple[Cue, ...] | None) -> EditList:
    return edit.model_copy(update={"captions": edit.captions.model_copy(update={"cues": cues})})


def _spans(edit: EditList, spoken_s: Mapping[str, float]) -> dict[tuple[str, int], _Span] | None:
    """Of each recording, the first time it is heard, the second, ...; None where a scene's length is not told."""
    lengths = [scene.duration_s for scene in edit.scenes]
    if any(each.scene is not None for each in edit.speech) and not all(lengths):
        return None
    starts = list(accumulate((length or 0.0 for length in lengths), initial=0.0))
    found: dict[tuple[str, int], _Span] = {}
    heard: Counter[str] = Counter()
    for each in edit.speech:
        start_s = each.at_s + (0.0 if each.scene is None else starts[each.scene])
        found[each.asset, heard[each.asset]] = _Span(start_s, start_s + spoken_s.get(each.asset, 0.0))
        heard[each.asset] += 1
    return found


def _moved(
    cues: tuple[Cue, ...], was: Mapping[tuple[str, int], _Span], now: Mapping[tuple[str, int], _Span]
) -> Iterator[Cue]:
    for cue in cues:
        voice = next((key for key, one in was.items() if one.start_s - _NEARLY_S <= cue.start_s < one.end_s), None)
        if voice is None:
            yield cue
        elif voice in now:
            yield _later(cue, now[voice].start_s - was[voice].start_s)


def _later(cue: Cue, by_s: float) -> Cue:
    start_s, end_s = (max(round(at_s + by_s, 3), 0.0) for at_s in (cue.start_s, cue.end_s))
    words = tuple((word, max(round(a + by_s, 3), 0.0), max(round(b + by_s, 3), 0.0)) for word, a, b in cue.words)
    return cue.model_copy(update={"start_s": start_s, "end_s": end_s, "words": words})
