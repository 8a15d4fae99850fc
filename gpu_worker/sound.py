"""How loud is it, and how is it kept? Samples as NumPy floats in -1 to 1; files by libav. Used by `voice` and `video`.

Loudness is measured as ITU-R BS.1770-4 says (K-weighting, blocks of 400 ms, both gates), its filters applied through the
Fourier transform, since there is nothing here to run them sample by sample in time.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from gpu_worker.opening import open_media

Samples = NDArray[np.float32]  # one channel: (n,); more: (n, channels)

SILENCE_LUFS = -70.0  # the standard's absolute gate: what is quieter counts as silence
AIM_LUFS = -16.0  # what podcast and video platforms play without changing it
_CEILING = 10 ** (-1.5 / 20)  # -1.5 dBFS: lossy codecs overshoot a little
_FRAME = 1024
_PIECE_S = 10  # measured at once: of four minutes, the transform alone would take seconds


def loudness_lufs(samples: Samples, rate_hz: int) -> float:
    """Integrated loudness; SILENCE_LUFS for silence. Shorter than one block, it is measured as one."""
    channels = samples.reshape(len(samples), -1)
    step = round(0.1 * rate_hz)
    whole = max(len(channels) // step, 4) * step  # what begins no block of its own is not measured
    meter = Meter(rate_hz, channels.shape[1])
    for start in range(0, min(whole, len(channels)), _PIECE_S * rate_hz):
        meter.add(channels[start : min(start + _PIECE_S * rate_hz, whole)])
    return meter.lufs()


def _gated(blocks: NDArray[np.float64]) -> float:
    loud = blocks[_lufs(blocks) > SILENCE_LUFS]
    if not len(loud):
        return SILENCE_LUFS
    gated = loud[_lufs(loud) > _lufs(loud.mean()) - 10]
    return float(_lufs(gated.mean()))


class Meter:
    """The integrated loudness of sound that comes piece by piece, however long: it keeps eight bytes for 100 ms."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._rate = rate_hz
        self._step = round(0.1 * rate_hz)
        self._waiting = np.zeros((0, channels), np.float32)
        self._before = np.zeros((rate_hz, channels), np.float32)  # the filters have settled after it
        self._steps: list[NDArray[np.float64]] = []

    def add(self, samples: Samples) -> None:
        self._waiting = np.concatenate((self._waiting, samples.reshape(len(samples), -1)))
        whole = len(self._waiting) // self._step * self._step
        if whole >= _PIECE_S * self._rate:  # the Fourier transform is worth its while
            self._take(whole)

    def lufs(self) -> float:
        if len(self._waiting):
            self._waiting = np.pad(self._waiting, ((0, -len(self._waiting) % self._step), (0, 0)))
            self._take(len(self._waiting))
        steps = np.concatenate(self._steps) if self._steps else np.zeros(0)
        steps = np.pad(steps, (0, max(4 - len(steps), 0)))  # a block is four steps
        return _gated(np.convolve(steps, np.ones(4), mode="valid") / (4 * self._step))

    def _take(self, count: int) -> None:
        piece = np.concatenate((self._before, self._waiting[:count]))
        power = (_k_weighted(piece, self._rate)[len(self._before) :] ** 2).sum(axis=1)
        self._steps.append(power.reshape(-1, self._step).sum(axis=1))
        self._before, self._waiting = piece[-self._rate :], self._waiting[count:]


def _lufs(power: Any) -> Any:
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-12))


def _k_weighted(channels: Samples, rate_hz: int) -> NDArray[np.float64]:
    """Both filters of the standard, designed for this rate (De Man, 2018, gives their analogue parameters)."""
    length = _quick(len(channels))
    spectrum = np.fft.rfft(channels, length, axis=0) * _response(length, rate_hz)[:, None]
    return np.asarray(np.fft.irfft(spectrum, length, axis=0)[: len(channels)])


@lru_cache(maxsize=2)  # pieces of one length follow each other
def _response(length: int, rate_hz: int) -> NDArray[np.complex128]:
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(length, 1 / rate_hz) / rate_hz)
    return _shelf(z, rate_hz) * _high_pass(z, rate_hz)


