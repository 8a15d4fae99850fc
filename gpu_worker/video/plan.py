"""What happens when in the video? How long it is, when each picture is seen and when each caption is read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gator.errors import Refused
from gpu_worker.jobs import LONGEST_VIDEO_S
from gpu_worker.voice import phrases

FPS = 30
_PICTURE_S = 4.0  # of a picture when nothing else says how long
_TAIL_S = 0.5  # after the last word, so that it does not end in mid-breath
_FADE_S = 0.6
_SHORTEST_PICTURE_S = 0.4
_LEAD_S = 0.12  # the pause that recordings of ours begin and end with


@dataclass(frozen=True, slots=True)
class Caption:
    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The video before it is made. `starts` says at which frame each picture begins to be faded in."""

    size_px: tuple[int, int]
    frames: int
    starts: tuple[int, ...]
    fade_frames: int
    captions: tuple[Caption, ...]

    @property
    def duration_s(self) -> float:
        return self.frames / FPS


def make_plan(
    size_px: tuple[int, int],
    pictures: int,
    *,
    wanted_s: float | None,
    speech_s: float,
    captions: Sequence[Caption],
) -> Plan:
    """Raises Refused when there are no pictures, too many for the time, or the speech is longer than what was asked."""
    if not pictures:
        raise Refused("A video needs at least one picture.", remedy="Draw a card first, or name a picture.")
    if wanted_s is not None and speech_s > wanted_s + 1 / FPS:
        raise Refused(
            f"The speech lasts {speech_s:.1f} s and does not fit into {wanted_s:g} s.",
            remedy=f"Ask for {speech_s + _TAIL_S:.0f} s or more, or shorten the text.",
        )
    if speech_s + _TAIL_S > LONGEST_VIDEO_S and wanted_s is None:
        raise Refused(
            f"The speech lasts {speech_s:.0f} s; a video holds {LONGEST_VIDEO_S} s.",
            remedy="Shorten the text or split it.",
        )
    duration_s = wanted_s or (speech_s + _TAIL_S if speech_s else min(_PICTURE_S * pictures, LONGEST_VIDEO_S))
    if pictures * _SHORTEST_PICTURE_S > duration_s:
        raise Refused(f"{pictures} pictures are too many for {duration_s:.1f} s.", remedy="Use fewer, or more time.")
    frames = max(round(duration_s * FPS), 1)
    starts = tuple(round(frames * place / pictures) for place in range(pictures))
    fade = min(round(_FADE_S * FPS), frames // pictures // 2)
    return Plan(size_px, frames, starts, fade, tuple(each for each in captions if each.start_s < frames / FPS))


def timed_captions(text: str, spoken: dict[str, Any], speech_s: float, duration_s: float) -> list[Caption]:
    """The captions with their times: those of the speech where it says the same words, else spread over its length."""
    if not text.strip():
        return []
    if _plain(text) == _plain(str(spoken.get("text", ""))) and spoken.get("captions"):
        return [Caption(each["text"], each["start_s"], each["end_s"]) for each in spoken["captions"]]
    length_s = speech_s or duration_s
    return _spread(text, _LEAD_S, max(length_s - _LEAD_S, _LEAD_S + 0.1))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _spread(text: str, start_s: float, end_s: float) -> list[Caption]:
    """Each piece for a time that goes with its length."""
    pieces: list[str] = []
    for sentence in re.split(r"(?<=[.!?…。！？])\s*(?=\S)|\n+", text.strip()):
        joined = " ".join(sentence.split())
        bounds = [*phrases(joined), len(joined)]
        pieces += [joined[a:b].strip() for a, b in pairwise(bounds)]
    pieces = [piece for piece in pieces if piece]
    total = sum(len(piece) + 2 for piece in pieces)
    captions, clock = [], start_s
    for piece in pieces:
        lasts = (end_s - start_s) * (len(piece) + 2) / total
        captions.append(Caption(piece, round(clock, 3), round(clock + lasts, 3)))
        clock += lasts
    return captions
