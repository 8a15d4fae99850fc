"""Of more facts than a prompt holds, are those told that matter now?"""

from datetime import UTC, datetime, timedelta

from memory.choosing import chosen
from memory.vault import FactShown

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def fact(n: int, kind: str, value: str, subject: str = "", days: float = 1, uses: int = 0) -> FactShown:
    at = NOW - timedelta(days=days)
    return FactShown(f"{n:03}", kind, subject, value, value, "m", 0.9, at, uses=uses)


def test_few_facts_are_all_told() -> None:
    facts = [fact(n, "likes", f"thing {n}") for n in range(5)]
    assert chosen(facts, "hello", NOW, 60, 5) == facts


def test_who_they_are_and_what_fits_comes_before_what_is_newest() -> None:
    old = [
        fact(0, "name", "Ada", days=900),
        fact(1, "home", "Porto", days=900),
        fact(2, "allergy", "peanuts", days=900),
        fact(3, "likes", "Tolstoy", days=900),
        fact(4, "likes", "sailing", days=900),
        fact(5, "likes", "jazz", days=60, uses=30),
    ]
    new = [fact(10 + n, "likes", f"thing number {n}", days=20 + n) for n in range(60)]
    told = [one.value for one in chosen([*old, *new], "would you read Tolstoy to me?", NOW, 60, 10)]
    assert told[:5] == ["Ada", "Porto", "peanuts", "Tolstoy", "jazz"]
    assert told[5:] == [f"thing number {n}" for n in range(5)]
