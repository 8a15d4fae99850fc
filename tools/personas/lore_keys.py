"""Was a key of a lorebook mentioned? Plain words, or patterns under a clock, since a pattern comes from a stranger's card."""

import re
import time
from functools import lru_cache

import regex  # unlike `re`, it can be told to stop

MAX_PATTERN = 500  # characters; longer ones never match
SCANNED = 20_000  # latest characters of the conversation that patterns see
PATTERN_S = 0.02  # for one pattern
PATTERNS_S = 0.2  # for all patterns of one activation

_DELIMITED = re.compile(r"/(?P<pattern>.+)/(?P<flags>[a-z]*)", re.DOTALL)  # /storms?/i, as JavaScript writes it


class Stopwatch:
    """The time that the patterns of one activation may still take."""

    def __init__(self, allowed_s: float = PATTERNS_S) -> None:
        self.left_s = allowed_s

    def matches(self, key: str, text: str, *, case_sensitive: bool) -> bool:
        """Whether the pattern is found; one that is broken, too long or too slow is not."""
        pattern = _compiled(key, case_sensitive)
        if pattern is None or self.left_s <= 0:
            return False
        started = time.monotonic()
        try:
            return pattern.search(text[-SCANNED:], timeout=min(PATTERN_S, self.left_s)) is not None
        except TimeoutError:
            return False
        finally:
            self.left_s -= time.monotonic() - started


@lru_cache(maxsize=2048)
def _compiled(key: str, case_sensitive: bool) -> "regex.Pattern[str] | None":
    delimited = _DELIMITED.fullmatch(key)
    pattern, flags = (delimited["pattern"], delimited["flags"]) if delimited else (key, "" if case_sensitive else "i")
    if len(pattern) > MAX_PATTERN or re.search(r"\d{4,}\s*[,}]", pattern):  # a{99999} is slow to compile already
        return None
    wanted = regex.IGNORECASE if "i" in flags else 0
    wanted |= (regex.MULTILINE if "m" in flags else 0) | (regex.DOTALL if "s" in flags else 0)
    try:
        return regex.compile(pattern, wanted)
    except regex.error:
        return None


def mentions(key: str, text: str, *, case_sensitive: bool, whole_words: bool) -> bool:
    """Whether the text holds the key; as a word of its own where `whole_words` and the key's script parts words."""
    key = key.strip()
    if not key:
        return False
    if not case_sensitive:
        key, text = key.casefold(), _folded(text)
    if not whole_words or key not in text:
        return key in text
    return any(_stands_alone(text, found.start(), found.end()) for found in re.finditer(re.escape(key), text))


@lru_cache(maxsize=16)
def _folded(text: str) -> str:
    """Folded once for all the keys that are looked for in it."""
    return text.casefold()


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (_joins(before, text[start]) or _joins(after, text[end - 1]))


def _joins(outside: str, inside: str) -> bool:
    """Whether two neighbours belong to one word. Scripts from Thai on (U+0E00) mostly write no blanks, so there they do not."""
    return bool(outside) and _in_word(outside) and _in_word(inside)


def _in_word(letter: str) -> bool:
    return (letter.isalnum() or letter == "_") and letter < "\u0e00"
