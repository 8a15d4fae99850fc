"""Is what the sets mended still mended: of the facts found in them 95 of 100 are right? No proof for lines not seen."""

from typing import TypeAlias

import pytest

from tests.memory import (
    blind_fourth,
    blind_second,
    blind_seventh,
    blind_sixth,
    blind_third,
    blind_told,
    blind_traps,
    measured,
)
from tests.memory.labelled import Label
from tests.memory.measuring import measure

Told: TypeAlias = tuple[tuple[str, list[Label]], ...]
Traps: TypeAlias = dict[str, tuple[str, ...]]


def test_of_the_facts_found_in_the_measuring_set_95_of_100_are_right() -> None:
    result = measure(measured.TOLD, measured.TRAPS)
    assert len(measured.TOLD) + sum(map(len, measured.TRAPS.values())) >= 150
    assert result.whole.precision >= 0.95, result.wrong
    assert result.whole.recall >= 0.85, result.missed


@pytest.mark.parametrize(
    ("told", "traps"),
    [
        (blind_told.TOLD, blind_traps.TRAPS),
        (blind_second.TOLD, blind_second.TRAPS),
        (blind_third.TOLD, blind_third.TRAPS),
        (blind_fourth.TOLD, blind_fourth.TRAPS),
        (blind_sixth.TOLD, blind_sixth.TRAPS),
        (blind_seventh.TOLD, blind_seventh.TRAPS),
    ],
    ids=["first", "second", "third", "fourth", "sixth", "seventh"],
)
def test_what_the_blind_sets_mended_stays_mended(told: Told, traps: Traps) -> None:
    result = measure(told, traps)
    assert result.whole.precision >= 0.96, result.wrong
    assert result.whole.recall >= 0.93, result.missed
