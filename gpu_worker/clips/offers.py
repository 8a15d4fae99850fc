"""What does Runway make, from what, and what does it cost? Light to import.

Sources: Runway's public API reference (github.com/runwayml/skills, rw-api-reference) and its SDK's types; a credit is one cent
(docs.dev.runwayml.com/guides/pricing).
"""

from dataclasses import dataclass

from gator.errors import NotFound, Refused

PROVIDER = "runway"
FPS = 24
CREDIT_USD = 0.01
PROMPT_UNITS = 1000  # of UTF-16
_WIDE = ((1280, 720), (720, 1280))
_SHAPES = (*_WIDE, (1104, 832), (832, 1104), (960, 960))
_ANY_LENGTH = tuple(range(2, 11))


@dataclass(frozen=True, slots=True)
class Offer:
    """One of its models."""

    name: str
    lengths_s: tuple[int, ...]
    sizes: tuple[tuple[int, int], ...]
    credits_a_second: int
    from_words: bool = True  # without a picture
    has_sound: bool = False  # which is asked to be left out
    heeds_seed: bool = True

    def length_s(self, seconds: float) -> int:
        """The shortest that it makes and that is long enough. Raises Refused when none is."""
        fits = [one for one in self.lengths_s if one >= seconds - 0.02]  # a frame's share of a second is not paid for
        if not fits:
            raise Refused(
                f"{self.name} makes clips of {self.lengths_s[-1]} s at most.",
                remedy="Ask for a shorter one, or make several and put them into one video.",
            )
        return min(fits)

    def check_words(self, prompt: str) -> None:
        """Raises Refused for more of them than it reads: they are never cut."""
        if len(prompt.encode("utf-16-le")) // 2 > PROMPT_UNITS:
            raise Refused(f"Runway reads {PROMPT_UNITS} characters.", remedy="Describe it in fewer words.")

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Of those it makes, the one whose proportions are nearest."""
        asked = width / height
        return min(self.sizes, key=lambda size: max(asked / (size[0] / size[1]), (size[0] / size[1]) / asked))

    def price_usd(self, seconds: float) -> float:
        return self.length_s(seconds) * self.credits_a_second * CREDIT_USD


_ALL = (
    Offer("gen4_turbo", _ANY_LENGTH, _SHAPES, 5, from_words=False),
    Offer("gen4.5", _ANY_LENGTH, _SHAPES, 12),
    Offer("veo3.1_fast", (4, 6, 8), _WIDE, 10, has_sound=True, heeds_seed=False),
    Offer("veo3.1", (4, 6, 8), _WIDE, 20, has_sound=True, heeds_seed=False),
)
OFFERS: dict[str, Offer] = {offer.name: offer for offer in _ALL}


def offer_of(model: str) -> Offer:
    """Of runway:NAME; its fastest where no name is said. Raises NotFound, naming what there is."""
    name = model.partition(":")[2] or _ALL[0].name
    if name not in OFFERS:
        raise NotFound(f"Runway has no model named {name} here.", remedy=f"There is: {', '.join(OFFERS)}.")
    return OFFERS[name]
