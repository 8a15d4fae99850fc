"""Is somebody in danger? Rules that run before any model, and the card that then answers in its place (L10).

Words come from prompts/policies/crisis.toml, numbers from help_lines.toml. Better one card too many than one too few;
still, people who talk to a machine about everyday troubles must not be met with hotlines, so the harmless ways of
saying such words are taken out first (tests/agents/care/test_crisis.py holds both sides).
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Literal

from agents.care.policies import LANGUAGES, language_of, load, phrase
from gator.sieve import Sieve
from gator.wording import near_words, variants

Kind = Literal["suicide", "self_harm", "danger", "eating_disorder"]
KINDS: tuple[Kind, ...] = ("suicide", "self_harm", "danger", "eating_disorder")
_KINDS_SPOKEN = tuple((kind, language) for language in LANGUAGES for kind in KINDS)
PART = 4_000  # characters searched at once; a longer message is searched part by part, none of it left out
OVERLAP = 200


@dataclass(frozen=True, slots=True)
class Crisis:
    """What was found, and the card to send instead of a model's reply."""

    kind: Kind
    language: str
    text: str
    lines: tuple[str, ...]


def check(text: str, language: str, region: str) -> Crisis | None:
    """The crisis that the text speaks of, with a card in the fan's language and the lines of their region; or None."""
    for start in range(0, max(len(text), 1), PART - OVERLAP):
        if found := _found(text[start : start + PART], language_of(language)):
            kind, spoken = found
            return answer(kind, spoken, region)
    return None


def answer(kind: Kind, language: str, region: str) -> Crisis:
    """The card in that language; help lines of the region, of the language's countries where it is unknown."""
    lines = help_lines(language, region)
    numbers = load("help_lines")["emergency"]
    number = numbers.get(region.upper(), "")
    shown = "\n".join(f"- {line}" for line in lines)
    text = phrase("crisis", "card", language, lines=shown, emergency=f": {number}" if number else "")
    return Crisis(kind, language, text, lines)


def help_lines(language: str, region: str) -> tuple[str, ...]:
    """Whom to call: the region's lines, and how to find one anywhere."""
    known = load("help_lines")
    regions = [region.upper()] if region.upper() in known["lines"] else known["regions_of"][language_of(language)]
    return (*(line for one in regions for line in known["lines"][one]), known["anywhere"][language_of(language)])


def rest() -> timedelta:
    """How long offers and re-engagement rest after a detection."""
    return timedelta(hours=load("crisis")["rest_hours"])


def _found(text: str, first: str) -> tuple[Kind, str] | None:
    """(kind, the language it was said in), the fan's own language tried first."""
    cleaned = [_harmless().sub(" … ", variant) for variant in _readings(text)]
    spoken = [_KINDS_SPOKEN[number] for variant in cleaned for number in _sieve().matching(variant)]
    if not spoken:
        return None
    return min(spoken, key=lambda one: (one[1] != first, _KINDS_SPOKEN.index(one)))


def _readings(text: str) -> list[str]:
    """The text and its undisguised variants, misspelt key words put right in each."""
    plain = variants(text)
    mended = [near_words(variant, _key_words()) for variant in plain]
    return list(dict.fromkeys([*plain, *mended]))


@cache
def _harmless() -> "re.Pattern[str]":
    return re.compile("|".join(f"(?:{pattern})" for pattern in load("crisis")["harmless"]["patterns"]))


@cache
def _sieve() -> Sieve:
    """An expression for each of `_KINDS_SPOKEN`."""
    said = [load("crisis")[language][kind] for kind, language in _KINDS_SPOKEN]
    return Sieve(re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) for patterns in said)


@cache
def _key_words() -> frozenset[str]:
    return frozenset(load("crisis")["key_words"])
