"""Sizes read as people say them."""

import pytest

from tools.wording import sized


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [(0, "0 kB"), (6_001, "7 kB"), (1_500_000, "1.5 MB"), (144_000_000, "144.0 MB"), (6_940_000_000, "6.9 GB")],
)
def test_a_size_is_told_in_its_own_unit(size_bytes: int, words: str) -> None:
    assert sized(size_bytes) == words
