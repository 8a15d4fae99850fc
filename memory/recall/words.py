"""Which words of a text carry its meaning? Stemmed, without those that everybody says all the time."""

import re
from functools import lru_cache

_WORD = re.compile(r"\w+")
_NUMERAL = re.compile(r"\d\w*")

# Words that say nothing about what was said.
_STOP = """
a an and are as at be been being but by can could did do does for from had has have he her him his how i if in is it its
me my no not of oh on or our she so than that the their them then there they this to too us very was we were what when
where which who whom whose why will with would yes you your tell told say said know remember remind about again ever any
some just really d ll m re s t ve don didn doesn isn wasn ha
ich du er sie es wir ihr der die das ein eine und oder ist war sind mein meine dein deine was wie wo wer wann
"""
STOP = frozenset(_STOP.split())


class Words:
    """A text and its words, found once for all who read it: a look into a set costs a hundredth of a search."""

    __slots__ = ("as_written", "bag", "folded", "listed", "numerals", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = text.casefold()
        self.as_written: list[str] = _WORD.findall(text)
        # Folded, some letters of other alphabets are two, of which one is no part of a word.
        self.listed = " ".join(self.as_written).casefold().split() if text.isascii() else _WORD.findall(self.folded)
        self.bag = frozenset(self.listed)
        self.numerals = [
            one for one in _NUMERAL.findall(self.folded) if one in self.bag
        ]  # words that begin with a digit

    @property
    def terms(self) -> list[str]:
        """The stemmed words that carry meaning."""
        return [_stem(word) for word in self.listed if word not in STOP]

    def holds(self, ending: str) -> bool:
        """Whether a word ends so, and is longer than that."""
        return ending in self.folded and any(word.endswith(ending) and len(word) > len(ending) for word in self.bag)


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    from snowballstemmer import stemmer

    return word if word.isdecimal() else str(stemmer("english").stemWord(word))


def terms(text: str) -> list[str]:
    """The stemmed words that carry meaning."""
    return Words(text).terms
