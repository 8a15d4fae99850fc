"""What does each frame show? Pictures whole in the frame, moving slowly, fading into one another, a caption over them.

A picture is never stretched or cut: where its shape is another than the frame's, its own colours, blurred, fill the rest.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps, UnidentifiedImageError

from gator.errors import Refused
from gpu_worker.cards.fitting import fit
from gpu_worker.cards.typeset import Block, Style, prepare
from gpu_worker.video.plan import FPS, Caption, Plan
from gpu_worker.video.planes import Planes, blend, paste, to_planes, view

_ZOOM = 0.06  # how much nearer a picture comes while it is seen: felt rather than noticed
_SAME_SHAPE = 0.01
_CAPTION_STYLE = Style(weight=780, leading=1.16)
# Where captions end, as a share of the height: in the lower third, and above what the apps lay over vertical videos.
_CAPTION_FLOOR, _VERTICAL_CAPTION_FLOOR = 0.92, 0.84
_CAPTION_FADE_FRAMES = 3
_LIGHT, _DARK = (255, 255, 255), (10, 10, 12)
_MOST_PIXELS = 40_000_000


def open_picture(path: Path) -> Image.Image:
    """The picture, upright, without transparency. Raises Refused for a file that is none."""
    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise Refused(f"A picture of {opened.width} x {opened.height} is too large for a video.")
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, OSError) as broken:
        raise Refused("One of the pictures cannot be read.", remedy="Make or upload it again.") from broken
    ground = Image.new("RGBA", upright.size, (16, 16, 18, 255))
    return Image.alpha_composite(ground, upright).convert("RGB")


def compose(picture: Image.Image, size_px: tuple[int, int]) -> Image.Image:
    """The picture whole in a frame of that size, on its own colours where it leaves room."""
    wide, high = size_px
    if abs(picture.width / picture.height / (wide / high) - 1) < _SAME_SHAPE:
        return picture.resize(size_px, Image.Resampling.LANCZOS)
    small = ImageOps.fit(picture, (max(wide // 12, 1), max(high // 12, 1)), Image.Resampling.BOX)
    soft = small.filter(ImageFilter.GaussianBlur(max(wide, high) / 12 / 12))
    ground = ImageEnhance.Brightness(soft).enhance(0.6).resize(size_px, Image.Resampling.BICUBIC)
    fitted = ImageOps.contain(picture, size_px, Image.Resampling.LANCZOS)
    left, top = (wide - fitted.width) // 2, (high - fitted.height) // 2
    ground.paste((0, 0, 0), (0, 0), _shadow(size_px, (left, top, left + fitted.width, top + fitted.height)))
    ground.paste(fitted, (left, top))
    return ground


def _shadow(size_px: tuple[int, int], box: tuple[int, int, int, int]) -> Image.Image:
    """A soft one behind the picture, drawn small: it has no detail."""
    scale = 8
    mask = Image.new("L", (size_px[0] // scale, size_px[1] // scale))
    ImageDraw.Draw(mask).rectangle([edge // scale for edge in box], fill=110)
    return mask.filter(ImageFilter.GaussianBlur(min(size_px) / scale / 30)).resize(size_px, Image.Resampling.BICUBIC)


class Scene:
    """One picture with its movement: nearer or farther in turn, drifting a little to one side."""

    def __init__(self, path: Path, plan: Plan, place: int) -> None:
        self._size = plan.size_px
        larger = (round(self._size[0] * (1 + _ZOOM)), round(self._size[1] * (1 + _ZOOM)))
        self._still = to_planes(compose(open_picture(path), (larger[0] // 2 * 2, larger[1] // 2 * 2)))
        self._nearer = place % 2 == 0
        self._drift = (0.5, 0.42) if place % 2 else (0.5, 0.58)

    def at(self, share: float) -> Planes:
        """The view when `share` (0-1) of its time has gone."""
        eased = share * share * (3 - 2 * share)
        near = eased if self._nearer else 1 - eased
        wide, high = self._still.y.size
        factor = 1 - near * _ZOOM / (1 + _ZOOM)
        left = (wide - wide * factor) * self._drift[0]
        top = (high - high * factor) * self._drift[1]
        box = (left, top, left + wide * factor, top + high * factor)
        return view(self._still, box, self._size)


class Captions:
    """The captions of a plan, each drawn once."""

    def __init__(self, captions: Sequence[Caption], size_px: tuple[int, int]) -> None:
        for caption in captions:
            prepare(caption.text, _CAPTION_STYLE)  # a script that no font has is refused now, not half-way
        self._captions = captions
        self._size = size_px
        self._draw = lru_cache(maxsize=2)(self._drawn)

    def over(self, frame: Planes, number: int) -> None:
        """Draw onto the frame what is read at its time."""
        second = number / FPS
        for caption in self._captions:
            if caption.start_s <= second < caption.end_s:
                layer, mask, at = self._draw(caption.text)
                shown = min((number - caption.start_s * FPS + 1) / _CAPTION_FADE_FRAMES, 1.0)
                paste(frame, layer, mask if shown == 1 else mask.point([round(v * shown) for v in range(256)]), at)
                return

    def _drawn(self, text: str) -> tuple[Planes, Image.Image, tuple[int, int]]:
        block, outline = set_caption(text, self._size)
        pad = round(block.size_px * 0.5)
        wide, high = (block.width_px + 2 * pad + 1) // 2 * 2, (block.height_px + 2 * pad + 1) // 2 * 2
        layer, mask = Image.new("RGB", (wide, high), _DARK), Image.new("L", (wide, high))
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, wide - 1, high - 1), pad * 0.7, fill=150)
        box = (pad, pad, wide - 2 * pad)
        block.draw(layer, box, _LIGHT, align="centre", outline=(outline, _DARK))
        # Letters and their outline are opaque on the half-transparent panel: where the layer is lighter, or outlined.
        letters = Image.new("RGB", (wide, high))
        block.draw(letters, box, _LIGHT, align="centre", outline=(outline, _LIGHT))
        mask = ImageChops.lighter(mask, letters.convert("L").point([255 if v else 0 for v in range(256)]))
        floor = _VERTICAL_CAPTION_FLOOR if self._size[1] > self._size[0] * 1.5 else _CAPTION_FLOOR
        left, top = (self._size[0] - wide) // 2, round(self._size[1] * floor) - high
        return to_planes(layer), mask, (left // 2 * 2, top // 2 * 2)


def set_caption(text: str, size_px: tuple[int, int]) -> tuple[Block, int]:
    """The caption's type, large but in three lines at most, and the width of its outline."""
    wide, high = size_px
    largest = round(min(size_px) * 0.07)
    block = fit(
        text,
        _CAPTION_STYLE,
        wide * 0.82,
        high * 0.24,
        largest_px=largest,
        smallest_px=max(largest // 3, 8),
        most_lines=3,
    )
    return block, max(round(block.size_px * 0.06), 1)


def frames(paths: Sequence[Path], plan: Plan) -> Iterator[Planes]:
    """Every frame in order; no more than two pictures are held at once."""
    captions = Captions(plan.captions, plan.size_px)
    ends = [*plan.starts[1:], plan.frames]
    before: Scene | None = None
    for place, (path, start, end) in enumerate(zip(paths, plan.starts, ends, strict=True)):
        scene = Scene(path, plan, place)
        seen = end - start + plan.fade_frames  # it is still seen while the next one fades in
        for number in range(start, end):
            frame = scene.at((number - start) / seen)
            faded = (number - start + 1) / (plan.fade_frames + 1)
            if before and faded < 1:
                old_start = plan.starts[place - 1]
                old = before.at((number - old_start) / (start - old_start + plan.fade_frames))
                frame = blend(old, frame, faded)
            captions.over(frame, number)
            yield frame
        before = scene
