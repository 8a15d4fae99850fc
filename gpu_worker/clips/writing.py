"""How do frames become a file? H.264 in MP4, piece by piece, so that one at most is held; then joined unchanged."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

AI_LABEL = "AI-generated video, made with Gator"
_BT709 = 1  # ITU-T H.273, of primaries, transfer and matrix alike
Pixels = np.ndarray[Any, np.dtype[np.uint8]]  # high, wide, RGB
Size = tuple[int, int]


def write(path: Path, frames: Iterable[Pixels | av.VideoFrame], fps: int, size: Size) -> int:
    """One piece; how many frames it has. The file is there whole or not at all. A VideoFrame is one of the encoder's own kind."""
    part = path.with_suffix(".part")
    count = 0
    try:
        with av.open(str(part), "w", format="mp4") as out:
            stream = _stream(out, fps, size)
            for count, one in enumerate(frames, 1):
                frame = one if isinstance(one, av.VideoFrame) else _frame(one)
                frame.pts, frame.time_base = count - 1, Fraction(1, fps)
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def _frame(pixels: Pixels) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(
        format="yuv420p",
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        dst_colorspace=Colorspace.ITU709,
    )


def _stream(out: "av.container.OutputContainer", fps: int, size: Size) -> av.VideoStream:
    stream = out.add_stream("libx264", rate=fps)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, fps)
    # Better than a finished video's, of which it may be a scene; without frames that look ahead pieces join as they are.
    stream.options = {"preset": "veryfast", "crf": "16", "profile": "high", "bf": "0", "g": str(2 * fps)}
    context = stream.codec_context
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = ColorRange.MPEG
    return stream


def join(pieces: Sequence[Path], path: Path, fps: int) -> None:
    """Pieces that `write` wrote, one after another, without encoding them again."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        out.metadata.update({"title": AI_LABEL, "comment": AI_LABEL})
        stream: av.VideoStream | None = None
        place = 0
        for piece in pieces:
            with av.open(str(piece)) as source:
                stream = stream or out.add_stream_from_template(source.streams.video[0])
                for packet in source.demux(source.streams.video[0]):
                    if packet.pts is None:
                        continue
                    packet.stream = stream
                    packet.pts = packet.dts = place
                    packet.duration, packet.time_base = 1, Fraction(1, fps)
                    place += 1
                    out.mux(packet)


def measured(path: Path, check: Callable[[], None] = lambda: None) -> tuple[int, int, int]:
    """Frames, width and height, as decoding the whole file gives them."""
    count = 0
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for _ in container.decode(stream):
            count += 1
            check()
        return count, stream.codec_context.width, stream.codec_context.height
