"""Which hits only repeat what is asked? A question asked before, and what was answered to it, tell nothing about the matter.

Whoever asks the same thing three times would otherwise be shown three questions and three answers, and not what was told.
"""

from collections.abc import Mapping, Sequence

from memory.recall.search import Hit
from memory.recall.shelf import Shelf
from memory.recall.speakers import PERSONA
from memory.recall.words import Words

ALIKE = 0.75  # of the words that carry meaning, by Jaccard
SPARE = 4  # times as many hits are looked at where the best ones are echoes


def asks_the_same(question: str, text: str) -> bool:
    """Whether the text is that question in about the same words."""
    if "?" not in text:
        return False
    asked, said = Words(question), Words(text)
    wanted, there = set(asked.terms), set(said.terms)
    if not wanted or not there:
        return asked.listed == said.listed
    return len(wanted & there) >= ALIKE * len(wanted | there)


def without_echoes(question: str, shelf: Shelf, hits: Sequence[Hit], texts: Mapping[str, str]) -> list[Hit]:
    """The hits that are neither that question, asked before, nor what the persona answered to it."""
    same = {hit.place for hit in hits if asks_the_same(question, texts.get(hit.message_id, ""))}
    answers = shelf.said_by(PERSONA)

    def echo(hit: Hit) -> bool:
        earlier, _ = shelf.layout.near(hit.place)
        return hit.place in same or bool(answers[hit.place] and earlier and earlier[0] in same)

    return [hit for hit in hits if not echo(hit)]
