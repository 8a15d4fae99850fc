"""What does a part of a moving picture show at a time? Decoded as it is needed, brought to the frame's size."""

from collections.abc import Iterator
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from PIL import Image, ImageFilter

from gator.errors import Refused
from gpu_worker.edit_list import Scene
from gpu_worker.opening import open_media
from gpu_worker.video.planes import Planes, copied, darker, even, paste_plain, planes_of, solid, turned

DECODER_THREADS = 4  # each holds a frame or more, which in 4K are 12 MB
_REMEDY = "Make or upload it again."


def length_s(path: Path, name: str) -> float:
    """How long the moving picture is. Raises Refused, with what it is called, for a file that has none."""
    try:
        with open_media(path) as container:
            stream = container.streams.video[0]
            if stream.duration and stream.time_base:
                return float(stream.duration * stream.time_base)
            if container.duration:
                return container.duration / av.time_base
            last = max((frame.time or 0.0 for frame in container.decode(stream)), default=-1.0)
    except (av.FFmpegError, IndexError) as broken:
        raise Refused(f"{name} cannot be read.", remedy=_REMEDY) from broken
    if last < 0:
        raise Refused(f"{name} shows nothing.", remedy=_REMEDY)
    return last


def origin_s(container: InputContainer) -> float:
    """When the file's first picture is shown by its own clock: recordings of streams do not begin at zero."""
    stream = container.streams.video[0] if container.streams.video else None
    if stream is None or stream.start_time is None or stream.time_base is None:
        return 0.0
    return float(stream.start_time * stream.time_base)


class Clip:
    """The part of a clip that a scene shows; past its end its last frame stays."""

    def __init__(
        self,
        path: Path,
        scene: Scene,
        size_px: tuple[int, int],
        background: tuple[int, int, int],
        name: str = "The clip",
    ) -> None:
        self._path, self._name = path, name
        self._size, self._fit = size_px, scene.fit
        self._begins = scene.in_s
        self._background = background
        self._container = open_media(path)
        self._origin = origin_s(self._container)
        self._frames = self._decoded()
        self._next: VideoFrame | None = next(self._frames, None)
        self._shown: Planes | None = None
        if self._next is None:
            self.close()
            raise Refused(f"{name} shows nothing.", remedy=_REMEDY)

    def at(self, second: float, share: float) -> Planes:  # noqa: ARG002 - as `Still` has it
        """What it shows so many seconds after its scene began; the caller may paint on it."""
        newest: VideoFrame | None = None
        while self._next is not None and ((self._shown is None and newest is None) or self._time(self._next) <= second):
            newest, self._next = self._next, next(self._frames, None)
        if newest is not None:
            self._shown = self._brought(newest)
        assert self._shown is not None
        return copied(self._shown)

    def close(self) -> None:
        self._container.close()

    def _time(self, frame: VideoFrame) -> float:
        return (frame.time or 0.0) - self._origin - self._begins - 0.001

    def _decoded(self) -> Iterator[VideoFrame]:
        try:
            before: VideoFrame | None = None
            for frame in self._from_the_beginning():
                if self._time(frame) < 0:
                    before = frame  # what is seen at the beginning may have begun before it
                    continue
                if before is not None:
                    yield before
                    before = None
                yield frame
            if before is not None:
                yield before
        except av.FFmpegError as broken:
            raise Refused(f"{self._name} cannot be read to its end.", remedy=_REMEDY) from broken

    def _from_the_beginning(self) -> Iterator[VideoFrame]:
        """Its frames from the key frame before where the scene begins in it."""
        if self._begins:
            self._container.seek(round((self._origin + self._begins) * av.time_base))
            frames = self._all_frames()
            first = next(frames, None)
            if first is not None and self._time(first) <= 0:
                yield first
                yield from frames
                return
            self._container.close()  # transport streams with few key frames: what was sought is passed already
            self._container = open_media(self._path)
        yield from self._all_frames()

    def _all_frames(self) -> Iterator[VideoFrame]:
        stream = self._container.streams.video[0]
        stream.codec_context.thread_count = DECODER_THREADS
        stream.thread_type = "AUTO"
        return self._container.decode(stream)

    def _brought(self, frame: VideoFrame) -> Planes:
        """The frame upright, in the size and the colours of the video."""
        quarter = frame.rotation % 180 == 90
        shape = (frame.height, frame.width) if quarter else (frame.width, frame.height)
        fitted = self._fitted(shape)
        raw = (fitted[1], fitted[0]) if quarter else fitted
        planes = planes_of(
            frame.reformat(
                width=raw[0],
                height=raw[1],
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                interpolation=Interpolation.BICUBIC,
            )
        )
        return self._placed(turned(planes, frame.rotation))

    def _fitted(self, shape: tuple[int, int]) -> tuple[int, int]:
        across, down = self._size[0] / shape[0], self._size[1] / shape[1]
        factor = max(across, down) if self._fit == "cover" else min(across, down)
        return even(shape[0] * factor), even(shape[1] * factor)

    def _placed(self, planes: Planes) -> Planes:
        wide, high = self._size
        left, top = (wide - planes.y.width) // 2, (high - planes.y.height) // 2
        if (left, top) == (0, 0) and planes.y.size == self._size:
            return planes
        ground = solid(self._size, self._background) if self._fit != "blur" else _soft(planes, self._size)
        paste_plain(ground, planes, (left // 2 * 2, top // 2 * 2))
        return ground


def _soft(planes: Planes, size_px: tuple[int, int]) -> Planes:
    """The frame's own colours, blurred and darker, to stand behind it."""
    wide, high = max(size_px[0] // 24, 2), max(size_px[1] // 24, 2)
    blur = ImageFilter.GaussianBlur(max(wide, high) / 12)
    half = (size_px[0] // 2, size_px[1] // 2)
    small = [plane.resize((wide, high), Image.Resampling.BOX).filter(blur) for plane in planes]
    sizes = (size_px, half, half)
    soft = Planes(*(one.resize(size, Image.Resampling.BICUBIC) for one, size in zip(small, sizes, strict=True)))
    return darker(soft, 0.6)
