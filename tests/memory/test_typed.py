"""Is what is typed in haste written out, and does a fact still quote the fan's own letters?"""

import re
from types import ModuleType

import pytest

from memory.facts import candidates, extract
from memory.typed import Written, spelled, spoken, written_out
from tests.memory import blind_fourth, measured, typed_blind, typed_fresh, typed_second, typed_third
from tests.memory.measuring import measure

WRITTEN_OUT = {
    "im tom btw": "I'm Tom btw",
    "my gf's called mia": "my girlfriend's called Mia",
    "38f here": "I'm 38",
    "livin in leeds atm": "I'm living in Leeds at the moment",
    "got engaged!!": "I got engaged!!",
    "broke up w my bf n moved to porto": "I broke up with my boyfriend and moved to Porto",
    "i looove sushi ngl": "i love sushi",
    "bin der tom": "ich bin der Tom",
    "hab ne katze, wohn in köln": "ich habe eine katze, wohne in Köln",
    "ich fliege im juli": "ich fliege im juli",
    "slim, dim and grim": "slim, dim and grim",
    "its name is odd": "its name is odd",
    "he left. moved to porto": "he left. moved to Porto",
    "new york 🎉 is big": "New York, is big",
}
LINES = tuple(
    line
    for one in (blind_fourth, measured, typed_blind, typed_fresh, typed_second, typed_third)
    for line in [*(line for line, _ in one.TOLD), *(line for lines in one.TRAPS.values() for line in lines)]
)


@pytest.mark.parametrize(("typed", "meant"), WRITTEN_OUT.items(), ids=list(WRITTEN_OUT))
def test_what_is_typed_in_haste_is_written_out(typed: str, meant: str) -> None:
    assert written_out(Written.of(typed)).text == meant


def test_every_letter_knows_where_it_came_from() -> None:
    for line in LINES:
        written = written_out(Written.of(line))
        assert len(written.text) == len(written.begins) == len(written.ends)
        assert list(written.begins) == sorted(written.begins)
        assert written.own_words(0, len(written.text)) in line
    written = written_out(Written.of("ugh im tryna sleep rn"))
    at = written.text.index("trying to")
    assert written.own_words(at, at + 9) == "tryna"


def test_a_quotation_is_what_the_fan_typed() -> None:
    quotes = [(line, fact.quote) for line in LINES for fact in candidates(line)]
    assert len(quotes) >= 250
    assert [quote for line, quote in quotes if quote not in line] == []
    (fact,) = extract("ok. moving in w my bf next month 💕")
    assert (fact.value, fact.quote) == ("moving in w my bf next month", "moving in w my bf next month")


def test_no_value_is_cut_inside_a_word() -> None:
    cut = []
    for line in LINES:
        words = set(re.findall(r"\w+", f"{line} {written_out(Written.of(line)).text}".lower()))
        cut += [(line, one.value) for one in extract(line) if not set(re.findall(r"\w+", one.value.lower())) <= words]
    # What a pattern says in other words than the fan: "teacher" for who teaches, "no meat", "kein Fleisch".
    assert all(re.search(r"teacher$|^playing |^no |^kein |^collecting |^to |only child", value) for _, value in cut), (
        cut
    )


def test_not_being_a_doctor_but_says_nothing_unless_they_were_one() -> None:
    line = "im not a doctor but that looks infected"
    assert extract(line) == []
    (fact,) = candidates(line)
    assert (fact.kind, fact.value, fact.ends, fact.idle, fact.past) == ("job", "doctor", True, True, False)


SMALL_TALK = (
    "collect ur prize lol", "pregnant pause lol", "vegan cheese is gross", "always wanted to ask u something",
    "i do nails for fun with my sis", "the trip was off the charts", "got 2 hours of sleep", "used to it by now",
    "its raining again", "hi im bored", "my cat is so weird today", "bin grad unterwegs", "im 2 mins away", "love ya",
    "got a cat pic for u", "my phone died", "left my bag in rome", "engaged in a long call", "names are hard",
)  # fmt: skip


@pytest.mark.parametrize("line", SMALL_TALK)
def test_small_talk_without_a_subject_tells_nothing(line: str) -> None:
    assert extract(line) == []


def test_the_language_is_that_of_most_of_its_words() -> None:
    assert [spoken(text) for text in ("hab ne katze", "i have a cat", "im juli nach kreta")] == [
        "german", "english", "german",
    ]  # fmt: skip
    assert spelled("meet u tmrw") == "meet you tomorrow"


@pytest.mark.parametrize("text", ["im " * 700, "n " * 1000, "a" * 2000, "got " * 500, "🎉" * 2000, "w/" * 1000])
def test_a_hostile_text_is_written_out_in_bounded_time(text: str) -> None:
    written_out(Written.of(text))  # the suite's time limit is the assertion


@pytest.mark.parametrize(
    "told", [typed_blind, typed_fresh, typed_second, typed_third], ids=["blind", "fresh", "second", "third"]
)
def test_what_fans_tell_in_haste_is_found_and_nearly_all_of_it_is_right(told: ModuleType) -> None:
    result = measure(told.TOLD, told.TRAPS)
    assert result.whole.precision >= 0.97, result.wrong
    assert result.whole.recall >= 0.93, result.missed
