"""How does a still fill the frame, and how does the view of it move?"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps, UnidentifiedImageError

from gator.errors import Refused
from gpu_worker.edit_list import Fit, Scene
from gpu_worker.video.planes import Planes, copied, to_planes, view

Colour = tuple[int, int, int]
_ZOOM = 0.06  # how much nearer a picture comes while it is seen: felt rather than noticed
_PAN = 0.12  # how far the view wanders, as a share of the frame
_SAME_SHAPE = 0.01
_MOST_PIXELS = 40_000_000
_SMOOTH = Image.Resampling.LANCZOS


def open_picture(path: Path, background: Colour, name: str, most_px: int = 0) -> Image.Image:
    """The picture, upright, without transparency; made smaller where it has more than `most_px` on both sides.

    Raises Refused, with what it is called, for a file that is none.
    """
    upright = open_with_alpha(path, name, most_px)
    if upright.mode == "RGB":
        return upright
    ground = Image.new("RGBA", upright.size, (*background, 255))
    return Image.alpha_composite(ground, upright).convert("RGB")


def open_with_alpha(path: Path, name: str, most_px: int = 0) -> Image.Image:
    """The picture, upright, as RGB, or RGBA where some of it is transparent."""
    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise Refused(
                    f"{name} has {opened.width} x {opened.height} pixels, too many for a video.",
                    remedy=f"Make it smaller: {_MOST_PIXELS // 10**6} million are the most.",
                )
            if most_px:
                opened.draft("RGB", (most_px, most_px))  # JPEGs are read smaller at once
            upright = ImageOps.exif_transpose(opened)
            plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            return plain.reduce(_factor(plain.size, most_px)) if most_px else plain
    except (UnidentifiedImageError, OSError) as broken:
        raise Refused(f"{name} cannot be read.", remedy="Make or upload it again.") from broken


def _factor(size: tuple[int, int], most_px: int) -> int:
    return max(min(size) // most_px, 1)


def compose(picture: Image.Image, size_px: tuple[int, int], fit: Fit, background: Colour) -> Image.Image:
    """The picture in a frame of that size: cut to fill it, or whole, on the background or on its own colours."""
    wide, high = size_px
    if fit == "cover":
        return ImageOps.fit(picture, size_px, _SMOOTH)
    if abs(picture.width / picture.height / (wide / high) - 1) < _SAME_SHAPE:
        return picture.resize(size_px, _SMOOTH)
    ground = blurred(picture, size_px) if fit == "blur" else Image.new("RGB", size_px, background)
    fitted = ImageOps.contain(picture, size_px, _SMOOTH)
    left, top = (wide - fitted.width) // 2, (high - fitted.height) // 2
    if fit == "blur":
        ground.paste((0, 0, 0), (0, 0), _shadow(size_px, (left, top, left + fitted.width, top + fitted.height)))
    ground.paste(fitted, (left, top))
    return ground


def blurred(picture: Image.Image, size_px: tuple[int, int]) -> Image.Image:
    """The picture's own colours, soft and darker, to stand behind it."""
    wide, high = size_px
    small = ImageOps.fit(picture, (max(wide // 12, 1), max(high // 12, 1)), Image.Resampling.BOX)
    soft = small.filter(ImageFilter.GaussianBlur(max(wide, high) / 12 / 12))
    return ImageEnhance.Brightness(soft).enhance(0.6).resize(size_px, Image.Resampling.BICUBIC)


def _shadow(size_px: tuple[int, int], box: tuple[int, int, int, int]) -> Image.Image:
    """A soft one behind the picture, drawn small: it has no detail."""
    scale = 8
    mask = Image.new("L", (max(size_px[0] // scale, 1), max(size_px[1] // scale, 1)))
    ImageDraw.Draw(mask).rectangle([edge // scale for edge in box], fill=110)
    return mask.filter(ImageFilter.GaussianBlur(min(size_px) / scale / 30)).resize(size_px, Image.Resampling.BICUBIC)


class Still:
    """A picture of a scene, and the view of it that moves."""

    def __init__(self, path: Path, scene: Scene, size_px: tuple[int, int], background: Colour, name: str) -> None:
        self._size = size_px
        self._motion = scene.motion
        self._room = 0.0 if scene.motion == "none" else _ZOOM if scene.motion.startswith("zoom") else _PAN
        larger = (_even(size_px[0] * (1 + self._room)), _even(size_px[1] * (1 + self._room)))
        picture = open_picture(path, background, name, most_px=2 * max(larger))
        self._still = to_planes(compose(picture, larger, scene.fit, background))

    def at(self, second: float, share: float) -> Planes:  # noqa: ARG002 - as `Clip` has it
        """The view when `share` (0-1) of its time has gone; the caller may paint on it."""
        if not self._room:
            return copied(self._still)
        return view(self._still, self._box(share * share * (3 - 2 * share)), self._size)

    def _box(self, eased: float) -> tuple[float, float, float, float]:
        wide, high = self._still.y.size
        if self._motion.startswith("zoom"):
            near = eased if self._motion == "zoom_in" else 1 - eased
            factor = 1 - near * self._room / (1 + self._room)
            across, down = 0.5, 0.42 if self._motion == "zoom_out" else 0.58
        else:
            factor = 1 / (1 + self._room)
            back = self._motion in ("pan_left", "pan_up")
            along = 1 - eased if back else eased
            across, down = (along, 0.5) if self._motion in ("pan_left", "pan_right") else (0.5, along)
        left, top = (wide - wide * factor) * across, (high - high * factor) * down
        return left, top, left + wide * factor, top + high * factor

    def close(self) -> None:
        """Nothing is open."""


def _even(length: float) -> int:
    return round(length) // 2 * 2
