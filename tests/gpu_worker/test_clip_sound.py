"""Is it known of a clip's sound whether there is any, and said where it cannot be read?"""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from gator.errors import Refused
from gpu_worker.video import mix


def film(path: Path, *, sound: bool, damaged: bool = False) -> Path:
    """A second of black, with silence where it has sound."""
    with av.open(str(path), "w") as out:
        pictures = out.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        heard = out.add_stream("aac", rate=48_000, layout="stereo") if sound else None
        for _ in range(10):
            out.mux(pictures.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))))
        out.mux(pictures.encode())
        if heard is not None:
            silence = av.AudioFrame.from_ndarray(np.zeros((2, 48_000), np.float32), format="fltp", layout="stereo")
            silence.sample_rate = 48_000
            for packet in (*heard.encode(silence), *heard.encode(None)):
                out.mux(_of_nothing(packet) if damaged else packet)
    return path


def _of_nothing(packet: "av.Packet[Any]") -> "av.Packet[Any]":
    """At the same time, with bytes that no decoder knows."""
    made: av.Packet[Any] = av.Packet(b"\xff\x00\x99" * 30)
    made.stream, made.pts, made.dts, made.duration = packet.stream, packet.pts, packet.dts, packet.duration
    made.time_base = packet.time_base
    return made


@pytest.mark.parametrize("sound", [True, False])
def test_a_clip_has_sound_or_none(tmp_path: Path, sound: bool) -> None:
    assert mix.has_sound(film(tmp_path / "clip.mp4", sound=sound)) is sound


def test_sound_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    path = film(tmp_path / "clip.mp4", sound=True, damaged=True)

    assert mix.has_sound(path)
    with pytest.raises(Refused, match="sound of scene 2 cannot be played"):
        mix.measured(path, "The sound of scene 2", lambda: None)
