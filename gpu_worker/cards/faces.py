"""Which font draws this? The families that packages bring, then the system's, by what each of them really covers.

Nothing is drawn that no font has: `face_for` raises Refused and names the script, so a card never shows empty boxes.
"""

import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from fontTools.ttLib import TTFont, TTLibError

from gator.errors import Refused, Unavailable
from gpu_worker.cards.shaping import Font

Family = Literal["sans", "serif"]

# (package, file) in the order they are asked. Fallbacks have no serif, so both families share them.
_DESIGN: dict[tuple[Family, bool], tuple[str, str]] = {
    ("sans", False): ("fontpkg_inter", "files/Inter[opsz,wght].ttf"),
    ("sans", True): ("fontpkg_inter", "files/Inter-Italic[opsz,wght].ttf"),
    ("serif", False): ("fontpkg_source_serif_4", "files/SourceSerif4[opsz,wght].ttf"),
    ("serif", True): ("fontpkg_source_serif_4", "files/SourceSerif4-Italic[opsz,wght].ttf"),
}
_FALLBACKS = (
    ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
    ("justmytype_intl_rtl", "fonts/ofl/notosansarabic/NotoSansArabic[wdth,wght].ttf"),
    ("justmytype_intl_rtl", "fonts/ofl/notosanshebrew/NotoSansHebrew[wdth,wght].ttf"),
    ("justmytype_intl_south_asia", "fonts/ofl/notosansdevanagari/NotoSansDevanagari[wdth,wght].ttf"),
    ("justmytype_intl_south_asia", "fonts/ofl/notosansbengali/NotoSansBengali[wdth,wght].ttf"),
    ("justmytype_intl_south_asia", "fonts/ofl/notosanstamil/NotoSansTamil[wdth,wght].ttf"),
    ("justmytype_intl_south_asia", "fonts/ofl/notosanstelugu/NotoSansTelugu[wdth,wght].ttf"),
    ("justmytype_intl_sea", "fonts/ofl/notosansthai/NotoSansThai[wdth,wght].ttf"),
    ("justmytype_intl_sea", "fonts/ofl/notosanslao/NotoSansLao[wdth,wght].ttf"),
    ("justmytype_intl_sea", "fonts/ofl/notosanskhmer/NotoSansKhmer[wdth,wght].ttf"),
    ("justmytype_intl_sea", "fonts/ofl/notosansmyanmar/NotoSansMyanmar[wdth,wght].ttf"),
)
_EAST_ASIA = {
    region: ("justmytype_intl_cjk", f"fonts/ofl/notosans{region}/NotoSans{region.upper()}[wght].ttf")
    for region in ("jp", "kr", "sc", "tc")
}
_SYSTEM_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
# Drawn as nothing by every font: joiners, variation selectors, marks of direction, the tags of flags.
_INVISIBLE = {0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10), *range(0xE0020, 0xE0080)}


@dataclass(frozen=True, slots=True)
class Face:
    """One font file. `index` is its place in a collection."""

    path: Path
    index: int = 0


@cache
def points(face: Face) -> frozenset[int]:
    """The code points that the face has a glyph for."""
    with TTFont(face.path, lazy=True, fontNumber=face.index) as font:
        return frozenset(font.getBestCmap() or ())


def covers(face: Face, text: str) -> bool:
    return all(ord(letter) in _INVISIBLE or ord(letter) in points(face) for letter in text)


def packaged(package: str, file: str) -> Face | None:
    """The face of an installed package; None when the package is missing."""
    spec = find_spec(package)
    path = Path(spec.origin).parent / file if spec and spec.origin else None
    return Face(path) if path and path.is_file() else None


@cache
def design_face(family: Family, italic: bool) -> Face | None:
    return packaged(*_DESIGN[family, italic])


def _order(region: str) -> list[str]:
    """East Asian fonts share code points but not the shapes: the text's own region is asked first."""
    return [region, *(other for other in ("sc", "jp", "kr", "tc") if other != region)]


def region_of(text: str) -> str:
    """Which East Asian font suits this text: kana say Japan, hangul says Korea, else simplified Chinese."""
    if any("\u3040" <= letter <= "\u30ff" for letter in text):
        return "jp"
    if any("\uac00" <= letter <= "\ud7af" or "\u1100" <= letter <= "\u11ff" for letter in text):
        return "kr"
    return "sc"


@cache
def _candidates(family: Family, italic: bool, region: str) -> tuple[Face, ...]:
    design = design_face(family, italic)
    rest = [packaged(*place) for place in (*_FALLBACKS, *(_EAST_ASIA[each] for each in _order(region)))]
    return tuple(face for face in (design, *rest) if face)


@cache
def _system() -> tuple[Face, ...]:
    """The system's fonts: plain sans first, then by name, so that every start asks them in the same order."""
    files: list[Path] = []
    for folder in _SYSTEM_FOLDERS:
        files += Path(folder).expanduser().rglob("*.[ot]t[fc]")
    plain = [file for file in files if not any(word in file.stem for word in ("Italic", "Oblique", "Mono", "Emoji"))]
    return tuple(Face(file) for file in sorted(plain, key=_plainness))


def _plainness(file: Path) -> tuple[bool, bool, str]:
    styled = any(word in file.stem for word in ("Bold", "Light", "Thin", "Condensed", "Narrow"))
    return "Sans" not in file.stem, styled, file.name


def _system_faces(text: str) -> Iterator[Face]:
    for face in _system():
        try:
            if covers(face, text):
                yield face
        except (TTLibError, OSError):  # a broken font of the system is none of ours to report
            continue


@lru_cache(maxsize=20_000)
def face_for(text: str, family: Family, italic: bool = False, region: str = "sc") -> Face:
    """The first face that has every letter of `text`, one grapheme. Raises Refused, naming its script, when none has."""
    for face in _candidates(family, italic, region):
        if covers(face, text):
            return face
    for face in _system_faces(text):
        return face
    if not _candidates(family, italic, region) and not _system():
        raise Unavailable("There are no fonts to draw with.", remedy="Install Gator's [media] extra: make setup.")
    missing = next((letter for letter in text if ord(letter) not in _INVISIBLE), text[0])
    raise Refused(
        f"No font here can draw {script_of(missing)} ('{missing}', U+{ord(missing):04X}).",
        remedy="Write it in another script, or install a font that has it in /usr/share/fonts.",
    )


def script_of(letter: str) -> str:
    """The script's name as Unicode's names tell it: 'Tifinagh' of TIFINAGH LETTER YA."""
    words = unicodedata.name(letter, "an unassigned character").split()
    stop = next((at for at, word in enumerate(words) if word in ("LETTER", "SYLLABLE", "SIGN", "DIGIT", "VOWEL")), 1)
    return " ".join(words[: max(stop, 1)]).capitalize()


@lru_cache(maxsize=256)
def _open(face: Face, size_px: int, weight: int, _thread: int) -> Font:
    return Font(face.path, face.index, size_px, weight)


def open_font(face: Face, size_px: int, weight: int) -> Font:
    """The face at that size and weight. HarfBuzz's fonts are not for two threads at once, so each has its own."""
    return _open(face, size_px, weight, threading.get_ident())