def _quick(length: int) -> int:
    """A length of at most an eighth more with small factors only: of a prime one, the transform takes six times as long."""
    unit = 1 << max(length.bit_length() - 4, 0)
    return -(-length // unit) * unit


def _shelf(z: NDArray[np.complex128], rate_hz: int) -> NDArray[np.complex128]:
    gain_db, q, middle_hz = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    k = np.tan(np.pi * middle_hz / rate_hz)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    over = (high + band * k / q + k * k) + 2 * (k * k - high) * z + (high - band * k / q + k * k) * z * z
    under = (1 + k / q + k * k) + 2 * (k * k - 1) * z + (1 - k / q + k * k) * z * z
    return np.asarray(over / under)


def _high_pass(z: NDArray[np.complex128], rate_hz: int) -> NDArray[np.complex128]:
    q, corner_hz = 0.5003270373238773, 38.13547087602444
    k = np.tan(np.pi * corner_hz / rate_hz)
    under = 1 + 2 * (k * k - 1) / (1 + k / q + k * k) * z + (1 - k / q + k * k) / (1 + k / q + k * k) * z * z
    return np.asarray((1 - 2 * z + z * z) / under)


def levelled(samples: Samples, rate_hz: int, aim_lufs: float = AIM_LUFS) -> Samples:
    """The sound at that loudness, its peaks held under the ceiling. Silence stays silence."""
    for _ in range(2):  # the limiter takes a little away, which the second round gives back
        measured = loudness_lufs(samples, rate_hz)
        if measured <= SILENCE_LUFS:
            return samples
        samples = limited(samples * np.float32(10 ** ((aim_lufs - measured) / 20)), rate_hz)
    return samples


def limited(samples: Samples, rate_hz: int) -> Samples:
    """Peaks turned down to the ceiling: the gain falls and rises within some milliseconds, so nothing clips or clicks."""
    peaks = np.abs(samples.reshape(len(samples), -1)).max(axis=1)
    if not len(peaks) or peaks.max() <= _CEILING:
        return samples
    step = max(rate_hz // 1000, 1)
    padded = np.pad(peaks, (0, -len(peaks) % step))
    needed = np.minimum(1.0, _CEILING / np.maximum(padded.reshape(-1, step).max(axis=1), 1e-9))
    reach = 6  # ms on either side: the least gain around, then its mean, never exceeds what a peak needs
    around = np.lib.stride_tricks.sliding_window_view(np.pad(needed, reach, mode="edge"), 2 * reach + 1)
    least = np.pad(around.min(axis=1), reach // 2, mode="edge")
    smooth = np.convolve(least, np.ones(reach + 1) / (reach + 1), mode="valid")
    at = (np.arange(len(smooth)) + 0.5) * step
    gain = np.interp(np.arange(len(samples)), at, smooth).astype(np.float32)
    shaped = gain if samples.ndim == 1 else gain[:, None]
    return np.asarray(np.clip(samples * shaped, -_CEILING, _CEILING), dtype=np.float32)


def decode(path: Path, rate_hz: int, channels: int, longest_s: float = math.inf) -> Samples:
    """All of the file's first sound stream: (n,) for one channel, (n, 2) for two. Raises av.FFmpegError for a broken one.

    Raises ValueError for one that goes on for more than `longest_s`.
    """
    layout = "mono" if channels == 1 else "stereo"
    resampler = AudioResampler(format="fltp", layout=layout, rate=rate_hz)
    parts: list[Samples] = []
    heard = 0.0
    with open_media(path) as container:
        for frame in container.decode(audio=0):
            parts += [_floats(each) for each in resampler.resample(frame)]
            heard += frame.samples / frame.sample_rate
            if heard > longest_s:
                raise ValueError(f"the sound lasts longer than {longest_s:.0f} s")
        parts += [_floats(each) for each in resampler.resample(None)]
    joined = np.concatenate(parts, axis=1) if parts else np.zeros((channels, 0), np.float32)
    return np.ascontiguousarray(joined[0] if channels == 1 else joined.T, dtype=np.float32)


def _floats(frame: AudioFrame) -> Samples:
    return frame.to_ndarray().astype(np.float32, copy=False)


def frames(samples: Samples, rate_hz: int) -> Iterator[AudioFrame]:
    """The samples in planar frames with their time stamps, as encoders take them."""
    planes = samples.reshape(len(samples), -1).T
    for start in range(0, planes.shape[1], _FRAME):
        part = np.ascontiguousarray(planes[:, start : start + _FRAME], dtype=np.float32)
        frame = AudioFrame.from_ndarray(part, format="fltp", layout="mono" if len(planes) == 1 else "stereo")
        frame.sample_rate, frame.pts = rate_hz, start
        yield frame
