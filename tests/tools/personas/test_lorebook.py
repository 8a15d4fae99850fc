"""Does a lorebook say the right thing at the right time, and never more than fits?"""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.personas import lore_decorators as decorators
from tools.personas.lorebook import Lorebook, LoreEntry, activate, tokens


def entry(content: str = "lore", **fields: object) -> LoreEntry:
    return LoreEntry.model_validate({"content": content, "keys": ["key"], **fields})


def book(*entries: LoreEntry, **fields: object) -> Lorebook:
    return Lorebook.model_validate({"entries": [one.model_dump() for one in entries], **fields})


def told(a_book: Lorebook, *messages: str, turn_count: int = 0) -> list[str]:
    return activate(a_book, messages, {}, turn_count).texts


@pytest.mark.parametrize(
    ("fields", "message", "heard"),
    [
        ({}, "the KEY turns", True),
        ({}, "monkeys", False),
        ({"whole_words": False}, "monkeys", True),
        ({"case_sensitive": True}, "the KEY turns", False),
        ({"keys": ["Straße"]}, "in der STRASSE", True),
        ({"keys": ["灯台"]}, "あの灯台まで", True),
        ({"keys": ["C++"]}, "I like C++.", True),
        ({"keys": [" ", ""]}, "anything", False),
        ({"enabled": False, "constant": True}, "key", False),
        ({"constant": True}, "nothing of it", True),
        ({"content": "  "}, "key", False),
        ({"selective": False, "secondary_keys": ["lock"]}, "key", True),
        ({"selective": True, "secondary_keys": []}, "key", True),
        ({"selective": True, "secondary_keys": ["lock", "door"]}, "key and door", True),
        ({"selective": True, "secondary_keys": ["lock", "door"]}, "key", False),
        ({"selective": True, "secondary_keys": ["lock", "door"], "logic": "and_all"}, "key and door", False),
        ({"selective": True, "secondary_keys": ["lock", "door"], "logic": "and_all"}, "key, lock, door", True),
        ({"selective": True, "secondary_keys": ["lock", "door"], "logic": "not_any"}, "key", True),
        ({"selective": True, "secondary_keys": ["lock", "door"], "logic": "not_any"}, "key and door", False),
        ({"selective": True, "secondary_keys": ["lock", "door"], "logic": "not_all"}, "key and door", True),
        ({"selective": True, "secondary_keys": ["lock", "door"], "logic": "not_all"}, "key, lock, door", False),
        ({"use_regex": True, "keys": [r"k.y\b"]}, "a KEY", True),
        ({"use_regex": True, "keys": [r"/k.y\b/"]}, "a KEY", False),
        ({"use_regex": True, "keys": [r"/k.y\b/i"]}, "a KEY", True),
        ({"use_regex": True, "keys": ["k(ey"]}, "k(ey", False),
        ({"use_regex": True, "keys": ["nope"], "constant": True}, "key", False),
    ],
)
def test_an_entry_is_told_when_its_keys_were_said(fields: dict[str, object], message: str, heard: bool) -> None:
    content = str(fields.pop("content", "lore"))

    assert told(book(entry(content, **fields)), message) == (["lore"] if heard else [])


def test_keys_are_looked_for_in_the_latest_messages_only() -> None:
    messages = ["key", "b", "c"]

    assert told(book(entry(), scan_depth=3), *messages) == ["lore"]
    assert told(book(entry(), scan_depth=2), *messages) == []
    assert told(book(entry(scan_depth=3), scan_depth=2), *messages) == ["lore"]
    assert told(book(entry(), scan_depth=0), *messages) == []


def test_texts_stand_by_position_and_order() -> None:
    a_book = book(
        entry("late", order=9),
        entry("after", order=1, position="after_char"),
        entry("early", order=-1),
    )

    assert told(a_book, "key") == ["early", "late", "after"]


def test_the_lowest_priority_goes_first_when_room_is_short() -> None:
    entries = [entry("a" * 40, priority=3), entry("b" * 40, priority=1), entry("c" * 40, priority=2)]

    assert told(book(*entries, token_budget=20), "key") == ["a" * 40, "c" * 40]
    assert told(book(*entries, token_budget=10), "key") == ["a" * 40]
    assert told(book(*entries, token_budget=0), "key") == []


