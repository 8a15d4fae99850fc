"""Which colours go together? Palettes for each design, and the contrast that makes them legible (WCAG 2.2, 1.4.3)."""

import random
from dataclasses import dataclass

Colour = tuple[int, int, int]

LEGIBLE = 4.5  # WCAG 2.2 level AA for text of any size
WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Palette:
    """`ink` is for text on `ground` and on every one of `tones`; `accent` draws shapes, never text."""

    ground: Colour
    ink: Colour
    accent: Colour
    tones: tuple[Colour, ...]

    @property
    def soft(self) -> Colour:
        """The quietest ink that can still be read on the ground."""
        return legible(mix(self.ink, self.ground, 0.35), self.ground, towards=self.ink)

    @property
    def accent_ink(self) -> Colour:
        """The accent as a colour of text on the ground."""
        return legible(self.accent, self.ground, towards=self.ink)


def hexed(code: str) -> Colour:
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


def luminance(colour: Colour) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """1 (the same) to 21 (black on white)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour in the one."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def legible(colour: Colour, ground: Colour, *, towards: Colour) -> Colour:
    """The colour, taken as little towards another as lets it be read on the ground."""
    for step in range(11):
        tried = mix(colour, towards, step / 10)
        if contrast(tried, ground) >= LEGIBLE:
            return tried
    return towards


def _palettes(*rows: str) -> tuple[Palette, ...]:
    """Rows of: ground ink accent tone tone ..."""
    made = []
    for row in rows:
        ground, ink, accent, *tones = map(hexed, row.split())
        made.append(Palette(ground, ink, accent, tuple(tones)))
    return tuple(made)


PALETTES: dict[str, tuple[Palette, ...]] = {
    "bold": _palettes(
        "FF5B35 1D0A04 FFF3E4 FF7A59 FF9270",
        "2238E0 FFFFFF FFD60A 3049EA 1A2CC4",
        "0E5646 F3FFE8 C8F560 14685A 0A463A",
        "FFD23F 1C1500 E8442B FFC21A FFE07A",
        "5A20B0 FFFFFF FF9EEB 6A2FC2 4A1796",
        "131316 FFFFFF FF4B4B 242429 1B1B20",
        "F8C9DA 3C0519 D7263D F4B2CA FBDDE8",
        "C9F250 0F1B00 5B2BE0 B7E338 DAF884",
        "0B3C5D F4FAFF FFB400 104B73 082F4A",
    ),
    "quote": _palettes(
        "F7F0E3 25170C C4532B EFE4CF",
        "10233C F7F0E0 E5B24C 183150",
        "E9F0EA 14302A 3E7F5A DAE6DB",
        "2B1A2F FCEBF3 F291B5 3A2641",
        "F2ECFA 241338 7B4BC9 E5DAF4",
        "FDEDE5 3B1310 D64A3C F8DACD",
        "0E2E2A EFF8EE 8FD694 154039",
    ),
    "editorial": _palettes(
        "F6F1E6 171412 C8321F C8321F F0B429 1F4E5F E9DFC9",
        "F4F4EF 11151C 1B4DFF 1B4DFF FF6B4A BFD4FF DCE3E8",
        "FBF3EC 1C1220 8A2BE2 8A2BE2 FF8FA3 FFC857 EFE0EE",
        "EFF3EC 10201A 0E7C5A 0E7C5A F2B705 E4572E CFE0D2",
        "F5EFEF 1A1013 B3123C B3123C F6A5B6 2E294E E7D6D8",
    ),
    "gradient": _palettes(
        "1B1464 FFFFFF FFFFFF 6A11CB FC466B 2575FC 3F2B96",
        "0B3D4F FFFFFF FFFFFF 11998E 2C7DA0 0F4C75 38B26F",
        "3D0C3F FFFFFF FFFFFF E8436A F37335 8E2DE2 B5179E",
        "101B3B FFFFFF FFFFFF 3A47D5 00A8C6 1D2671 C33764",
        "3B1020 FFFFFF FFFFFF D1495B E07A3F 8C1C3A 5F0F40",
        "06281F FFFFFF FFFFFF 0B8457 1B6F8C 10454F 6BA368",
    ),
    "minimal": _palettes(
        "FAFAF7 141414 FF4F2E F1F1EC",
        "F3F5F8 101828 2F6BFF E8ECF2",
        "16171A F5F5F2 F5C451 202126",
        "F7F3F0 2A1B17 B4512F EEE7E2",
        "EFF4EF 12261C 2E8B57 E4ECE4",
        "FFFFFF 0B0B0D 0B0B0D F4F4F4",
    ),
}


def choose(design: str, seed: int) -> Palette:
    """The palette of that seed: the same again for the same seed."""
    return random.Random(f"palette:{seed}").choice(PALETTES[design])  # noqa: S311 - taste, not a secret
