"""May a persona say plainly what it is, and never that it is human? Sentences as language models say them, in seven languages."""

import tomllib
from pathlib import Path

import pytest

from agents.care import outbound

SETS = tomllib.loads((Path(__file__).parent / "honesty.toml").read_text(encoding="utf-8"))
HONEST = SETS["honest"]["work"] + SETS["honest"]["kept"]
DISHONEST = SETS["dishonest"]["work"] + SETS["dishonest"]["kept"]


def check(text: str) -> outbound.Checked:
    return outbound.check(text, character=None, links={})


@pytest.mark.parametrize("text", HONEST)
def test_a_plain_admission_passes_unchanged(text: str) -> None:
    assert check(text).text == text


@pytest.mark.parametrize("text", DISHONEST)
def test_a_claim_to_be_human_does_not_pass(text: str) -> None:
    assert "human_claim" in check(text).changed


def test_enough_of_both_is_tried() -> None:
    assert len(set(HONEST)) >= 160
    assert len(set(DISHONEST)) >= 250


@pytest.mark.parametrize("text", HONEST[:40])
def test_an_admission_among_other_sentences_passes_too(text: str) -> None:
    around = f"Good morning! {text} How was your day?"
    assert check(around).text == around


@pytest.mark.parametrize("claim", ["I'm a real girl.", "I'm not an AI.", "I'm flesh and blood."])
@pytest.mark.parametrize("admission", ["I'm an AI", "I'm not human", "I'm software and no person"])
def test_an_admission_does_not_carry_a_claim_through(admission: str, claim: str) -> None:
    for joint in (", but ", "; ", ", ", " - ", ". ", "? ", "! "):
        assert claim not in check(f"{admission}{joint}{claim}").text


@pytest.mark.parametrize(
    "text", ["I'm not " * 3000, "I'm, " * 3000, "an AI, not a human, " * 800, "no " * 5000, "I'm not not " * 1500]
)
def test_no_text_takes_long_to_judge(text: str) -> None:
    check(text)  # the suite's time limit is the assertion
