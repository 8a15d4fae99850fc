"""How do pictures come from files and go into files? Opened upright and in sRGB, fitted to a size, cut to it, written."""

import math
from pathlib import Path

from PIL import Image, ImageOps

_MOST_PIXELS = 64 * 2**20  # what somebody uploaded may claim to be anything
# What people and providers send. Of others some start programs: Pillow has Ghostscript run an EPS.
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
Size = tuple[int, int]


def opened(path: Path) -> Image.Image:
    """RGB, upright; what is see-through is on white. Raises ValueError for what is no picture or a monstrous one."""
    with Image.open(path, formats=_FORMATS) as file:
        if file.width * file.height > _MOST_PIXELS:
            raise ValueError(f"a picture of {file.width}x{file.height} is too large to start from")
        upright = ImageOps.exif_transpose(file)
        if upright.has_transparency_data:
            seen = upright.convert("RGBA")
            white = Image.new("RGBA", seen.size, "white")
            return Image.alpha_composite(white, seen).convert("RGB")
        return upright.convert("RGB")


def covering(picture: Image.Image, size: Size) -> Image.Image:
    """Scaled and cut around its middle, so that it fills the size."""
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def on_grid(size: Size, grid: int) -> Size:
    """The size that a model can make, not smaller."""
    return math.ceil(size[0] / grid) * grid, math.ceil(size[1] / grid) * grid


def cut(picture: Image.Image, size: Size) -> Image.Image:
    """The middle of it."""
    left, top = (picture.width - size[0]) // 2, (picture.height - size[1]) // 2
    return picture.crop((left, top, left + size[0], top + size[1]))


def write(picture: Image.Image, path: Path) -> None:
    """As PNG. Level 1 takes two thirds of the default's time for a tenth more bytes."""
    picture.save(path, "PNG", compress_level=1)
