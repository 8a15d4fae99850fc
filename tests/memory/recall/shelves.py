"""A shelf with what two said to each other, and what it answers."""

from datetime import UTC, datetime, timedelta

import numpy as np

from memory.embedding import hashing_embedder
from memory.packing import packed
from memory.recall.entries import Spoken
from memory.recall.fusion import ALL, Parts
from memory.recall.search import search
from memory.recall.shelf import Shelf
from memory.recall.speakers import Names, as_said

EMBEDDER = hashing_embedder()
TWO = Names("Ada", "Nova")
MONDAY = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)


def vector_of(text: str) -> np.ndarray:
    return np.asarray(EMBEDDER.embed_now([text])[0])


def spoken(at: int, text: str, author: str = "fan", *, minutes: int | None = None, talk: str = "talk") -> Spoken:
    said = MONDAY + timedelta(minutes=at if minutes is None else minutes)
    return Spoken(f"{at:05}", author, text, said, talk, packed(vector_of(text)))


def shelf_of(*texts: str) -> Shelf:
    """A fan and a persona who take turns, the fan first."""
    shelf = Shelf()
    shelf.add([spoken(at, text, ("fan", "persona")[at % 2]) for at, text in enumerate(texts)])
    return shelf


def asked(shelf: Shelf, question: str, *, limit: int = 10, parts: Parts = ALL, names: Names = TWO) -> list[str]:
    vector = vector_of(as_said(question, names))
    hits = search(shelf, question, vector, limit, names=names, at=MONDAY + timedelta(days=30), floor=0, parts=parts)
    return [hit.message_id for hit in hits]
