"""How much does each sign count? A sum of what words, meaning, neighbours, speakers, answers and times say of a message.

The weights are few and learned (bench/recall_training, listwise logistic regression) on conversations that were written
for Gator; each is explained in weights.toml. A sign that is absent says 0, so words alone still rank what has no vector.
"""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from memory.recall import nature
from memory.recall.asked import Anchor, Asked
from memory.recall.lexicon import Posting
from memory.recall.times import Days

if TYPE_CHECKING:
    from memory.recall.shelf import Shelf

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


@dataclass(frozen=True, slots=True)
class Words:
    """Some words of a question, looked up in the shelf's lexicon. `rarity` is that of all of them, found or not."""

    postings: list[Posting]
    rarity: float
    bm25: Floats


def look_up(shelf: "Shelf", terms: list[str]) -> Words:
    found = shelf.lexicon.find(terms)
    return Words(found, sum(one.rarity for one in found), shelf.lexicon.scores(found))


def signs(
    shelf: "Shelf", asked: Asked, cosines: Floats | None, parts: Parts = ALL, words: Words | None = None
) -> dict[str, Floats]:
    """Each sign's value for each message, by place. `words` are the question's, where they were looked up already."""
    layout = shelf.layout
    found: dict[str, Floats] = {}
    words = words or look_up(shelf, asked.terms)
    bm25 = words.bm25 * np.float32(1 / 4)
    means = cosines * np.float32(5) if cosines is not None and parts.meaning else None
    if parts.words:
        found |= {"words": bm25, "words_share": bm25 / np.float32(max(float(bm25.max(initial=0)), 1e-6))}
    if means is not None:
        found["meaning"] = means
    if parts.neighbours:
        found |= _beside(shelf, words, asked.names, bm25 if parts.words else None, means)
    if parts.sittings:
        found |= {"sitting_words": layout.best_other(bm25)} if parts.words else {}
        found |= {"sitting_meaning": layout.best_other(means)} if means is not None else {}
    if parts.speakers:
        found |= _speakers(shelf, asked)
    if parts.nature:
        found |= _nature(shelf)
    if parts.answers:
        found |= _answers(shelf, asked)
    if parts.times and (days := asked.days or anchored(shelf, asked.anchor)):
        found["days"] = _fits(shelf, days)
    return found


def add_up(found: dict[str, Floats], count: int) -> Floats:
    """One score for each message."""
    total = np.zeros(count, np.float32)
    by_name = weights(alone="meaning" not in found)
    for name, values in found.items():
        total += np.float32(by_name[name]) * values
    return total


def _beside(
    shelf: "Shelf", words: Words, names: list[str], bm25: Floats | None, means: Floats | None
) -> dict[str, Floats]:
    layout, found = shelf.layout, dict[str, Floats]()
    after_question = layout.beside(shelf.natures[:, nature.ENDS_ASKING], -1)
    if bm25 is not None:
        found |= {"words_before": layout.beside(bm25, -1), "words_two_before": layout.beside(bm25, -2)}
        found |= _around(shelf, words, look_up(shelf, names))
    if means is not None:
        before = layout.beside(means, -1)
        found |= {"meaning_before": before, "meaning_after": layout.beside(means, 1)}
        found["meaning_of_question_before"] = before * after_question
    found["after_question"] = after_question
    return found


def _around(shelf: "Shelf", words: Words, names: Words) -> dict[str, Floats]:
    """How many of the question's words and names, rare ones counting more, stand in the message or near it."""
    near = _near(shelf, words, 1) * np.float32(2 / words.rarity if words.rarity else 0.25)
    return {"words_around": near, "names_around": _near(shelf, names, 2) * np.float32(0.25)}


def _near(shelf: "Shelf", words: Words, reach: int) -> Floats:
    there = [one for one in words.postings if len(one.places)]
    near = shelf.layout.around(shelf.lexicon.where(there), reach, reach)
    rarities = np.array([one.rarity for one in there], np.float32)
    found: Floats = np.add.reduce(rarities[:, None] * near, axis=0)
    return found


def _speakers(shelf: "Shelf", asked: Asked) -> dict[str, Floats]:
    if asked.meant.only:
        own = shelf.said_by(asked.meant.only)
        return {"speaker": own, "speaker_of_self": own * shelf.natures[:, nature.OF_SELF]}
    if asked.meant.first:
        own = shelf.said_by(asked.meant.first)
        return {"first_speaker": own} | ({"first_speaker_told": own} if asked.told else {})
    return {}


def _nature(shelf: "Shelf") -> dict[str, Floats]:
    rows = shelf.natures
    return {
        "length": np.log1p(shelf.lexicon.lengths) - np.float32(np.log1p(shelf.lexicon.mean)),
        "asks": rows[:, nature.ASKS],
        "ends_asking": rows[:, nature.ENDS_ASKING],
        "of_self": rows[:, nature.OF_SELF],
        "durations": rows[:, nature.DURATIONS],
        "names": rows[:, nature.NAMES],
    }


def _answers(shelf: "Shelf", asked: Asked) -> dict[str, Floats]:
    rows, found = shelf.natures, {}
    if asked.when:
        found["when_times"] = rows[:, nature.TIMES]
    if asked.how_many:
        found["how_many_numbers"] = rows[:, nature.NUMBERS]
    if asked.who:
        found["who_names"] = rows[:, nature.NAMES]
    if asked.where:
        found["where_names"] = rows[:, nature.NAMES]
    if asked.told:
        found |= {"told_advises": rows[:, nature.ADVISES], "told_of_self": rows[:, nature.OF_SELF]}
    return found


def anchored(shelf: "Shelf", anchor: Anchor | None) -> Days | None:
    """Days told from what the messages say of something else, best from one that tells its day."""
    if anchor is None:
        return None
    tells = look_up(shelf, anchor.terms).bm25 * (1 + (shelf.happened[:, 0] != shelf.said_on))
    at = int(tells.argmax())
    if tells[at] <= 0:
        return None
    first, last = shelf.happened[at].tolist()
    return Days(first + anchor.first, last + anchor.last)


def _fits(shelf: "Shelf", days: Days) -> Floats:
    """1 for what was said, or happened, in those days, less the farther it is from them."""
    first, last = shelf.happened.T
    apart = np.maximum(np.maximum(days.first - last, first - days.last), 0)
    said = shelf.said_on
    apart = np.minimum(apart, np.maximum(np.maximum(days.first - said, said - days.last), 0))
    near: Floats = np.exp(-apart / FORGIVEN_DAYS).astype(np.float32)
    return near