def test_an_entry_longer_than_the_budget_starves_nobody_else() -> None:
    assert told(book(entry("x" * 400, priority=9), entry("short"), token_budget=20), "key") == ["short"]


def test_entries_wake_entries_only_where_the_book_says_so() -> None:
    chain = [entry("says one"), entry("says two", keys=["one"]), entry("says three", keys=["two"])]

    assert told(book(*chain), "key") == ["says one"]
    assert told(book(*chain, recursive_scanning=True), "key") == ["says one", "says two", "says three"]
    silent = [chain[0].model_copy(update={"prevent_recursion": True}), *chain[1:]]
    assert told(book(*silent, recursive_scanning=True), "key") == ["says one"]
    deaf = [*chain[:2], chain[2].model_copy(update={"exclude_recursion": True})]
    assert told(book(*deaf, recursive_scanning=True), "key") == ["says one", "says two"]


def test_a_long_chain_ends() -> None:
    chain = [entry(f"n{number + 1}x", keys=[f"n{number}x"]) for number in range(50)]

    assert len(told(book(*chain, recursive_scanning=True, token_budget=10_000), "n0x")) == 6


def test_a_catastrophic_pattern_is_stopped() -> None:
    evil = [entry(f"{number}", use_regex=True, keys=[r"(\w+\s?)+$", r"(a|a?)+b"]) for number in range(50)]
    good = entry("good", use_regex=True, keys=["a"])
    started = time.process_time()

    texts = told(book(good, *evil), "a" * 5000 + "!")

    assert texts == ["good"]
    assert time.process_time() - started < 5  # would be longer than the universe is old


@pytest.mark.parametrize(
    ("head", "turn_count", "message", "heard"),
    [
        ("@@activate_only_after 3", 2, "key", False),
        ("@@activate_only_after 3", 3, "key", True),
        ("@@activate_only_every 2", 3, "key", False),
        ("@@activate_only_every 2", 4, "key", True),
        ("@@activate", 0, "nothing", True),
        ("@@dont_activate", 0, "key", False),
        ("@@dont_activate\n@@activate", 0, "nothing", True),
        ("@@exclude_keys door,lock", 0, "key and lock", False),
        ("@@additional_keys door, lock", 0, "key and lock", True),
        ("@@additional_keys door, lock", 0, "key", False),
        ("@@scan_depth 0", 0, "key", False),
        ("@@unheard_of 4\n@@@activate_only_after 3", 2, "key", False),
        ("@@unheard_of 4\n@@@also_unheard\n@@@dont_activate", 2, "key", False),
        ("@@activate_only_after 1\n@@@dont_activate", 2, "key", True),
        ("@@activate_only_after soon", 0, "key", True),
        ("@@depth 3\n\n@@role user", 0, "key", True),
    ],
)
def test_decorators_are_obeyed_and_cut_off(head: str, turn_count: int, message: str, heard: bool) -> None:
    texts = told(book(entry(f"{head}\n\nlore\nof two lines")), message, turn_count=turn_count)

    assert texts == (["lore\nof two lines"] if heard else [])


def test_decorators_place_an_entry() -> None:
    assert told(book(entry("@@position after_desc\nb", order=1), entry("a", order=2)), "key") == ["a", "b"]


def test_content_without_decorators_stays_as_it_is() -> None:
    assert decorators.without("\n an @@activate within \n") == "\n an @@activate within \n"


def test_an_entry_may_stay_or_go_after_its_first_match() -> None:
    a_book = book(entry("@@keep_activate_after_match\nstays"), entry("@@dont_activate_after_match\ngoes"))

    first = activate(a_book, ["key"], {}, 0)
    second = activate(a_book, ["silence"], first.timers, 1)
    third = activate(a_book, ["key"], second.timers, 2)

    assert first.texts == ["stays", "goes"]
    assert second.texts == third.texts == ["stays"]


