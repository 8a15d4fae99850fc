"""Which messages share rare words with a question? BM25 over marks: words as 32 bits, of which nobody reads the word.

The marks of all messages lie one after the other. A short past is looked through whole, which costs less than to keep an
inverted index of it; of a long one most marks are sorted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memory.recall.columns import Column

Floats = NDArray[np.float32]
Numbers = NDArray[np.integer[Any]]
Marks = NDArray[np.uint32]

# BM25's usual constants (Robertson and Zaragoza 2009); chat lines are short, so length counts less than in documents.
K1, B = 1.2, 0.4
MOST = 255  # times that a word is counted in one message
SORTED_ABOVE = 8_192  # marks: so many are compared with 12 words in 0.03 ms


def marks_of(terms: Sequence[str], salt: bytes = b"") -> Marks:
    """One mark a word. Under another salt, of 64 bytes at most, a word has another mark."""
    found = [blake2b(term.encode(), digest_size=4, key=salt).digest() for term in terms]
    return np.frombuffer(b"".join(found), "<u4")


@dataclass(frozen=True, slots=True)
class Found:
    """Where some words stand: for each place of each of them the word's number, the message's place and how often.

    `rarities` is BM25's weight of each word, found or not: much where few messages have it.
    """

    rarities: Floats
    words: Numbers
    places: Numbers
    counts: Numbers


class Lexicon:
    """Words of the messages of one vault, by place."""

    def __init__(self, salt: bytes = b"") -> None:
        self._salt = salt
        self._marks, self._counts, self._places = Column(np.uint32), Column(np.uint8), Column(np.int32)
        self._lengths = Column(np.float32)
        self._total = 0.0
        self._sorted: tuple[Marks, Numbers] | None = None  # the first marks in their order, and where each lay

    @property
    def lengths(self) -> Floats:
        return self._lengths.rows

    @property
    def mean(self) -> float:
        return self._total / max(1, len(self.lengths)) or 1.0

    def add(self, marks: Marks, counts: Numbers, different: Numbers, lengths: Numbers) -> None:
        """The next messages: how many different words each has, and how many in all; marks and counts of the different ones."""
        start = len(self.lengths)
        places = np.arange(start, start + len(lengths), dtype=np.int32)
        self._places.extend(np.repeat(places, different))
        self._marks.extend(marks)
        self._counts.extend(counts)
        self._lengths.extend(lengths)
        self._total += float(lengths.sum())

    def put_in(self, order: NDArray[np.int64]) -> None:
        """The messages in another order."""
        to = np.empty(len(order), np.int32)
        to[order] = np.arange(len(order), dtype=np.int32)
        self._lengths.put_in(order)
        places = to[self._places.rows]
        self._places = Column(np.int32)
        self._places.extend(places)

    def find(self, terms: Sequence[str]) -> Found:
        """Of each of the words where it stands."""
        asked = marks_of(terms, self._salt)
        words, at = self._look_up(asked)
        have = np.bincount(words, minlength=len(asked))
        rarities = np.log1p((len(self.lengths) - have + 0.5) / (have + 0.5)).astype(np.float32)
        return Found(rarities, words, self._places.rows[at], self._counts.rows[at])

    def scores(self, found: Found) -> Floats:
        """BM25 of each message."""
        norms = self.lengths[found.places] * np.float32(K1 * B / self.mean) + np.float32(K1 * (1 - B))
        shares = found.rarities[found.words] * found.counts * np.float32(K1 + 1) / (found.counts + norms)
        return np.bincount(found.places, shares, len(self.lengths)).astype(np.float32)

    def where(self, found: Found) -> NDArray[np.bool_]:
        """For each of the words a row: whether each message has it."""
        there = np.zeros((len(found.rarities), len(self.lengths)), np.bool_)
        there[found.words, found.places] = True
        return there

    def _look_up(self, asked: Marks) -> tuple[Numbers, Numbers]:
        """For each place of each of the words the word's number, and where its mark lies; a message's words in their order."""
        marks = self._marks.rows
        if len(marks) <= SORTED_ABOVE:
            return _compared(asked, marks)
        if self._sorted is None or len(marks) > len(self._sorted[0]) + SORTED_ABOVE:
            at = np.argsort(marks, kind="stable")
            self._sorted = marks[at], at
        known, order = self._sorted
        ends = np.searchsorted(known, asked, "right")
        spans = [order[start:end] for start, end in zip(np.searchsorted(known, asked), ends, strict=True)]
        words, late = _compared(asked, marks[len(known) :])
        of_spans = np.repeat(np.arange(len(asked)), [len(span) for span in spans])
        return np.concatenate([of_spans, words]), np.concatenate([*spans, late + len(known)])


def _compared(asked: Marks, marks: Marks) -> tuple[Numbers, Numbers]:
    found = np.flatnonzero(asked[:, None] == marks)
    if not len(found):
        return found, found
    words, at = np.divmod(found, len(marks))
    return words, at
