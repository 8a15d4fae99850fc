"""Does a shelf hold what was said, in whatever order it comes, once each and from pages as from messages?"""

from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.packing import packed, widened
from memory.recall.entries import from_bytes, read
from memory.recall.lexicon import SORTED_ABOVE, Lexicon, marks_of
from memory.recall.search import search
from memory.recall.shelf import Shelf
from memory.recall.vectors import CANDIDATES, EXACT_UP_TO, Vectors
from tests.memory.recall.shelves import TWO, asked, shelf_of, spoken, vector_of


def test_a_vector_that_comes_later_replaces_none() -> None:
    shelf = Shelf()
    plain = [replace(spoken(at, text), vector=None) for at, text in enumerate(["a red kite", "the blue sea", "tea"])]
    shelf.add(plain)
    assert shelf.cosines(vector_of("a red kite")) is None
    shelf.add([spoken(0, "a red kite")])
    shelf.add([spoken(1, "the blue sea"), spoken(3, "new")])
    cosines = shelf.cosines(vector_of("a red kite"))
    assert cosines is not None
    assert len(shelf) == 4
    assert cosines[0] == pytest.approx(1, abs=1e-3)
    assert cosines[2] == pytest.approx(np.mean(cosines[[0, 1, 3]]), abs=1e-3)  # without a vector: neither near nor far


def test_vectors_of_another_length_are_none() -> None:
    vectors = Vectors()
    vectors.add([packed(np.ones(3, np.float32)), packed(np.ones(4, np.float32))])
    found = vectors.cosines(np.ones(3, np.float32))
    assert found is not None
    assert found.tolist() == [3, 3]  # one that has none is neither near nor far
    assert vectors.cosines(np.ones(4, np.float32)) is None


def test_vectors_of_an_earlier_checkout_are_understood_beside_new_ones() -> None:
    given = [vector_of(text) for text in ("a red kite", "the blue sea", "tea")]
    vectors = Vectors()
    vectors.add([given[0].astype("<f4").tobytes(), packed(given[1])])
    first = vectors.cosines(given[0])
    vectors.add([None])
    vectors.put(2, given[2].astype("<f4").tobytes())
    found = vectors.cosines(given[0])
    assert first is not None
    assert found is not None
    assert np.allclose(found, np.stack(given) @ given[0], atol=2e-3)
    assert first.tolist() == found[:2].tolist()


@pytest.mark.parametrize("dim", [384, 100, 1_536])
def test_a_long_past_is_estimated_by_sign_bits_of_any_length(dim: int) -> None:
    chance = np.random.default_rng(3)
    given = chance.normal(size=(EXACT_UP_TO + CANDIDATES, dim)).astype(np.float32)
    given /= np.linalg.norm(given, axis=1, keepdims=True)
    vectors = Vectors()
    vectors.add([one.tobytes() for one in given])
    near = given[77] + 0.3 / dim**0.5 * chance.normal(size=dim).astype(np.float32)
    found = vectors.cosines(near / np.linalg.norm(near))
    assert found is not None
    assert int(found.argmax()) == 77
    assert float(np.abs(found - given @ near).max()) < 0.5


def test_half_precision_is_widened_to_the_same_numbers() -> None:
    halves = np.arange(65_536, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)]
    assert len(halves) == 63_488
    assert np.array_equal(widened(halves), halves.astype(np.float32))


def test_words_of_a_long_past_are_found_where_they_stand() -> None:
    chance = np.random.default_rng(5)
    said = [[f"word{n}" for n in chance.integers(0, 300, chance.integers(0, 12))] for _ in range(SORTED_ABOVE // 2)]
    lexicon = Lexicon(b"salt")
    for start in range(0, len(said), 500):
        part = [Counter(words) for words in said[start : start + 500]]
        marks = marks_of([word for bag in part for word in bag], b"salt")
        counts = np.array([count for bag in part for count in bag.values()])
        lexicon.add(marks, counts, np.array(list(map(len, part))), np.array([bag.total() for bag in part]))
        asked = ["word7", "never", "word299"]
        found = lexicon.find(asked)
        for number, word in enumerate(asked):
            mine = found.words == number
            stands = {at: words.count(word) for at, words in enumerate(said[: start + 500]) if word in words}
            assert dict(zip(found.places[mine].tolist(), found.counts[mine].tolist(), strict=True)) == stands
        assert len(lexicon.scores(found)) == min(start + 500, len(said))


def test_what_is_kept_of_messages_comes_back_as_it_was() -> None:
    messages = [spoken(0, "I bought a kite in May"), replace(spoken(1, "Where?", talk="other"), vector=None)]
    kept = read(messages, b"salt")
    back = from_bytes(kept.to_bytes())
    assert back is not None
    for field in fields(kept):
        assert np.array_equal(getattr(back, field.name), getattr(kept, field.name)), field.name
    assert b"kite" not in kept.to_bytes()
    assert from_bytes(b"\xff" * 100) is None


def test_a_page_tells_what_its_messages_tell() -> None:
    texts = ["Hello there", "What is your dog called?", "Luna, since 2019", "Nice", "The bus was late today"]
    messages = [spoken(at, text, ("fan", "persona")[at % 2]) for at, text in enumerate(texts)]
    plain = [replace(one, vector=None) for one in messages[:2]]
    of_pages = Shelf()
    for part in (messages[3:], [*plain, messages[2]], messages[:4]):  # some twice, and in any order
        of_pages.add_page(read(part))
    of_pages.add([spoken(5, "I saw a dog")])
    there = Shelf()
    there.add([*messages, spoken(5, "I saw a dog")])
    for question in ("What is Ada's dog called?", "When was the bus late?"):
        vector = vector_of(question)
        assert search(of_pages, question, vector, 6, names=TWO, floor=0) == search(
            there, question, vector, 6, names=TWO, floor=0
        )


def test_neighbours_are_of_the_same_sitting_and_talk_only() -> None:
    shelf = Shelf()
    shelf.add(
        [
            spoken(0, "one"),
            spoken(1, "two"),
            spoken(2, "three", minutes=60 * 24),
            spoken(3, "four", minutes=60 * 24 + 1, talk="elsewhere"),
        ]
    )
    values = np.arange(1, 5, dtype=np.float32)
    assert shelf.layout.beside(values, -1).tolist() == [0, 1, 0, 0]
    assert shelf.layout.beside(values, 1).tolist() == [2, 0, 0, 0]
    assert shelf.layout.best_other(values).tolist() == [2, 1, 3, 4]


TEXTS = st.lists(st.text(alphabet="abc dexyz?.!'", max_size=40), min_size=1, max_size=12)


@settings(max_examples=30, deadline=None)
@given(TEXTS, st.randoms(use_true_random=False), st.text(alphabet="abc dexyz?", min_size=1, max_size=30))
def test_the_order_of_adding_changes_nothing(texts: list[str], chance: object, question: str) -> None:
    messages = [spoken(at, text, ("fan", "persona")[at % 2]) for at, text in enumerate(texts)]
    there, mixed = Shelf(), Shelf()
    there.add(messages)
    shuffled = list(messages)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    for one in shuffled:
        mixed.add([one])
    assert asked(there, question) == asked(there, question) == asked(mixed, question)


@settings(max_examples=30, deadline=None)
@given(TEXTS, st.text(max_size=60), st.integers(1, 20))
def test_each_message_comes_once_and_none_that_was_not_said(texts: list[str], question: str, limit: int) -> None:
    found = asked(shelf_of(*texts), question, limit=limit)
    assert len(found) == len(set(found)) == min(limit, len(texts))
    assert set(found) <= {f"{at:05}" for at in range(len(texts))}
