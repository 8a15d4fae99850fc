"""What is a fact, before it is written down? Its shape and kinds; found by `memory.facts`, judged by `memory.gate`."""

from dataclasses import dataclass

# Of these a person has one at a time: a new value ends the old one.
SINGLE = frozenset({"name", "age", "home", "origin", "job", "employer", "study", "birthday", "relationship", "partner",
                    "favourite", "diet"})  # fmt: skip
KINDS = SINGLE | {
    "family", "pet", "likes", "dislikes", "allergy", "health", "language", "learning",
    "plan", "event", "owns", "fear", "dream",
}  # fmt: skip
_OPPOSITES = {"likes": "dislikes", "dislikes": "likes"}


@dataclass(frozen=True, slots=True)
class FoundFact:
    """`subject` is whose: "" the fan, else "sister", "dog", or of what ("colour"). `ends`: it no longer holds.

    `past`: it did hold once, so it is worth keeping as what ended. `doubt`: why it may only be kept apart. The kind
    "correction" gives a new value to something told shortly before; its subject is the value that was wrong, where said.
    `idle`: it says something only where its opposite was told before ("I'm not a doctor, but ...").
    """

    kind: str
    subject: str
    value: str
    quote: str
    confidence: float
    ends: bool = False
    past: bool = False
    doubt: str = ""
    idle: bool = False


def opposite(kind: str) -> str | None:
    """The kind that cannot be true of the same value at once."""
    return _OPPOSITES.get(kind)
