"""Is an expression that is not tried one that could not have matched?"""

import re

import pytest

from agents.care import ages, crisis, disclosure
from gator.sieve import Sieve, wanted
from gator.wording import variants
from memory.fact_patterns import likely, patterns
from tests.agents.care.labelled import lines
from tests.memory.labelled import LINES
from tests.memory.told import FRESH, KEPT, WORK


def test_no_pattern_that_matches_a_line_is_left_out() -> None:
    told = [line for line, _ in (*LINES, *WORK, *KEPT, *FRESH)]
    tried = 0
    for line in told:
        matching = [pattern for pattern in patterns() if pattern.regex.search(line)]
        assert [pattern for pattern in likely(line) if pattern.regex.search(line)] == matching
        tried += len(matching)
    assert len(told) >= 280
    assert tried >= 200


@pytest.mark.parametrize("sieve", [crisis._sieve(), ages._own(), disclosure._questions()])
def test_no_rule_of_care_that_matches_is_left_out(sieve: Sieve) -> None:
    texts = [text for label in ("explicit", "implicit", "benign") for text in lines("crisis", label)]
    said = [variant for text in texts for variant in variants(text)]
    matching = [[number for number, one in enumerate(sieve.patterns) if one.search(text)] for text in said]
    assert [sieve.matching(text) for text in said] == matching
    assert len(said) >= 300


@pytest.mark.parametrize(
    ("pattern", "pieces"),
    [
        ("I live in (?P<v>.+)", ("i live in ",)),
        ("(?:cat|dog)s?", ("cat", "dog")),
        ("(?:a )?nurse", ("nurse",)),
        ("(?:cat|)s", ("s",)),
        ("x{2,}yes", ("yes",)),
        (r"\d+", ()),
        ("(?:cat|[dh]og)", ("cat", "og")),
        (r"(?:cat|\d)", ()),
        ("(?=nurse)n", ("n",)),
    ],
)
def test_the_pieces_stand_in_every_match(pattern: str, pieces: tuple[str, ...]) -> None:
    assert wanted(re.compile(pattern, re.IGNORECASE)) == pieces
