"""How much does each sign count? A sum of what words, meaning, neighbours, speakers, answers and times say of a message.

The weights are few and learned (bench/recall_training, listwise logistic regression) on conversations that were written
for Gator; each is explained in weights.toml. A sign that is absent says 0, so words alone still rank what has no vector.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memory.recall import nature
from memory.recall.asked import Anchor, Asked
from memory.recall.lexicon import Found
from memory.recall.shelf import Shelf
from memory.recall.times import Days

Floats = NDArray[np.float32]
ALONE = "words_alone"
FORGIVEN_DAYS = 21.0  # a message so far from the days asked for counts a third


@dataclass(frozen=True, slots=True)
class Parts:
    """Which signs are looked at; all, but in the bench."""

    words: bool = True
    meaning: bool = True
    neighbours: bool = True
    sittings: bool = True
    speakers: bool = True
    nature: bool = True
    answers: bool = True
    times: bool = True


ALL = Parts()
NAMES_OF_PARTS = tuple(field.name for field in fields(Parts))


@cache
def weights(*, alone: bool = False) -> dict[str, float]:
    """What each sign counts; `alone` where words must do without meaning."""
    table = tomllib.loads(Path(__file__).with_name("weights.toml").read_text(encoding="utf-8"))
    instead = table.pop(ALONE)
    return {name: float(weight) for part in table.values() for name, weight in part.items()} | (
        instead if alone else {}
    )


_NAMES = tuple(weights())
_OF_NATURE = ("asks", "ends_asking", "of_self", "durations", "names")  # in weights.toml as in the rows of a nature
_NUMBER = {name: number for number, name in enumerate(_NAMES)}


@cache
def _in_a_row(*, alone: bool) -> Floats:
    """The weights in the order of the signs."""
    by_name = weights(alone=alone)
    return np.array([by_name[name] for name in _NAMES], np.float32)


class Signs(Mapping[str, Floats]):
    """Each sign's value for each message, by place: a row a sign, 0 where it is absent."""

    def __init__(self, count: int) -> None:
        self.rows: Floats = np.zeros((len(_NAMES), count), np.float32)
        self._there: dict[str, None] = {}

    def __setitem__(self, name: str, values: NDArray[Any] | np.float32) -> None:
        self.rows[_NUMBER[name]] = values
        self._there[name] = None

    def put(self, names: Sequence[str], rows: Floats) -> None:
        """Several at once, which follow each other."""
        first = _NUMBER[names[0]]
        self.rows[first : first + len(names)] = rows
        self._there |= dict.fromkeys(names)

    def __getitem__(self, name: str) -> Floats:
        if name not in self._there:
            raise KeyError(name)
        row: Floats = self.rows[_NUMBER[name]]
        return row

    def __iter__(self) -> Iterator[str]:
        return iter(self._there)

    def __len__(self) -> int:
        return len(self._there)


@dataclass(frozen=True, slots=True)
class Words:
    """Some words of a question, looked up in the shelf's lexicon. `rarity` is that of all of them, found or not."""

    terms: list[str]
    found: Found
    rarity: float
    bm25: Floats


def look_up(shelf: Shelf, terms: list[str]) -> Words:
    found = shelf.lexicon.find(terms)
    return Words(terms, found, float(found.rarities.sum()), shelf.lexicon.scores(found))


def signs(shelf: Shelf, asked: Asked, cosines: Floats | None, parts: Parts = ALL, words: Words | None = None) -> Signs:
    """Each sign's value for each message. `words` are the question's, where they were looked up already."""
    layout, found = shelf.layout, Signs(len(shelf))
    words = words or look_up(shelf, asked.terms)
    bm25 = words.bm25 * np.float32(1 / 4)
    means = cosines * np.float32(5) if cosines is not None and parts.meaning else None
    if parts.words:
        found["words"] = bm25
        found["words_share"] = bm25 * np.float32(1 / max(float(bm25.max(initial=0)), 1e-6))
    if means is not None:
        found["meaning"] = means
    if parts.neighbours:
        _beside(found, shelf, words, asked.names, bm25 if parts.words else None, means)
    if parts.sittings and parts.words:
        found["sitting_words"] = layout.best_other(bm25)
    if parts.sittings and means is not None:
        found["sitting_meaning"] = layout.best_other(means)
    if parts.speakers:
        _speakers(found, shelf, asked)
    if parts.nature:
        _nature(found, shelf)
    if parts.answers:
        _answers(found, shelf, asked)
    if parts.times and (days := asked.days or anchored(shelf, asked.anchor)):
        found["days"] = _fits(shelf, days)
    return found


