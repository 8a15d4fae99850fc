"""What is seen of a video before it plays? One of its frames, with a title on it where one is wanted. The job
`picture.thumbnail`.

`gpu_worker.video.moments` says which frames are looked at; the one with the most to see is taken.
"""

import asyncio
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter, ImageOps, ImageStat

from gator.errors import Refused
from gpu_worker.cards.palettes import WHITE, choose
from gpu_worker.cards.sheet import Box, Sheet
from gpu_worker.cards.typeset import Style
from gpu_worker.edit_list import EditList
from gpu_worker.jobs import PICTURE_SIZES_PX, MakeThumbnail
from gpu_worker.studio import Claim, Draft, Studio, handles
from gpu_worker.video.moments import Moment, moments, seen_at

_TITLE = Style(weight=850, leading=1.04)
_LOOKED_AT_PX = 256
_SHADE = 0.82  # of black at the foot, on which white is read over any picture (7 : 1 over white)
_BLACK = 16  # mean brightness of 255, at which a frame shows nothing
_LETTERS = (
    0.35  # what it counts against a frame that there are captions or titles on it: as much as a good contrast for
)


@handles("picture.thumbnail")
async def make(job: Claim[MakeThumbnail], studio: Studio) -> Draft:
    """Choose and set it: sRGB PNG of the format's size. Run twice, it gives the same.

    Raises Refused when the video cannot be read or has no such scene, or the title is too long.
    """
    ask = job.payload
    await studio.progress(0.1, eta_s=3.0)
    video = studio.about(ask.video)
    told = (video.provenance or {}).get("edit")
    looked_at = moments(EditList.model_validate(told) if told else None, video.duration_s or 0.0, ask.scene)
    path = studio.scratch / "thumbnail.png"
    chosen = await asyncio.to_thread(_make, ask, studio.file(ask.video), looked_at, path)
    await studio.progress(0.9, eta_s=0.1)
    width_px, height_px = PICTURE_SIZES_PX[ask.format]
    provenance: dict[str, Any] = {
        "engine": "Gator cards",
        "parents": [ask.video],
        "at_s": round(chosen.at_s, 3),
        "scene": chosen.scene,
    }
    alt = ask.title or video.title or "A frame of a video"
    return Draft(path, "image/png", width_px, height_px, provenance=provenance, alt_text=alt)


def _make(ask: MakeThumbnail, video: Path, looked_at: list[Moment], path: Path) -> Moment:
    size_px = PICTURE_SIZES_PX[ask.format]
    ranked = sorted(
        ((_worth(frame, moment), moment) for moment, frame in seen_at(video, looked_at, _LOOKED_AT_PX)),
        key=lambda pair: -pair[0],
    )
    if not ranked:
        raise Refused("Nothing is to be seen in the video.", remedy="Make it again.")
    chosen = ranked[ask.place % len(ranked)][1]
    [(_, frame)] = seen_at(video, [chosen], max(size_px))
    picture = ImageOps.fit(frame, size_px, Image.Resampling.LANCZOS)
    if ask.title:
        picture = titled(picture, ask.title, ask.look)
    picture.save(path, "PNG", compress_level=6)
    return chosen


def _worth(frame: Image.Image, moment: Moment) -> float:
    """How much there is to see; a black frame comes after all others, one with letters on it after one that is as good."""
    dark = ImageStat.Stat(frame.convert("L")).mean[0] < _BLACK
    return telling(frame) - _LETTERS * moment.lettered - 10.0 * dark


def telling(picture: Image.Image) -> float:
    """How much there is to see: contrast, colour and sharp edges. What is flat, dark or blurred has little."""
    grey = picture.convert("L")
    contrast = ImageStat.Stat(grey).stddev[0] / 128
    colour = ImageStat.Stat(picture.convert("HSV")).mean[1] / 255
    edges = (
        ImageStat.Stat(grey.filter(ImageFilter.FIND_EDGES).crop((2, 2, grey.width - 2, grey.height - 2))).mean[0] / 64
    )
    return min(contrast, 0.6) + 0.5 * colour + min(edges, 0.8)


def titled(picture: Image.Image, title: str, look: int) -> Image.Image:
    """The picture darkened towards its foot, the title large in white on it."""
    sheet = Sheet(picture.copy(), choose("bold", look), look, title)
    frame = sheet.frame
    room = Box(frame.left, frame.top + frame.height * 0.45, frame.right, frame.bottom)
    block = sheet.set(title, _TITLE, room, largest=150)
    top = frame.bottom - block.height_px
    _darken(sheet.picture, top - sheet.px(220), top)
    sheet.bar(Box(frame.left, top - sheet.px(56), frame.left + sheet.px(120), top - sheet.px(42)), sheet.palette.accent)
    sheet.put(block, Box(frame.left, top, frame.right, frame.bottom), WHITE)
    return sheet.picture


def _darken(picture: Image.Image, begins: float, full: float) -> None:
    """Black from above the title on, softly."""
    column = Image.new("L", (1, picture.height))
    rise = max(full - begins, 1.0)
    column.putdata([round(255 * _SHADE * min(max((y - begins) / rise, 0.0), 1.0)) for y in range(picture.height)])
    picture.paste((0, 0, 0), (0, 0), column.resize(picture.size))
