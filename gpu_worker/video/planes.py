"""A frame as the encoder takes it: brightness in full size, two planes of colour in half (YUV 4:2:0, BT.709, 16-235).

Pictures are moved, faded and pasted plane by plane, which is half the work of doing it in RGB and converting each frame.
"""

from typing import NamedTuple

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

Rectangle = tuple[float, float, float, float]


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
    stacked = frame.to_ndarray()
    wide, high = picture.size
    area = (wide // 2) * (high // 2)
    halves = stacked[high:].reshape(-1)
    small = (high // 2, wide // 2)
    return Planes(
        Image.fromarray(np.ascontiguousarray(stacked[:high])),
        Image.fromarray(np.ascontiguousarray(halves[:area].reshape(small))),
        Image.fromarray(np.ascontiguousarray(halves[area : 2 * area].reshape(small))),
    )


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


def paste(onto: Planes, layer: Planes, mask: Image.Image, at: tuple[int, int]) -> None:
    """Paint a layer over the planes; `at` is even in both directions."""
    half = mask.resize(layer.u.size, Image.Resampling.BOX)
    onto.y.paste(layer.y, at, mask)
    for plane, part in ((onto.u, layer.u), (onto.v, layer.v)):
        plane.paste(part, (at[0] // 2, at[1] // 2), half)
