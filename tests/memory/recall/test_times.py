"""Which days does a question name, and is what was said then, or what happened then, found by it?"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.recall.asked import named_time, understand
from memory.recall.nature import TIMES, nature
from memory.recall.search import search
from memory.recall.shelf import Shelf
from memory.recall.then import asks_for_a_time
from memory.recall.times import days_of
from memory.recall.words import Words
from tests.memory.recall.shelves import MONDAY, TWO, spoken, vector_of

# Days that are named


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("yesterday", "2023-05-07", "2023-05-07"),
        ("What happened last week?", "2023-05-01", "2023-05-07"),
        ("three weeks ago", "2023-04-14", "2023-04-20"),
        ("Where was I last summer?", "2022-06-01", "2022-08-31"),
        ("What did she do in March?", "2023-03-01", "2023-03-31"),
        ("in December", "2022-12-01", "2022-12-31"),
        ("on 4 May", "2023-05-04", "2023-05-04"),
        ("on May 20th", "2022-05-20", "2022-05-20"),
        ("in June 2021", "2021-06-01", "2021-06-30"),
        ("during 2021", "2021-01-01", "2021-12-31"),
        ("I saw him on Friday", "2023-05-05", "2023-05-05"),
        ("last Monday", "2023-05-01", "2023-05-01"),
        ("next Friday", "2023-05-12", "2023-05-12"),
        ("I have an exam on Friday", "2023-05-12", "2023-05-12"),
        ("last month", "2023-04-01", "2023-04-30"),
        ("next year", "2024-01-01", "2024-12-31"),
        ("31 February 2023", "2023-02-28", "2023-02-28"),
    ],
)
def test_days_are_read_from_the_time_of_speaking(text: str, first: str, last: str) -> None:
    days = days_of(Words(text), MONDAY)
    assert days is not None
    assert (_day(days.first), _day(days.last)) == (first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Wo war ich letzten Sommer?", "2022-06-01", "2022-08-31"),
        ("Was habe ich dir vorgestern gesagt?", "2023-05-06", "2023-05-06"),
        ("gestern Abend", "2023-05-07", "2023-05-07"),
        ("heute morgen", "2023-05-08", "2023-05-08"),
        ("vor drei Wochen", "2023-04-14", "2023-04-20"),
        ("vor ein paar Tagen", "2023-05-05", "2023-05-05"),
        ("Was war im März?", "2023-03-01", "2023-03-31"),
        ("im März letzten Jahres", "2022-03-01", "2022-03-31"),
        ("am 3. April 2022", "2022-04-03", "2022-04-03"),
        ("am 24.12.", "2022-12-24", "2022-12-24"),
        ("letztes Jahr an Weihnachten", "2022-12-24", "2022-12-26"),
        ("Was habe ich Weihnachten 2020 gemacht?", "2020-12-24", "2020-12-26"),
        ("zu Ostern", "2023-04-07", "2023-04-10"),
        ("nächstes Silvester", "2023-12-31", "2023-12-31"),
        ("letzte Woche", "2023-05-01", "2023-05-07"),
        ("vorletzten Monat", "2023-03-01", "2023-03-31"),
        ("Was war am Wochenende?", "2023-05-06", "2023-05-07"),
        ("Was habe ich dir am Dienstag erzählt?", "2023-05-02", "2023-05-02"),
        ("letzten Mittwochabend", "2023-05-03", "2023-05-03"),
        ("Ich habe am Freitag eine Prüfung", "2023-05-12", "2023-05-12"),
        ("Ich muss nächsten Freitag hin", "2023-05-12", "2023-05-12"),
        ("am Tag nach Weihnachten", "2022-12-27", "2022-12-27"),
        ("in der Woche vor Ostern", "2023-03-31", "2023-04-06"),
        ("the day before yesterday", "2023-05-06", "2023-05-06"),
        ("12345678 years ago", "0001-01-01", "0001-12-31"),
    ],
)
def test_days_of_a_question_are_read_in_german_too(text: str, first: str, last: str) -> None:
    named = named_time(text, MONDAY)
    assert named is not None
    assert (_day(named[0].first), _day(named[0].last)) == (first, last)


@pytest.mark.parametrize("text", ["Guten Morgen", "Mir ist vor Angst schlecht", "sonntags laufe ich", "am 5.99. Platz"])
def test_no_german_days_are_read_where_none_are_named(text: str) -> None:
    assert named_time(text, MONDAY) is None


@pytest.mark.parametrize("text", ["I may march on", "a fall", "the second one", "", "at 10", "12345 ago"])
def test_no_days_are_read_where_none_are_named(text: str) -> None:
    assert days_of(Words(text), MONDAY) is None


@given(st.text(max_size=200), st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))
def test_no_text_is_too_odd_for_days(text: str, at: datetime) -> None:
    days = days_of(Words(text), at)
    assert days is None or days.first <= days.last


@pytest.mark.parametrize("text", ["9" * 5000 + " years ago", "vor " + "9" * 5000 + " Jahren", "on 0. 0. 0000"])
def test_a_number_that_is_no_count_names_no_days(text: str) -> None:
    assert days_of(Words(text), MONDAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "Tonight!",
        "onMonday",
        "may",
        "the 21st",
        "in 1999",
        "my Fourteenth",
        "twenty-one",
        "LAST summer",
        "ten Days ago",
    ],
)
def test_a_time_is_noticed_even_where_it_is_no_day(text: str) -> None:
    assert nature(Words(text))[TIMES] == 1


@pytest.mark.parametrize("text", ["", "teenth", "summer", "a week", "long ago", "I saw 21 of them", "mayor"])
def test_no_time_is_noticed_where_none_is_told(text: str) -> None:
    assert nature(Words(text))[TIMES] == 0


def _day(ordinal: int) -> str:
    return datetime.fromordinal(ordinal).date().isoformat()


def test_what_happened_then_comes_first() -> None:
    shelf = Shelf()
    shelf.add([spoken(0, "We danced", minutes=0), spoken(1, "We danced", minutes=60 * 24 * 200)])
    at = MONDAY + timedelta(days=300)
    (first, _) = search(shelf, "What did we do in May 2023?", None, 2, at=at, floor=0)
    assert first.message_id == "00000"


def test_the_day_before_something_is_told_from_what_was_said_of_it() -> None:
    shelf = Shelf()
    day = 60 * 24
    shelf.add(
        [
            spoken(0, "My chemistry exam is on Friday", minutes=0),
            spoken(1, "We ate noodles by the river", minutes=3 * day),
            spoken(2, "We ate noodles by the river", minutes=40 * day),
            spoken(3, "We ate noodles by the river", minutes=90 * day),
        ]
    )
    at = MONDAY + timedelta(days=120)
    asked_of = "What did we eat the day before my chemistry exam?"
    found = [hit.message_id for hit in search(shelf, asked_of, None, 4, at=at, floor=0) if hit.message_id != "00000"]
    assert found[0] == "00001"
    german = understand("Was aßen wir am Tag vor meiner Chemieprüfung?", TWO, at).anchor
    assert german is not None
    assert (german.terms, german.first, german.last) == (["chemieprüfung"], -1, -1)
    assert understand("What was the week after Ada?", TWO, at).anchor is None


# A question that names only a time


def _of_days() -> Shelf:
    """Of Monday to Thursday; on Tuesday, the 9th, four messages."""
    shelf, day = Shelf(), 60 * 24
    shelf.add(
        [
            spoken(0, "The heron by our lake built a nest", minutes=0),
            spoken(1, "Hi!", minutes=day),
            spoken(2, "My brother Emil and I bought an old boat in Kiel for 900 euros", minutes=day + 1),
            spoken(3, "I have repaired three boats in my life", "persona", minutes=day + 2),
            spoken(4, "Do you sail?", minutes=day + 3),
            spoken(5, "I go to the market every Tuesday", minutes=3 * day),
        ]
    )
    return shelf


@pytest.mark.parametrize(
    "question", ["What did I tell you last Tuesday?", "Was habe ich dir letzten Dienstag erzählt?"]
)
def test_a_question_for_a_time_alone_is_given_what_was_said_then(question: str) -> None:
    at = MONDAY + timedelta(days=5)
    found = [hit.message_id for hit in search(_of_days(), question, vector_of(question), 10, at=at)]
    assert found[0] == "00002"
    assert set(found) == {"00001", "00002", "00003", "00004"}
    assert search(_of_days(), question, None, 10, before="00002", at=at)[-1].message_id == "00001"


def test_what_the_persona_said_then_comes_first_where_it_is_asked_for() -> None:
    at = MONDAY + timedelta(days=5)
    assert search(_of_days(), "What did you say on Tuesday?", None, 1, at=at)[0].message_id == "00003"


def test_of_a_time_in_which_nothing_was_said_nothing_is_told() -> None:
    at = MONDAY + timedelta(days=5)
    assert search(_of_days(), "What did I tell you last month?", None, 10, at=at) == []


def test_a_day_is_one_by_the_clock_of_who_asks() -> None:
    late = Shelf()
    late.add([spoken(0, "The bell rang", minutes=8 * 60)])  # 21:56 UTC on Monday, Tuesday in Tokyo
    at = (MONDAY + timedelta(days=2)).astimezone(ZoneInfo("Asia/Tokyo"))
    assert len(search(late, "What did I say on Tuesday?", None, 10, at=at)) == 1
    assert search(late, "What did I say on Monday?", None, 10, at=at) == []


@pytest.mark.parametrize(
    "question", ["What did I say about boats last Tuesday?", "What did I tell you?", "Last Tuesday Emil"]
)
def test_a_question_for_more_than_a_time_is_none_for_a_time(question: str) -> None:
    assert asks_for_a_time(question, MONDAY) is None
