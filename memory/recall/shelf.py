"""What one vault keeps in memory between turns: of each message its words, its vector and its nature, never its text.

It holds what was said in one vault only and is no way to it: `memory.vault` reads each text through its own key.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from memory.recall import fusion
from memory.recall.asked import Asked, understand
from memory.recall.columns import Column
from memory.recall.fusion import ALL, Parts
from memory.recall.lexicon import Lexicon
from memory.recall.nature import WIDTH, nature
from memory.recall.neighbours import Layout
from memory.recall.speakers import PERSONA, Names
from memory.recall.then import asks_for_a_time, of_that_time
from memory.recall.times import days_of
from memory.recall.vectors import Vectors
from memory.recall.words import Words

Floats = NDArray[np.float32]

# What a perfect match of words adds to a cosine when it is asked whether anything fits at all.
LEXICAL = 0.4
# Below this nothing was said of it: unrelated sentences of MiniLM have cosines around 0.0-0.2.
FLOOR = 0.25


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message as it comes to the shelf."""

    message_id: str
    author: str  # fan or persona
    text: str
    at: datetime
    talk: str  # its conversation
    vector: bytes | None  # as its row keeps it; None while it has none of this shelf's embedder


@dataclass(frozen=True, slots=True)
class Hit:
    message_id: str
    score: float
    place: int


class Shelf:
    """The index of one vault. What SQL no longer has is never read, so nothing needs to be taken out."""

    def __init__(self) -> None:
        self.newest = ""  # id of the newest row taken in
        self.ids: list[str] = []
        self.lexicon = Lexicon()
        self._vectors = Vectors()
        self._natures = Column(np.float32, WIDTH)
        self._persona = Column(np.bool_)
        self._at = Column(np.float64)
        self._happened = Column(np.int32, 2)
        self._talks = Column(np.int32)
        self._talk_numbers: dict[str, int] = {}
        self._places: dict[str, int] = {}
        self._sorted = True
        self._layout: Layout | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, messages: Sequence[Spoken]) -> None:
        """Take in messages, new ones or such as have their vector only now."""
        fresh: dict[str, Spoken] = {}
        for one in messages:
            if one.message_id in self._places:
                if one.vector:
                    self._vectors.put(self._places[one.message_id], one.vector)
            elif one.vector or one.message_id not in fresh:
                fresh[one.message_id] = one
        if fresh:
            self._take_in(list(fresh.values()))

    def _take_in(self, messages: list[Spoken]) -> None:
        words = [Words(one.text) for one in messages]
        for one in messages:
            self._sorted = self._sorted and (not self.ids or self.ids[-1] < one.message_id)
            self._places[one.message_id] = len(self.ids)
            self.ids.append(one.message_id)
        self.lexicon.add([said.terms for said in words])
        self._vectors.add([one.vector for one in messages])
        self._natures.extend([nature(said) for said in words])
        self._persona.extend([one.author == PERSONA for one in messages])
        self._at.extend([one.at.timestamp() for one in messages])
        self._happened.extend([_happened(said, one.at) for one, said in zip(messages, words, strict=True)])
        numbers = self._talk_numbers
        self._talks.extend([numbers.setdefault(one.talk, len(numbers)) for one in messages])
        self._layout = None

    @property
    def layout(self) -> Layout:
        if self._layout is None:
            self._layout = Layout(self.ids, self._talks.rows, self._at.rows, sorted_=self._sorted)
        return self._layout

    @property
    def natures(self) -> Floats:
        return self._natures.rows

    @property
    def moments(self) -> NDArray[np.float64]:
        """When each message was said, in seconds since 1970."""
        return self._at.rows

    @property
    def said_on(self) -> NDArray[np.float64]:
        """The day on which each message was said, as `date.toordinal` counts."""
        return np.floor(self._at.rows / 86_400) + _EPOCH

    @property
    def happened(self) -> NDArray[np.int32]:
        """The first and last day of what each message tells."""
        return self._happened.rows

    def said_by(self, author: str) -> Floats:
        """1 for each message of that author."""
        theirs: Floats = (self._persona.rows == (author == PERSONA)).astype(np.float32)
        return theirs

    def search(
        self,
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
        """The best of the messages before that one, best first; none that has less to do with it than `floor`."""
        if not self.ids or limit < 1:
            return []
        asked = understand(question, names, at)
        if floor > 0 and at and (hits := self._of_that_time(question, asked, at, limit, before)) is not None:
            return hits
        cosines = self.cosines(vector) if vector is not None and parts.meaning else None
        words = fusion.look_up(self, asked.terms)
        scores = fusion.add_up(fusion.signs(self, asked, cosines, parts, words), len(self))
        scores[~self._wanted(words, cosines, before, floor)] = -np.inf
        return self._best(scores, limit)

    def _of_that_time(
        self, question: str, asked: Asked, at: datetime, limit: int, before: str | None
    ) -> list[Hit] | None:
        """What was said in the time that the question names, where it asks for nothing else; None where it does."""
        then = asks_for_a_time(question, at)
        scores = of_that_time(self, asked, then, at) if then else None
        if then is None or scores is None:
            return None
        scores[scores < 0] = -np.inf
        if before:
            scores[self._since(before)] = -np.inf
        hits = self._best(scores, limit)
        return hits if hits or then.only_said else None

    def _best(self, scores: Floats, limit: int) -> list[Hit]:
        """The best of those that have a score, best first."""
        wanted = np.flatnonzero(np.isfinite(scores))
        if len(wanted) > limit:
            wanted = wanted[scores[wanted] >= np.partition(scores[wanted], -limit)[-limit]]
        ranked = sorted(((float(scores[at]), self.ids[at], int(at)) for at in wanted), reverse=True)
        return [Hit(id, round(score, 4), place) for score, id, place in ranked[:limit]]

    def cosines(self, vector: Floats) -> Floats | None:
        """How near each message is to that vector; None where there is nothing to compare it with."""
        return self._vectors.cosines(vector)

    def _wanted(
        self, words: fusion.Words, cosines: Floats | None, before: str | None, floor: float
    ) -> NDArray[np.bool_]:
        """Which messages have to do with it at all, and lie before that one."""
        if floor > 0:
            evidence = LEXICAL * np.minimum(words.bm25 / np.float32(words.rarity or 1.0), 1)
            wanted = evidence + (cosines if cosines is not None else 0) >= floor
        else:
            wanted = np.ones(len(self), bool)
        if before:
            wanted[self._since(before)] = False
        return np.asarray(wanted)

    def _since(self, before: str) -> "slice | list[int]":
        """Places of that message and of those after it."""
        if self._sorted:
            return slice(bisect_left(self.ids, before), None)
        return [place for place, id in enumerate(self.ids) if id >= before]


_EPOCH = datetime(1970, 1, 1).toordinal()  # noqa: DTZ001 (a day, not a moment)


def _happened(said: Words, at: datetime) -> tuple[int, int]:
    """The days that the message speaks of, or else the day on which it was said."""
    days = days_of(said, at)
    return (days.first, days.last) if days else (at.toordinal(), at.toordinal())
