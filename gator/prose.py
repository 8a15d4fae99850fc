"""How is prose read? Where its sentences end, and which of its signs are pictures that nobody says."""

import re
import unicodedata

_END = re.compile(r"(?<=[.!?…؟।۔])(?:[\"“”’«»)\]]|[ \u00a0\u202f]»)*\s+|(?<=[。！？])[」』）]*\s*|\n+")
# After these a full stop ends no sentence, nor after a single capital ("J. Smith", "the U.S. Navy", "Joh. S. Bach").
_ABBREVIATIONS = (
    r"Mr|Mrs|Ms|Mme|Dr|Prof|St|Sr|Jr|Lt|Capt|Sgt|Rev|Mt|vs|approx|e\.\s?g|i\.\s?e"
    r"|Hr|Fr|Str|bzw|ca|ggf|evtl|inkl|zzgl|vgl|sog|Mio|Mrd|[zduovn]|z\.\s?B|d\.\s?h|u\.\s?a|o\.\s?ä|[vn]\.\s?Chr"
)
_ABBREVIATION = re.compile(rf"(?:^|\W)(?:{_ABBREVIATIONS}|[A-ZÄÖÜ])\.$")
_BEFORE_A_NUMBER = re.compile(r"(?:^|\W)(?:No|Nr|Abb|Fig|Art|Kap|Vol|Jan|Feb|Aug|Sept|Oct|Okt|Nov|Dec|Dez)\.$")
# German writes "third" as "3.": after an article or a preposition, before a month, and where a line begins with it.
_ORDINAL = re.compile(
    r"(?:^|\b(?:(?<!\bI )am|im|vom|beim|zum|zur|bis|ab|seit|de[rmns]|die|das|jede[rmns]?|(?:[mds]ein|ihr|unser)e?[rmns]?)\s)"
    r"\d{1,3}\.$",
    re.IGNORECASE,
)
_IN_A_DATE = re.compile(r"(?:^|[\s(])\d{1,2}\.$")
_MONTH = re.compile(
    r"(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Jan|Feb|Apr|Aug|Sept?|Okt|Nov|Dez)\b"
)
_LAST_WORDS = 40  # characters, more than any of these has: all of "A. A. A. …" each time would take seconds
_SAID_SYMBOLS, _TONES = "°", range(0x1F3FB, 0x1F400)
_EMOJI_MARKS = "\ufe0f\u20e3"


def sentences(text: str) -> list[str]:
    """Its sentences in their order, blanks made one; a line of its own is one."""
    found: list[str] = []
    for part in (" ".join(each.split()) for each in _END.sub(lambda end: end.group() + "\0", text).split("\0")):
        if found and not _ends(found[-1][-_LAST_WORDS:], part):
            found[-1] += f" {part}"
        elif part:
            found.append(part)
    return found


def _ends(before: str, after: str) -> bool:
    if after[:1].islower() or _ABBREVIATION.search(before) or _ORDINAL.search(before):
        return False
    if _BEFORE_A_NUMBER.search(before) and after[:1].isdigit():
        return False
    return not (_IN_A_DATE.search(before) and _MONTH.match(after))


def without_pictures(text: str) -> str:
    """Blanks in place of emoji and the like, which are read out as their names; every other letter keeps its place."""
    return "".join(" " if _is_picture(letter) else letter for letter in text)


def _is_picture(letter: str) -> bool:
    if letter in _EMOJI_MARKS or ord(letter) in _TONES:
        return True
    kind = unicodedata.category(letter)
    if kind == "So":  # degrees and the like are words: 20 °C, 5 ㎏, № 7
        return letter == "™" or (letter not in _SAID_SYMBOLS and unicodedata.normalize("NFKC", letter) == letter)
    return kind in ("Cs", "Cn", "Co")
