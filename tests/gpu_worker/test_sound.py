"""Is sound as loud as it is said to be, and are its peaks kept whole?"""

import numpy as np
import pytest

from gpu_worker import sound


def test_loudness_is_the_same_when_the_sound_comes_in_pieces() -> None:
    time = np.arange(21 * 48_000) / 48_000
    swell = (np.sin(2 * np.pi * 440 * time) * np.interp(time, [0, 9, 12, 21], [0.01, 0.4, 0.001, 0.2])).astype(
        np.float32
    )
    meter = sound.Meter(48_000, 1)
    for start in range(0, len(swell), 7_001):
        meter.add(swell[start : start + 7_001])
    assert meter.lufs() == pytest.approx(sound.loudness_lufs(swell, 48_000), abs=0.1)
    assert sound.Meter(48_000, 2).lufs() == sound.SILENCE_LUFS


def test_loudness_is_that_of_the_standards_test_tones() -> None:
    """EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS measures -23 LUFS; ten dB more, ten LU more."""
    rate = 48_000
    wave = np.sin(2 * np.pi * 1_000 * np.arange(rate * 4) / rate).astype(np.float32)
    for level in (-23, -33):
        tone = wave[:, None].repeat(2, axis=1) * np.float32(10 ** (level / 20))
        assert sound.loudness_lufs(tone, rate) == pytest.approx(level, abs=0.1)
    assert sound.loudness_lufs(np.zeros(rate, np.float32), rate) == sound.SILENCE_LUFS
    assert sound.loudness_lufs(wave[:100], rate) < -20  # shorter than a block


def test_peaks_are_turned_down_not_cut_off() -> None:
    rate = 22_050
    loud = np.sin(2 * np.pi * 220 * np.arange(rate) / rate).astype(np.float32)
    loud[rate // 2 :] *= 3
    soft = sound.limited(loud, rate)
    assert np.abs(soft).max() <= 0.85
    late = soft[-rate // 4 :]
    assert (np.abs(late) > 0.84).mean() < 0.12  # a clipped sine would stay at the ceiling for most of the time
