"""How is text set? In even lines, every script in its own direction and font. Neighbour: `fitting` finds its size.

`prepare` gives a Copy, whose lines make a Block, which draws itself. Lengths inside are in em (the size of the type), so
that one measuring serves every size that is tried.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Literal

from PIL import Image

from gpu_worker.cards import bidi, breaks
from gpu_worker.cards.emoji import draw_emoji, is_emoji
from gpu_worker.cards.faces import Face, Family, covers, face_for, open_font, region_of

Align = Literal["start", "centre"]
Colour = tuple[int, int, int]

_MEASURE_PX = 200
_EMOJI_EM = 1.08
_EMOJI_ADVANCE_EM = 1.18
CAPITAL_EM = 0.70  # height of capitals in both our families
_PARAGRAPH_EM = 0.55  # what an empty line adds


@dataclass(frozen=True, slots=True)
class Style:
    """How type looks. `leading` is the distance of baselines and `tracking` extra space after a letter, in em."""

    family: Family = "sans"
    weight: int = 400
    italic: bool = False
    leading: float = 1.2
    tracking: float = 0.0


@dataclass(frozen=True, slots=True)
class Glyph:
    """One grapheme, the face that draws it (None for an emoji) and its bidirectional level."""

    text: str
    face: Face | None
    level: int


@dataclass(frozen=True, slots=True)
class Word:
    glyphs: tuple[Glyph, ...]
    width: float
    space: float  # of the blank that follows, where one does


@dataclass(frozen=True, slots=True)
class Line:
    glyphs: tuple[Glyph, ...]
    width: float
    above: float = 0.0  # extra distance from the line before


@dataclass(frozen=True, slots=True)
class _Run:
    text: str
    face: Face | None
    level: int

    @property
    def direction(self) -> Literal["rtl", "ltr"]:
        return "rtl" if self.level % 2 else "ltr"


def _runs(glyphs: Sequence[Glyph]) -> list[_Run]:
    """The line from left to right, in pieces of one font and direction."""
    grouped = groupby(glyphs, key=lambda glyph: (glyph.face, glyph.level, glyph.text if glyph.face is None else ""))
    runs: list[_Run] = []
    for (face, level, _), members in grouped:
        texts = [member.text for member in members]
        runs += [_Run(each, None, level) for each in texts] if face is None else [_Run("".join(texts), face, level)]
    return bidi.reordered(runs, [run.level for run in runs])


@lru_cache(maxsize=20_000)
def _width(text: str, face: Face | None, direction: Literal["rtl", "ltr"], style: Style, size_px: int) -> float:
    """The advance of a run at that size, in em."""
    if face is None:
        return _EMOJI_ADVANCE_EM
    font = open_font(face, size_px, style.weight)
    return font.getlength(text, direction) / size_px + style.tracking * len(breaks.graphemes(text))


def _measure(glyphs: Sequence[Glyph], style: Style, size_px: int = _MEASURE_PX) -> float:
    return sum(_width(run.text, run.face, run.direction, style, size_px) for run in _runs(glyphs))


def _glyphs(paragraph: str, style: Style, base: int, region: str) -> list[Glyph]:
    letters = breaks.graphemes(paragraph)
    glyphs: list[Glyph] = []
    for letter, level in zip(letters, bidi.levels(letters, base), strict=True):
        face = None if is_emoji(letter) else _face(letter, style, region, glyphs)
        glyphs.append(Glyph(letter, face, level))
    return glyphs


def _face(letter: str, style: Style, region: str, before: list[Glyph]) -> Face:
    """A blank keeps the font of the word before it, so that runs stay whole."""
    if letter == " " and before and before[-1].face:
        return before[-1].face
    return face_for(letter, style.family, style.italic, region)


def _words(glyphs: list[Glyph], style: Style) -> list[Word]:
    found = []
    for start, end, spaced in breaks.words([glyph.text for glyph in glyphs]):
        own = tuple(glyphs[start:end])
        space = _measure(glyphs[end : end + 1], style) if spaced else 0.0
        found.append(Word(own, _measure(own, style), space))
    return found


@dataclass(frozen=True)
class Copy:
    """Text made ready to be set: measured words, a list for each paragraph."""

    text: str
    style: Style
    base: int
    paragraphs: tuple[tuple[Word, ...], ...]

    @property
    def right_to_left(self) -> bool:
        return self.base == 1

    @cached_property
    def widest(self) -> float:
        return max((word.width for words in self.paragraphs for word in words), default=0.0)

    def lines(self, width: float, *, balanced: bool = False) -> list[Line]:
        """The lines that fit into `width` em; a word wider than that is broken between its letters."""
        lines: list[Line] = []
        gap = 0.0
        for words in self.paragraphs:
            if not words:
                gap = _PARAGRAPH_EM
                continue
            whole = _split(words, width, self.style)
            rows = _balance(whole, width) if balanced else _greedy(whole, width)
            set_rows = [_line(row, self.style) for row in rows]
            lines += [replace(set_rows[0], above=gap if lines else 0.0), *set_rows[1:]]
            gap = 0.0
        return lines


def prepare(text: str, style: Style) -> Copy:
    """Measure the text. Raises Refused when no font has one of its letters."""
    text = breaks.clean(text)
    base, region = bidi.base_level(text), region_of(text)
    paragraphs = [_words(_glyphs(line, style, base, region), style) for line in text.split("\n")]
    return Copy(text, style, base, tuple(tuple(words) for words in paragraphs))


def _split(words: Sequence[Word], width: float, style: Style) -> list[Word]:
    pieces: list[Word] = []
    for word in words:
        pieces += [word] if word.width <= width else _pieces(word, width, style)
    return pieces


def _pieces(word: Word, width: float, style: Style) -> Iterator[Word]:
    """The word in pieces of about the same width, with a hyphen where letters were parted."""
    aim = min(width, word.width / math.ceil(word.width / max(width - 0.6, 1.0)) + 1.2)
    taken: tuple[Glyph, ...] = ()
    for glyph in word.glyphs:
        hyphen = _hyphen(taken[-1], glyph) if taken else ()
        if taken and _measure((*taken, glyph, *hyphen), style) > aim:
            whole = (*taken, *hyphen)
            yield Word(whole, _measure(whole, style), 0.0)
            taken = ()
        taken = (*taken, glyph)
    yield Word(taken, _measure(taken, style), word.space)


def _hyphen(left: Glyph, right: Glyph) -> tuple[Glyph, ...]:
    """In alphabets that part words with one: those with capitals."""
    cased = all(glyph.text[0].isalpha() and glyph.text.upper() != glyph.text.lower() for glyph in (left, right))
    return (Glyph("-", left.face, left.level),) if cased and left.face and covers(left.face, "-") else ()


def _greedy(words: Sequence[Word], width: float) -> list[list[Word]]:
    rows: list[list[Word]] = [[]]
    used = 0.0
    for word in words:
        if rows[-1] and used + word.width > width:
            rows.append([])
            used = 0.0
        rows[-1].append(word)
        used += word.width + word.space
    return rows


def _balance(words: Sequence[Word], width: float) -> list[list[Word]]:
    """The rows of the narrowest column that needs no more of them: even lines, and none with a lonely word."""
    rows = _greedy(words, width)
    low, high = max(max(word.width for word in words), width * 0.5), width
    while high - low > 0.05:
        middle = (low + high) / 2
        tried = _greedy(words, middle)
        if len(tried) <= len(rows):
            high, rows = middle, tried
        else:
            low = middle
    even = _even(words, high)
    return even if len(even) <= len(rows) else rows


def _even(words: Sequence[Word], width: float) -> list[list[Word]]:
    """The rows that leave the least white, its squares added up, the last row's too (after Knuth and Plass, 1981)."""
    best: list[tuple[float, int]] = [
        (0.0, 0)
    ]  # of the words before each place: the white, and where their last row begins
    for end in range(1, len(words) + 1):
        used, choices = 0.0, []
        for start in range(end - 1, -1, -1):
            used += words[start].width + (words[start].space if start < end - 1 else 0.0)
            if used > width and start < end - 1:
                break
            choices.append((best[start][0] + (width - used) ** 2, start))
        best.append(min(choices))
    rows: list[list[Word]] = []
    end = len(words)
    while end:
        start = best[end][1]
        rows.insert(0, list(words[start:end]))
        end = start
    return rows


