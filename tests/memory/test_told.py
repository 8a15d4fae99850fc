"""Are facts told in passing found, and is what only sounds like one left alone?"""

import pytest

from memory.facts import FoundFact, extract
from tests.memory.labelled import Label
from tests.memory.told import FRESH, KEPT, WORK

LINES = WORK + KEPT + FRESH


def _label(fact: FoundFact) -> Label:
    return (fact.kind, fact.subject, fact.value, *(("ends",) if fact.ends else ()))


def test_of_what_is_told_in_passing_most_is_found_and_nearly_all_of_it_is_right() -> None:
    found = {(line, _label(fact)) for line, _ in LINES for fact in extract(line)}
    labels = {(line, tuple(label)) for line, told in LINES for label in told}

    assert len(LINES) >= 160
    assert sum(not told for _, told in LINES) >= 80
    assert len(found & labels) / len(found) >= 0.95, sorted(found - labels)
    assert len(found & labels) / len(labels) >= 0.85, sorted(labels - found)


@pytest.mark.parametrize(
    "text", ["I have two kids, " + "Lea, " * 900, "my sons " * 900, "I'm Maria, " * 700, "Ich bin Timo und " * 500]
)
def test_a_long_list_is_read_in_bounded_time(text: str) -> None:
    extract(text)  # the suite's time limit is the assertion


def test_a_full_stop_in_a_name_ends_no_sentence() -> None:
    facts = extract("I'm a nurse at St. Mary's")
    assert [(fact.kind, fact.value) for fact in facts] == [("job", "nurse"), ("employer", "St. Mary's")]
    assert {fact.quote for fact in facts} == {"I'm a nurse at St. Mary's"}
