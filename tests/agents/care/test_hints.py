"""Are those heard who only hint at it, and everybody else left in peace? Lines in the ways people really talk."""

import tomllib
from pathlib import Path

import pytest

from agents.care import crisis, hints, intake
from agents.care.policies import LANGUAGES, load
from memory.embedding import embedder
from tests.agents.care.labelled import lines
from tests.memory.labelled import LINES

SETS = tomllib.loads((Path(__file__).parent / "hints.toml").read_text(encoding="utf-8"))
IMPLICIT = SETS["implicit"]["work"] + SETS["implicit"]["kept"]
BENIGN = SETS["benign"]["work"] + SETS["benign"]["kept"]
FRESH_BENIGN = SETS["fresh"]["benign"]


def heard(text: str) -> bool:
    return crisis.check(text, "en", "") is not None


def test_hints_in_the_ways_the_rules_know_are_heard() -> None:
    missed = [text for text in IMPLICIT if not heard(text)]
    assert len(IMPLICIT) >= 60
    assert len(missed) <= 0.05 * len(IMPLICIT), missed


def test_hard_everyday_talk_is_left_in_peace() -> None:
    wrong = [text for text in BENIGN + FRESH_BENIGN if heard(text)]
    assert len(BENIGN + FRESH_BENIGN) >= 160
    assert len(wrong) <= 0.02 * len(BENIGN + FRESH_BENIGN), wrong


async def test_what_no_rule_hears_may_be_heard_by_its_meaning() -> None:
    """A guard against regression: how often it is right on lines not seen is what bench/hints.py measures."""
    hinting = IMPLICIT + SETS["fresh"]["implicit"]
    felt = [hints.leans(vector) for vector in await embedder().embed(hinting + BENIGN + FRESH_BENIGN)]
    assert sum(felt[: len(hinting)]) >= 0.2 * len(hinting)
    assert sum(felt[len(hinting) :]) <= 0.02 * len(felt[len(hinting) :])


async def test_everyday_lines_are_not_taken_for_hints() -> None:
    vectors = await embedder().embed(lines("disclosure", "asks_not") + [line for line, _ in LINES])
    assert sum(map(hints.leans, vectors)) <= 1


async def test_vectors_of_another_model_say_nothing() -> None:
    assert not hints.leans(None)
    assert load("hints")["model"] == embedder().name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guess_adds_help_lines_to_the_reply_and_rests_offers(language: str) -> None:
    words = hints.beside(language, "")
    found = intake.Found("unknown", reason="hint", beside=words)
    assert "findahelpline" in words
    assert found.rests
    assert found.add_to("I hear you.") == f"I hear you.\n\n{words}"
