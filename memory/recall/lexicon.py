"""Which messages share rare words with a question? BM25 over an inverted index."""

import math
from array import array
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from memory.recall.columns import Column

Floats = NDArray[np.float32]

# BM25's usual constants (Robertson and Zaragoza 2009); chat lines are short, so length counts less than in documents.
K1, B = 1.2, 0.4


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

    def add(self, terms: list[str]) -> None:
        place = len(self.lengths)
        for term, count in Counter(terms).items():
            places, counts = self._postings.setdefault(term, (array("I"), array("H")))
            places.append(place)
            counts.append(min(count, 65_535))
        self._lengths.extend([len(terms)])
        self._total += len(terms)

    def __contains__(self, term: str) -> bool:
        return term in self._postings

    def rarity(self, term: str) -> float:
        """BM25's weight of a word: much where few messages have it."""
        have = len(self._postings[term][0]) if term in self._postings else 0
        return math.log(1 + (len(self.lengths) - have + 0.5) / (have + 0.5))

    def where(self, term: str) -> Floats:
        """1 for each message that has the word."""
        found = np.zeros(len(self.lengths), np.float32)
        if term in self._postings:
            found[_view(self._postings[term][0])] = 1
        return found

    def scores(self, terms: Iterable[str]) -> Floats:
        """BM25 of each message."""
        scores = np.zeros(len(self.lengths), np.float32)
        for term in terms:
            if term not in self._postings:
                continue
            places, counts = (_view(one) for one in self._postings[term])
            norm = K1 * (1 - B + B * self.lengths[places] / self.mean)
            scores[places] += self.rarity(term) * counts * (K1 + 1) / (counts + norm)
        return scores


def _view(numbers: "array[int]") -> NDArray[np.integer]:
    # A copy of a few hundred bytes: an array that is looked at cannot grow.
    return np.frombuffer(numbers.tobytes(), numbers.typecode)
