"""A frame as the encoder takes it: brightness in full size, two planes of colour in half (YUV 4:2:0, BT.709, 16-235).

Pictures are moved, faded and pasted plane by plane, which is half the work of doing it in RGB and converting each frame.
"""

from typing import NamedTuple

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

Rectangle = tuple[float, float, float, float]


_TURNS = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}


class Planes(NamedTuple):
    y: Image.Image
    u: Image.Image
    v: Image.Image


def to_planes(picture: Image.Image) -> Planes:
    """Of an RGB picture with even sides."""
    frame = av.VideoFrame.from_ndarray(np.asarray(picture.convert("RGB")), format="rgb24").reformat(
        format="yuv420p",
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        dst_colorspace=Colorspace.ITU709,
    )
    return planes_of(frame)


def planes_of(frame: av.VideoFrame) -> Planes:
    """Of a frame that is YUV 4:2:0 with even sides."""
    stacked = frame.to_ndarray()
    wide, high = frame.width, frame.height
    area = (wide // 2) * (high // 2)
    halves = stacked[high:].reshape(-1)
    small = (high // 2, wide // 2)
    return Planes(
        Image.fromarray(np.ascontiguousarray(stacked[:high])),
        Image.fromarray(np.ascontiguousarray(halves[:area].reshape(small))),
        Image.fromarray(np.ascontiguousarray(halves[area : 2 * area].reshape(small))),
    )


def solid(size_px: tuple[int, int], colour: tuple[int, int, int]) -> Planes:
    y, u, v = (plane.getpixel((0, 0)) for plane in to_planes(Image.new("RGB", (2, 2), colour)))
    half = (size_px[0] // 2, size_px[1] // 2)
    return Planes(Image.new("L", size_px, y), Image.new("L", half, u), Image.new("L", half, v))


def copied(planes: Planes) -> Planes:
    return Planes(*(plane.copy() for plane in planes))


def even(length: float) -> int:
    """The nearest even number of pixels, two at least."""
    return max(round(length / 2) * 2, 2)


def turned(planes: Planes, degrees: int) -> Planes:
    """Turned counter-clockwise by a quarter, a half or three quarters; other angles leave it as it is."""
    turn = _TURNS.get(degrees % 360)
    return planes if turn is None else Planes(*(plane.transpose(turn) for plane in planes))


def darker(planes: Planes, share: float) -> Planes:
    """With that share of its brightness and colour."""
    y = planes.y.point([round(16 + (value - 16) * share) if value > 16 else value for value in range(256)])
    fade = [round(128 + (value - 128) * share) for value in range(256)]
    return Planes(y, planes.u.point(fade), planes.v.point(fade))


def to_frame(planes: Planes) -> av.VideoFrame:
    y, u, v = map(np.asarray, planes)
    stacked = np.concatenate((y.reshape(-1), u.reshape(-1), v.reshape(-1)))
    return av.VideoFrame.from_ndarray(stacked.reshape(y.shape[0] * 3 // 2, y.shape[1]), format="yuv420p")


def view(planes: Planes, box: Rectangle, size_px: tuple[int, int]) -> Planes:
    """What the box of the picture shows, at that size; the box may lie between pixels, so movement is smooth."""
    half = (box[0] / 2, box[1] / 2, box[2] / 2, box[3] / 2)
    small = (size_px[0] // 2, size_px[1] // 2)
    smooth = Image.Resampling.BILINEAR
    return Planes(
        planes.y.resize(size_px, smooth, box=box),
        planes.u.resize(small, smooth, box=half),
        planes.v.resize(small, smooth, box=half),
    )


def blend(one: Planes, other: Planes, share: float) -> Planes:
    return Planes(*(Image.blend(a, b, share) for a, b in zip(one, other, strict=True)))


def slid(old: Planes, new: Planes, share: float) -> Planes:
    """The new one as it pushes the old one out to the left, that share of its way."""
    wide = old.y.width
    moved = min(round(wide * share / 2) * 2, wide)
    there = copied(old)
    for onto, was, comes, step in zip(there, old, new, (moved, moved // 2, moved // 2), strict=True):
        onto.paste(was, (-step, 0))
        onto.paste(comes, (onto.width - step, 0))
    return there


def wiped(old: Planes, new: Planes, share: float) -> Planes:
    """The new one, uncovered from the left by a soft edge, that share of the way."""
    wide = old.y.width
    soft = max(wide // 12, 2)
    edge = share * (wide + soft)
    row = np.clip((edge - np.arange(wide)) / soft, 0, 1) * 255
    line = Image.fromarray(row.astype(np.uint8)[None, :])
    masks = [line.resize(plane.size) for plane in old]
    return Planes(*(Image.composite(b, a, mask) for a, b, mask in zip(old, new, masks, strict=True)))


def paste_plain(onto: Planes, layer: Planes, at: tuple[int, int]) -> None:
    """Lay planes over others; `at` is even in both directions, and may be beyond the edge."""
    onto.y.paste(layer.y, at)
    for plane, part in ((onto.u, layer.u), (onto.v, layer.v)):
        plane.paste(part, (at[0] // 2, at[1] // 2))


def paste(onto: Planes, layer: Planes, mask: Image.Image, at: tuple[int, int]) -> None:
    """Paint a layer over the planes; `at` is even in both directions."""
    half = mask.resize(layer.u.size, Image.Resampling.BOX)
    onto.y.paste(layer.y, at, mask)
    for plane, part in ((onto.u, layer.u), (onto.v, layer.v)):
        plane.paste(part, (at[0] // 2, at[1] // 2), half)
