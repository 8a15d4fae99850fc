"""Which of many facts is a reply made with? Those that say who the fan is always; then what fits, weighs, is used and is new.

Only asked of vaults that hold more than a prompt does (`agents.recollection`).
"""

from collections.abc import Sequence
from datetime import datetime

from memory.fading import kept
from memory.recall.words import terms
from memory.vault.facts import FactShown

ALWAYS = frozenset({"name", "home", "job", "relationship"})  # the fan's own: nobody forgets these of a friend
# How much it matters to know this, 0 to 1: what may do harm when forgotten, then whom they love, then tastes.
WEIGHTS = {
    "allergy": 1.0, "health": 1.0, "birthday": 0.8, "partner": 0.8, "family": 0.7, "pet": 0.7, "age": 0.6, "plan": 0.5,
    "employer": 0.5, "study": 0.5, "diet": 0.5, "origin": 0.5, "language": 0.4,
}  # fmt: skip
USUAL = 0.3


def chosen(
    facts: Sequence[FactShown], question: str, now: datetime, half_life_days: float, most: int
) -> list[FactShown]:
    """At most so many of the facts, in their order."""
    if len(facts) <= most:
        return list(facts)
    asked = set(terms(question))

    def worth(fact: FactShown) -> float:
        if fact.kind in ALWAYS and not fact.subject:
            return 10.0
        weight = WEIGHTS.get(fact.kind, USUAL)
        fits = len(asked & set(terms(f"{fact.kind} {fact.subject} {fact.value}")))
        return fits + 1.5 * weight + kept(now - fact.at, half_life_days, weight, fact.uses)

    best = sorted(range(len(facts)), key=lambda place: (-worth(facts[place]), -place))[:most]
    return [facts[place] for place in sorted(best)]