def _line(row: list[Word], style: Style) -> Line:
    glyphs: list[Glyph] = []
    for place, word in enumerate(row):
        glyphs += word.glyphs
        if word.space and place < len(row) - 1:
            glyphs.append(_blank(word.glyphs[-1], row[place + 1].glyphs[0], style))
    return Line(tuple(glyphs), _measure(glyphs, style))


def _blank(left: Glyph, right: Glyph, style: Style) -> Glyph:
    """A space between words of opposite directions belongs to the paragraph, that is to the lower level."""
    face = left.face or right.face or face_for(" ", style.family)
    return Glyph(" ", face, min(left.level, right.level) if left.level != right.level else left.level)


@dataclass(frozen=True)
class Block:
    """Set text, ready to be drawn. Its box is the ink's: the first line's capitals to the last line's descenders."""

    lines: tuple[Line, ...]
    style: Style
    size_px: int
    right_to_left: bool

    @cached_property
    def width_px(self) -> int:
        return round(max(_measure(line.glyphs, self.style, self.size_px) for line in self.lines) * self.size_px)

    @cached_property
    def leading_px(self) -> float:
        """Wide enough for the tallest letters and marks that the text has, such as stacked vowels."""
        tallest = max(_ink(line.glyphs, self.style)[0] for line in self.lines)
        deepest = max(_ink(line.glyphs, self.style)[1] for line in self.lines)
        return max(self.style.leading, (tallest + deepest) * 1.06) * self.size_px

    @property
    def rise_px(self) -> float:
        return max(_ink(self.lines[0].glyphs, self.style)[0], CAPITAL_EM) * self.size_px

    @cached_property
    def height_px(self) -> int:
        between = sum(self.leading_px + line.above * self.size_px for line in self.lines[1:])
        return round(self.rise_px + between + _ink(self.lines[-1].glyphs, self.style)[1] * self.size_px)

    def draw(
        self,
        picture: Image.Image,
        box: tuple[float, float, float],
        colour: Colour,
        *,
        align: Align = "start",
        outline: tuple[int, Colour] | None = None,
    ) -> set[str]:
        """Draw into (left, top, width); gives the credits that its emoji ask for."""
        left, top, width = box
        owed: set[str] = set()
        baseline = top + self.rise_px
        for place, line in enumerate(self.lines):
            baseline += (self.leading_px + line.above * self.size_px) if place else 0
            wide = _measure(line.glyphs, self.style, self.size_px) * self.size_px
            slack = width - wide
            start = slack / 2 if align == "centre" else slack if self.right_to_left else 0.0
            owed |= self._draw_line(picture, line, (left + start, baseline), colour, outline)
        return owed - {""}

    def word_boxes(self, box: tuple[float, float, float]) -> list[tuple[int, int, int, int]]:
        """Where each word stands in (left, top, width), centred, as it is read; none where a line mixes directions."""
        left, top, width = box
        found: list[tuple[int, int, int, int]] = []
        baseline = top + self.rise_px
        for place, line in enumerate(self.lines):
            baseline += (self.leading_px + line.above * self.size_px) if place else 0
            if len({glyph.level % 2 for glyph in line.glyphs}) > 1:
                return []
            wide = _measure(line.glyphs, self.style, self.size_px) * self.size_px
            above, below = baseline - self.leading_px * 0.8, baseline + self.leading_px * 0.3
            for start, end in _between_blanks(line.glyphs):
                a, b = (_measure(line.glyphs[:each], self.style, self.size_px) * self.size_px for each in (start, end))
                if line.glyphs[0].level % 2:
                    a, b = wide - b, wide - a
                edge = left + (width - wide) / 2
                found.append((round(edge + a), round(above), round(edge + b), round(below)))
        return found

    def _draw_line(
        self,
        picture: Image.Image,
        line: Line,
        at: tuple[float, float],
        colour: Colour,
        outline: tuple[int, Colour] | None,
    ) -> set[str]:
        x, baseline = at
        owed: set[str] = set()
        runs = _runs(line.glyphs)
        if runs and runs[0].face and not self.right_to_left:  # letters of different sides stand on one optical edge
            x -= open_font(runs[0].face, self.size_px, self.style.weight).getbbox(runs[0].text[0])[0]
        for run in runs:
            if run.face is None:
                owed.add(self._draw_emoji(picture, run.text, x, baseline))
            else:
                self._draw_run(picture, run, (x, baseline), colour, outline)
            x += _width(run.text, run.face, run.direction, self.style, self.size_px) * self.size_px
        return owed

    def _draw_run(
        self,
        picture: Image.Image,
        run: _Run,
        at: tuple[float, float],
        colour: Colour,
        outline: tuple[int, Colour] | None,
    ) -> None:
        assert run.face is not None
        font = open_font(run.face, self.size_px, self.style.weight)
        if not self.style.tracking or run.direction == "rtl":
            font.draw(picture, at, run.text, colour, run.direction, outline)
            return
        done = ""
        for place, letter in enumerate(breaks.graphemes(run.text)):
            x = at[0] + font.getlength(done + letter) - font.getlength(letter)
            shifted = x + place * self.style.tracking * self.size_px
            font.draw(picture, (shifted, at[1]), letter, colour, outline=outline)
            done += letter

    def _draw_emoji(self, picture: Image.Image, text: str, x: float, baseline: float) -> str:
        side = round(_EMOJI_EM * self.size_px)
        drawn = draw_emoji(text, side)
        inset = (_EMOJI_ADVANCE_EM - _EMOJI_EM) / 2 * self.size_px
        # Centred on the capitals, as the letters around it are.
        top = baseline - CAPITAL_EM / 2 * self.size_px - side / 2
        picture.paste(drawn.image, (round(x + inset), round(top)), drawn.image)
        return drawn.credit


def _between_blanks(glyphs: Sequence[Glyph]) -> list[tuple[int, int]]:
    """Where the words of a line begin and end."""
    grouped = groupby(enumerate(glyphs), key=lambda each: each[1].text.isspace())
    words = [[place for place, _ in members] for blank, members in grouped if not blank]
    return [(places[0], places[-1] + 1) for places in words]


@lru_cache(maxsize=4_096)
def _ink(glyphs: tuple[Glyph, ...], style: Style) -> tuple[float, float]:
    """How far the line's ink reaches above and below its baseline, in em."""
    above, below = 0.0, 0.0
    for run in _runs(glyphs):
        if run.face is None:
            above, below = max(above, CAPITAL_EM), max(below, 0.0)
            continue
        font = open_font(run.face, _MEASURE_PX, style.weight)
        _, top, _, bottom = font.getbbox(run.text, run.direction)
        above, below = max(above, -top / _MEASURE_PX), max(below, bottom / _MEASURE_PX)
    return above, below
