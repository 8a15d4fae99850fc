"""Which characters does a reader not see? Controls, bidi overrides, zero-width signs: taken out, or made visible.

They make a text read otherwise than it is ("Trojan source", https://www.unicode.org/reports/tr36/): words of strangers lose
them, and a person who approves something sees them.
"""

import re
import unicodedata

# Joiners are part of words and emoji (family emoji, Persian, Hindi) where both neighbours are beyond ASCII.
_JOINERS = "\u200c\u200d"
# Not those unassigned (Cn): Python's tables are older than this year's emoji.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_BLANKS = re.compile(r"[^\S\n]+")


def _hidden(text: str, at: int, kept: str) -> bool:
    char = text[at]
    if char in kept or (char.isascii() and char.isprintable()) or unicodedata.category(char) not in _HIDDEN:
        return False
    inside = 0 < at < len(text) - 1
    joins = char in _JOINERS and inside and not text[at - 1].isascii() and not text[at + 1].isascii()
    return not joins


def without_unseen(text: str, *, lines: bool = False) -> str:
    """The text without them, blanks squeezed to one; on one line unless `lines`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(" " if text[at] in "\t\n\v\f\x85\u2028\u2029" and not (lines and text[at] == "\n") else text[at]
                   for at in range(len(text)))  # fmt: skip
    text = "".join(char for at, char in enumerate(text) if not _hidden(text, at, "\n"))
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n")).strip()


def without_controls(text: str) -> str:
    """The text without control characters, at its ends neither blanks; what writing needs (lines, joiners, directions) stays."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")).strip()


def with_unseen_shown(text: str) -> str:
    """The text with each of them written out as ⟨U+202E⟩."""
    return "".join(f"⟨U+{ord(char):04X}⟩" if _hidden(text, at, "\n") else char for at, char in enumerate(text))


def cut(text: str, most: int) -> str:
    """The text in at most `most` characters, cut between words where there is one near, with an ellipsis."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    words, _, rest = head.rpartition(" ")
    return (words if words and len(rest) < 40 else head).rstrip(" ,;:.-") + "…"
