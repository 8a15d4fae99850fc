"""Whom does a question mean? The two are called by name, or "I" and "you"; vectors want it said as they would say it."""

import re
from dataclasses import dataclass
from functools import lru_cache

FAN, PERSONA = "fan", "persona"
_I = re.compile(r"\b(i|me|my|mine|myself|i'm|i've|we|our|us)\b", re.IGNORECASE)
_THIRD = [
    (re.compile(r"\b(his|her)\b", re.IGNORECASE), "my"),
    (re.compile(r"\b(he|she)\b", re.IGNORECASE), "I"),
    (re.compile(r"\bhim\b", re.IGNORECASE), "me"),
]
_YOU = re.compile(r"\b(you|your|yours|yourself|you're|you've)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    """What the two are called; empty where it is not known or does not matter."""

    fan: str = ""
    persona: str = ""

    @property
    def all(self) -> list[str]:
        return [name for name in (self.fan, self.persona) if name.strip()]


@dataclass(frozen=True, slots=True)
class Meant:
    """Who is named in a question: alone, or both and who first. Each is fan, persona or empty."""

    only: str = ""
    first: str = ""


def meant(question: str, names: Names) -> Meant:
    """Whom the question is about, by name; where nobody is named, "I" is the fan who asks and "you" the persona."""
    at = {
        who: _first(_named(name), question)
        for who, name in ((FAN, names.fan), (PERSONA, names.persona))
        if name.strip()
    }
    at = {who: place for who, place in at.items() if place >= 0}
    if not at:
        found = {FAN: _first(_I, question), PERSONA: _first(_YOU, question)}
        at = {who: place for who, place in found.items() if place >= 0}
    if len(at) == 1:
        return Meant(only=next(iter(at)))
    return Meant(first=min(at, key=lambda who: at[who])) if at else Meant()


def as_said(question: str, names: Names) -> str:
    """The question as the one whom it names would put it: "What is my dog called?" for "What is Ada's dog called?".

    An embedder that was trained on sentences of people about themselves finds far more with it (bench/recall).
    """
    asked = question
    for name in names.all:
        for form, said in _forms(name):
            question = form.sub(said, question)
    if question != asked:  # who was named is meant by what follows: "before she moved" is "before I moved"
        for pronoun, said in _THIRD:
            question = pronoun.sub(said, question)
    return question


@lru_cache(maxsize=256)
def _named(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b{_any_of(name)}\b", re.IGNORECASE)


def _any_of(name: str) -> str:
    """The name, or the first of its words: who is called Ada Lovelace is asked for as Ada."""
    return "(?:" + "|".join(re.escape(one) for one in dict.fromkeys([name, name.split()[0]])) + ")"


@lru_cache(maxsize=256)
def _forms(name: str) -> list[tuple[re.Pattern[str], str]]:
    n = _any_of(name)
    said = [
        (rf"\b{n}['’]s?(?=\s|$|[?.!,])", "my"),
        (rf"\b(for|to|with|from|by|about|of|at|on|in|than|like) {n}\b", r"\1 me"),
        (rf"\b{n}\b(?=\s*[?.!]?$)", "me"),
        (rf"\b(?:is|are) {n}\b", "am I"),
        (rf"\bhas {n}\b", "have I"),
        (rf"\bdoes {n}\b", "do I"),
        (rf"\b{n}\b", "I"),
    ]
    return [(re.compile(form, re.IGNORECASE), put) for form, put in said]


def _first(form: re.Pattern[str], text: str) -> int:
    found = form.search(text)
    return found.start() if found else -1
