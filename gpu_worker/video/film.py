"""How are frames and sound made one file? H.264 and AAC in MP4 that begins to play before it is all there; and measured."""

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
from gpu_worker.video.plan import FPS, Plan
from gpu_worker.video.planes import Planes, to_frame

AI_LABEL = "AI-generated video, made with Gator"
_BT709 = 1  # ITU-T H.273, of primaries, transfer and matrix alike


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


def write(path: Path, plan: Plan, pictures: Iterator[Planes], heard: Samples, report: Callable[[int], None]) -> None:
    """Encode frame by frame, the sound alongside, so that memory does not grow with the length.

    `report` is told the number of frames done; what it raises ends the work and removes the file.
    """
    try:
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
            out.metadata.update({"title": AI_LABEL, "comment": AI_LABEL})
            video = _video_stream(out, plan)
            audio = out.add_stream("aac", rate=mix.RATE_HZ, layout="stereo", bit_rate=128_000)
            sounds = sound.frames(heard, mix.RATE_HZ)
            played = 0
            for number, picture in enumerate(pictures):
                frame = to_frame(picture)
                frame.pts, frame.time_base = number, Fraction(1, FPS)
                out.mux(video.encode(frame))
                while played < (number + 1) * mix.RATE_HZ // FPS and (part := next(sounds, None)):
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


def _video_stream(out: "av.container.OutputContainer", plan: Plan) -> av.VideoStream:
    stream = out.add_stream("libx264", rate=FPS)
    stream.width, stream.height = plan.size_px
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, FPS)
    stream.options = {"preset": "veryfast", "crf": "21", "profile": "high", "g": str(2 * FPS)}
    context = stream.codec_context
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = ColorRange.MPEG
    return stream


def measure(path: Path) -> Measured:
    """Decode the whole file. What cannot be decoded raises av.FFmpegError: then it must not be given to anyone."""
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        video.thread_type = "AUTO"
        count = sum(1 for _ in container.decode(video))
        context = video.codec_context
        seconds = float(video.duration * video.time_base) if video.duration and video.time_base else count / FPS
        names = (context.name, audio.codec_context.name, context.pix_fmt or "")
        size = (context.width, context.height)
    heard = sound.decode(path, mix.RATE_HZ, 2)
    loud = sound.loudness_lufs(heard, mix.RATE_HZ) if np.any(heard) else sound.SILENCE_LUFS
    return Measured(size[0], size[1], count, seconds, *names, round(loud, 1))
