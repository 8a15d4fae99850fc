"""Does a line that only sounds like a fact leave no trace? A wrong memory costs more than a missed one."""

from memory.facts import extract
from tests.memory.hostile import FIRST, SECOND, UNSEEN


def wrong(lines: dict[str, tuple[str, ...]]) -> list[str]:
    return [line for several in lines.values() for line in several if extract(line)]


def test_what_is_no_fact_of_the_writers_is_seldom_kept() -> None:
    assert [sum(map(len, one.values())) for one in (FIRST, SECOND, UNSEEN)] == [60, 60, 60]
    assert len(wrong(FIRST)) <= 1, wrong(FIRST)
    assert len(wrong(SECOND)) <= 11, wrong(SECOND)
    assert len(wrong(UNSEEN)) <= 10, wrong(UNSEEN)


def test_what_the_fan_says_after_small_words_or_of_their_own_is_kept() -> None:
    for line in (
        "well, I live in Porto",
        "I told you I live in Porto",
        "My name is Sam and I live in Porto",
        "yes btw I live in Porto",
        "I had a long day, I live in Porto",
    ):
        assert "Porto" in [fact.value for fact in extract(line)], line
