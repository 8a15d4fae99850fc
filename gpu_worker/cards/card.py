"""How does a card come to be? A sheet of the right size and palette, a design that fills it, a file that says what it is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from gator.errors import Refused
from gpu_worker.cards import bold, breaks, editorial, gradient, label, minimal, quote
from gpu_worker.cards.palettes import choose
from gpu_worker.cards.sheet import Sheet
from gpu_worker.jobs import CARD_CHARACTERS, PICTURE_SIZES_PX, DrawCard

DESIGNS: dict[str, Callable[[Sheet], None]] = {
    "bold": bold.draw,
    "quote": quote.draw,
    "editorial": editorial.draw,
    "gradient": gradient.draw,
    "minimal": minimal.draw,
}


@dataclass(frozen=True, slots=True)
class Card:
    picture: Image.Image
    alt_text: str
    credits: tuple[str, ...]

    def save(self, path: Path) -> None:
        self.picture.save(path, "PNG", pnginfo=label.png_info(self.alt_text, self.credits), compress_level=6)


def draw_card(ask: DrawCard, seed: int) -> Card:
    """The card, the same for the same payload and seed. Raises Refused for text that is empty, too long or unknown."""
    text, headline, attribution = (_checked(ask, name) for name in ("text", "headline", "attribution"))
    if not text and not headline:
        raise Refused("There is nothing to write on the card.", remedy="Give it a text or a headline.")
    try:
        sheet = _laid_out(ask, seed, (text, headline, attribution), dense=False)
    except Refused:
        sheet = _laid_out(ask, seed, (text, headline, attribution), dense=True)
    return Card(sheet.picture, _alt_text(text, headline, attribution), tuple(sorted(sheet.credits)))


def _laid_out(ask: DrawCard, seed: int, words: tuple[str, str, str], *, dense: bool) -> Sheet:
    palette = choose(ask.design, seed if ask.look is None else ask.look)
    picture = Image.new("RGB", PICTURE_SIZES_PX[ask.format], palette.ground)
    sheet = Sheet(picture, palette, seed, *words, dense=dense, captions=ask.captions)
    DESIGNS[ask.design](sheet)
    return sheet


def _checked(ask: DrawCard, name: str) -> str:
    words, most = breaks.clean(getattr(ask, name)), CARD_CHARACTERS[name]
    if len(words) > most:
        raise Refused(
            f"The {name} has {len(words):,} characters; a card holds {most:,}.",
            remedy="Shorten it, or post it as text.",
        )
    return words


def _alt_text(text: str, headline: str, attribution: str) -> str:
    """What the card says, in the order in which it is read: that is what one who cannot see it misses."""
    said = "\n".join(part for part in (headline, text) if part)
    return f"{said}\n— {attribution}" if attribution else said
