"""Is every cry for help heard, and everyday talk left in peace? Our own labelled sets, and the card that is sent."""

import re

import pytest

from agents.care import crisis
from agents.care.policies import LANGUAGES, load
from tests.agents.care.labelled import lines

EXPLICIT, IMPLICIT, BENIGN = (lines("crisis", label) for label in ("explicit", "implicit", "benign"))


def test_whoever_says_it_is_heard() -> None:
    missed = [text for text in EXPLICIT if crisis.check(text, "en", "") is None]
    assert len(EXPLICIT) >= 120
    assert missed == []


def test_whoever_means_it_is_heard_nearly_always() -> None:
    missed = [text for text in IMPLICIT if crisis.check(text, "en", "") is None]
    assert len(missed) <= 0.05 * len(IMPLICIT), missed


def test_everyday_talk_is_left_in_peace() -> None:
    wrong = {text: found.kind for text in BENIGN if (found := crisis.check(text, "en", ""))}
    assert len(BENIGN) >= 150
    assert len(wrong) <= 0.02 * len(BENIGN), wrong


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", crisis.KINDS)
def test_the_card_is_there_in_every_language_for_every_kind(language: str, kind: crisis.Kind) -> None:
    made = crisis.answer(kind, language, "")
    assert "findahelpline" in made.text
    assert all(line in made.text for line in made.lines)
    assert not re.search(r"https?:|www\.|\{|\}", made.text)


def test_the_lines_are_those_of_the_fans_region() -> None:
    assert crisis.help_lines("en", "GB")[0].startswith("Samaritans (UK): 116 123")
    assert "988" in crisis.help_lines("es", "us")[0]
    assert "3114" in crisis.help_lines("fr", "")[0]
    assert crisis.help_lines("en", "XX") == crisis.help_lines("en", "")
    found = crisis.check("I want to die", "en", "AU")
    assert found
    assert "13 11 14" in found.text
    assert "000" in found.text


def test_every_region_has_an_emergency_number_and_every_language_its_regions() -> None:
    known = load("help_lines")
    assert set(known["lines"]) == set(known["emergency"])
    assert len(known["lines"]) >= 25
    assert set(known["regions_of"]) == set(known["anywhere"]) == set(LANGUAGES)
    assert all(region in known["lines"] for regions in known["regions_of"].values() for region in regions)


def test_the_card_speaks_the_language_it_was_said_in() -> None:
    found = crisis.check("ich will sterben", "en", "")
    assert found
    assert found.language == "de"
    assert "Menschen" in found.text


@pytest.mark.parametrize("before", [10, 3_790, 3_998, 9_000])
def test_a_cry_in_a_long_message_is_heard_wherever_it_stands(before: int) -> None:
    assert crisis.check("la " * (before // 3) + "I want to kill myself" + " la" * 500, "en", "")


def test_a_harmless_phrase_does_not_hide_a_serious_one() -> None:
    assert crisis.check("lol this homework is killing me. anyway I want to kill myself tonight", "en", "")
    assert crisis.check("I watched Suicide Squad and then I cut myself again last night", "en", "")


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "kill " * 5_000, "i " * 10_000, "k.i.l.l." * 2_000, "я " * 8_000, "", "\u200b" * 5_000]
)
def test_no_text_takes_long_to_look_at(text: str) -> None:
    assert not crisis.check(text, "en", "")  # within the suite's time limit


def test_offers_rest_for_three_days() -> None:
    assert crisis.rest().total_seconds() == 72 * 3600
