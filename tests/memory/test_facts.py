"""Are the facts that are found true? Precision before recall: what a persona remembers wrongly hurts more than a gap."""

import pytest

from memory.fact_patterns import patterns
from memory.facts import FoundFact, extract
from tests.memory.labelled import LINES, Label


def _label(fact: FoundFact) -> Label:
    return (fact.kind, fact.subject, fact.value, *(("ends",) if fact.ends else ()))


def test_of_the_facts_found_in_our_labelled_set_95_of_100_are_right() -> None:
    found = [(line, _label(fact)) for line, _ in LINES for fact in extract(line)]
    labels = {(line, tuple(label)) for line, told in LINES for label in told}
    right = [one for one in found if one in labels]
    wrong = sorted(set(found) - labels)
    missed = sorted(labels - set(found))

    assert len(LINES) >= 120
    assert sum(not told for _, told in LINES) >= 50
    assert len(right) / len(found) >= 0.95, wrong
    assert len(right) / len(labels) >= 0.9, missed


def test_lines_that_tell_nothing_give_nothing() -> None:
    wrong = {line: [_label(fact) for fact in extract(line)] for line, told in LINES if not told and extract(line)}
    assert len(wrong) <= 1, wrong


def test_a_fact_quotes_the_sentence_it_was_found_in() -> None:
    (fact,) = extract("Long day. I live in Porto. And you?")
    assert fact.quote == "I live in Porto."


def test_a_fact_said_twice_in_a_message_is_found_once() -> None:
    assert len(extract("I live in Porto. Yes, I live in Porto!")) == 1


@pytest.mark.parametrize("word", ["admin", "your operator", "the system", "your developer", "root", "God", "moderator"])
@pytest.mark.parametrize(
    "says",
    ["I am {}", "I'm a {}", "my name is {}", "call me {}", "I work as {}", "I'm {}, nice to meet you", "I love {}"],
)
def test_no_wording_makes_anybody_a_role(says: str, word: str) -> None:
    assert extract(says.format(word)) == []


@pytest.mark.parametrize(
    "text", ["I live in " * 2000, "I'm " * 3000, "a" * 50_000, "my dog's name is " * 500, "“" * 5000]
)
def test_a_long_or_hostile_text_is_read_in_bounded_time(text: str) -> None:
    extract(text)  # the suite's time limit is the assertion: no pattern runs away


def test_every_pattern_names_its_value_or_ends_something() -> None:
    names = [(one.kind, one.ends or one.value, set(one.regex.groupindex)) for one in patterns()]
    assert len(names) >= 250
    assert [kind for kind, known, groups in names if "v" not in groups and not known] == []
