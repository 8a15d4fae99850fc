"""What of the hits is told? Each thing once, a short answer with the question that it answers, no more than fits."""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from memory.recall import nature
from memory.recall.shelf import Hit, Shelf

CHARACTERS_A_TOKEN = 4  # of English, as tokenizers of today cut it
SHORT = 8  # words that carry meaning: an answer of fewer is not understood without what was asked


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
            asked = Hit(shelf.ids[earlier[0]], hit.score, earlier[0])
            found.setdefault(asked.message_id, asked)
        found.setdefault(hit.message_id, hit)
    return list(found.values())


def within(memories: Iterable[T], tokens: int) -> list[T]:
    """Those that fit, in their order; of what was said twice the first."""
    left, heard, fitting = tokens * CHARACTERS_A_TOKEN, set[str](), []
    for memory in memories:
        words = re.sub(r"\W+", " ", memory.text.casefold()).strip()
        if words in heard or len(memory.text) > left:
            continue
        heard.add(words)
        left -= len(memory.text)
        fitting.append(memory)
    return fitting
