"""Which words of a text carry its meaning? Stemmed, without those that everybody says all the time."""

import re
from functools import lru_cache

_WORD = re.compile(r"\w+")
_POSSESSIVE = re.compile(r"['’]s\b")

# Words that say nothing about what was said.
_STOP = """
a an and are as at be been being but by can could did do does for from had has have he her him his how i if in is it its
me my no not of oh on or our she so than that the their them then there they this to too us very was we were what when
where which who whom whose why will with would yes you your tell told say said know remember remind about again ever any
some just really d ll m re s t ve don didn doesn isn wasn ha
ich du er sie es wir ihr der die das ein eine und oder ist war sind mein meine dein deine was wie wo wer wann
"""
STOP = frozenset(_STOP.split())


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    from snowballstemmer import stemmer

    return str(stemmer("english").stemWord(word))


def terms(text: str) -> list[str]:
    """The stemmed words that carry meaning."""
    words = _WORD.findall(_POSSESSIVE.sub("", text.casefold()))
    return [_stem(word) for word in words if word not in STOP]
