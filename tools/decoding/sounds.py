"""Is it sound? Decoded as far as it goes and written anew as MP3, which every browser, platform and transcriber takes."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer

from tools.decoding.found import Found, NotTaken

RATE_HZ = 44_100
SHORTEST_S = 0.05  # below that nothing was said
_FRAME = 1_152  # samples of one MP3 frame (ISO/IEC 11172-3)
_BITS = {"mono": 64_000, "stereo": 128_000}


def open_media(file: BinaryIO, format: str) -> InputContainer:
    """The container, read by that demuxer only: no playlist, no second file, no address is ever followed."""
    try:
        return av.open(file, "r", format=format, options={"protocol_whitelist": "none"}, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as broken:
        raise NotTaken("broken") from broken


def keep(path: Path, to: Path, format: str, longest_s: float) -> Found:
    """Write the file's first sound. Raises NotTaken."""
    with path.open("rb") as file, open_media(file, format) as heard:
        if not heard.streams.audio:
            raise NotTaken("broken")
        stream = heard.streams.audio[0]
        stream.codec_context.thread_count = 1
        if heard.duration and heard.duration / av.time_base > longest_s + 1:
            raise NotTaken("too_long")
        layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        samples = _copy(_decoded(heard), to, layout, longest_s)
    if samples < SHORTEST_S * RATE_HZ:
        raise NotTaken("broken")
    return Found("voice", "audio/mpeg", duration_s=round(samples / RATE_HZ, 2))


def _decoded(heard: InputContainer) -> Iterator[AudioFrame]:
    """Frames until the end, or until the file breaks off: what can be heard of a torn one is kept."""
    try:
        yield from heard.decode(audio=0)
    except (av.FFmpegError, ValueError):
        return


def _copy(frames: Iterator[AudioFrame], to: Path, layout: str, longest_s: float) -> int:
    """Encode the frames; gives how many samples there were."""
    resampler = AudioResampler(format="s16p", layout=layout, rate=RATE_HZ, frame_size=_FRAME)
    samples = 0
    with av.open(str(to), "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=RATE_HZ, layout=layout)
        stream.bit_rate = _BITS[layout]
        for piece in _resampled(frames, resampler):
            piece.pts, samples = samples, samples + piece.samples
            if samples > (longest_s + 1) * RATE_HZ:
                raise NotTaken("too_long")
            out.mux(stream.encode(piece))
        if samples:
            out.mux(stream.encode(None))
    return samples


def _resampled(frames: Iterator[AudioFrame], resampler: AudioResampler) -> Iterator[AudioFrame]:
    for frame in frames:
        try:
            yield from resampler.resample(frame)
        except (av.FFmpegError, ValueError):  # the file changes its rate half-way: what came before stands
            break
    yield from resampler.resample(None)
