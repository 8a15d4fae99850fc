"""Pace: at once unless the character says otherwise, humane when it does, and right over the nights when clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.pace import LEAST, MOST_PIECES, awake_at, hold_until, parts, spread
from tools.personas.character import Character, Pace

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
NIGHT = Pace(quiet_from="23:00", quiet_until="07:30")
LONG = (
    "I was out on the cliff this morning. The whales were closer than they have been in weeks! Do you know that feeling "
    "when everything goes still?\n\nThen the kettle boiled over, of course, and I missed the best part of it all. My "
    "grandfather would have laughed for an hour; he always said that the sea waits for nobody with a kettle. "
    "Anyway: how was your day, and did you sleep at all?"
)


def test_a_persona_answers_at_once_unless_its_character_says_otherwise() -> None:
    pace = Character(name="Nova").pace
    assert hold_until(pace, "Europe/Lisbon", [NOON], "x" * 10_000, NOON) == NOON
    assert parts(pace, LONG) == [LONG]
    assert spread(pace, ["a", "b"], NOON) == [NOON, NOON]


def test_reading_begins_with_the_last_message_and_takes_no_longer_than_said() -> None:
    pace = Pace(reading_cps=10, longest_s=5)
    came = [NOON - timedelta(seconds=30), NOON - timedelta(seconds=1)]
    assert hold_until(pace, "", came, "x" * 40, NOON) == NOON + timedelta(seconds=3)
    assert hold_until(pace, "", came, "x" * 4000, NOON) == NOON + timedelta(seconds=4)
    assert hold_until(pace, "", [NOON - timedelta(hours=1)], "x" * 40, NOON) == NOON


def test_pieces_are_typed_one_after_the_other() -> None:
    pace = Pace(typing_cps=10, longest_s=6)
    assert spread(pace, ["x" * 20, "x" * 1000, "x" * 10], NOON) == [
        NOON + timedelta(seconds=2),
        NOON + timedelta(seconds=8),
        NOON + timedelta(seconds=9),
    ]


def test_a_long_reply_falls_into_a_few_pieces_and_loses_nothing() -> None:
    pieces = parts(Pace(style="natural"), LONG)
    assert 2 <= len(pieces) <= MOST_PIECES
    assert " ".join(pieces).split() == LONG.split()
    assert all(piece[-1] in ".!?" for piece in pieces)


def test_what_is_long_without_an_end_stays_in_few_pieces() -> None:
    flood = "\n\n".join(
        f"Thought {n} is about as long as this and goes on until it is quite long enough. " * 3 for n in range(20)
    )
    assert len(parts(Pace(split=True), flood)) == MOST_PIECES
    assert parts(Pace(split=True), "word " * 400) == ["word " * 399 + "word"]


@pytest.mark.parametrize(
    "text",
    ["Hi!", "- one\n- two\n- three " + "x" * 400, "```\ncode. More code.\n```" + " x." * 200, "# Title\n\n" + LONG],
)
def test_lists_code_and_little_words_are_never_cut(text: str) -> None:
    assert parts(Pace(style="slow"), text) == [text]


@given(st.text(alphabet=st.sampled_from("aб. !?\n。"), max_size=2000))
def test_pieces_joined_are_the_text(text: str) -> None:
    pieces = parts(Pace(split=True), text)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert len(pieces) <= MOST_PIECES
    assert all(piece.strip() for piece in pieces) or len(text) <= LEAST or not text.strip()


def test_at_night_it_answers_in_the_morning_of_its_own_zone() -> None:
    evening = datetime(2026, 1, 10, 23, 30, tzinfo=ZoneInfo("Atlantic/Azores"))
    morning = datetime(2026, 1, 11, 7, 30, tzinfo=ZoneInfo("Atlantic/Azores"))
    assert hold_until(NIGHT, "Atlantic/Azores", [evening], "hi", evening) == morning
    assert hold_until(NIGHT, "Atlantic/Azores", [evening], "hi", morning - timedelta(minutes=1)) == morning
    assert hold_until(NIGHT, "Atlantic/Azores", [evening], "hi", morning) == morning
    assert hold_until(NIGHT, "Asia/Tokyo", [evening], "hi", evening) == evening


def test_a_rest_at_noon_is_no_night() -> None:
    siesta = Pace(quiet_from="13:00", quiet_until="15:00")
    assert awake_at(siesta, "UTC", NOON) == NOON
    assert awake_at(siesta, "UTC", NOON + timedelta(hours=2)) == NOON + timedelta(hours=3)


def test_reading_that_ends_in_the_night_is_answered_after_it() -> None:
    pace = Pace(reading_cps=1, longest_s=60, quiet_from="12:00", quiet_until="13:00")
    came = NOON - timedelta(seconds=10)
    assert hold_until(pace, "UTC", [came], "x" * 30, came) == NOON + timedelta(hours=1)


# Nights in which a clock is put forward or back: Berlin at 2-3, Lord Howe by half an hour, Azores at midnight.
CHANGES = [
    ("Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)),
    ("Atlantic/Azores", datetime(2026, 10, 24, 12, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 0, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 0, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC)),
]


@pytest.mark.parametrize(("zone", "start"), CHANGES)
@pytest.mark.parametrize("until", ["00:30", "01:45", "02:00", "02:30", "03:00", "06:00"])
def test_the_night_ends_when_the_clock_on_the_wall_says_so(zone: str, start: datetime, until: str) -> None:
    pace = Pace(quiet_from="22:00", quiet_until=until)
    for quarters in range(4 * 30):
        at = start + timedelta(minutes=15 * quarters)
        free = awake_at(pace, zone, at)
        assert at <= free <= at + timedelta(hours=12)
        assert awake_at(pace, zone, free) == free
        if free > at:
            assert awake_at(pace, zone, free - timedelta(minutes=1)) == free


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": "23:00"},
        {"quiet_from": "9", "quiet_until": "x"},
        {"longest_s": 3600},
        {"style": "asleep"},
        {"quiet_from": "07:00", "quiet_until": "07:00"},
    ],
)
def test_a_pace_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Pace.model_validate(wrong)
