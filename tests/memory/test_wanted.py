"""Is an expression that is not tried one that could not have matched?"""

import re

import pytest

from memory.fact_patterns import likely, patterns
from memory.wanted import wanted
from tests.memory.labelled import LINES
from tests.memory.told import FRESH, KEPT, WORK


def test_no_pattern_that_matches_a_line_is_left_out() -> None:
    lines = [line for line, _ in (*LINES, *WORK, *KEPT, *FRESH)]
    tried = 0
    for line in lines:
        matching = [pattern for pattern in patterns() if pattern.regex.search(line)]
        assert [pattern for pattern in likely(line) if pattern.regex.search(line)] == matching
        tried += len(matching)
    assert len(lines) >= 280
    assert tried >= 200


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
