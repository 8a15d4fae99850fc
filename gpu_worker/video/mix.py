"""What is heard? Voices, clips' own sound, and music that makes room for voices and fades away; 48 kHz, stereo.

All of it comes a second at a time, so that a long video takes no more memory than a short one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler

from gator.errors import Refused
from gpu_worker import sound
from gpu_worker.opening import open_media
from gpu_worker.sound import Samples
from gpu_worker.video.clips import origin_s

RATE_HZ = 48_000
_BED_LUFS = -22.0  # of music that accompanies speech, where nobody speaks
_VOICE = 0.01  # a level of samples that only a voice reaches
_FADE_IN_S, _FADE_OUT_S = 0.4, 1.5
_EDGE_S = 0.02  # a clip's sound begins and ends within it without a click
_CONTEXT = RATE_HZ // 10  # what the limiter sees on either side of a second
_STEP = RATE_HZ // 50


@dataclass(frozen=True, slots=True)
class Recording:
    """A file's sound as measured: its length and what it is multiplied by to be as loud as what we aim for."""

    path: Path
    length: int
    lufs: float

    def gain(self, aim_lufs: float, gain_db: float = 0.0) -> float:
        return float(10 ** ((aim_lufs - self.lufs + gain_db) / 20)) if self.lufs > sound.SILENCE_LUFS else 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """Sound that is heard from `start` on for `length` samples."""

    path: Path
    start: int
    length: int
    gain: float
    skip: int | None = None  # of a clip's own: from so many samples after its first picture; its ends are faded


@dataclass(frozen=True, slots=True)
class Bed:
    """Music underneath, again and again."""

    path: Path
    gain: float
    duck_db: float


def measured(path: Path, what: str, check: Callable[[], None]) -> Recording:
    """Hear all of a file once. Raises Refused, saying `what` it is, for one that has no sound."""
    meter = sound.Meter(RATE_HZ, 2)
    length = 0
    try:
        for piece in pieces(path):
            meter.add(piece)
            length += len(piece)
            check()
    except (av.FFmpegError, IndexError) as broken:
        raise Refused(f"{what} cannot be played.", remedy="Choose another sound.") from broken
    if not length:
        raise Refused(f"{what} is empty.", remedy="Choose another sound.")
    return Recording(path, length, meter.lufs())


def has_sound(path: Path) -> bool:
    """Whether it has a track with something in it, which some cameras leave empty; `measured` refuses what cannot be read."""
    with open_media(path) as container:
        return bool(container.streams.audio) and any(packet.size for packet in container.demux(audio=0))


def mix(voices: Sequence[Part], others: Sequence[Part], bed: Bed | None, length: int) -> Iterator[Samples]:
    """Exactly `length` samples of all, a second at a time; silence where there is none of it."""
    yield from _limited(_together(voices, others, bed, length), length)


def bed_aim(voices: Sequence[Part]) -> float:
    return _BED_LUFS if voices else sound.AIM_LUFS


