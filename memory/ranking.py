"""Which of one fan's sentences answer a query? An exact scan of the vectors and BM25 over the words, added up.

A `Shelf` is what one vault keeps in memory between turns: vectors and an inverted index, never a text. It holds the
sentences of one fan only and is no way to them: `memory.vault` reads each text through its own key.
"""

import heapq
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memory.minilm import Floats

DIM = 384
# Above this many vectors the sign bits choose candidates first: 10,000 vectors cost 0.3 ms instead of 2.5 (bench/memory).
EXACT_UP_TO = 2_048
CANDIDATES = 256
# BM25's usual constants (Robertson and Zaragoza 2009); chat lines are short, so length counts less than in documents.
K1, B = 1.2, 0.4
# What a perfect match of words adds to a cosine: words settle names and numbers, meaning settles paraphrase.
LEXICAL = 0.4
# Below this a hit is noise: unrelated sentences of MiniLM have cosines around 0.0-0.2.
FLOOR = 0.25

# Places of words that one query reads: 0.1 ms.
LOOKED_AT = 512

# Words of a question that say nothing about what was said.
_STOP = """
a an and are as at be but by can could did do does for from had has have he her him his how i if in is it its me my
of on or our she so that the their them there they this to us was we were what when where which who whom whose why
will with would you your tell told say said know remember remind about again ever any some just really ich du er sie
es wir ihr der die das ein eine und oder ist war sind mein meine dein deine was wie wo wer wann
"""
STOP = frozenset(_STOP.split())


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    from snowballstemmer import stemmer

    return str(stemmer("english").stemWord(word))


def terms(text: str) -> list[str]:
    """The stemmed words that carry meaning."""
    return [_stem(word) for word in re.findall(r"\w+", text.casefold()) if word not in STOP]


@dataclass(frozen=True, slots=True)
class Hit:
    message_id: str
    score: float


class Shelf:
    """The index of one vault. Rows are only added; what SQL no longer has is never read, so it need not be taken out."""

    def __init__(self) -> None:
        import numpy as np

        self.newest = ""  # id of the newest row taken in
        self._ids: list[str] = []
        self._places: dict[str, int] = {}
        self._room = np.zeros((0, DIM), np.float32)
        self._room_signs = np.zeros((0, DIM // 64), np.uint64)
        self._lengths: list[int] = []
        self._total = 0
        self._postings: dict[str, list[tuple[int, int]]] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, rows: Sequence[tuple[str, bytes | None, str]]) -> None:
        """Take in (message id, vector, text), oldest first; a vector of another model comes as None."""
        fresh: dict[str, tuple[str, bytes | None, str]] = {}
        for row in rows:
            if row[0] not in self._places:
                fresh[row[0]] = row if row[1] else fresh.get(row[0], row)
            elif row[1]:  # it was there without a vector
                self._set(self._places[row[0]], [row[1]])
        rows = list(fresh.values())
        start, end = len(self._ids), len(self._ids) + len(rows)
        if end > len(self._room):
            self._grow(end + end // 4 + 8)
        self._set(start, [vector for _, vector, _ in rows])
        for message_id, _, text in rows:
            self._read(message_id, text)

    def _set(self, start: int, vectors: Sequence[bytes | None]) -> None:
        import numpy as np

        empty = b"\0" * (4 * DIM)
        joined = b"".join(vector if vector and len(vector) == 4 * DIM else empty for vector in vectors)
        fresh = np.frombuffer(joined, "<f4").reshape(-1, DIM)
        places = slice(start, start + len(vectors))
        self._room[places], self._room_signs[places] = fresh, _signs(fresh)

    def _grow(self, places: int) -> None:
        """Room for so many rows: a turn adds one, and must not copy all the others for it."""
        import numpy as np

        room, signs = np.zeros((places, DIM), np.float32), np.zeros((places, DIM // 64), np.uint64)
        room[: len(self._ids)], signs[: len(self._ids)] = self._vectors, self._signs
        self._room, self._room_signs = room, signs

    @property
    def _vectors(self) -> "Floats":
        return self._room[: len(self._ids)]

    @property
    def _signs(self) -> "Bits":
        return self._room_signs[: len(self._ids)]

    def _read(self, message_id: str, text: str) -> None:
        place = len(self._ids)
        counts = Counter(terms(text))
        for term, count in counts.items():
            self._postings.setdefault(term, []).append((place, count))
        self._ids.append(message_id)
        self._places[message_id] = place
        self._lengths.append(counts.total())
        self._total += counts.total()

    def search(self, query: str, vector: "Floats | None", limit: int, before: str | None = None) -> list[Hit]:
        """The best of the messages before that one, best first; none that is only noise."""
        if not self._ids:
            return []
        dense = self._dense(vector) if vector is not None else {}
        words = self._words(query)
        places = dense.keys() | words.keys()
        scored = ((dense.get(at, 0.0) + LEXICAL * words.get(at, 0.0), at) for at in places)
        wanted = [(score, at) for score, at in scored if score >= FLOOR and (not before or self._ids[at] < before)]
        return [Hit(self._ids[at], round(score, 4)) for score, at in heapq.nlargest(limit, wanted)]

    def _dense(self, vector: "Floats") -> dict[int, float]:
        """Cosines by place: of all, or on a long shelf of those whose sign bits agree most."""
        import numpy as np

        vector = np.asarray(vector, np.float32).reshape(DIM)
        if len(self._ids) <= CANDIDATES:
            return dict(enumerate((self._vectors @ vector).tolist()))
        if len(self._ids) <= EXACT_UP_TO:
            cosines = self._vectors @ vector
            near = np.argpartition(cosines, -CANDIDATES)[-CANDIDATES:]
            return dict(zip(near.tolist(), cosines[near].tolist(), strict=True))
        apart = np.bitwise_count(self._signs ^ _signs(vector[None])).sum(1, dtype=np.int32)
        near = np.argpartition(apart, CANDIDATES)[:CANDIDATES]
        return dict(zip(near.tolist(), (self._vectors[near] @ vector).tolist(), strict=True))

    def _words(self, query: str) -> dict[int, float]:
        """BM25 by place, as a share of what a message holding every word of the query could have.

        Rare words first: they decide. What everybody says every day costs no more than LOOKED_AT, whatever the length
        of the past; of the word that goes beyond it the latest places count.
        """
        found: dict[int, float] = {}
        mean = self._total / len(self._ids) or 1.0
        lengths, base, slope = self._lengths, K1 * (1 - B), K1 * B / mean
        most, left = 0.0, LOOKED_AT
        for postings in sorted((self._postings.get(term, []) for term in set(terms(query))), key=len):
            rarity = math.log(1 + (len(self._ids) - len(postings) + 0.5) / (len(postings) + 0.5))
            most += rarity
            looked_at = postings[-left:] if left else []
            left -= len(looked_at)
            for place, count in looked_at:
                share = count * (K1 + 1) / (count + base + slope * lengths[place])
                found[place] = found.get(place, 0.0) + (rarity * share if share < 1.0 else rarity)
        return {place: score / most for place, score in found.items()} if most else {}


def _signs(vectors: "Floats") -> "Bits":
    import numpy as np

    return np.packbits(vectors > 0, axis=1).view(np.uint64)


if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bits = NDArray[np.uint64]
