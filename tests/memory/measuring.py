"""How many of the facts found are right, and how many of those told are found? Counted on sets with labels."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from memory.facts import extract
from memory.found_fact import FoundFact
from tests.memory.labelled import Label


@dataclass(slots=True)
class Count:
    found: int = 0
    right: int = 0
    told: int = 0
    heard: int = 0  # of what was told

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.heard / self.told if self.told else 1.0


@dataclass(slots=True)
class Measured:
    """By kind of fact; `wrong` and `missed` are lines with what was found or told."""

    kinds: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def whole(self) -> Count:
        every = self.kinds.values()
        return Count(
            sum(one.found for one in every),
            sum(one.right for one in every),
            sum(one.told for one in every),
            sum(one.heard for one in every),
        )


def measure(told: Iterable[tuple[str, Sequence[Label]]], traps: Mapping[str, Iterable[str]]) -> Measured:
    measured = Measured()
    for line, labels in [*told, *((line, ()) for lines in traps.values() for line in lines)]:
        _measure_line(measured, line, labels)
    return measured


def _measure_line(measured: Measured, line: str, labels: Sequence[Label]) -> None:
    found = extract(line)
    for fact in found:
        count = measured.kinds[fact.kind]
        right = any(fits(label, fact) for label in labels)
        count.found += 1
        count.right += right
        if not right:
            measured.wrong.append(f"{line}: {fact.kind} {fact.subject} {fact.value!r}{' ends' * fact.ends}")
    for label in labels:
        if not label[0].startswith("?"):  # else it is true, and may be left out
            count = measured.kinds[label[0].split("|")[0]]
            heard = any(fits(label, fact) for fact in found)
            count.told += 1
            count.heard += heard
            if not heard:
                measured.missed.append(f"{line}: {label}")


def fits(label: Label, fact: FoundFact) -> bool:
    """Whether the fact is what the label says, in one of the ways that stand between `|`."""
    kind, subject, value, *ends = label
    return (
        fact.kind in kind.lstrip("?").split("|")
        and fact.subject in subject.split("|")
        and _bare(fact.value) in map(_bare, value.split("|"))
        and fact.ends == bool(ends)
    )


def _bare(value: str) -> str:
    """Without the articles and marks on which nothing depends."""
    words = value.casefold().strip(" .!?,").split()
    while words and words[0] in _ARTICLES:
        words.pop(0)
    return " ".join(words)


_ARTICLES = frozenset(["the", "a", "an", "my", "our", "to", "die", "der", "das", "eine", "einen", "einem", "dem"])
