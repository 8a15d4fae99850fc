"""What is a card drawn on? A sheet with its margins and safe area, smooth shapes, and text that is sure to be read."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from PIL import Image, ImageDraw

from gpu_worker.cards import bidi
from gpu_worker.cards.fitting import fit
from gpu_worker.cards.palettes import Colour, Palette
from gpu_worker.cards.typeset import Align, Block, Style

_SMOOTH = 4  # shapes are drawn this much larger and scaled down: Pillow's own edges are hard
# What the apps lay over a story: names above, the answer field below (Instagram's guide: 14 % and 20 % of the height);
# below it, there is room for two lines of captions too, for when the card becomes a video.
_STORY_TOP, _STORY_BOTTOM = 0.14, 0.27
# Where a video draws captions of two lines (`gpu_worker.video.overlays`), with a little of the view's motion.
_CAPTIONS_STORY, _CAPTIONS_ELSE = 0.31, 0.35
_DENSE_MARGIN, _DENSE_LEADING = 0.6, 1.26
# Below this a card cannot be read on a telephone, where it is shown about a third as wide; the second, for much text,
# is read there with the picture opened.
SMALLEST_PX, SMALLEST_DENSE_PX = 22, 18


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass
class Sheet:
    """A card in the making. Lengths in `unit` make a design the same in every format: the short side has 1,080."""

    picture: Image.Image
    palette: Palette
    seed: int
    text: str
    headline: str = ""
    attribution: str = ""
    margin: float = 84
    dense: bool = False  # for much text: narrow margins and a small heading
    captions: bool = False  # keeps room for them
    credits: set[str] = field(default_factory=set)

    @property
    def width(self) -> int:
        return self.picture.width

    @property
    def height(self) -> int:
        return self.picture.height

    @property
    def unit(self) -> float:
        return min(self.picture.size) / 1080

    @property
    def story(self) -> bool:
        return self.height > self.width * 1.6

    @property
    def frame(self) -> Box:
        """Where text may stand."""
        edge = self.margin * self.unit * (_DENSE_MARGIN if self.dense else 1)
        top = max(edge, self.height * _STORY_TOP) if self.story else edge
        bottom = max(edge, self.height * self._foot)
        return Box(edge, top, self.width - edge, self.height - bottom)

    @property
    def _foot(self) -> float:
        """The share of the height at its foot that text keeps out of."""
        if self.captions:
            return _CAPTIONS_STORY if self.story else _CAPTIONS_ELSE
        return _STORY_BOTTOM if self.story else 0.0

    @property
    def mirrored(self) -> bool:
        """Whether the card is read from right to left."""
        return bidi.base_level(self.text or self.headline) == 1

    def chance(self, purpose: str) -> random.Random:
        """Choices of taste, the same for the same seed, and one independent of another."""
        return random.Random(f"{purpose}:{self.seed}")  # noqa: S311 - taste, not a secret

    def px(self, units: float) -> int:
        return round(units * self.unit)

    def set(
        self, text: str, style: Style, box: Box, *, largest: float, smallest: float = 0, lines: int = 10_000
    ) -> Block:
        """Text fitted into a box; sizes in units, never below what can be read."""
        least = max(SMALLEST_DENSE_PX if self.dense else SMALLEST_PX, self.px(smallest))
        most = max(self.px(largest), least)
        if self.dense:
            style = replace(style, leading=min(style.leading, _DENSE_LEADING))
        return fit(text, style, box.width, box.height, largest_px=most, smallest_px=least, most_lines=lines)

    @property
    def heading_share(self) -> float:
        """How much of the room the heading may take, where text follows it."""
        if self.dense:
            return 0.15
        return 0.6 if len(self.text) < 160 else 0.44 if len(self.text) < 500 else 0.24

    def gap_after(self, heading: Block | None) -> int:
        """The white between a heading and what follows: it grows with the heading."""
        return max(self.px(30 if self.dense else 40), round(heading.size_px * 0.5)) if heading else 0

    def put(self, block: Block, box: Box, colour: Colour, *, align: Align = "start") -> None:
        """Draw set text at the top of a box; all of a card starts on the side where its main text does."""
        block = replace(block, right_to_left=self.mirrored)
        self.credits |= block.draw(self.picture, (box.left, box.top, box.width), colour, align=align)

    def shape(self, colour: Colour, draw: Callable[[ImageDraw.ImageDraw, int], None], opacity: float = 1.0) -> None:
        """Paint a shape with smooth edges: `draw` gets a pen in white and the factor to multiply its lengths with."""
        mask = Image.new("L", (self.width * _SMOOTH, self.height * _SMOOTH))
        draw(ImageDraw.Draw(mask), _SMOOTH)
        mask = mask.resize(self.picture.size, Image.Resampling.BOX)
        if opacity < 1:
            mask = mask.point([round(value * opacity) for value in range(256)])
        self.picture.paste(colour, (0, 0), mask)

    def bar(self, box: Box, colour: Colour) -> None:
        """A rectangle on whole pixels, so that its edges are crisp."""
        left, top = round(box.left), round(box.top)
        right, bottom = left + max(round(box.width), 1), top + max(round(box.height), 1)
        ImageDraw.Draw(self.picture).rectangle((left, top, right - 1, bottom - 1), fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour, opacity: float = 1.0) -> None:
        def draw(pen: ImageDraw.ImageDraw, much: int) -> None:
            pen.ellipse([(edge) * much for edge in (x - radius, y - radius, x + radius, y + radius)], fill=255)

        self.shape(colour, draw, opacity)

    def ring(self, x: float, y: float, radius: float, stroke: float, colour: Colour) -> None:
        def draw(pen: ImageDraw.ImageDraw, much: int) -> None:
            edges = [edge * much for edge in (x - radius, y - radius, x + radius, y + radius)]
            pen.ellipse(edges, outline=255, width=round(stroke * much))

        self.shape(colour, draw)


def two_styles(
    sheet: Sheet, text: str, display: Style, body: Style, box: Box, *, largest: float, turns: float
) -> Block:
    """Set short text as display type; where it comes out smaller than `turns`, set it as body type, which reads better."""
    try_display = len(text) < 400
    block = sheet.set(text, display, box, largest=largest) if try_display else None
    if block and block.size_px >= sheet.px(turns):
        return block
    return sheet.set(text, body, box, largest=turns)
