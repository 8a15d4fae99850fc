"""Does a character read well?"""

import pytest

from tools.personas.character import Character
from tools.personas.sheet import short


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({"tagline": "a jazz host from Berlin, 30", "occupation": "jazz host"}, "a jazz host from Berlin, 30."),
        ({"tagline": "All ears.", "occupation": "diver"}, "All ears, 30 years old, diver, from Berlin."),
        ({"occupation": "diver"}, "diver, 30 years old, from Berlin."),
        ({}, "30 years old, from Berlin."),
    ],
)  # fmt: skip
def test_one_line_tells_nothing_twice(told: dict[str, str], line: str) -> None:
    assert short(Character(name="Zed", age=30, home="Berlin", **told)) == line
