"""Does recall find what answers a question, part by part, and never anything else?"""

from collections import Counter
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.embedding import hashing_embedder
from memory.packing import packed, widened
from memory.recall import fusion
from memory.recall.asked import named_time, understand
from memory.recall.budget import LONGEST, with_questions, within
from memory.recall.entries import Spoken, from_bytes, read
from memory.recall.fusion import ALL, NAMES_OF_PARTS, Parts
from memory.recall.lexicon import SORTED_ABOVE, Lexicon, marks_of
from memory.recall.nature import TIMES, nature
from memory.recall.search import search
from memory.recall.shelf import Shelf
from memory.recall.speakers import Meant, Names, as_said, meant
from memory.recall.then import asks_for_a_time
from memory.recall.times import days_of
from memory.recall.vectors import CANDIDATES, EXACT_UP_TO, Vectors
from memory.recall.words import Words
from memory.vault.said import Memory

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


# Whom a question means


@pytest.mark.parametrize(
    ("question", "whom"),
    [
        ("What is Ada's dog called?", Meant(only="fan")),
        ("Where does Nova live?", Meant(only="persona")),
        ("What did Nova recommend to Ada?", Meant(first="persona")),
        ("What did I tell you about my dog?", Meant(first="fan")),
        ("what's my name?", Meant(only="fan")),
        ("What was the weather like?", Meant()),
    ],
)
def test_whom_a_question_means_is_understood(question: str, whom: Meant) -> None:
    assert meant(question, TWO) == whom


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is Ada's dog called?", "What is my dog called?"),
        ("Where did Ada live before she moved to Nova?", "Where did I live before I moved to me?"),
        ("What did Bob say to Ada?", "What did Bob say to me?"),
        ("Does Ada's sister like her job?", "Does my sister like my job?"),
        ("What does Adam do?", "What does Adam do?"),
        ("WHAT DOES ADA DO?", "WHAT do I DO?"),
        ("What did her sister say?", "What did her sister say?"),
    ],
)
def test_a_question_about_somebody_is_put_as_they_would_put_it(question: str, said: str) -> None:
    assert as_said(question, TWO) == said


def test_who_has_several_names_is_known_by_the_first() -> None:
    full = Names("Ada Lovelace", " ")
    assert as_said("What is Ada's dog called by Ada Lovelace?", full) == "What is my dog called by me?"
    assert meant("Where does Ada live?", full) == Meant(only="fan")


def test_what_the_named_one_said_comes_first() -> None:
    shelf = shelf_of("I adore mountains", "I adore mountains", "The bus was late")
    assert asked(shelf, "What does Nova adore?")[0] == "00001"
    assert asked(shelf, "What does Ada adore?")[0] == "00000"


# What is asked for


def test_when_is_answered_by_a_message_with_a_time() -> None:
    shelf = shelf_of("My dance exam is done", "Good", "The dance exam was on the fourth of May", "Good")
    assert asked(shelf, "When was Ada's dance exam?")[0] == "00002"


def test_an_answer_is_found_by_the_question_before_it() -> None:
    shelf = shelf_of("Hello there", "What is your dog called?", "Luna, since 2019", "Nice", "The bus was late today")
    assert asked(shelf, "What is Ada's dog called?")[0] == "00002"


def test_advice_is_found_by_who_gave_it() -> None:
    shelf = shelf_of("My knee hurts when I run", "Try new shoes for the knee, mine were old", "My knee is a knee")
    assert asked(shelf, "What did Nova recommend to Ada for her knee?")[0] == "00001"


