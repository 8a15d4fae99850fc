"""What can a persona say of itself and its world that is true? Lines of the card and the lore, in its own words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from agents.builtin.speech.cleaning import without_macros
from agents.builtin.speech.own_words import Self, in_own_words
from agents.builtin.speech.words import sentences, stems
from tools.personas.character import Character

LONGEST = 330  # characters of a line; what is longer is no chat
READ = 20_000  # characters of a backstory that are read
_LEANS = re.compile(
    r"(?:It|In it|That|This|These|Those|Then|Both|Since then|There|Here|They|But|And|So|Later|Instead|Now|He|She|His|Her|"
    r"I (?:say|call|trust|think|know)\b|The (?:oldest|best|worst|other|captain|rest|latter))\b"
)
_WHAT_SHE_IS = re.compile(r"\s*(?:[1-9]\d,? )?an? [a-z-]+(?: [a-z-]+){0,2}(?: (?:from|who)\b|[,.]|$)")
_COMPANY = re.compile(r"\bmy (?:wife|husband|partner|brother|sister|friend)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One to three sentences that stand by themselves. `of` is lore, backstory or scenario."""

    text: str
    of: str
    stems: frozenset[str]


def lines_of(me: Character, lore: Iterable[str]) -> list[Line]:
    """All such lines, what the lorebook brought first."""
    who = Self(me.name, me.pronouns)
    found = [line for text in lore for line in _lines(text, "lore", who)]
    backstory = _whole(me.backstory[:READ], who)
    return [*found, *_lines(backstory, "backstory", who), *_lines(me.scenario[:READ], "scenario", who)]


def _whole(backstory: str, who: Self) -> str:
    """As a sentence, where it begins with what somebody is: "27, an astronomer from Valparaiso"."""
    return f"{who.first} is {backstory.lstrip()}" if _WHAT_SHE_IS.match(backstory) else backstory


@lru_cache(maxsize=256)
def _lines(text: str, of: str, who: Self) -> tuple[Line, ...]:
    told: list[Line] = []
    for paragraph in re.split(r"\n\s*\n", without_macros(text, who.first, "you")):
        plain = sentences(paragraph)
        told += [
            Line(unit, of, stems(unit)) for unit in _units(plain, in_own_words(plain, who, life=of != "lore"), who)
        ]
    return tuple(told)


def _units(original: list[str], spoken: list[str], who: Self) -> list[str]:
    """Sentences joined with those that lean on them, as long as they stay short."""
    units: list[str] = []
    for before, now in zip(original, spoken, strict=True):
        sentence = now
        if who.subject != "they" and before.startswith("They ") and units and _COMPANY.search(units[-1]):
            sentence = re.sub(r"^They\b", "We", now)
        leans = _LEANS.match(sentence) is not None or (before.startswith("They ") and who.subject != "they")
        if leans and not units:
            continue
        if leans and len(units[-1]) + len(sentence) < LONGEST:
            units[-1] += f" {sentence}"
        elif not leans:
            units.append(sentence)
    return [unit for unit in units if len(unit) <= LONGEST]
