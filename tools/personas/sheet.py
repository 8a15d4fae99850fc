"""How does a character read? A sheet of labelled lines, for operators and in part for lists."""

import re
from collections.abc import Iterator

from tools.personas.character import Character


def short(character: Character) -> str:
    """One line: who it is, how old, what it does and where; nothing that the tagline tells already."""
    told = character.tagline or character.occupation
    known = {f"{character.age} years old": str(character.age), character.occupation: character.occupation}
    known |= {f"from {character.home}": character.home}
    more = [part for part, fact in known.items() if fact and not _tells(told, fact)]
    return ", ".join([told.rstrip("."), *more] if told else more) + "."


def _tells(text: str, fact: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(fact)}(?!\w)", text, re.IGNORECASE) is not None


def tagline(character: Character) -> str:
    return character.tagline or character.occupation or next(iter(character.interests), "")


def full(character: Character) -> str:
    """Every field that says something, a line each."""
    return "\n".join(f"{label}: {value}" for label, value in _lines(character) if value)


_IN_FIELDS_OF_CARDS = {"Name", "Traits", "Backstory", "Scenario", "Greeting", "Tags", "Notes", "Lorebook", "Rating"}


def facts(character: Character) -> str:
    """The lines that a character card has no field of its own for."""
    return "\n".join(
        f"{label}: {value}" for label, value in _lines(character) if value and label not in _IN_FIELDS_OF_CARDS
    )


def _lines(one: Character) -> Iterator[tuple[str, str]]:
    yield "Name", f"{one.name} ({one.pronouns})" if one.pronouns else one.name
    yield "Age", str(one.age)
    yield "In one line", one.tagline
    yield "Occupation", one.occupation
    yield "Home", f"{one.home} ({one.time_zone})" if one.home and one.time_zone else one.home or one.time_zone
    yield "Languages", ", ".join(one.languages)
    yield "Traits", ", ".join(one.traits)
    yield "Interests", ", ".join(one.interests)
    yield "Look", _look(one)
    yield "Backstory", one.backstory
    yield "Scenario", one.scenario
    yield "Speech", "; ".join(part for part in (one.speech.register, one.speech.style) if part)
    yield "Quirks", ", ".join(one.speech.quirks)
    yield "Says", "; ".join(f"“{phrase}”" for phrase in one.speech.signature_phrases)
    yield "Never says", "; ".join(f"“{phrase}”" for phrase in one.speech.forbidden_phrases)
    yield "Boundaries", "; ".join(one.boundaries)
    yield "Greeting", one.greeting
    yield "Lorebook", f"{len(one.lorebook.entries)} entries" if one.lorebook.entries else ""
    yield "Rating", one.rating
    yield "Tags", ", ".join(one.tags)
    yield "Notes", one.notes


def _look(one: Character) -> str:
    look = one.look
    height = f"{look.height_cm} cm" if look.height_cm else ""
    return "; ".join(
        part for part in (look.summary, look.hair, look.eyes, look.skin, look.build, height, look.style) if part
    )
