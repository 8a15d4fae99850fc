"""What is seen of a video before it plays? The best of its pictures, with the title on it. The job `picture.thumbnail`."""

import asyncio
from pathlib import Path

from PIL import Image, ImageFilter, ImageOps, ImageStat

from gator.errors import Refused
from gpu_worker.cards.palettes import WHITE, choose
from gpu_worker.cards.sheet import Box, Sheet
from gpu_worker.cards.typeset import Style
from gpu_worker.jobs import PICTURE_SIZES_PX, MakeThumbnail
from gpu_worker.studio import Claim, Draft, Studio, handles

_TITLE = Style(weight=850, leading=1.04)
_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"
_LOOKED_AT_PX = 256
_SHADE = 0.82  # of black at the foot, on which white is read over any picture (7 : 1 over white)


@handles("picture.thumbnail")
async def make(job: Claim[MakeThumbnail], studio: Studio) -> Draft:
    """Choose and set it: sRGB PNG of the format's size. Run twice, it gives the same.

    Raises Refused when a picture cannot be read or the title is too long.
    """
    ask = job.payload
    await studio.progress(0.1, eta_s=1.0)
    files = {id: studio.file(id) for id in ask.needs}
    chosen, path = await asyncio.to_thread(_make, ask, files, studio.scratch / "thumbnail.png")
    await studio.progress(0.9, eta_s=0.1)
    width_px, height_px = PICTURE_SIZES_PX[ask.format]
    provenance = {"engine": "Gator cards", "digital_source_type": _SOURCE_TYPE, "parents": [chosen]}
    return Draft(path, "image/png", width_px, height_px, provenance=provenance, alt_text=ask.title)


def _make(ask: MakeThumbnail, files: dict[str, Path], path: Path) -> tuple[str, Path]:
    size_px = PICTURE_SIZES_PX[ask.format]
    chosen = max(files, key=lambda id: telling(_opened(files[id], (_LOOKED_AT_PX, _LOOKED_AT_PX))))
    titled(_opened(files[chosen], size_px), ask.title, ask.look).save(path, "PNG", compress_level=6)
    return chosen, path


def _opened(path: Path, size_px: tuple[int, int]) -> Image.Image:
    """The picture, cut to fill the size. Raises Refused for a file that is none."""
    try:
        with Image.open(path) as file:
            file.draft("RGB", size_px)
            return ImageOps.fit(ImageOps.exif_transpose(file).convert("RGB"), size_px, Image.Resampling.LANCZOS)
    except (OSError, Image.DecompressionBombError) as broken:
        raise Refused("One of the pictures cannot be read.", remedy="Make it again.") from broken


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
