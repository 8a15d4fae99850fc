"""Which stories are about something? By the stems of their words, so that "robots" finds "robotic"."""

import math
import re
from functools import cache
from typing import Any

from memory.models import Story

_WORD = re.compile(r"\w+")
# Words of a question rather than of its subject.
_SMALL = frozenset({
    "a", "about", "an", "and", "any", "are", "at", "by", "did", "do", "for", "from", "has", "have", "in", "is",
    "it", "latest", "me", "my", "new", "news", "of", "on", "or", "our", "recent", "story", "stories", "that", "the",
    "their", "there", "these", "they", "this", "to", "today", "was", "what", "which", "who", "with", "you", "your",
    "am", "auf", "aus", "bei", "das", "dem", "den", "der", "des", "die", "ein", "eine", "einem", "einen", "einer",
    "für", "im", "ist", "mit", "oder", "über", "um", "und", "von", "zu", "zum", "zur"
})  # fmt: skip


@cache
def _stemmers() -> tuple[Any, ...]:
    import snowballstemmer

    return tuple(snowballstemmer.stemmer(language) for language in ("english", "german"))


def _stems(text: str) -> set[str]:
    words = [word for word in _WORD.findall(text.casefold()) if word not in _SMALL]
    return {stem for stemmer in _stemmers() for stem in stemmer.stemWords(words)}


def _wanted(about: str) -> list[set[str]]:
    """The stems of each word looked for; a word fits by any of its stems."""
    words = dict.fromkeys(word for word in _WORD.findall(about.casefold()) if word not in _SMALL)
    return [{stemmer.stemWord(word) for stemmer in _stemmers()} for word in words]


def about(words: str, stories: list[Story]) -> list[Story]:
    """Those that hold the words, in their order: all of one or two words, two thirds of more. None asked for: all."""
    wanted = _wanted(words)
    if not wanted:
        return stories
    enough = math.ceil(len(wanted) * 2 / 3)
    phrase = words.casefold().strip()
    found = []
    for story in stories:
        text = f"{story.title}\n{story.summary}"
        stems = _stems(text)
        # Scripts without blanks between words have no stems to compare: there the phrase itself is looked for.
        spelled = not phrase.isascii() and phrase in text.casefold()
        if spelled or sum(bool(word & stems) for word in wanted) >= enough:
            found.append(story)
    return found
