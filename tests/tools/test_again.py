"""What is the same once more, in other words? The words of the last order with what is different now."""

import pytest

from gator.errors import Refused
from tools.again import changed


@pytest.mark.parametrize(
    ("but", "instead_of", "words", "unwanted"),
    [
        ("", "", "Nova with a straw hat on the beach", ""),
        ("at night.", "", "Nova with a straw hat on the beach, at night", ""),
        ("on a pier", "on the Beach", "Nova with a straw hat on a pier", ""),
        (r"on \1 pier", "on the beach", r"Nova with a straw hat on \1 pier", ""),
        ("without the straw hat", "", "Nova on the beach", "the straw hat"),
        ("but with no people", "", "Nova with a straw hat on the beach", "people"),
        ("ohne Sonnenbrille", "", "Nova with a straw hat on the beach", "Sonnenbrille"),
    ],
)
def test_only_what_is_named_changes(but: str, instead_of: str, words: str, unwanted: str) -> None:
    assert changed("Nova with a straw hat on the beach", but, instead_of) == (words, unwanted)


def test_words_that_were_not_said_cannot_be_taken_out() -> None:
    with pytest.raises(Refused, match="“in Paris” is not among its words: a heron"):
        changed("a heron", "in Rome", "in Paris")
