"""Does somebody ask for a person of the team, in plain words? By rules of prompts/policies/handover.toml, before any model.

Few false alarms: who asks whether the persona is a human, or longs for people, talks with the persona.
"""

import re
from functools import cache

from agents.care.policies import load
from gator.wording import words_only

LONGEST = 300  # characters: a request is short, a story is not one


def asks_for_person(text: str, language: str) -> bool:
    """Whether that is a request to be handed over; what is written in another of our languages is heard too."""
    if len(text) > LONGEST:
        return False
    said = words_only(text)
    first = language.split("-")[0].lower()
    known = sorted(_patterns(), key=lambda one: one != first)
    return any(pattern.search(said) for one in known for pattern in _patterns()[one])


@cache
def _patterns() -> dict[str, tuple["re.Pattern[str]", ...]]:
    tables = {name: table for name, table in load("handover").items() if isinstance(table, dict)}
    return {
        name: tuple(re.compile(one.replace("<person>", table["person"])) for one in table["patterns"])
        for name, table in tables.items()
    }
