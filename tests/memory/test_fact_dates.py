"""Which day do the words name, seen from a Saturday in November?"""

from datetime import UTC, datetime

import pytest

from memory.fact_dates import happens, since, until

SAID = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("on Friday", "2026-11-27"), ("tomorrow", "2026-11-22"), ("in two weeks", "2026-12-05"), ("in September", "2027-09-01"),
        ("on the 3rd", "2026-12-03"), ("on 3 May", "2027-05-03"), ("am 9. März", "2027-03-09"), ("this weekend", "2026-11-21"),
        ("tmrw", "2026-11-22"), ("in 2 wks", "2026-12-05"),
        ("next Saturday", "2026-11-28"), ("nächste Woche", "2026-11-28"), ("morgen", "2026-11-22"), ("on the 31st", "2026-12-31"),
    ],
)  # fmt: skip
def test_a_plan_names_a_day_to_come(words: str, day: str) -> None:
    assert happens(words, SAID) == _day(day)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("yesterday", "2026-11-20"), ("last friday", "2026-11-20"), ("in October", "2026-10-01"), ("two years ago", "2024-11-21"),
        ("in 2020", "2020-01-01"), ("on Sunday", "2026-11-15"), ("last winter", "2026-01-01"), ("vor drei Jahren", "2023-11-22"),
    ],
)  # fmt: skip
def test_an_event_names_a_day_that_was(words: str, day: str) -> None:
    assert happens(words, SAID, past=True) == _day(day)


def test_words_without_a_day_name_none() -> None:
    for words in ("soon", "at noon", "on 31 February", "I love May", ""):
        assert happens(words, SAID) is None, words


def test_what_lasted_began_and_ended() -> None:
    assert until("until 2019", SAID, past=True) == _day("2019-12-31")
    assert until("until March", SAID) == _day("2027-03-01")
    assert until("never mind", SAID) is None
    assert since("since 2015", SAID) == _day("2015-01-01")
    assert since("for six years now", SAID) == _day("2020-11-22")
    assert since("seit drei Jahren", SAID) == _day("2023-11-22")
    assert since("since I was 17", SAID) is None
