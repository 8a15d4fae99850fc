"""What of the hits is told? Each thing once, a short answer with the question that it answers, no more than fits."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from memory.recall import nature
from memory.recall.search import Hit
from memory.recall.shelf import Shelf

CHARACTERS_A_TOKEN = 4  # of English, as tokenizers of today cut it
SHORT = 8  # words that carry meaning: an answer of fewer is not understood without what was asked


LONGEST = 800  # characters of one message
OVERHEAD = 8  # tokens around each: who, when


class Told(Protocol):
    @property
    def text(self) -> str: ...


T = TypeVar("T", bound=Told)


def with_questions(shelf: Shelf, hits: Sequence[Hit]) -> list[Hit]:
    """The hits, and before each short one the question that it answers."""
    found: dict[str, Hit] = {}
    for hit in hits:
        earlier, _ = shelf.layout.near(hit.place)
        if earlier and shelf.lexicon.lengths[hit.place] < SHORT and shelf.natures[earlier[0], nature.ENDS_ASKING]:
            asked = Hit(shelf.id_at(earlier[0]), hit.score, earlier[0])
            found.setdefault(asked.message_id, asked)
        found.setdefault(hit.message_id, hit)
    return list(found.values())


def within(memories: Iterable[T], tokens: int, cut: Callable[[T, str], T]) -> list[T]:
    """The first that fit, cut where they are long; of what was said twice the first."""
    heard: set[str] = set()
    fitting = []
    for memory in memories:
        words = re.sub(r"\W+", " ", memory.text.casefold()).strip()
        if words in heard:
            continue
        heard.add(words)
        long = len(memory.text) > LONGEST
        text = memory.text[:LONGEST].rsplit(" ", 1)[0] + " …" if long else memory.text
        tokens -= len(text) // CHARACTERS_A_TOKEN + OVERHEAD
        if tokens < 0:
            break
        fitting.append(cut(memory, text) if long else memory)
    return fitting
