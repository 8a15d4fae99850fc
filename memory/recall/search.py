"""Which messages of a vault answer a question? The best first; none that has less to do with it than `floor`.

Neighbours: asked (what the question asks for), fusion (what each sign counts), then (a question for a time and no more).
"""

from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from memory.recall import fusion
from memory.recall.asked import Asked, understand
from memory.recall.fusion import ALL, Parts
from memory.recall.shelf import Shelf
from memory.recall.speakers import Names
from memory.recall.then import asks_for_a_time, of_that_time

Floats = NDArray[np.float32]

# What a perfect match of words adds to a cosine when it is asked whether anything fits at all.
LEXICAL = 0.4
# Below this nothing was said of it: unrelated sentences of MiniLM have cosines around 0.0-0.2.
FLOOR = 0.25
LONG = 1_000  # messages: so many are put in order whole in 0.02 ms


class Hit(NamedTuple):
    message_id: str
    score: float
    place: int


def search(
    shelf: Shelf,
    question: str,
    vector: Floats | None = None,
    limit: int = 6,
    before: str | None = None,
    *,
    names: Names = Names(),  # noqa: B008 (frozen)
    at: datetime | None = None,
    parts: Parts = ALL,
    floor: float = FLOOR,
) -> list[Hit]:
    """The best of the messages before that one, best first."""
    if not len(shelf) or limit < 1:
        return []
    asked = understand(question, names, at)
    if floor > 0 and at and (hits := _of_that_time(shelf, question, asked, at, limit, before)) is not None:
        return hits
    cosines = shelf.cosines(vector) if vector is not None and parts.meaning else None
    words = fusion.look_up(shelf, asked.terms)
    scores = fusion.add_up(fusion.signs(shelf, asked, cosines, parts, words))
    scores[~_wanted(shelf, words, cosines, before, floor)] = -np.inf
    return _best(shelf, scores, limit)


def _of_that_time(
    shelf: Shelf, question: str, asked: Asked, at: datetime, limit: int, before: str | None
) -> list[Hit] | None:
    """What was said in the time that the question names, where it asks for nothing else; None where it does."""
    if asked.days is None and asked.anchor is None:
        return None
    then = asks_for_a_time(question, at)
    scores = of_that_time(shelf, asked, then, at) if then else None
    if then is None or scores is None:
        return None
    scores[scores < 0] = -np.inf
    if before:
        scores[shelf.since(before) :] = -np.inf
    hits = _best(shelf, scores, limit)
    return hits if hits or then.only_said else None


def _wanted(
    shelf: Shelf, words: fusion.Words, cosines: Floats | None, before: str | None, floor: float
) -> NDArray[np.bool_]:
    """Which messages have to do with it at all, and lie before that one."""
    if floor > 0:
        evidence = np.minimum(words.bm25 * np.float32(1 / (words.rarity or 1.0)), 1) * np.float32(LEXICAL)
        wanted = evidence + (cosines if cosines is not None else np.float32(0)) >= floor
    else:
        wanted = np.ones(len(shelf), bool)
    if before:
        wanted[shelf.since(before) :] = False
    return np.asarray(wanted)


def _best(shelf: Shelf, scores: Floats, limit: int) -> list[Hit]:
    """The best of those that have a score, best first; of two alike the later one."""
    last = len(scores) - 1
    if last > LONG:
        least = np.partition(scores, -limit)[-limit] if limit <= last else -np.inf
        near = np.flatnonzero(scores >= least)[::-1]
        places = near[np.argsort(-scores[near], kind="stable")[:limit]]
    else:
        places = last - np.argsort(-scores[::-1], kind="stable")[:limit]
    places = places[scores[places] > -np.inf]
    return [
        Hit(id, round(score, 4), place)
        for id, score, place in zip(shelf.ids_at(places), scores[places].tolist(), places.tolist(), strict=True)
    ]
