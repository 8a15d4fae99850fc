"""How are frames and sound made one file? H.264 and AAC in MP4 that begins to play before it is all there; and measured."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange

from gpu_worker import sound
from gpu_worker.sound import Samples
from gpu_worker.video import mix
from gpu_worker.video.clips import DECODER_THREADS
from gpu_worker.video.overlays import credits_owed
from gpu_worker.video.planes import Planes, to_frame
from gpu_worker.video.timeline import Timeline

AI_LABEL = "AI-generated video, made with Gator"
_BT709 = 1  # ITU-T H.273, of primaries, transfer and matrix alike
_MOST_THREADS = 8  # each holds frames of its own: on many cores, those of 4K would not fit


@dataclass(frozen=True, slots=True)
class Measured:
    """What decoding the finished file gave."""

    width_px: int
    height_px: int
    frames: int
    duration_s: float
    video_codec: str
    audio_codec: str
    pixel_format: str
    loudness_lufs: float


def write(
    path: Path, timeline: Timeline, pictures: Iterator[Planes], heard: Iterator[Samples], report: Callable[[int], None]
) -> None:
    """Encode frame by frame, the sound alongside, so that memory does not grow with the length.

    `report` is told the number of frames done; what it raises ends the work and removes the file.
    """
    fps = timeline.edit.fps
    try:
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
            out.metadata.update({"title": AI_LABEL, "comment": AI_LABEL})
            if owed := credits_owed(timeline.edit):
                out.metadata["copyright"] = "; ".join(owed)
            video = _video_stream(out, timeline)
            audio = out.add_stream("aac", rate=mix.RATE_HZ, layout="stereo", bit_rate=128_000)
            sounds = _sound_frames(heard)
            played = 0
            for number, picture in enumerate(pictures):
                frame = to_frame(picture)
                frame.pts, frame.time_base = number, Fraction(1, fps)
                out.mux(video.encode(frame))
                while played < (number + 1) * mix.RATE_HZ // fps and (part := next(sounds, None)):
                    played += part.samples
                    out.mux(audio.encode(part))
                report(number + 1)
            for part in sounds:
                out.mux(audio.encode(part))
            out.mux(video.encode(None))
            out.mux(audio.encode(None))
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _sound_frames(heard: Iterator[Samples]) -> Iterator[av.AudioFrame]:
    played = 0
    for piece in heard:
        for frame in sound.frames(piece, mix.RATE_HZ):
            frame.pts = played
            frame.time_base = Fraction(1, mix.RATE_HZ)
            played += frame.samples
            yield frame


def _video_stream(out: "av.container.OutputContainer", timeline: Timeline) -> av.VideoStream:
    fps = timeline.edit.fps
    stream = out.add_stream("libx264", rate=fps)
    stream.width, stream.height = timeline.size_px
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, fps)
    threads = min((os.cpu_count() or 1) * 3 // 2, _MOST_THREADS)
    stream.options = {
        "preset": "veryfast",
        "crf": "21",
        "profile": "high",
        "g": str(2 * fps),
        "threads": str(max(threads, 1)),
    }
    context = stream.codec_context
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = ColorRange.MPEG
    return stream


def measure(path: Path, check: Callable[[], None] = lambda: None) -> Measured:
    """Decode the whole file. What cannot be decoded raises av.FFmpegError: then it must not be given to anyone.

    `check` is called now and then; what it raises ends the work.
    """
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        video.codec_context.thread_count = DECODER_THREADS
        video.thread_type = "AUTO"
        count = 0
        for _ in container.decode(video):
            count += 1
            check()
        context = video.codec_context
        rate = float(video.average_rate or 30)
        seconds = float(video.duration * video.time_base) if video.duration and video.time_base else count / rate
        names = (context.name, audio.codec_context.name, context.pix_fmt or "")
        size = (context.width, context.height)
    return Measured(size[0], size[1], count, seconds, *names, round(_loudness(path, check), 1))


def _loudness(path: Path, check: Callable[[], None]) -> float:
    meter, heard = sound.Meter(mix.RATE_HZ, 2), False
    for piece in mix.pieces(path):
        meter.add(piece)
        heard = heard or bool(np.any(piece))
        check()
    return meter.lufs() if heard else sound.SILENCE_LUFS