@given(
    sticky=st.integers(0, 4),
    cooldown=st.integers(0, 4),
    delay=st.integers(0, 4),
    said=st.lists(st.booleans(), max_size=25),
)
def test_sticky_cooldown_and_delay_are_exact(sticky: int, cooldown: int, delay: int, said: list[bool]) -> None:
    a_book = book(entry(sticky=sticky, cooldown=cooldown, delay=delay))
    timers: dict[str, object] = {}
    matched = -1_000
    for turn, says in enumerate(said):
        result = activate(a_book, ["key" if says else "silence"], timers, turn)
        timers = result.timers

        since = turn - matched
        stays, rests = since <= sticky, sticky < since <= sticky + cooldown
        matches = not stays and not rests and turn >= delay and says
        matched = turn if matches else matched
        assert bool(result.texts) == (stays or matches)
        assert result.used == ([a_book.entries[0].id] if result.texts else [])


@given(
    contents=st.lists(st.tuples(st.text(min_size=1, max_size=200), st.integers(-5, 5), st.booleans()), max_size=12),
    budget=st.integers(0, 200),
)
@settings(max_examples=200)
def test_the_budget_is_never_exceeded(contents: list[tuple[str, int, bool]], budget: int) -> None:
    entries = [entry(text, priority=priority, constant=constant) for text, priority, constant in contents]

    result = activate(book(*entries, token_budget=budget, recursive_scanning=True), ["key"], {}, 0)

    assert sum(map(tokens, result.texts)) <= budget
    assert activate(book(*entries, token_budget=budget, recursive_scanning=True), ["key"], {}, 0) == result


def test_what_had_no_room_starts_no_timer() -> None:
    a_book = book(entry("x" * 400, cooldown=3), entry("short", cooldown=3), token_budget=10)

    result = activate(a_book, ["key"], {}, 0)

    assert result.texts == ["short"]
    assert list(result.timers) == [a_book.entries[1].id]


def test_entries_get_ids_of_their_own() -> None:
    assert [one.id for one in book(entry(id="1"), entry(), entry(id="1"), entry(id="x")).entries] == [
        "1",
        "0",
        "2",
        "x",
    ]


def test_an_entry_comes_as_often_as_its_probability_says_and_the_same_when_a_turn_is_run_again() -> None:
    a_book = book(entry("rare", probability=25), entry("never", probability=0), entry("always"))

    told = [activate(a_book, ["key"], {}, 0, f"turn {n}").texts for n in range(1000)]

    assert 200 < sum("rare" in texts for texts in told) < 300
    assert all("always" in texts and "never" not in texts for texts in told)
    assert told == [activate(a_book, ["key"], {}, 0, f"turn {n}").texts for n in range(1000)]


def test_what_stays_is_not_thrown_for_again() -> None:
    a_book = book(entry("lucky", probability=50, sticky=5))
    first = next(found for n in range(50) if (found := activate(a_book, ["key"], {}, 0, str(n))).texts)

    for n in range(5):
        assert activate(a_book, ["silence"], first.timers, 1, f"later {n}").texts == ["lucky"]


def test_of_a_group_one_entry_comes_by_weight() -> None:
    a_book = book(
        entry("light", group="weather", group_weight=100),
        entry("heavy", group="weather, mood", group_weight=300),
        entry("free"),
    )
    told = [activate(a_book, ["key"], {}, 0, str(n)).texts for n in range(1000)]

    assert {tuple(texts) for texts in told} == {("light", "free"), ("heavy", "free")}
    assert 700 < sum("heavy" in texts for texts in told) < 800


def test_of_a_group_the_one_that_stays_or_is_put_first_comes() -> None:
    first = entry("first", group="g", group_override=True, order=1)
    stays = entry("stays", group="g", sticky=3, keys=["lamp"])
    a_book = book(entry("other", group="g", group_weight=1_000_000), first, stays)

    assert activate(a_book, ["key"], {}, 0, "x").texts == ["first"]
    lit = activate(a_book, ["lamp"], {}, 0, "x")
    assert activate(a_book, ["key"], lit.timers, 1, "x").texts == ["stays"]


def test_a_text_wakes_nobody_of_a_group_that_is_there_already() -> None:
    a_book = book(
        entry("the word lamp", group="g"), entry("lamp lore", keys=["lamp"], group="g"), recursive_scanning=True
    )
    assert activate(a_book, ["key"], {}, 0, "x").texts == ["the word lamp"]