def add_up(found: Signs) -> Floats:
    """One score for each message."""
    total: Floats = _in_a_row(alone="meaning" not in found) @ found.rows
    # What is alike in all signs may differ in the last digit, by where it lies.
    return total.round(5)


def _beside(
    found: Signs, shelf: Shelf, words: Words, names: list[str], bm25: Floats | None, means: Floats | None
) -> None:
    layout = shelf.layout
    after_question = layout.beside(shelf.natures[:, nature.ENDS_ASKING], -1)
    found["after_question"] = after_question
    if bm25 is not None:
        found["words_before"], found["words_two_before"] = layout.beside(bm25, -1), layout.beside(bm25, -2)
        _around(found, shelf, words, names)
    if means is not None:
        found["meaning_before"] = before = layout.beside(means, -1)
        found["meaning_after"] = layout.beside(means, 1)
        found["meaning_of_question_before"] = before * after_question


def _around(found: Signs, shelf: Shelf, words: Words, names: list[str]) -> None:
    """How many of the question's words and names, rare ones counting more, stand in the message or near it."""
    there, rarities = shelf.lexicon.where(words.found), words.found.rarities
    near = rarities @ shelf.layout.around(there, 1).astype(np.float32)
    found["words_around"] = near * np.float32(2 / words.rarity if words.rarity else 0.25)
    found["names_around"] = np.float32(0)
    if rows := [words.terms.index(name) for name in names if name in words.terms]:
        near = rarities[rows] @ shelf.layout.around(there[rows], 2).astype(np.float32)
        found["names_around"] = near * np.float32(0.25)


def _speakers(found: Signs, shelf: Shelf, asked: Asked) -> None:
    if asked.meant.only:
        found["speaker"] = own = shelf.said_by(asked.meant.only)
        found["speaker_of_self"] = own * shelf.natures[:, nature.OF_SELF]
    elif asked.meant.first:
        found["first_speaker"] = own = shelf.said_by(asked.meant.first)
        if asked.told:
            found["first_speaker_told"] = own


def _nature(found: Signs, shelf: Shelf) -> None:
    rows = shelf.natures
    found["length"] = np.log1p(shelf.lexicon.lengths) - np.float32(np.log1p(shelf.lexicon.mean))
    found.put(_OF_NATURE, rows[:, : len(_OF_NATURE)].T)


def _answers(found: Signs, shelf: Shelf, asked: Asked) -> None:
    rows = shelf.natures
    if asked.when:
        found["when_times"] = rows[:, nature.TIMES]
    if asked.how_many:
        found["how_many_numbers"] = rows[:, nature.NUMBERS]
    if asked.who:
        found["who_names"] = rows[:, nature.NAMES]
    if asked.where:
        found["where_names"] = rows[:, nature.NAMES]
    if asked.told:
        found["told_advises"] = rows[:, nature.ADVISES]
        found["told_of_self"] = rows[:, nature.OF_SELF]


def anchored(shelf: Shelf, anchor: Anchor | None) -> Days | None:
    """Days told from what the messages say of something else, best from one that tells its day."""
    if anchor is None:
        return None
    tells = look_up(shelf, anchor.terms).bm25 * (1 + (shelf.happened[:, 0] != shelf.said_on))
    at = int(tells.argmax())
    if tells[at] <= 0:
        return None
    first, last = shelf.happened[at].tolist()
    return Days(first + anchor.first, last + anchor.last)


def _fits(shelf: Shelf, days: Days) -> Floats:
    """1 for what was said, or happened, in those days, less the farther it is from them."""
    first, last = shelf.happened.T
    apart = np.maximum(np.maximum(days.first - last, first - days.last), 0)
    said = shelf.said_on
    apart = np.minimum(apart, np.maximum(np.maximum(days.first - said, said - days.last), 0))
    near: Floats = np.exp(-apart / FORGIVEN_DAYS).astype(np.float32)
    return near
