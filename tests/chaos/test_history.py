"""The checker finds what it is there to find."""

from tests.chaos.history import Heard, problems

CLEAN = [Heard(1, "re k1x0"), Heard(2, "re k2x0 k2x1"), Heard(1, "re k1x1"), Heard(2, "and no token")]


def test_a_clean_history_has_no_problems() -> None:
    assert problems({1: 2, 2: 2}, CLEAN) == []


def test_a_lost_answer_is_found() -> None:
    assert problems({1: 2, 2: 2}, CLEAN[:2]) == ["k1x1 was never answered"]


def test_a_lost_answer_that_is_listed_is_no_silent_loss() -> None:
    assert problems({1: 2, 2: 2}, CLEAN[:2], {"k1x1"}) == []


def test_a_double_answer_is_found_even_when_it_is_listed() -> None:
    assert problems({1: 2, 2: 2}, [*CLEAN, Heard(2, "re k2x1")], {"k2x1"}) == ["k2x1 was answered 2 times"]


def test_answers_out_of_order_are_found() -> None:
    assert any("out of order" in one for one in problems({1: 2, 2: 2}, CLEAN[::-1]))


def test_somebody_elses_answer_is_found() -> None:
    assert "k1x0 was answered to conversation 2" in problems({1: 1}, [Heard(2, "re k1x0")])
