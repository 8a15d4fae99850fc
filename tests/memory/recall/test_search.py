"""Does recall find what answers a question, part by part, and never anything else?"""

from dataclasses import replace

import pytest

from memory.recall import fusion
from memory.recall.asked import understand
from memory.recall.budget import LONGEST, with_questions, within
from memory.recall.fusion import ALL, NAMES_OF_PARTS
from memory.recall.search import search
from memory.recall.speakers import Meant, Names, as_said, meant
from memory.vault.said import Memory
from tests.memory.recall.shelves import MONDAY, TWO, asked, shelf_of, vector_of

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
