"""How do takes become one recording? Pauses between, no clicks, one loudness; captions and words at the times they are heard."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gpu_worker import sound
from gpu_worker.sound import Samples
from gpu_worker.voices.takes import Spoken, Take
from gpu_worker.voices.texts import Part, phrases

_EDGE_PAUSE_S = 0.12
_FADE_S = 0.004  # long enough that no piece begins or ends with a click
_SILENT = 0.002
_MATCHED_DB = 6.0  # most that a take is turned up or down to sound like the others


@dataclass(frozen=True, slots=True)
class Caption:
    text: str
    start_s: float
    end_s: float


Word = tuple[str, float, float]  # as it is written, and from when until when it is said, in seconds


@dataclass(frozen=True, slots=True)
class Recording:
    """At -16 LUFS."""

    samples: Samples
    captions: list[Caption]
    words: list[Word]


def join(spoken: Spoken) -> Recording:
    """All of it as one sound, silence at its ends."""
    rate_hz = spoken.rate_hz
    pieces: list[Samples] = [_silence(_EDGE_PAUSE_S, rate_hz)]
    captions: list[Caption] = []
    words: list[Word] = []
    clock = len(pieces[0])
    for part, take in zip(spoken.parts, _matched(spoken), strict=True):
        kept, cut_s = _trimmed(take.samples, rate_hz)
        said = _Said(part, take.words, cut_s, clock / rate_hz, (clock + len(kept)) / rate_hz)
        captions += said.captions()
        words += said.words()
        pieces += [kept, _silence(part.pause_s, rate_hz)]
        clock += len(kept) + len(pieces[-1])
    whole = np.concatenate([*pieces[:-1], _silence(_EDGE_PAUSE_S, rate_hz)])
    return Recording(sound.levelled(whole, rate_hz), captions, words)


def _silence(seconds: float, rate_hz: int) -> Samples:
    return np.zeros(round(seconds * rate_hz), np.float32)


def _matched(spoken: Spoken) -> list[Take]:
    """Takes that were asked for one by one sound as loud as the middle one of them."""
    if not spoken.learnt or len(spoken.takes) < 2:
        return list(spoken.takes)
    levels = [sound.loudness_lufs(take.samples, spoken.rate_hz) for take in spoken.takes]
    middle = float(np.median([level for level in levels if level > sound.SILENCE_LUFS] or [0.0]))
    return [_louder(take, middle - level) for take, level in zip(spoken.takes, levels, strict=True)]


def _louder(take: Take, by_db: float) -> Take:
    gain = 10 ** (float(np.clip(by_db, -_MATCHED_DB, _MATCHED_DB)) / 20)
    return Take(take.samples * np.float32(gain), take.words)


def _trimmed(samples: Samples, rate_hz: int) -> tuple[Samples, float]:
    """Without the silence around it, both ends faded; and how much was cut off before it, in seconds."""
    loud = np.flatnonzero(np.abs(samples) > _SILENT)
    margin = round(0.03 * rate_hz)
    first = max(loud[0] - margin, 0) if len(loud) else 0
    kept = samples[first : loud[-1] + margin].copy() if len(loud) else samples.copy()
    fade = min(round(_FADE_S * rate_hz), len(kept) // 2)
    if fade:
        ramp = np.linspace(0, 1, fade, dtype=np.float32)
        kept[:fade] *= ramp
        kept[-fade:] *= ramp[::-1]
    return kept, first / rate_hz


@dataclass(frozen=True, slots=True)
class _Said:
    """A part in the recording: from when until when, and when some places of its text are said."""

    part: Part
    known: Sequence[tuple[int, float]]
    cut_s: float
    start_s: float
    end_s: float

    def captions(self) -> list[Caption]:
        """Short pieces, each from its first word's time to the next piece's."""
        return [Caption(*each) for each in self._timed(self._phrases())]

    def words(self) -> list[Word]:
        """What stands between blanks, each piece from its own time to the next one's; cut where a caption begins, too."""
        text = self.part.text
        blanks = {match.start() for match in re.finditer(r"(?<!\S)\S", text)}
        return self._timed(sorted(blanks | {place for place in self._phrases() if text[place:].strip()}))

    def _phrases(self) -> list[int]:
        text, begins = self.part.text, self.part.begins
        return [
            begin + place
            for begin, end in pairwise([*begins, len(text)])
            for place in phrases(text[begin:end].rstrip())
        ]

    def _timed(self, begins: Sequence[int]) -> list[Word]:
        text = self.part.text
        times = [round(self._time_of(place), 3) for place in begins]
        pieces = [text[a:b].strip() for a, b in pairwise([*begins, len(text)])]
        return list(zip(pieces, times, [*times[1:], round(self.end_s, 3)], strict=True))

    def _time_of(self, place: int) -> float:
        """When that place of the text is said: at the word that begins there, else in proportion to its length."""
        length_s = self.end_s - self.start_s
        if place == 0:
            return self.start_s
        known = sorted(dict(reversed(self.known)).items())  # of words at one place, the first
        shifted = [(at, min(max(second - self.cut_s, 0.0), length_s)) for at, second in known]
        before = [(at, second) for at, second in shifted if at <= place]
        if before and before[-1][0] == place:
            return self.start_s + before[-1][1]
        at, second = before[-1] if before else (0, 0.0)
        text = self.part.text
        next_at, next_second = next(((a, s) for a, s in shifted if a > place), (len(text), length_s))
        share = (place - at) / max(next_at - at, 1)
        return self.start_s + min(second + (next_second - second) * share, length_s)