# Times


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("yesterday", "2023-05-07", "2023-05-07"),
        ("What happened last week?", "2023-05-01", "2023-05-07"),
        ("three weeks ago", "2023-04-14", "2023-04-20"),
        ("Where was I last summer?", "2022-06-01", "2022-08-31"),
        ("What did she do in March?", "2023-03-01", "2023-03-31"),
        ("in December", "2022-12-01", "2022-12-31"),
        ("on 4 May", "2023-05-04", "2023-05-04"),
        ("on May 20th", "2022-05-20", "2022-05-20"),
        ("in June 2021", "2021-06-01", "2021-06-30"),
        ("during 2021", "2021-01-01", "2021-12-31"),
        ("I saw him on Friday", "2023-05-05", "2023-05-05"),
        ("last Monday", "2023-05-01", "2023-05-01"),
        ("next Friday", "2023-05-12", "2023-05-12"),
        ("I have an exam on Friday", "2023-05-12", "2023-05-12"),
        ("last month", "2023-04-01", "2023-04-30"),
        ("next year", "2024-01-01", "2024-12-31"),
        ("31 February 2023", "2023-02-28", "2023-02-28"),
    ],
)
def test_days_are_read_from_the_time_of_speaking(text: str, first: str, last: str) -> None:
    days = days_of(Words(text), MONDAY)
    assert days is not None
    assert (_day(days.first), _day(days.last)) == (first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Wo war ich letzten Sommer?", "2022-06-01", "2022-08-31"),
        ("Was habe ich dir vorgestern gesagt?", "2023-05-06", "2023-05-06"),
        ("gestern Abend", "2023-05-07", "2023-05-07"),
        ("heute morgen", "2023-05-08", "2023-05-08"),
        ("vor drei Wochen", "2023-04-14", "2023-04-20"),
        ("vor ein paar Tagen", "2023-05-05", "2023-05-05"),
        ("Was war im März?", "2023-03-01", "2023-03-31"),
        ("im März letzten Jahres", "2022-03-01", "2022-03-31"),
        ("am 3. April 2022", "2022-04-03", "2022-04-03"),
        ("am 24.12.", "2022-12-24", "2022-12-24"),
        ("letztes Jahr an Weihnachten", "2022-12-24", "2022-12-26"),
        ("Was habe ich Weihnachten 2020 gemacht?", "2020-12-24", "2020-12-26"),
        ("zu Ostern", "2023-04-07", "2023-04-10"),
        ("nächstes Silvester", "2023-12-31", "2023-12-31"),
        ("letzte Woche", "2023-05-01", "2023-05-07"),
        ("vorletzten Monat", "2023-03-01", "2023-03-31"),
        ("Was war am Wochenende?", "2023-05-06", "2023-05-07"),
        ("Was habe ich dir am Dienstag erzählt?", "2023-05-02", "2023-05-02"),
        ("letzten Mittwochabend", "2023-05-03", "2023-05-03"),
        ("Ich habe am Freitag eine Prüfung", "2023-05-12", "2023-05-12"),
        ("Ich muss nächsten Freitag hin", "2023-05-12", "2023-05-12"),
        ("am Tag nach Weihnachten", "2022-12-27", "2022-12-27"),
        ("in der Woche vor Ostern", "2023-03-31", "2023-04-06"),
        ("the day before yesterday", "2023-05-06", "2023-05-06"),
        ("12345678 years ago", "0001-01-01", "0001-12-31"),
    ],
)
def test_days_of_a_question_are_read_in_german_too(text: str, first: str, last: str) -> None:
    named = named_time(text, MONDAY)
    assert named is not None
    assert (_day(named[0].first), _day(named[0].last)) == (first, last)


@pytest.mark.parametrize("text", ["Guten Morgen", "Mir ist vor Angst schlecht", "sonntags laufe ich", "am 5.99. Platz"])
def test_no_german_days_are_read_where_none_are_named(text: str) -> None:
    assert named_time(text, MONDAY) is None


@pytest.mark.parametrize("text", ["I may march on", "a fall", "the second one", "", "at 10", "12345 ago"])
def test_no_days_are_read_where_none_are_named(text: str) -> None:
    assert days_of(Words(text), MONDAY) is None


@given(st.text(max_size=200), st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))
def test_no_text_is_too_odd_for_days(text: str, at: datetime) -> None:
    days = days_of(Words(text), at)
    assert days is None or days.first <= days.last


@pytest.mark.parametrize("text", ["9" * 5000 + " years ago", "vor " + "9" * 5000 + " Jahren", "on 0. 0. 0000"])
def test_a_number_that_is_no_count_names_no_days(text: str) -> None:
    assert days_of(Words(text), MONDAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "Tonight!",
        "onMonday",
        "may",
        "the 21st",
        "in 1999",
        "my Fourteenth",
        "twenty-one",
        "LAST summer",
        "ten Days ago",
    ],
)
def test_a_time_is_noticed_even_where_it_is_no_day(text: str) -> None:
    assert nature(Words(text))[TIMES] == 1


@pytest.mark.parametrize("text", ["", "teenth", "summer", "a week", "long ago", "I saw 21 of them", "mayor"])
def test_no_time_is_noticed_where_none_is_told(text: str) -> None:
    assert nature(Words(text))[TIMES] == 0


def _day(ordinal: int) -> str:
    return datetime.fromordinal(ordinal).date().isoformat()


def test_what_happened_then_comes_first() -> None:
    shelf = Shelf()
    shelf.add([spoken(0, "We danced", minutes=0), spoken(1, "We danced", minutes=60 * 24 * 200)])
    at = MONDAY + timedelta(days=300)
    (first, _) = search(shelf, "What did we do in May 2023?", None, 2, at=at, floor=0)
    assert first.message_id == "00000"


def test_the_day_before_something_is_told_from_what_was_said_of_it() -> None:
    shelf = Shelf()
    day = 60 * 24
    shelf.add(
        [
            spoken(0, "My chemistry exam is on Friday", minutes=0),
            spoken(1, "We ate noodles by the river", minutes=3 * day),
            spoken(2, "We ate noodles by the river", minutes=40 * day),
            spoken(3, "We ate noodles by the river", minutes=90 * day),
        ]
    )
    at = MONDAY + timedelta(days=120)
    asked_of = "What did we eat the day before my chemistry exam?"
    found = [hit.message_id for hit in search(shelf, asked_of, None, 4, at=at, floor=0) if hit.message_id != "00000"]
    assert found[0] == "00001"
    german = understand("Was aßen wir am Tag vor meiner Chemieprüfung?", TWO, at).anchor
    assert german is not None
    assert (german.terms, german.first, german.last) == (["chemieprüfung"], -1, -1)
    assert understand("What was the week after Ada?", TWO, at).anchor is None


