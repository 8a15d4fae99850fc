"""Which words carry a sentence, and are two of them the same word? Light stems, good enough to find a subject again."""

import re
from functools import lru_cache

from agents.builtin.speech import phrases
from gator import prose

WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")

_ENDINGS = ("ings", "ing", "ies", "ied", "ers", "ern", "ed", "es", "en", "er", "em", "s", "e", "y", "n")
_FOLDS = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "é": "e", "è": "e", "ñ": "n", "å": "a", "ø": "o"})


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What "skating", "skates" and "skate" share."""
    word = word.lower().translate(_FOLDS).replace("’", "'").removesuffix("'s")
    before = ""
    while before != word:  # until nothing is left to take: "opening" and "open" must meet
        before = word
        ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) >= 3), "")
        word = word.removesuffix(ending)
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word.removesuffix("i")


def content(text: str) -> list[str]:
    """The words that carry a text, as written, each once."""
    found: dict[str, str] = {}
    common = phrases.words("common")
    for word in WORD.findall(text):
        bare = word.lower().translate(_FOLDS).replace("'", "").replace("’", "")
        if len(bare) > 2 and bare not in common:
            found.setdefault(stem(word), word)
    return list(found.values())


def stems(text: str) -> frozenset[str]:
    """The stems of the words that carry a text; hyphenated words also by their parts."""
    return frozenset(stem(part) for word in content(text) for part in (word, *re.split(r"[-']", word)) if len(part) > 2)


def sentences(text: str) -> list[str]:
    """The sentences of a prose text, without mark-up; its lines are none of their own."""
    return prose.sentences(" ".join(re.sub(r"[*_`#>]+", "", text).split()))
