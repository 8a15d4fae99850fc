"""Days and times that there are none of are asked about; what only looks like one is left alone."""

import pytest

from agents.builtin.times.impossible import find_impossible, without_impossible


@pytest.mark.parametrize(
    "text",
    [
        *("on february 30 at 9", "on 31 june", "on the 31st of april", "29 feb 2027", "2026-02-30 at 10:00"),
        *(
            "on 13/13 at 9",
            "on 30.2. at 9",
            "on the 32nd at 9",
            "tomorrow at 25:00",
            "at 9:75",
            "at 25h30",
            "at 13 am",
            "at 25",
        ),
    ],
)
def test_a_day_or_time_that_there_is_none_of_is_found(text: str) -> None:
    assert find_impossible(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        *("on february 29 at 9", "on 31 july", "25/12 at 9", "2026-11-26 at 10:00", "at 24:00", "at 12 am", "at 13pm"),
        *("we won 31/40 games", "a 9:16 card", "at 50% off", "for the 50th time", "40 may come", "in 30h15"),
    ],
)
def test_what_can_be_is_left_alone(text: str) -> None:
    assert find_impossible(text) is None


def test_an_answer_takes_the_place_of_the_impossible_day() -> None:
    assert without_impossible("Post it on February 30 at 9").split() == ["Post", "it", "at", "9"]
