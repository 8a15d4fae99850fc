"""May this character come in? The one door for all of them: made in chat, changed, rolled back, imported, shipped with Gator.

A persona is an adult, carries no code for a browser, and fits the shape of `tools.personas.character`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from gator.errors import Refused
from tools.personas.adults import under_age
from tools.personas.character import ADULT, Character
from tools.personas.scripts import code_in

# What these fields say is what the persona does not do or what operators wrote to each other.
_NOT_ABOUT_IT = {"boundaries", "forbidden_phrases"}
# Bytes of a picture or sound in a card; nothing of it is read as words.
_DATA = re.compile(r"data:[\w.+/-]{0,100};base64,[A-Za-z0-9+/=\s]*+")


def admit(data: Mapping[str, Any]) -> Character:
    """The character. Raises Refused with the reason: under-age, code in a field, a field that does not fit."""
    _refuse_minors(data.get("age"))
    try:
        character = Character.model_validate(dict(data))
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise Refused(f"The character's {field} does not fit: {reason}.") from wrong
    refuse_harm(character.model_dump(mode="json"))
    return character


def _refuse_minors(age: object) -> None:
    if isinstance(age, int | float) and age < ADULT:
        raise Refused(
            f"A persona must be an adult; this one is {age}.", remedy=f"Make the character at least {ADULT} years old."
        )


def refuse_harm(data: Any) -> None:
    """Raise Refused when a text anywhere in `data` has code for a browser or makes somebody a minor, naming the field."""
    for field, text in texts(data):
        if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise Refused(f"The {field} holds characters that are not text.", remedy="Remove them and try again.")
        if _DATA.fullmatch(text) and not code_in(text[:200]):
            continue
        if code := code_in(text):
            raise Refused(f"The {field} holds {code}.", remedy="Remove the markup; personas are plain text.")
        if _NOT_ABOUT_IT.isdisjoint(field.split(".")) and (words := under_age(text)):
            raise Refused(
                f"All personas are adults, and the {field} says otherwise: “{words}”.",
                remedy="Make the character at least 18, or reword it when it speaks of somebody else or of the past.",
            )


def texts(data: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of every string in JSON-like data: `lorebook.entries.0.content`."""
    if isinstance(data, str):
        yield field or "text", data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from texts(value, f"{field}.{key}" if field else str(key))
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data):
            yield from texts(value, f"{field}.{number}")
