"""What lies over the frames? Captions whose words stand out as they are said, titles, a logo. Each is drawn once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, zip_longest
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from gpu_worker.cards.breaks import graphemes
from gpu_worker.cards.emoji import draw_emoji, is_emoji
from gpu_worker.cards.fitting import fit
from gpu_worker.cards.typeset import Block, Style, prepare
from gpu_worker.edit_list import Cue, EditList, Logo, Title
from gpu_worker.video.pictures import open_with_alpha
from gpu_worker.video.planes import Planes, paste, to_planes
from gpu_worker.video.timeline import Timeline

_CAPTION_STYLE = Style(weight=780, leading=1.16)
_TITLE_STYLE = Style(weight=820, leading=1.08)
# Where captions end, as a share of the height: in the lower third, and above what the apps lay over vertical videos.
_CAPTION_FLOOR, _VERTICAL_CAPTION_FLOOR = 0.92, 0.84
# Where titles have their middle: the upper one below, the lower one above what captions and the apps take.
_TITLE_MIDDLE = {"top": 0.2, "middle": 0.44, "bottom": 0.62}
_CAPTION_FADE_FRAMES = 3
_TITLE_FADE_S = 0.25
_COVERS = 255  # wholly
_GAP_S = 0.25  # between captions: shorter pauses do not blink
_LIGHT, _DARK, _SAID = (255, 255, 255), (10, 10, 12), (255, 214, 10)
_LOGO_EDGE = 0.045
_SMALLEST_PX = 6  # of small previews
_SURELY_FITS = 60  # letters of a caption


@dataclass(frozen=True)
class Layer:
    planes: Planes
    mask: Image.Image
    at: tuple[int, int]

    def over(self, frame: Planes, shown: float = 1.0) -> None:
        mask = self.mask if shown >= 1 else self.mask.point([round(value * shown) for value in range(256)])
        paste(frame, self.planes, mask, self.at)


class Overlays:
    """All that is drawn over the frames of a timeline. Raises Refused at once for letters that no font has."""

    def __init__(self, timeline: Timeline, files: Mapping[str, Path]) -> None:
        edit = timeline.edit
        self._fps = edit.fps
        burnt = edit.captions.show in ("burnt", "both")
        self._captions = _Captions(edit.captions.cues or () if burnt else (), timeline, edit.captions.style == "word")
        self._titles = [_Title(title, timeline) for title in (*edit.titles, *_of_scenes(timeline))]
        self._logo = _logo(edit.logo, files[edit.logo.asset], timeline.size_px) if edit.logo else None

    def over(self, frame: Planes, number: int) -> None:
        """Draw onto the frame what is seen at its time."""
        second = number / self._fps
        if self._logo:
            self._logo.over(frame)
        for title in self._titles:
            title.over(frame, second)
        self._captions.over(frame, second)


def credits_owed(edit: EditList) -> list[str]:
    """What the licences of emoji that are drawn ask us to say."""
    words = [*(title.text for title in edit.titles), *(scene.title for scene in edit.scenes)]
    if edit.captions.show in ("burnt", "both"):
        words += [cue.text for cue in edit.captions.cues or ()]
    drawn = {letter for text in words for letter in graphemes(text) if is_emoji(letter)}
    return sorted({credit for letter in drawn if (credit := draw_emoji(letter, _SMALLEST_PX).credit)})


def _of_scenes(timeline: Timeline) -> list[Title]:
    fps = timeline.edit.fps
    spans = pairwise(timeline.starts)
    return [
        Title(text=scene.title, at_s=start / fps, duration_s=(end - start) / fps, place="top")
        for scene, (start, end) in zip(timeline.edit.scenes, spans, strict=True)
        if scene.title.strip()
    ]


class _Title:
    def __init__(self, title: Title, timeline: Timeline) -> None:
        self._title = title
        self._size = timeline.size_px
        # Words over words cannot be read: those of a card are covered.
        self._panel = _COVERS if timeline.has_words(title.at_s, title.duration_s) else 0
        self._layer: Layer | None = None
        self._block = self._set()

    def over(self, frame: Planes, second: float) -> None:
        gone, left = second - self._title.at_s, self._title.at_s + self._title.duration_s - second
        if gone < 0 or left <= 0:
            self._layer = None if left <= 0 else self._layer  # drawn when it is due, let go when it is over
            return
        self._layer = self._layer or self._drawn()
        self._layer.over(frame, min((gone + 0.04) / _TITLE_FADE_S, left / _TITLE_FADE_S, 1.0))

    def _set(self) -> Block:
        wide, high = self._size
        largest = max(round(min(self._size) * 0.11), _SMALLEST_PX)
        least = max(largest // 4, _SMALLEST_PX)
        room = (wide * 0.84, high * 0.26)
        return fit(self._title.text, _TITLE_STYLE, *room, largest_px=largest, smallest_px=least, most_lines=4)

    def _drawn(self) -> Layer:
        outline = max(round(self._block.size_px * 0.07), 1)
        canvas = _Canvas(self._block, outline, self._size, panel=self._panel)
        middle = round(self._size[1] * _TITLE_MIDDLE[self._title.place])
        return canvas.layer(canvas.words(_LIGHT), middle - canvas.size[1] // 2)


class _Captions:
    def __init__(self, cues: Sequence[Cue], timeline: Timeline, stands_out: bool) -> None:
        for cue in cues:
            if len(cue.text) > _SURELY_FITS:
                set_caption(cue.text, timeline.size_px)
            prepare(cue.text, _CAPTION_STYLE)
        self._cues = [_held(cue, after) for cue, after in zip_longest(cues, cues[1:])]
        self._size, self._fps = timeline.size_px, timeline.edit.fps
        self._stands_out = stands_out
        self._draw = lru_cache(maxsize=2)(self._drawn)
        self._canvas = lru_cache(maxsize=1)(self._set)

    def over(self, frame: Planes, second: float) -> None:
        place = next((at for at, cue in enumerate(self._cues) if cue.start_s <= second + 1e-6 < cue.end_s), None)
        if place is None:
            return
        cue = self._cues[place]
        said = [at for at, (_, start, _) in enumerate(cue.words) if start <= second + 1e-6]
        layer = self._draw(place, said[-1] if said and self._stands_out else None)
        layer.over(frame, min(((second - cue.start_s) * self._fps + 1) / _CAPTION_FADE_FRAMES, 1.0))

    def _drawn(self, place: int, word: int | None) -> Layer:
        canvas, boxes = self._canvas(place)
        picture = canvas.words(_LIGHT)
        if word is not None and len(boxes) == len(self._cues[place].words) > 1:
            box = boxes[word]
            picture.paste(canvas.words(_SAID).crop(box), box[:2])
        floor = _VERTICAL_CAPTION_FLOOR if self._size[1] > self._size[0] * 1.5 else _CAPTION_FLOOR
        return canvas.layer(picture, round(self._size[1] * floor) - canvas.size[1])

    def _set(self, place: int) -> "tuple[_Canvas, list[tuple[int, int, int, int]]]":
        block, outline = set_caption(self._cues[place].text, self._size)
        canvas = _Canvas(block, outline, self._size, panel=150)
        return canvas, block.word_boxes(canvas.box)


def _held(cue: Cue, after: Cue | None) -> Cue:
    """The cue until the next one where only a short pause is between."""
    if after is None or not cue.end_s < after.start_s < cue.end_s + _GAP_S:
        return cue
    return cue.model_copy(update={"end_s": after.start_s})


def set_caption(text: str, size_px: tuple[int, int]) -> tuple[Block, int]:
    """The caption's type, large but in three lines at most, and the width of its outline."""
    wide, high = size_px
    largest = max(round(min(size_px) * 0.07), _SMALLEST_PX)
    least = max(largest // 3, _SMALLEST_PX)
    block = fit(text, _CAPTION_STYLE, wide * 0.82, high * 0.24, largest_px=largest, smallest_px=least, most_lines=3)
    return block, max(round(block.size_px * 0.06), 1)


class _Canvas:
    """Set words with room around them, on a panel of that opacity."""

    def __init__(self, block: Block, outline: int, size_px: tuple[int, int], panel: int) -> None:
        self._block, self._outline = block, outline
        self._frame = size_px
        pad = round(block.size_px * 0.5)
        self.size = ((block.width_px + 2 * pad + 1) // 2 * 2, (block.height_px + 2 * pad + 1) // 2 * 2)
        self.box = (pad, pad, self.size[0] - 2 * pad)
        self._mask = Image.new("L", self.size)
        if panel:
            edges = (0, 0, self.size[0] - 1, self.size[1] - 1)
            ImageDraw.Draw(self._mask).rounded_rectangle(edges, pad * 0.7, fill=panel)

    def words(self, colour: tuple[int, int, int]) -> Image.Image:
        picture = Image.new("RGB", self.size, _DARK)
        self._block.draw(picture, self.box, colour, align="centre", outline=(self._outline, _DARK))
        return picture

    def layer(self, picture: Image.Image, top: int) -> Layer:
        mask = ImageChops.lighter(self._mask, self._ink())
        left = (self._frame[0] - self.size[0]) // 2
        return Layer(to_planes(picture), mask, (left // 2 * 2, top // 2 * 2))

    def _ink(self) -> Image.Image:
        """How opaque letters, outlines and emoji are: what looks the same on black and on white is wholly so."""
        on = []
        for ground in ((0, 0, 0), (255, 255, 255)):
            picture = Image.new("RGB", self.size, ground)
            self._block.draw(picture, self.box, _LIGHT, align="centre", outline=(self._outline, _DARK))
            on.append(picture)
        return ImageChops.invert(ImageChops.difference(*on).getchannel("G"))


def _logo(logo: Logo, path: Path, size_px: tuple[int, int]) -> Layer:
    short = min(size_px)
    wide = max(round(short * logo.share / 2) * 2, 2)
    picture = open_with_alpha(path, "The logo", most_px=2 * wide).convert("RGBA")
    high = min(max(round(wide * picture.height / picture.width / 2) * 2, 2), size_px[1] // 4 * 2)
    small = picture.resize((wide, high), Image.Resampling.LANCZOS)
    edge = round(short * _LOGO_EDGE / 2) * 2
    left = edge if logo.corner.endswith("left") else size_px[0] - wide - edge
    top = edge if logo.corner.startswith("top") else size_px[1] - high - edge
    return Layer(to_planes(small.convert("RGB")), small.getchannel("A"), (left // 2 * 2, top // 2 * 2))
