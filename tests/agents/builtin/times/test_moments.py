"""When is that? Times, days, zones and repetitions as people write them, seen from a Wednesday in Lisbon."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agents.builtin.times.moments import Unclear, find_range, find_when

NOW = datetime(2026, 11, 25, 10, 30, tzinfo=ZoneInfo("Europe/Lisbon"))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("tomorrow at nine berlin time", "2026-11-26T09:00:00+01:00"),
        ("at 18:30", "2026-11-25T18:30:00+00:00"),
        ("noon", "2026-11-25T12:00:00+00:00"),
        ("half past seven", "2026-11-25T19:30:00+00:00"),
        ("next friday evening", "2026-11-27T19:00:00+00:00"),
        ("in two hours", "2026-11-25T12:30:00+00:00"),
        ("in 2 seconds", "2026-11-25T10:30:02+00:00"),
        ("in an hour and a half", "2026-11-25T12:00:00+00:00"),
        ("in half an hour", "2026-11-25T11:00:00+00:00"),
        ("30 minutes from now", "2026-11-25T11:00:00+00:00"),
        ("on 3 december at 8pm est", "2026-12-03T20:00:00-05:00"),
        ("tomorrow 9am pst", "2026-11-26T09:00:00-08:00"),
        ("at 9 in tokyo", "2026-11-26T09:00:00+09:00"),
        ("saturday at 10 am gmt+2", "2026-11-28T10:00:00+02:00"),
        ("2026-11-26t10:00:02+00:00", "2026-11-26T10:00:02+00:00"),
        ("2026-12-22 10:00:02 utc", "2026-12-22T10:00:02+00:00"),
        ("at 20:15:05 utc", "2026-11-25T20:15:05+00:00"),
        ("the day after tomorrow at quarter to nine", "2026-11-27T08:45:00+00:00"),
        ("on the 3rd at noon", "2026-12-03T12:00:00+00:00"),
        ("next week on tuesday at 10", "2026-12-01T10:00:00+00:00"),
        ("a week from tomorrow at 10", "2026-12-03T10:00:00+00:00"),
        ("in three weeks on monday at 8", "2026-12-14T08:00:00+00:00"),
        ("friday 6pm", "2026-11-27T18:00:00+00:00"),
        ("25/12 at 9", "2026-12-25T09:00:00+00:00"),
        ("christmas eve at six in the evening", "2026-12-24T18:00:00+00:00"),
        ("march 5th, 2027 at 3:30 p.m.", "2027-03-05T15:30:00+00:00"),
        ("this evening at 8", "2026-11-25T20:00:00+00:00"),
        ("9 tonight", "2026-11-25T21:00:00+00:00"),
        ("at midnight", "2026-11-26T00:00:00+00:00"),
        ("tomorrow", "2026-11-26T09:00:00+00:00"),
        ("today at 5", "2026-11-25T17:00:00+00:00"),
        ("at 6", "2026-11-25T18:00:00+00:00"),
        ("at nine o'clock", "2026-11-26T09:00:00+00:00"),
    ],
)
def test_a_moment_is_read_in_its_zone(text: str, at: str) -> None:
    when = find_when(text, NOW, "Europe/Lisbon")
    assert when is not None
    assert when.at is not None
    assert when.at.isoformat() == at


@pytest.mark.parametrize(
    ("text", "rule", "first"),
    [
        ("every weekday at 18:30", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-25T18:30:00+00:00"),
        ("every monday and thursday at 9", "FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-26T09:00:00+00:00"),
        ("on mondays at 10am new york time", "FREQ=WEEKLY;BYDAY=MO", "2026-11-30T10:00:00-05:00"),
        ("daily at noon", "FREQ=DAILY", "2026-11-25T12:00:00+00:00"),
        ("every other day at 8", "FREQ=DAILY;INTERVAL=2", "2026-11-27T08:00:00+00:00"),
        ("every evening at 8", "FREQ=DAILY", "2026-11-25T20:00:00+00:00"),
        ("monthly on the 1st", "FREQ=MONTHLY;BYMONTHDAY=1", "2026-12-01T09:00:00+00:00"),
        ("on the last day of every month at 5pm", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30T17:00:00+00:00"),
        ("the first monday of every month at 10", "FREQ=MONTHLY;BYDAY=1MO", "2026-12-07T10:00:00+00:00"),
        ("every 6 hours", "FREQ=HOURLY;INTERVAL=6", "2026-11-25T16:30:00+00:00"),
        ("every day at 9 until 3 december", "FREQ=DAILY;UNTIL=20261203T235959", "2026-11-26T09:00:00+00:00"),
        ("weekly on fridays at 17:00", "FREQ=WEEKLY;BYDAY=FR", "2026-11-27T17:00:00+00:00"),
    ],
)
def test_a_repetition_becomes_a_rule_and_its_first_time(text: str, rule: str, first: str) -> None:
    when = find_when(text, NOW, "Europe/Lisbon")
    assert when is not None
    assert when.at is not None
    assert (when.repeat, when.at.isoformat()) == (rule, first)


@pytest.mark.parametrize("text", ["twice a week", "next week", "3/4 at 9", "today at 9:15", "from time to time"])
def test_what_is_left_open_is_asked_about(text: str) -> None:
    with pytest.raises(Unclear):
        find_when(text, NOW, "Europe/Lisbon")


@pytest.mark.parametrize("text", ["hello world", "about the sea", "ten-second vertical video", "the top 3 stories"])
def test_where_no_time_is_named_none_is_found(text: str) -> None:
    assert find_when(text, NOW, "Europe/Lisbon") is None


def test_an_hour_that_the_change_to_summer_time_skips_is_moved_on() -> None:
    when = find_when("on 28 march 2027 at 1:30", NOW, "Europe/Lisbon")
    assert when is not None
    assert when.at is not None
    assert when.at.isoformat() == "2027-03-28T02:30:00+01:00"


def test_a_default_that_was_taken_is_said() -> None:
    when = find_when("tomorrow evening", NOW, "Europe/Lisbon")
    assert when is not None
    assert "19:00" in when.note


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("this week", "2026-11-23", "2026-11-30"),
        ("last week", "2026-11-16", "2026-11-23"),
        ("tomorrow", "2026-11-26", "2026-11-27"),
        ("this month", "2026-11-01", "2026-12-01"),
    ],
)
def test_a_stretch_of_days_has_both_ends(text: str, since: str, until: str) -> None:
    start, end = find_range(text, NOW, "Europe/Lisbon")
    assert start is not None
    assert end is not None
    assert (start.date().isoformat(), end.date().isoformat()) == (since, until)
