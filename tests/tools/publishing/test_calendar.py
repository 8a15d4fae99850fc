"""Repetitions on the clocks of real zones, over the days on which these change."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gator.errors import Refused
from tools.publishing.calendar import after, first, in_words, read_rule, slots, start_of

BERLIN, LORD_HOWE, NEW_YORK = "Europe/Berlin", "Australia/Lord_Howe", "America/New_York"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def here(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


# (zone, rule, first time on that zone's clock, the instants in UTC)
CHANGES = [
    # 09:00 stays 09:00 on the wall.
    (BERLIN, "FREQ=DAILY", "2026-03-28 09:00", ["2026-03-28 08:00", "2026-03-29 07:00", "2026-03-30 07:00"]),
    (BERLIN, "FREQ=DAILY", "2026-10-24 09:00", ["2026-10-24 07:00", "2026-10-25 08:00", "2026-10-26 08:00"]),
    (NEW_YORK, "FREQ=DAILY", "2026-03-07 09:00", ["2026-03-07 14:00", "2026-03-08 13:00", "2026-03-09 13:00"]),
    (NEW_YORK, "FREQ=DAILY", "2026-10-31 09:00", ["2026-10-31 13:00", "2026-11-01 14:00", "2026-11-02 14:00"]),
    (LORD_HOWE, "FREQ=DAILY", "2026-10-03 09:00", ["2026-10-02 22:30", "2026-10-03 22:00", "2026-10-04 22:00"]),
    (LORD_HOWE, "FREQ=DAILY", "2026-04-04 09:00", ["2026-04-03 22:00", "2026-04-04 22:30", "2026-04-05 22:30"]),
    # 02:30 is skipped: it comes as much later as was skipped (03:30; on Lord Howe 02:15 becomes 02:45).
    (BERLIN, "FREQ=DAILY", "2026-03-28 02:30", ["2026-03-28 01:30", "2026-03-29 01:30", "2026-03-30 00:30"]),
    (NEW_YORK, "FREQ=DAILY", "2026-03-07 02:30", ["2026-03-07 07:30", "2026-03-08 07:30", "2026-03-09 06:30"]),
    (LORD_HOWE, "FREQ=DAILY", "2026-10-03 02:15", ["2026-10-02 15:45", "2026-10-03 15:45", "2026-10-04 15:15"]),
    # 02:30 comes twice: the first one counts, once.
    (BERLIN, "FREQ=DAILY", "2026-10-24 02:30", ["2026-10-24 00:30", "2026-10-25 00:30", "2026-10-26 01:30"]),
    (NEW_YORK, "FREQ=DAILY", "2026-10-31 01:30", ["2026-10-31 05:30", "2026-11-01 05:30", "2026-11-02 06:30"]),
    (LORD_HOWE, "FREQ=DAILY", "2026-04-04 01:45", ["2026-04-03 14:45", "2026-04-04 14:45", "2026-04-05 15:15"]),
    # Hours that pass are hours that pass.
    (BERLIN, "FREQ=HOURLY;INTERVAL=2", "2026-03-29 00:00", ["2026-03-28 23:00", "2026-03-29 01:00", "2026-03-29 03:00"]),
    (BERLIN, "FREQ=HOURLY", "2026-10-25 02:00", ["2026-10-25 00:00", "2026-10-25 01:00", "2026-10-25 02:00"]),
    # Of named hours, the skipped one falls on the next: one post, not two at the same instant.
    (BERLIN, "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0", "2026-03-29 00:00",
     ["2026-03-29 01:00", "2026-03-30 00:00", "2026-03-30 01:00"]),
    # Days are those of the zone.
    (BERLIN, "FREQ=WEEKLY;BYDAY=MO,FR", "2026-10-23 00:30", ["2026-10-22 22:30", "2026-10-25 23:30", "2026-10-29 23:30"]),
    (BERLIN, "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-01 10:00", ["2026-01-31 09:00", "2026-02-28 09:00", "2026-03-31 08:00"]),
    (BERLIN, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-05-01 10:00",
     ["2026-05-29 08:00", "2026-06-30 08:00", "2026-07-31 08:00"]),
    (BERLIN, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2026-01-01 10:00",
     ["2028-02-29 09:00", "2032-02-29 09:00", "2036-02-29 09:00"]),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "rule", "start", "instants"), CHANGES)
def test_a_repetition_keeps_its_clock(zone: str, rule: str, start: str, instants: list[str]) -> None:
    found = list(islice(slots(read_rule(rule), here(start, zone).astimezone(UTC), zone), 3))

    assert found == [utc(instant) for instant in instants]


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("FREQ=DAILY;COUNT=3", 3),
        ("FREQ=DAILY;UNTIL=20261104T080000Z", 3),  # 09:00 in Berlin, included
        ("FREQ=DAILY;UNTIL=20261104T075959Z", 2),
        ("FREQ=DAILY;UNTIL=20261104", 3),  # the whole day
        ("FREQ=DAILY;UNTIL=20261104T090000", 3),  # on the zone's clock
        ("FREQ=MINUTELY;INTERVAL=10;COUNT=5", 5),
    ],
)
def test_a_repetition_ends_as_it_says(rule: str, count: int) -> None:
    assert len(list(slots(read_rule(rule), utc("2026-11-02 08:00"), BERLIN))) == count


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=MINUTELY;INTERVAL=5",
        "FREQ=SECONDLY;COUNT=100000",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=FORTNIGHTLY",
        "INTERVAL=2",
        "every day",
        "FREQ=DAILY;BYEASTER=1",
        "FREQ=DAILY\nDTSTART:20200101T000000",
        "DTSTART:20200101T000000\nRRULE:FREQ=DAILY",
        "EXDATE:20200101",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2",
        "FREQ=DAILY;BYSETPOS=5",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYMONTHDAY=0",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=YEARLY;BYDAY=60MO",
        "FREQ=WEEKLY;BYDAY=MO;" + "BYHOUR=" + ",".join(["1"] * 150),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(rule: str) -> None:
    with pytest.raises(Refused):
        read_rule(rule)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYHOUR=99",
        "FREQ=DAILY;UNTIL=20200101",
        "FREQ=MINUTELY;UNTIL=20991231",
        "FREQ=DAILY;INTERVAL=7;BYDAY=SA",
        "FREQ=SECONDLY;INTERVAL=1000;BYHOUR=3;BYMINUTE=7;COUNT=5",
    ],
)
def test_a_rule_that_never_comes_true_or_never_ends_is_refused(rule: str) -> None:
    with pytest.raises(Refused):
        first(read_rule(rule), utc("2026-11-02 08:00"), BERLIN)


def test_a_rule_is_kept_in_one_spelling() -> None:
    assert read_rule(" rrule:freq=weekly;byday=mo, tu; ") == "FREQ=WEEKLY;BYDAY=MO,TU"


def test_the_first_time_is_one_that_the_rule_names() -> None:
    sunday = utc("2026-11-01 08:00")

    assert first("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", sunday, BERLIN) == utc("2026-11-02 08:00")


def test_without_a_first_time_the_rule_s_own_hour_counts() -> None:
    rule, start = start_of("FREQ=DAILY;BYHOUR=18", None, utc("2026-11-02 08:13") + timedelta(seconds=17))

    assert first(rule, start, BERLIN) == utc("2026-11-02 17:00")


def test_times_before_the_window_are_passed_over_and_counted() -> None:
    start = utc("2026-11-02 08:00")

    assert after("FREQ=DAILY", start, BERLIN, start, start + timedelta(days=3, hours=1)) == (
        start + timedelta(days=4),
        3,
    )
    assert after("FREQ=DAILY;COUNT=1", start, BERLIN, start, start) == (None, 0)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=2", "every 2 days"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=WEEKLY;BYDAY=MO", "every Monday"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=6", "every Monday, Wednesday and Friday, 6 times"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "every month on day 1 and 15"),
        ("FREQ=WEEKLY;UNTIL=20270101", "every week, until 2027-01-01"),
        ("FREQ=MONTHLY;BYDAY=1MO", "by the rule FREQ=MONTHLY;BYDAY=1MO"),
    ],
)
def test_a_rule_reads_as_people_say_it(rule: str, words: str) -> None:
    assert in_words(rule) == words


ZONES = some.sampled_from(
    [BERLIN, LORD_HOWE, NEW_YORK, "Pacific/Chatham", "Antarctica/Troll", "Africa/Casablanca", "Pacific/Apia", "UTC"]
)
RULES = some.sampled_from(
    ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE,SU", "FREQ=HOURLY;INTERVAL=7", "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=15"]
)


@given(
    zone=ZONES,
    rule=RULES,
    start=some.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=some.just(UTC)),
)
def test_times_go_forward_and_each_follows_the_one_before(zone: str, rule: str, start: datetime) -> None:
    rule, start = start_of(rule, start, start)
    found = list(islice(slots(rule, start, zone), 12))

    assert found[0] >= start
    assert found == sorted(set(found))
    for one, following in pairwise(found):
        assert after(rule, start, zone, one, one) == (following, 0)
