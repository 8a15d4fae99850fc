"""Where may a line end? Words as spaces, hyphens and the scripts that write without spaces allow (after UAX #14)."""

import re
import unicodedata
from collections.abc import Iterator

import regex

_GRAPHEME = regex.compile(r"\X")
_WIDE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\u3000-\u303F\uFF01-\uFF60]")
# Kinsoku: what a line of Japanese or Chinese does not begin or end with (JIS X 4051; UAX #14 classes CL, NS, EX, OP).
_NO_START = frozenset(
    "、。，．・：；？！）］｝」』】〕〉》”’ー〜…‥々ゝゞぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ!?,.:;)]}%"
)
_NO_END = frozenset("（［｛「『【〔〈《“‘([{¥$#")
# Vowels that Thai and Lao write before their consonant begin a syllable.
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")
_LEAST_BEFORE_HYPHEN = 5  # letters: "out-" at the end of a line helps nobody
_AFTER = frozenset("-‐–—/|")
# Marks of direction are the typesetter's to find out; a soft hyphen, a tab or a control has no shape.
_DROPPED = regex.compile(r"[[\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069\u00AD\uFEFF\uFFFC\p{Cc}]--[\t\n]]", regex.V1)
_BLANKS = regex.compile(r"[^\S\n\u00A0\u202F]+")


def clean(text: str) -> str:
    """The text as it is set: composed, without controls, single spaces, no more than one empty line in a row."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    spaced = str(_BLANKS.sub(" ", _DROPPED.sub("", text)))
    lines = [line.strip(" ") for line in spaced.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def graphemes(text: str) -> list[str]:
    return [str(found) for found in _GRAPHEME.findall(text)]


def words(letters: list[str]) -> Iterator[tuple[int, int, bool]]:
    """(start, end, whether a space follows) of each piece that a line may hold whole; the spaces are in none."""
    start = 0
    for at in range(1, len(letters) + 1):
        if at == len(letters):
            if start < at and letters[start] != " ":
                yield start, at, False
        elif letters[at - 1] == " ":
            start = at
        elif letters[at] == " ":
            yield start, at, True
        elif may_break(letters[at - 1], letters[at]) and (letters[at - 1] != "-" or at - start > _LEAST_BEFORE_HYPHEN):
            yield start, at, False
            start = at


def may_break(left: str, right: str) -> bool:
    """Whether a line may end between these two graphemes, neither of them a space."""
    if right in _NO_START or left in _NO_END:
        return False
    if right in _LEADING_VOWELS or left == "\u200b":
        return True
    if left in _AFTER:
        return right[0].isalpha()
    if _WIDE.match(left) or _WIDE.match(right):
        return True
    return bool(regex.match(r"\p{Extended_Pictographic}", left) and regex.match(r"\p{Extended_Pictographic}", right))
