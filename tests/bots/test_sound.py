"""Does a voice bubble still say that a machine made it?"""

import io
from pathlib import Path

import av
import numpy as np
import pytest

from bots.sound import as_bubble
from gpu_worker.jobs import SoundFormat
from gpu_worker.voices import files


def tags_of(bubble: bytes) -> dict[str, str]:
    with av.open(io.BytesIO(bubble)) as container:
        return dict(container.streams.audio[0].metadata)


@pytest.mark.parametrize(("kind", "typed"), [("mp3", True), ("wav", False)])
def test_a_bubble_of_made_speech_says_so(tmp_path: Path, kind: SoundFormat, typed: bool) -> None:
    path = tmp_path / f"speech.{kind}"
    files.write(np.zeros(22_050, np.float32), 22_050, kind, path)
    tags = tags_of(as_bubble(path))
    assert tags["comment"].startswith("AI-generated speech")
    assert tags.get("DIGITALSOURCETYPE", "").endswith("algorithmicMedia") is typed


def test_a_bubble_of_any_other_sound_carries_nothing_of_its_tags(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    with av.open(str(path), "w", format="mp3") as out:
        out.metadata.update({"comment": "recorded at home", "artist": "Ada"})
        stream = out.add_stream("libmp3lame", rate=44_100, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1152), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 44_100, 0
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert {"comment", "artist", "DIGITALSOURCETYPE"} & {*tags_of(as_bubble(path))} == set()