# A question that names only a time


def _of_days() -> Shelf:
    """Of Monday to Thursday; on Tuesday, the 9th, four messages."""
    shelf, day = Shelf(), 60 * 24
    shelf.add(
        [
            spoken(0, "The heron by our lake built a nest", minutes=0),
            spoken(1, "Hi!", minutes=day),
            spoken(2, "My brother Emil and I bought an old boat in Kiel for 900 euros", minutes=day + 1),
            spoken(3, "I have repaired three boats in my life", "persona", minutes=day + 2),
            spoken(4, "Do you sail?", minutes=day + 3),
            spoken(5, "I go to the market every Tuesday", minutes=3 * day),
        ]
    )
    return shelf


@pytest.mark.parametrize(
    "question", ["What did I tell you last Tuesday?", "Was habe ich dir letzten Dienstag erzählt?"]
)
def test_a_question_for_a_time_alone_is_given_what_was_said_then(question: str) -> None:
    at = MONDAY + timedelta(days=5)
    found = [hit.message_id for hit in search(_of_days(), question, vector_of(question), 10, at=at)]
    assert found[0] == "00002"
    assert set(found) == {"00001", "00002", "00003", "00004"}
    assert search(_of_days(), question, None, 10, before="00002", at=at)[-1].message_id == "00001"


def test_what_the_persona_said_then_comes_first_where_it_is_asked_for() -> None:
    at = MONDAY + timedelta(days=5)
    assert search(_of_days(), "What did you say on Tuesday?", None, 1, at=at)[0].message_id == "00003"


def test_of_a_time_in_which_nothing_was_said_nothing_is_told() -> None:
    at = MONDAY + timedelta(days=5)
    assert search(_of_days(), "What did I tell you last month?", None, 10, at=at) == []


def test_a_day_is_one_by_the_clock_of_who_asks() -> None:
    late = Shelf()
    late.add([spoken(0, "The bell rang", minutes=8 * 60)])  # 21:56 UTC on Monday, Tuesday in Tokyo
    at = (MONDAY + timedelta(days=2)).astimezone(ZoneInfo("Asia/Tokyo"))
    assert len(search(late, "What did I say on Tuesday?", None, 10, at=at)) == 1
    assert search(late, "What did I say on Monday?", None, 10, at=at) == []


@pytest.mark.parametrize(
    "question", ["What did I say about boats last Tuesday?", "What did I tell you?", "Last Tuesday Emil"]
)
def test_a_question_for_more_than_a_time_is_none_for_a_time(question: str) -> None:
    assert asks_for_a_time(question, MONDAY) is None


# Order, replacement, neighbours


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


# Parts and weights


@pytest.mark.parametrize("part", NAMES_OF_PARTS)
def test_each_part_can_be_switched_off(part: str) -> None:
    shelf = shelf_of("I bought a kite on 4 May", "Where did you buy it?", "In Porto, for ten euros", "Take it along")
    question = understand("What did Ada say of the kite in Porto in May 2023?", TWO, MONDAY)
    cosines = shelf.cosines(vector_of("kite"))
    every = fusion.signs(shelf, question, cosines)
    without = fusion.signs(shelf, question, cosines, replace(ALL, **{part: False}))
    assert set(without) < set(every)


def test_every_sign_has_a_weight_and_every_weight_a_sign() -> None:
    shelf = shelf_of("I bought a kite", "Where?")
    questions = ["When, who, where, how many? Tell Ada in May 2023", "What did Nova tell Ada in June 2023?", "Who?"]
    cosines = shelf.cosines(vector_of("kite"))
    seen = set()
    for text in [*questions, "When did Ada?", "Where did Ada go?", "How many did Ada buy?"]:
        seen |= set(fusion.signs(shelf, understand(text, TWO, MONDAY), cosines))
    assert seen == set(fusion.weights())
    assert len(seen) <= 50


# What is told


def _memory(text: str) -> Memory:
    return Memory("fan", text, MONDAY, text[:5], 1.0)


def test_what_was_said_twice_is_told_once_and_what_is_long_is_cut() -> None:
    told = within(
        [_memory("My dog is Luna!"), _memory("my dog is luna"), _memory("word " * 400)],
        500,
        lambda one, text: replace(one, text=text),
    )
    assert [one.text[:15] for one in told] == ["My dog is Luna!", "word word word "]
    assert len(told[1].text) <= LONGEST + 2
    assert within([_memory("a" * 90)], 10, lambda one, _: one) == []


def test_a_short_answer_is_told_with_what_was_asked() -> None:
    shelf = shelf_of("Hello", "What is your dog called?", "Luna", "A fine name, that")
    hits = search(shelf, "Luna", None, 1)
    assert [hit.message_id for hit in with_questions(shelf, hits)] == ["00001", "00002"]