def _together(voices: Sequence[Part], others: Sequence[Part], bed: Bed | None, length: int) -> Iterator[Samples]:
    seconds = -(-length // RATE_HZ)
    spoken = _sum(voices, seconds)
    beside = _sum(others, seconds)
    music = _Loop(bed.path) if bed else None
    nothing = np.zeros((RATE_HZ, 2), np.float32)
    before, now = nothing, next(spoken, nothing)
    for second in range(seconds):
        after = next(spoken, nothing)
        heard = now + next(beside, nothing)
        if bed and music:
            ducked = _ducking(np.concatenate((before, now, after)), bed.duck_db)[RATE_HZ : 2 * RATE_HZ]
            gain = ducked * _fades(second * RATE_HZ, length) * bed.gain
            heard = heard + music.read(RATE_HZ) * gain[:, None]
        yield heard.astype(np.float32, copy=False)
        before, now = now, after


def _limited(seconds: Iterator[Samples], length: int) -> Iterator[Samples]:
    """Peaks turned down as in one piece: each second is seen with a little of those around it."""
    nothing = np.zeros((_CONTEXT, 2), np.float32)
    before, now = nothing, next(seconds, None)
    given = 0
    while now is not None:
        after = next(seconds, None)
        around = np.concatenate((before[-_CONTEXT:], now, (nothing if after is None else after)[:_CONTEXT]))
        piece = sound.limited(around, RATE_HZ)[_CONTEXT : _CONTEXT + len(now)][: length - given]
        given += len(piece)
        yield piece
        before, now = now, after


def _sum(parts: Sequence[Part], seconds: int) -> Iterator[Samples]:
    """The parts together, each file open only while it is heard."""
    open_ones: dict[int, Iterator[Samples]] = {}
    for second in range(seconds):
        at = second * RATE_HZ
        total = np.zeros((RATE_HZ, 2), np.float32)
        for place, part in enumerate(parts):
            first, last = max(part.start, at), min(part.start + part.length, at + RATE_HZ)
            if first >= last:
                open_ones.pop(place, None)
                continue
            reader = open_ones.setdefault(place, _exactly(pieces(part.path, part.skip), part.start, part.length))
            total[first - at : last - at] += next(reader) * _edges(part, first - part.start, last - first)
        yield total


def _exactly(pieces: Iterator[Samples], start: int, length: int) -> Iterator[Samples]:
    """The sound cut where the video's seconds are; silence after its end."""
    kept = np.zeros((0, 2), np.float32)
    given = 0
    while given < length:
        wanted = min(RATE_HZ - (start + given) % RATE_HZ, length - given)
        while len(kept) < wanted and (piece := next(pieces, None)) is not None:
            kept = np.concatenate((kept, piece))
        yield np.pad(kept[:wanted], ((0, max(wanted - len(kept), 0)), (0, 0)))
        kept, given = kept[wanted:], given + wanted


def _edges(part: Part, first: int, count: int) -> Samples:
    """The part's gain over those of its samples."""
    if part.skip is None:
        return np.full((1, 1), part.gain, np.float32)
    at = np.arange(first, first + count)
    ramp = np.minimum(at, part.length - 1 - at) / (_EDGE_S * RATE_HZ)
    return (np.clip(ramp, 0, 1) * part.gain).astype(np.float32)[:, None]


class _Loop:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._pieces = pieces(path)
        self._kept = np.zeros((0, 2), np.float32)

    def read(self, count: int) -> Samples:
        while len(self._kept) < count:
            piece = next(self._pieces, None)
            if piece is None:
                self._pieces = pieces(self._path)
                piece = next(self._pieces)
            self._kept = np.concatenate((self._kept, piece))
        given, self._kept = self._kept[:count], self._kept[count:]
        return given


def pieces(path: Path, skip: int | None = None) -> Iterator[Samples]:
    """The sound of a file, (n, 2) at a time: all of it, or from `skip` samples after its first picture on.

    Where pictures and sound do not begin together, they are as far apart as the file says.
    """
    resampler = AudioResampler(format="fltp", layout="stereo", rate=RATE_HZ)
    with open_media(path) as container:
        stream = container.streams.audio[0]
        begins_s = 0.0 if skip is None else origin_s(container) + skip / RATE_HZ
        if skip is not None and skip > RATE_HZ:  # near it at once; what comes is placed by its own time
            container.seek(int((begins_s - 0.5) * av.time_base))
        early: int | None = None  # samples that are not heard; below 0, silence before the first one
        for frame in container.decode(stream):
            if early is None:
                early = 0 if skip is None else round((begins_s - (frame.time or 0.0)) * RATE_HZ)
                while early < 0:  # a second at a time: a file may say anything
                    yield np.zeros((min(-early, RATE_HZ), 2), np.float32)
                    early = min(early + RATE_HZ, 0)
            for ready in resampler.resample(frame):
                piece = _pair(ready)
                early, piece = max(early - len(piece), 0), piece[early:]
                if len(piece):
                    yield piece
        for ready in resampler.resample(None):
            yield _pair(ready)[early or 0 :]


def _pair(frame: av.AudioFrame) -> Samples:
    return np.ascontiguousarray(frame.to_ndarray().T, dtype=np.float32)


def _ducking(voice: Samples, duck_db: float) -> Samples:
    """The music's gain: down a little before each word and up again after it, without jumps."""
    blocks = np.abs(voice).max(axis=1).reshape(-1, _STEP).max(axis=1)
    speaking = (blocks > _VOICE).astype(np.float32)
    reach = 15  # 0.3 s: pauses between words are not worth coming back for
    held = np.lib.stride_tricks.sliding_window_view(np.pad(speaking, reach), 2 * reach + 1).max(axis=1)
    shape = np.hanning(2 * reach + 3)
    smooth = np.convolve(np.pad(held, reach + 1, mode="edge"), shape / shape.sum(), mode="valid")
    at = (np.arange(len(smooth)) + 0.5) * _STEP
    depth = 1 - 10 ** (duck_db / 20)
    return np.interp(np.arange(len(voice)), at, 1 - smooth * depth).astype(np.float32)


def _fades(start: int, length: int) -> Samples:
    """The gain of a second of music: up at the beginning of the video, down at its end."""
    at = np.arange(start, start + RATE_HZ)
    up = at / max(min(_FADE_IN_S * RATE_HZ, length // 2), 1)
    down = (length - 1 - at) / max(min(_FADE_OUT_S * RATE_HZ, length // 2), 1)
    return (np.sin(np.clip(np.minimum(up, down), 0, 1) * np.pi / 2) ** 2).astype(np.float32)
