"""Where do the rules' words and numbers come from? TOML packs in prompts/policies, each with its date and sources."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "nl", "pl", "tr", "ru")


@cache
def load(name: str) -> dict[str, Any]:
    """The policy pack of that name, read once a process."""
    return tomllib.loads((files("prompts") / "policies" / f"{name}.toml").read_text(encoding="utf-8"))


def language_of(tag: str) -> str:
    """The language we have words in for a tag such as de-AT; English for one we lack."""
    language = re.split(r"[-_]", tag.strip().lower())[0]
    return language if language in LANGUAGES else "en"


def phrase(pack: str, table: str, language: str, **slots: str) -> str:
    """A sentence of a pack in that language, its slots filled."""
    text: str = load(pack)[table][language_of(language)]
    for slot, value in slots.items():  # not str.format: a persona's name may hold braces
        text = text.replace(f"{{{slot}}}", value)
    return text
