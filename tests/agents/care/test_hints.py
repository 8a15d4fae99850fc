"""Are those heard who only hint at it, and everybody else left in peace? Lines in the ways people really talk."""

import tomllib
from pathlib import Path

from agents.care import crisis

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
