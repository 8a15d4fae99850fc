"""What does an emoji look like? The system's Noto Color Emoji (OFL) where it is installed, else OpenMoji (CC BY-SA 4.0)."""

import io
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import regex
from PIL import Image

from gpu_worker.cards.faces import Face, covers, open_font

_PRESENTED = regex.compile(r"\p{Emoji_Presentation}|\p{Regional_Indicator}|[0-9#*]\uFE0F?\u20E3|\p{Emoji}\uFE0F")
_NOTO = (
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/google-noto-color-emoji-fonts/NotoColorEmoji.ttf",
)
_NOTO_SIZE_PX = 109  # the one size its bitmaps have (136 px wide)
OPENMOJI_CREDIT = "Emoji: OpenMoji (openmoji.org), CC BY-SA 4.0"


@dataclass(frozen=True, slots=True)
class Drawn:
    image: Image.Image
    credit: str  # what the artwork's licence asks us to say; empty when nothing


def is_emoji(grapheme: str) -> bool:
    """Whether Unicode wants this grapheme in colour (UTS #51, section 4), and we have a picture of it."""
    return bool(_PRESENTED.match(grapheme)) and has_picture(grapheme)


@cache
def _noto() -> Face | None:
    return next((Face(Path(path)) for path in _NOTO if Path(path).is_file()), None)


def _key(grapheme: str) -> str:
    """OpenMoji writes U+FE0F in some names and not in others, so we compare without."""
    return "-".join(f"{ord(letter):04X}" for letter in grapheme if letter != "\ufe0f")


@cache
def _openmoji() -> dict[str, Path]:
    # Found, not imported: emosvg's code needs a system's cairo, and we want its pictures only.
    spec = find_spec("emosvg")
    if not spec or not spec.origin:
        return {}
    folder = Path(spec.origin).parent / "resources" / "openmoji-svg-color"
    return {file.stem.replace("-FE0F", ""): file for file in sorted(folder.glob("*.svg"))}


def has_picture(grapheme: str) -> bool:
    noto = _noto()
    return bool(noto and _bitmap(noto, grapheme)) or _key(grapheme) in _openmoji()


@lru_cache(maxsize=128)
def draw_emoji(grapheme: str, size_px: int) -> Drawn:
    """The emoji in a transparent square, `size_px` wide."""
    noto = _noto()
    if noto and (drawn := _bitmap(noto, grapheme)):
        return Drawn(drawn.resize((size_px, size_px), Image.Resampling.LANCZOS), "")
    return Drawn(_vector(_openmoji()[_key(grapheme)], size_px), OPENMOJI_CREDIT)


@lru_cache(maxsize=512)
def _bitmap(noto: Face, grapheme: str) -> Image.Image | None:
    """The grapheme's one picture, in a square; None where the font has none or has only its parts."""
    drawn = open_font(noto, _NOTO_SIZE_PX, 400).bitmap(grapheme) if covers(noto, grapheme) else None
    if drawn is None:
        return None
    side = max(drawn.size)
    picture = Image.new("RGBA", (side, side))
    picture.paste(drawn, ((side - drawn.width) // 2, (side - drawn.height) // 2))
    return picture


def _vector(file: Path, size_px: int) -> Image.Image:
    import resvg_py

    # OpenMoji draws on a grid of 72 with a margin of 5 all around; drawn larger and cut, emoji sit in text like letters.
    side = round(size_px * 72 / 62)
    png = bytes(resvg_py.svg_to_bytes(svg_path=str(file), width=side, height=side))
    cut = (side - size_px) // 2
    return Image.open(io.BytesIO(png)).convert("RGBA").crop((cut, cut, cut + size_px, cut + size_px))
