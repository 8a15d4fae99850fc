"""Where does each letter of a run stand, and what shape has it? HarfBuzz shapes, resvg fills the outlines.

Pillow sets joined and stacked scripts only where the system has FriBiDi, which a plain Debian lacks; this needs nothing
of the system. Lengths are in pixels, heights grow downwards, and the origin is on the baseline at the left.
"""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import uharfbuzz as hb
from fontTools.pens.svgPathPen import SVGPathPen
from PIL import Image

Direction = Literal["ltr", "rtl"]
Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A glyph and where its origin is."""

    glyph: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class _Shaped:
    glyphs: tuple[_Placed, ...]
    advance: float


class Font:
    """A font file at one size and weight."""

    def __init__(self, path: Path, index: int, size_px: int, weight: int) -> None:
        face = hb.Face(hb.Blob.from_file_path(str(path)), index)
        self._font = hb.Font(face)
        wanted = {"wght": float(weight), "opsz": float(size_px), "wdth": 100.0}
        axes = {axis.tag: axis for axis in face.axis_infos}
        self._font.set_variations(
            {tag: min(max(wanted[tag], axes[tag].min_value), axes[tag].max_value) for tag in wanted if tag in axes}
        )
        self._unit = size_px / face.upem  # the font keeps its own grid, so outlines serve every place
        self._shape = lru_cache(maxsize=4_096)(self._shape_anew)
        self._outline = lru_cache(maxsize=4_096)(self._outline_anew)

    def getlength(self, text: str, direction: Direction = "ltr") -> float:
        """How far the pen moves."""
        return self._shape(text, direction).advance

    def getbbox(self, text: str, direction: Direction = "ltr") -> Box:
        """The edges of the ink: left, top, right, bottom. All 0 where there is none."""
        boxes = list(self._inks(self._shape(text, direction)))
        if not boxes:
            return 0.0, 0.0, 0.0, 0.0
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    def draw(
        self,
        picture: Image.Image,
        at: tuple[float, float],
        text: str,
        colour: Colour,
        direction: Direction = "ltr",
        outline: tuple[int, Colour] | None = None,
    ) -> None:
        """Draw the text with its origin `at`; `outline` is a line of that width around every letter."""
        left, top, right, bottom = self.getbbox(text, direction)
        if right <= left or bottom <= top:
            return
        edge = outline[0] if outline else 0
        # One pixel more on each side: an outline that touches the edge is softened beyond it.
        x, y = math.floor(at[0] + left) - edge - 1, math.floor(at[1] + top) - edge - 1
        size = math.ceil(at[0] + right) + edge + 1 - x, math.ceil(at[1] + bottom) + edge + 1 - y
        paths = self._paths(self._shape(text, direction), at[0] - x, at[1] - y)
        if outline:
            picture.paste(outline[1], (x, y), _filled(paths, size, 2 * edge / self._unit))
        picture.paste(colour, (x, y), _filled(paths, size))

    def bitmap(self, text: str) -> Image.Image | None:
        """The picture that a font of coloured bitmaps has for the text as a whole; None where it has none."""
        glyphs = self._shape(text, "ltr").glyphs
        png = self._font.get_glyph_color_png(glyphs[0].glyph).data if len(glyphs) == 1 else b""
        return Image.open(io.BytesIO(png)).convert("RGBA") if png else None

    def _shape_anew(self, text: str, direction: Direction) -> _Shaped:
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = direction
        hb.shape(self._font, buffer)
        x = y = 0.0
        placed: list[_Placed] = []
        for info, move in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            placed.append(_Placed(info.codepoint, x + move.x_offset * self._unit, y - move.y_offset * self._unit))
            x += move.x_advance * self._unit
            y -= move.y_advance * self._unit
        return _Shaped(tuple(placed), x)

    def _inks(self, shaped: _Shaped) -> Iterator[Box]:
        for one in shaped.glyphs:
            ink = self._font.get_glyph_extents(one.glyph)
            if ink and ink.width and ink.height:  # HarfBuzz counts heights upwards, so its own is negative
                left, top = one.x + ink.x_bearing * self._unit, one.y - ink.y_bearing * self._unit
                yield left, top, left + ink.width * self._unit, top - ink.height * self._unit

    def _paths(self, shaped: _Shaped, x: float, y: float) -> str:
        unit = self._unit
        return "".join(
            f'<path transform="matrix({unit:.6f} 0 0 {-unit:.6f} {x + one.x:.3f} {y + one.y:.3f})" d="{outline}"/>'
            for one in shaped.glyphs
            if (outline := self._outline(one.glyph))
        )

    def _outline_anew(self, glyph: int) -> str:
        pen = SVGPathPen(None)
        self._font.draw_glyph_with_pen(glyph, pen)
        return str(pen.getCommands())


def _filled(paths: str, size: tuple[int, int], line: float = 0) -> Image.Image:
    """A mask of the paths, with a line of that width (in the paths' own grid) along each edge."""
    import resvg_py

    width, height = size
    stroke = f' stroke="#fff" stroke-width="{line:.2f}" stroke-linejoin="round"' if line else ""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<g fill="#fff"{stroke}>{paths}</g></svg>'
    )
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg))
    return Image.open(io.BytesIO(png)).getchannel("A")
