"""What is heard? The speech, and music that makes room for it and fades away; 48 kHz, stereo."""

from pathlib import Path

import av
import numpy as np

from gator.errors import Refused
from gpu_worker import sound
from gpu_worker.sound import Samples

RATE_HZ = 48_000
_BED_LUFS = -22.0  # of music that accompanies speech, where nobody speaks
_DUCKED = 10 ** (-12 / 20)  # what is left of it under a voice
_VOICE = 0.01  # a level of samples that only a voice reaches
_FADE_IN_S, _FADE_OUT_S = 0.4, 1.5


def read(path: Path, what: str) -> Samples:
    """The sound of a file, (n, 2). Raises Refused, naming `what`, for one that has none."""
    try:
        samples = sound.decode(path, RATE_HZ, 2)
    except (av.FFmpegError, IndexError) as broken:
        raise Refused(f"The {what} cannot be played.", remedy="Choose another sound.") from broken
    if not len(samples):
        raise Refused(f"The {what} is empty.", remedy="Choose another sound.")
    return samples


def mix(speech: Samples | None, music: Samples | None, length: int) -> Samples:
    """Exactly `length` samples of both, -16 LUFS together; silence when there is neither."""
    if speech is None and music is None:
        return np.zeros((length, 2), np.float32)
    voice = _padded(speech, length) if speech is not None else np.zeros((length, 2), np.float32)
    if music is None:
        return voice
    looped = np.tile(music, (-(-length // len(music)), 1))[:length]
    bed = sound.levelled(looped, RATE_HZ, _BED_LUFS if speech is not None else sound.AIM_LUFS)
    gain = _ducking(voice) * _fades(length)
    return sound.limited(voice + bed * gain[:, None], RATE_HZ)


def _padded(samples: Samples, length: int) -> Samples:
    return np.pad(samples[:length], ((0, max(length - len(samples), 0)), (0, 0)))


def _ducking(voice: Samples) -> Samples:
    """The music's gain: down a little before each word and up again after it, without jumps."""
    step = RATE_HZ // 50
    level = np.abs(voice).max(axis=1)
    blocks = np.pad(level, (0, -len(level) % step)).reshape(-1, step).max(axis=1)
    speaking = (blocks > _VOICE).astype(np.float32)
    reach = 15  # 0.3 s: pauses between words are not worth coming back for
    held = np.lib.stride_tricks.sliding_window_view(np.pad(speaking, reach), 2 * reach + 1).max(axis=1)
    shape = np.hanning(2 * reach + 3)
    smooth = np.convolve(np.pad(held, reach + 1, mode="edge"), shape / shape.sum(), mode="valid")
    at = (np.arange(len(smooth)) + 0.5) * step
    return np.interp(np.arange(len(voice)), at, 1 - smooth * (1 - _DUCKED)).astype(np.float32)


def _fades(length: int) -> Samples:
    gain = np.ones(length, np.float32)
    for seconds, end in ((_FADE_IN_S, False), (_FADE_OUT_S, True)):
        count = min(round(seconds * RATE_HZ), length // 2)
        ramp = np.sin(np.linspace(0, np.pi / 2, count, dtype=np.float32)) ** 2
        if end:
            gain[length - count :] *= ramp[::-1]
        else:
            gain[:count] *= ramp
    return gain
