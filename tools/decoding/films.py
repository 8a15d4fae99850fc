"""Is it a film? Its pictures and sound, put into a new container without a place, a title or a second track.

Every packet is read, sound and key frames are decoded; the compressed data itself is copied, because encoding minutes of
film again is the worker's business and not a guest's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tools.decoding import sounds
from tools.decoding.found import Found, NotTaken

MOST_PIXELS = 4096 * 2304
_MOMENT_S = 3.0
_MOST_FRAMES = 400  # six seconds at 60 a second
_MP4 = {"h264", "hevc", "mpeg4", "av1", "vp9"}
_WEBM = {"vp8", "vp9", "av1"}
_SOUND = {"mp4": {"aac", "mp3", "opus", "ac3"}, "webm": {"opus", "vorbis"}}


def keep(path: Path, to: Path, format: str, longest_s: float, longest_sound_s: float) -> Found:
    """Write the film's first pictures and sound; a container with sound only is a sound. Raises NotTaken."""
    with path.open("rb") as file, sounds.open_media(file, format) as seen:
        pictures = [one for one in seen.streams.video if not _is_cover(one)]
        if not pictures:
            return sounds.keep(path, to, format, longest_sound_s)
        if seen.duration and seen.duration / av.time_base > longest_s + 1:
            raise NotTaken("too_long")
        _check_size(pictures[0].codec_context)
        return _copy(seen, pictures[0], to, longest_s)


def small(path: Path, to: Path, format: str, longest_px: int) -> Found:
    """Write a moment near the film's beginning, small: its very first picture is often black. Raises NotTaken."""
    from tools.decoding import pictures  # Pillow, which the films themselves do without

    with path.open("rb") as file, sounds.open_media(file, format) as seen:
        stream = next((one for one in seen.streams.video if not _is_cover(one)), None)
        if stream is None:
            raise NotTaken("broken")
        _check_size(stream.codec_context)
        stream.codec_context.thread_count = 1
        with _broken_is_not_taken():
            picture = _moment(seen, stream).to_image()  # type: ignore[no-untyped-call]
    picture.thumbnail((longest_px, longest_px))
    return Found("picture", pictures.write_small(picture, to), picture.width, picture.height)


def _moment(seen: InputContainer, stream: VideoStream) -> VideoFrame:
    """The picture at a tenth of the film, at most three seconds in; of a broken one the last that can be seen before."""
    at_s = min(_MOMENT_S, (seen.duration or 0) / av.time_base / 10)
    shown: VideoFrame | None = None
    for n, frame in enumerate(seen.decode(stream)):
        _check_size(frame)
        shown = frame
        if (frame.time or 0.0) >= at_s or n >= _MOST_FRAMES:
            break
    if shown is None:
        raise NotTaken("broken")
    return shown


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & stream.disposition.attached_pic)


def _check_size(pictures: Any) -> None:
    if not 0 < pictures.width * pictures.height <= MOST_PIXELS:
        raise NotTaken("too_large" if pictures.width else "broken")


@contextmanager
def _broken_is_not_taken() -> Iterator[None]:
    try:
        yield
    except (av.FFmpegError, ValueError) as broken:
        raise NotTaken("broken") from broken


def _copy(seen: InputContainer, pictures: VideoStream, to: Path, longest_s: float) -> Found:
    container = _container(pictures, seen)
    sound = [one for one in seen.streams.audio[:1] if one.codec_context.codec.canonical_name in _SOUND[container]]
    pictures.codec_context.thread_count = 1
    pictures.codec_context.skip_frame = "NONKEY"
    with _broken_is_not_taken(), av.open(str(to), "w", format=container) as out:
        copies = {one.index: out.add_stream_from_template(one, opaque=True) for one in (pictures, *sound)}
        shown, lasts_s = _packets(seen, [pictures, *sound], copies, out, longest_s)
    if shown is None:
        raise NotTaken("broken")
    return Found("video", f"video/{container}", shown.width, shown.height, round(lasts_s, 2))


def _container(pictures: VideoStream, seen: InputContainer) -> str:
    codec = pictures.codec_context.codec.canonical_name
    if codec in _WEBM and "matroska" in seen.format.name:
        return "webm"
    if codec not in _MP4:
        raise NotTaken("unwanted")
    return "mp4"


def _packets(
    seen: InputContainer, streams: list[Any], copies: dict[int, Any], out: OutputContainer, longest_s: float
) -> tuple[VideoFrame | None, float]:
    """Copy packet by packet; gives the first picture and how long it lasts."""
    shown: VideoFrame | None = None
    begins: float | None = None
    ends = 0.0
    for packet in seen.demux(*streams):
        for frame in packet.decode():
            if isinstance(frame, VideoFrame):
                _check_size(frame)
                shown = shown or frame
        if packet.dts is None:  # the end of a stream
            continue
        start, stop = _span_s(packet)
        begins, ends = start if begins is None else min(begins, start), max(ends, stop)
        if ends - begins > longest_s + 1:
            raise NotTaken("too_long")
        packet.stream = copies[packet.stream.index]
        out.mux(packet)
    return shown, ends - (begins or 0.0)


def _span_s(packet: "Packet[Any]") -> tuple[float, float]:
    at = packet.pts if packet.pts is not None else packet.dts
    base = float(packet.time_base or 0)
    return float(at or 0) * base, float((at or 0) + (packet.duration or 0)) * base
