"""Which messages share rare words with a question? BM25 over an inverted index."""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memory.recall.columns import Column

Floats = NDArray[np.float32]
Numbers = NDArray[np.integer]

# BM25's usual constants (Robertson and Zaragoza 2009); chat lines are short, so length counts less than in documents.
K1, B = 1.2, 0.4
MOST = 65_535  # times that a word is counted in one message


@dataclass(frozen=True, slots=True)
class Posting:
    """Where a word stands. `rarity` is BM25's weight of it: much where few messages have it."""

    rarity: float
    places: Numbers
    counts: Numbers


class Lexicon:
    """Words of the messages of one vault, by place."""

    def __init__(self) -> None:
        self._postings: dict[str, tuple[array[int], array[int]]] = {}
        self._lengths = Column(np.float32)
        self._total = 0

    @property
    def lengths(self) -> Floats:
        return self._lengths.rows

    @property
    def mean(self) -> float:
        return self._total / max(1, len(self.lengths)) or 1.0

    def add(self, messages: Sequence[list[str]]) -> None:
        """The terms of the next messages."""
        postings, start = self._postings, len(self.lengths)
        for place, terms in enumerate(messages, start):
            for term in terms:
                known = postings.get(term)
                if known is None:
                    postings[term] = (array("I", (place,)), array("H", (1,)))
                elif known[0][-1] != place:
                    known[0].append(place)
                    known[1].append(1)
                elif known[1][-1] < MOST:
                    known[1][-1] += 1
        self._lengths.extend([len(terms) for terms in messages])
        self._total += sum(map(len, messages))

    def find(self, terms: Sequence[str]) -> list[Posting]:
        """Of each of the words where it stands."""
        count = len(self.lengths)
        return [_posting(*self._postings.get(term, _NOWHERE), count) for term in terms]

    def scores(self, found: Sequence[Posting]) -> Floats:
        """BM25 of each message."""
        scores = np.zeros(len(self.lengths), np.float32)
        norms = K1 * (1 - B + B * self.lengths / self.mean)
        for one in found:
            if len(one.places):
                scores[one.places] += one.rarity * one.counts * (K1 + 1) / (one.counts + norms[one.places])
        return scores

    def where(self, found: Sequence[Posting]) -> NDArray[np.bool_]:
        """For each of the words a row: whether each message has it."""
        there = np.zeros((len(found), len(self.lengths)), np.bool_)
        for row, one in zip(there, found, strict=True):
            row[one.places] = True
        return there


_NOWHERE: "tuple[array[int], array[int]]" = (array("I"), array("H"))


def _posting(places: "array[int]", counts: "array[int]", messages: int) -> Posting:
    have = len(places)
    rarity = math.log(1 + (messages - have + 0.5) / (have + 0.5))
    # Copies of a few hundred bytes: an array that is looked at cannot grow.
    return Posting(rarity, np.frombuffer(places.tobytes(), np.uint32), np.frombuffer(counts.tobytes(), np.uint16))
