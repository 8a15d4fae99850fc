"""Is sound as loud as it is said to be, and are its peaks kept whole?"""

import wave
from pathlib import Path

import av
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


def a_wav(path: Path, length_s: int) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(16_000 * length_s))
    return path


@pytest.mark.parametrize(
    "playlist",
    [
        "ffconcat version 1.0\nfile other.wav\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.wav\n#EXT-X-ENDLIST\n",
    ],
)
def test_a_list_that_names_other_files_is_no_sound(tmp_path: Path, playlist: str) -> None:
    a_wav(tmp_path / "other.wav", 1)
    (tmp_path / "answer").write_text(playlist)
    with pytest.raises(av.FFmpegError):
        sound.decode(tmp_path / "answer", 8000, 1)


def test_sound_that_goes_on_for_longer_than_it_may_is_not_taken_in(tmp_path: Path) -> None:
    path = a_wav(tmp_path / "long.wav", 3)
    assert len(sound.decode(path, 8000, 1, 4.0)) == 24_000
    with pytest.raises(ValueError, match="longer than 2 s"):
        sound.decode(path, 8000, 1, 2.0)
