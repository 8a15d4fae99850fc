"""In which files does speech lie? WAV, OGG with Opus and MP3, each saying that it is AI-generated."""

from dataclasses import dataclass
from pathlib import Path

import av

from gpu_worker import sound
from gpu_worker.jobs import SoundFormat
from gpu_worker.sound import Samples
from gpu_worker.stamping import labels, source_types

LABEL = "AI-generated speech (synthetic voice), made with Gator"
MIMES: dict[SoundFormat, str] = {"wav": "audio/wav", "ogg": "audio/ogg", "mp3": "audio/mpeg"}
_OPUS_HZ = (24_000, 48_000)  # Opus knows these, and neither 22.05 nor 44.1 kHz
_FINE_HZ = 32_000  # from here on, more bits are worth it


@dataclass(frozen=True, slots=True)
class _Codec:
    container: str
    name: str
    rate_hz: int
    bits: int | None  # a second


def _codec(kind: SoundFormat, rate_hz: int) -> _Codec:
    fine = rate_hz >= _FINE_HZ
    if kind == "wav":
        return _Codec("wav", "pcm_s16le", rate_hz, None)
    if kind == "ogg":
        return _Codec("ogg", "libopus", _OPUS_HZ[fine], 64_000 if fine else 40_000)
    return _Codec("mp3", "libmp3lame", rate_hz, 128_000 if fine else 64_000)


def write(
    samples: Samples, rate_hz: int, kind: SoundFormat, path: Path, source_type: str = source_types.ALGORITHMIC
) -> None:
    """Encode into the file, labelled as AI-generated."""
    codec = _codec(kind, rate_hz)
    with av.open(str(path), "w", format=codec.container) as out:
        out.metadata.update({"comment": LABEL, "title": "Speech", labels.TAG: source_type})
        stream = out.add_stream(codec.name, rate=codec.rate_hz, layout="mono")
        assert isinstance(stream, av.AudioStream)
        if codec.bits:
            stream.bit_rate = codec.bits
        resampler = av.AudioResampler(
            format=stream.format.name, layout="mono", rate=codec.rate_hz, frame_size=stream.frame_size
        )
        for frame in [*sound.frames(samples, rate_hz), None]:
            for ready in resampler.resample(frame):
                out.mux(stream.encode(ready))
        out.mux(stream.encode(None))
