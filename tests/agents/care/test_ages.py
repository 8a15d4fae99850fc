"""Does the age gate only ever close by words, and fail closed?"""

import itertools

import pytest

from agents.care import ages, intake
from agents.care.policies import LANGUAGES
from gator.clock import now
from memory.models import Fan
from memory.repositories.conversations import Line
from tests.agents.care.labelled import lines
from tools.personas.character import Character

MINORS = lines("ages", "minors")
SUSPECTED = lines("ages", "suspected")
ADULTS = lines("ages", "adults")
NOTHING = lines("ages", "nothing")


@pytest.mark.parametrize("text", MINORS)
def test_a_minor_who_says_so_is_believed(text: str) -> None:
    assert ages.signal(text) == "minor"


@pytest.mark.parametrize("text", SUSPECTED)
def test_what_only_the_young_say_raises_a_suspicion(text: str) -> None:
    assert ages.signal(text) == "suspected_minor"


@pytest.mark.parametrize("text", ADULTS)
def test_a_claim_of_being_adult_is_a_claim(text: str) -> None:
    assert ages.signal(text) == "claimed_adult"


@pytest.mark.parametrize("text", NOTHING)
def test_other_numbers_and_other_people_say_nothing_of_the_fans_age(text: str) -> None:
    assert ages.signal(text) in (None, "claimed_adult")
    assert ages.next_state(ages.UNKNOWN, ages.signal(text)) not in (ages.MINOR, ages.SUSPECTED)


def test_no_series_of_words_ever_opens_what_is_closed() -> None:
    signals: tuple[ages.Signal | None, ...] = (None, *ages.SIGNALS)
    runs = 0
    for start in (ages.UNKNOWN, ages.CLAIMED, ages.SUSPECTED, ages.MINOR):
        for series in itertools.product(signals, repeat=4):
            state, lowest = start, False
            for heard in series:
                state = ages.next_state(state, heard)
                lowest = lowest or state in (ages.MINOR, ages.SUSPECTED)
                assert not ages.may_see(state, "mature")
                assert not (lowest and state in (ages.UNKNOWN, ages.CLAIMED, ages.VERIFIED))
            runs += 1
    assert runs == 4 * 4**4


def test_a_minor_stays_one_and_a_suspicion_deepens() -> None:
    assert ages.next_state(ages.MINOR, "claimed_adult") == ages.MINOR
    assert ages.next_state(ages.SUSPECTED, "claimed_adult") == ages.SUSPECTED
    assert ages.next_state(ages.SUSPECTED, "minor") == ages.MINOR
    assert ages.next_state(ages.CLAIMED, "minor") == ages.MINOR
    assert ages.next_state(ages.VERIFIED, "minor") == ages.SUSPECTED


@pytest.mark.parametrize("state", [*ages.STATES, "", "admin", "Verified"])
@pytest.mark.parametrize("rating", ["general", "mature", "", "explicit", "GENERAL"])
def test_only_the_verified_see_mature_content_and_nobody_what_has_no_rating(state: str, rating: str) -> None:
    assert ages.may_see(state, rating) is (rating == "general" or (rating == "mature" and state == "verified"))


def test_a_state_that_nobody_knows_counts_as_suspected() -> None:
    assert ages.next_state("superuser", "claimed_adult") == ages.SUSPECTED


@pytest.mark.parametrize(
    "text", ["send nudes", "let's have sex", "talk dirty to me", "s e x t with me please", "Schick mir Nacktbilder"]
)
def test_a_request_for_sexual_content_is_seen(text: str) -> None:
    assert ages.asks_for_mature(text)


@pytest.mark.parametrize(
    "text",
    [
        "send me a picture of your cat",
        "what's your sex ed opinion",
        "show me the recipe",
        "I want to see the sea",
        "the cock crowed",
    ],
)
def test_other_requests_are_not(text: str) -> None:
    assert not ages.asks_for_mature(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_refusal_is_there_in_every_language(language: str) -> None:
    assert len(ages.minor_reply(language)) > 40


ASKED = "Nice to meet you! How old are you, by the way?"


@pytest.mark.parametrize(
    "text",
    ["15", "fifteen", "im 15", "15, you?", "um 14 lol", "i'm 15", "16 why?", "well, 17", "14 but i turn 15 soon",
     "just turned 15", "13!!", "hi\n15", "fifteen, and you?", "15 years old", "17 almost 18"],
)  # fmt: skip
def test_a_bare_number_is_an_age_right_after_the_persona_asked(text: str) -> None:
    assert ages.signal(text, ASKED) == "minor"


@pytest.mark.parametrize(
    ("before", "text", "heard"),
    [
        (ASKED, "34", "claimed_adult"),
        (ASKED, "nineteen", "claimed_adult"),
        (ASKED, "15 years older than you", None),
        (ASKED, "15 minutes ago you knew", None),
        (ASKED, "2", None),
        (ASKED, "why do you ask?", None),
        (ASKED, "I have 12 cats", None),
        (ASKED, "no", None),
        ("How many apples did you buy?", "15", None),
        ("", "15", None),
        ("Are you over 18?", "no", "minor"),
        ("Are you over 18?", "nope, 16", "minor"),
        ("Are you at least 18?", "not yet", "minor"),
        ("Are you over 18?", "no problem, yes", None),
        ("Are you over 18?", "yes", None),
        ("Wie alt bist du eigentlich?", "15", "minor"),
        ("Wie alt bist du?", "fünfzehn", "minor"),
        ("¿Cuántos años tienes?", "quince", "minor"),
        ("Quel âge as-tu ?", "14 ans", "minor"),
        ("Сколько тебе лет?", "15", "minor"),
    ],
)
def test_the_question_before_decides_what_a_number_means(before: str, text: str, heard: str | None) -> None:
    assert ages.signal(text, before) == heard


def test_the_care_path_reads_what_the_persona_asked_last() -> None:
    at = now()
    window = [Line("1", "persona", ASKED, at), Line("2", "fan", "15", at)]
    fan, character = Fan(age_state=ages.UNKNOWN, locale="", region=""), Character(name="Nova")

    assert intake.look("15", fan, character, "", window).age_state == ages.MINOR
    assert intake.look("15", fan, character, "", window[1:]).age_state == ages.UNKNOWN
