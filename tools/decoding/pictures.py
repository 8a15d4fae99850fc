"""Is it a picture? Its pixels, the right way up and in sRGB, written anew: no EXIF, no place, nothing behind the end."""

import io
import struct
from pathlib import Path

from PIL import Image, ImageCms, UnidentifiedImageError

from tools.decoding.found import Found, NotTaken, Task

MOST_PIXELS = 50_000_000  # telephones make 50 megapixels; decoded with transparency that is 200 MB
_TURNS = {  # Exif 2.32, tag Orientation: how to set the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, UnidentifiedImageError, Image.DecompressionBombError)


def keep(path: Path, to: Path, format: str, longest_px: int, do: Task, looked: bool = False) -> Found:
    """Write the first picture of the file, shrunk to `longest_px` where it is larger. Raises NotTaken."""
    Image.MAX_IMAGE_PIXELS = None  # ours is the lower cap, and it is asked before a pixel is read
    try:
        with Image.open(path, formats=(format,)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise NotTaken("too_large")
            opened.draft("RGB", (longest_px, longest_px))  # a JPEG is decoded no larger than needed
            picture = _upright(opened, longest_px)
    except _UNREADABLE as broken:
        raise NotTaken("broken") from broken
    lossless = do == "keep" and (format in ("PNG", "GIF") or picture.mode == "RGBA")
    mime = write_small(picture, to) if do == "small" else _write(picture, to, lossless)
    return Found("picture", mime, picture.width, picture.height, look=_look(picture) if looked else "")


def write_small(picture: Image.Image, to: Path) -> str:
    """A WebP of nothing but these pixels: half a JPEG's bytes, and it keeps what is see-through."""
    _bare(picture).save(to, "WEBP", quality=80, method=4)
    return "image/webp"


def _look(picture: Image.Image) -> str:
    from memory.looks import look

    return look(picture)


def _upright(opened: Image.Image, longest_px: int) -> Image.Image:
    opened.load()
    picture = _in_srgb(_plain(opened), opened.info.get("icc_profile"))
    picture.thumbnail((longest_px, longest_px))
    turn = _turn_of(opened)
    return picture.transpose(turn) if turn is not None else picture


def _turn_of(opened: Image.Image) -> Image.Transpose | None:
    """How it is to be set upright; a picture whose EXIF cannot be read is taken as it lies."""
    try:
        found = opened.getexif().get(0x0112)
    except (*_UNREADABLE, TypeError, KeyError, struct.error):
        return None
    return _TURNS.get(found) if isinstance(found, int) else None


def _plain(picture: Image.Image) -> Image.Image:
    """In a mode that every encoder knows."""
    if picture.mode.startswith("I"):  # 16 bits a pixel
        return picture.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    clear = picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info
    return picture.convert("RGBA" if clear else "RGB")


def _in_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """The colours as they look; a profile that cannot be read is left out."""
    if not isinstance(profile, bytes) or picture.mode != "RGB":
        return picture
    try:
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(picture, theirs, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return changed or picture


def _write(picture: Image.Image, to: Path, lossless: bool) -> str:
    bare = _bare(picture)
    if lossless:
        bare.save(to, "PNG")
        return "image/png"
    if bare.mode == "RGBA":
        white = Image.new("RGB", bare.size, "white")
        white.paste(bare, mask=bare.getchannel("A"))
        bare = white
    bare.save(to, "JPEG", quality=90)
    return "image/jpeg"


def _bare(picture: Image.Image) -> Image.Image:
    """Pixels only: nothing of the file's own chunks comes along."""
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare
