"""What follows from what models saw: never more than they said, and nothing where they said nothing."""

import pytest

from gpu_worker.likeness.judging import Findings, likeness_of, rating_of, sound

NUDE = {"normal": 0.05, "nsfw": 0.95}
DRESSED = {"normal": 0.98, "nsfw": 0.02}
GROWN = {"0-2": 0.0, "10-19": 0.02, "20-29": 0.9, "40-49": 0.08}
YOUNG = {"child": 0.3, "adult": 0.7}


@pytest.mark.parametrize(
    ("labels", "rating"),
    [
        ({}, "unknown"),
        ({"odd": {"cat": 0.5, "dog": 0.5}}, "unknown"),
        ({"age": GROWN}, "unknown"),
        ({"nude": DRESSED}, "general"),
        ({"nude": DRESSED, "age": GROWN}, "general"),
        ({"nude": NUDE}, "unknown"),
        ({"nude": NUDE, "age": GROWN}, "mature"),
        ({"nude": NUDE, "age": {"10-19": 0.1, "20-29": 0.5, "30-39": 0.4}}, "mature"),
        ({"nude": NUDE, "age": {"teen": 0.14, "adult": 0.8, "old": 0.0, "cat": 0.06}}, "unknown"),
        ({"nude": DRESSED, "age": YOUNG}, "minor"),
        ({"age": YOUNG}, "minor"),
        ({"nude": DRESSED, "other": NUDE}, "unknown"),
    ],
)
def test_a_rating_is_what_classifiers_say_plainly(labels: dict[str, dict[str, float]], rating: str) -> None:
    assert rating_of(Findings(labels=labels)) == rating


@pytest.mark.parametrize(
    ("score", "held", "said"),
    [
        (0.9, True, "held"),
        (0.9, False, "held"),
        (0.4, True, "drifted"),
        (None, True, "unchecked"),
        (None, False, "unheld"),
    ],
)
def test_a_likeness_is_what_was_compared(score: float | None, held: bool, said: str) -> None:
    assert likeness_of(Findings(score, 0.5), has_face=True, held=held) == said
    assert likeness_of(Findings(score, 0.5), has_face=False, held=held) == ""


NAN = float("nan")


@pytest.mark.parametrize(
    ("labels", "rating"),
    [
        ({"nude": {"normal": NAN, "nsfw": NAN}}, "unknown"),
        ({"nude": DRESSED, "age": {"child": NAN, "adult": 0.5}}, "unknown"),
        ({"nude": {"normal": float("inf"), "nsfw": 0.0}, "age": YOUNG}, "minor"),
    ],
)
def test_what_is_no_number_rates_nothing(labels: dict[str, dict[str, float]], rating: str) -> None:
    assert rating_of(sound(Findings(labels=labels))) == rating


@pytest.mark.parametrize(("score", "threshold"), [(NAN, 0.5), (0.9, NAN), (float("inf"), 0.5), (0.9, None)])
def test_a_face_is_not_held_by_what_is_no_number(score: float, threshold: float | None) -> None:
    found = sound(Findings(score, threshold))
    assert (found.broken, likeness_of(found, has_face=True, held=True)) == (True, "unchecked")
