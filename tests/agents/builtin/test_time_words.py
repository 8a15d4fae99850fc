"""Words of time with a slip in them are read as what they mean, and other words stay what they are."""

import pytest

from agents.builtin.lexicon import mended
from agents.builtin.time_words import names_time


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("tommorow", "tomorrow"), ("tomorow", "tomorrow"), ("tommorow's", "tomorrow's"), ("wendsday", "wednesday"),
        ("wensday", "wednesday"), ("thrusday", "thursday"), ("thurday", "thursday"), ("satuday", "saturday"),
        ("febuary", "february"), ("tonite", "tonight"), ("2morow", "tomorrow"), ("midnite", "midnight"),
    ],
)  # fmt: skip
def test_a_slip_in_a_word_of_time_is_mended(written: str, meant: str) -> None:
    assert mended(written) == meant


@pytest.mark.parametrize(
    "word", ["sundry", "sundae", "mourning", "member", "remember", "thirsty", "wednesdays", "weak"]
)
def test_a_word_that_only_looks_like_one_stays(word: str) -> None:
    assert mended(word) == word


def test_a_capital_in_the_middle_may_be_a_name_where_the_word_is_short() -> None:
    assert mended("sundar", capital=True) == "sundar"
    assert mended("wendsday", capital=True) == "wednesday"


def test_what_may_be_a_time_is_known_even_where_it_is_not_mended() -> None:
    assert names_time("wendnsdey")
    assert names_time("until friday")
    assert not names_time("twice")
    assert not names_time("or 6")
