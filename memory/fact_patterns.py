"""What are the patterns of facts? Compiled from memory/facts*.toml at the first use; read by `memory.facts` only."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from gator.sieve import Sieve

_FILES = ("facts_en.toml", "facts_passing.toml", "facts_more.toml", "facts_life.toml", "facts_de.toml",
          "facts_typed.toml")  # fmt: skip
_AS_TOLD = frozenset({"as_said", "plan", "wish", "item"})
MOST_WORDS = 6  # of a thing liked; longer ones are stories


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way of telling one kind of fact."""

    kind: str
    regex: "re.Pattern[str]"
    clean: Callable[[str], str]
    subject: str
    confidence: float
    ends: bool
    several: bool  # the value is a list: "peanuts and shellfish"
    past: bool  # it ended, and did hold once
    only: "re.Pattern[str] | None"  # what the value has to be: a known allergen, a trade
    value: str  # the value, where the words themselves are not it: "no meat"
    as_told: bool  # the value is what the fan typed, letter by letter
    idle: bool

    def values(self, match: "re.Match[str]") -> list[str]:
        """The cleaned values of a match; none when what is left says nothing."""
        raw = match.groupdict().get("v")
        if raw is None or self.value:
            return [self.value.format(v=(raw or "").strip())] if self.value or self.ends else []
        parts = re.split(r",\s*(?:and\s+)?|\s+(?:and|und|&)\s+", raw) if self.several else [raw]
        return [value for part in parts if (value := self.clean(part)) and self._may_be(value)]

    def _may_be(self, value: str) -> bool:
        return not _cleaning("role").search(value) and (self.only is None or bool(self.only.fullmatch(value)))

    def whose(self, match: "re.Match[str]") -> str:
        """Whom or what the fact is about, as English says it; empty for the fan."""
        groups = match.groupdict()
        if several := groups.get("several"):
            return str(_data()["one_of"].get(several.casefold(), several.casefold()))
        said = (groups.get("s") or self.subject).casefold().strip()
        return str(_data()["english"].get(said, said))


@cache
def patterns() -> tuple[Pattern, ...]:
    return tuple(_pattern(entry) for name in _FILES for entry in _read(name)["pattern"])


def likely(sentence: str) -> list[Pattern]:
    """The patterns that can match the sentence, in their order."""
    return [patterns()[number] for number in _sieve().likely(sentence)]


@cache
def _sieve() -> Sieve:
    return Sieve(pattern.regex for pattern in patterns())


def _pattern(entry: dict[str, Any]) -> Pattern:
    return Pattern(
        kind=entry["kind"],
        regex=re.compile(_filled(entry["says"]), re.IGNORECASE),
        clean=_CLEANERS[entry.get("as", "trimmed")],
        subject=entry.get("subject", ""),
        confidence=entry.get("confidence", 0.9),
        ends=entry.get("ends", False) or entry.get("past", False),
        several=entry.get("several", False),
        past=entry.get("past", False),
        only=re.compile(_filled(f"(?:<plain_word> )?(?:<{entry['only']}>)"), re.IGNORECASE)
        if "only" in entry
        else None,
        value=entry.get("value", ""),
        as_told=entry.get("as") in _AS_TOLD and "value" not in entry and entry["kind"] != "correction",
        idle=entry.get("idle", False),
    )


@cache
def _data() -> dict[str, Any]:
    return _read("facts.toml")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("memory") / name).read_text(encoding="utf-8"))


def _filled(says: str) -> str:
    """The expression, each <word> that is known replaced by what it stands for. (?P<v> is no such word.)"""
    words = _data()["words"]
    return re.sub(r"(?<!\?P)<(\w+)>", lambda slot: _filled(words[slot[1]]) if slot[1] in words else slot.group(), says)


@cache
def _cleaning(name: str) -> "re.Pattern[str]":
    return re.compile(_data()["cleaning"][name], re.IGNORECASE | re.DOTALL)


@cache
def _unwanted(name: str) -> frozenset[str]:
    return frozenset(_data()["cleaning"][name].split())


def _trimmed(text: str) -> str:
    text = _cleaning("cut").sub("", f" {text.strip()} ").strip(" -–'\".")
    return "" if _cleaning("empty").match(text) or len(text) < 2 else text


def _without_article(text: str) -> str:
    return _cleaning("article").sub("", text)


def _thing(text: str) -> str:
    """Something liked: a few words, the article gone."""
    text = _without_article(_trimmed(text))  # `_trimmed` has refused "my ..." and "you ..."
    return text if 1 <= len(text.split()) <= MOST_WORDS and not _cleaning("empty").match(text) else ""


def _name(text: str) -> str:
    words = _trimmed(text).removesuffix("'s").split()
    if not words or words[0].casefold() in _unwanted("no_name") or not words[0][0].isalpha():
        return ""
    return " ".join(word if word[0].isupper() else word.capitalize() for word in words)


def _place(text: str) -> str:
    text = _trimmed(text)
    first = text.split()[0].casefold() if text else ""
    unwanted = first in _unwanted("no_place") and not re.match(r"the [A-Z]", text)
    if not text or unwanted or any(char.isdigit() for char in text):
        return ""
    return text.title() if text == text.casefold() else text


def _employer(text: str) -> str:
    return _unless_first("no_employer", text)


def _study(text: str) -> str:
    return _unless_first("no_study", text)


def _unless_first(unwanted: str, text: str) -> str:
    """The trimmed value without its article, unless its first word shows that it is none of that kind."""
    text = _trimmed(text)
    first = text.split()[0].casefold() if text else ""
    words = text.casefold().split()
    if not text or first in _unwanted(unwanted) or (first == "the" and words[-1] in _unwanted(unwanted)):
        return ""
    return _without_article(text)


def _wish(text: str) -> str:
    """Something dreamed of: a few words that say what."""
    text = _trimmed(text)
    return text if 2 <= len(text.split()) <= MOST_WORDS + 2 else ""


@cache
def _languages() -> frozenset[str]:
    return frozenset(_data()["words"]["language"].split("|"))


def _age(text: str) -> str:
    return text if 5 <= int(text) <= 120 else ""


def _years(text: str) -> str:
    """The age of somebody else, who may be a child."""
    return text if 0 < int(text) <= 120 else ""


_CLEANERS: dict[str, Callable[[str], str]] = {
    "trimmed": _trimmed,
    "thing": _thing,
    "name": _name,
    "place": _place,
    "employer": _employer,
    "study": _study,
    "age": _age,
    "years": _years,
    "as_said": str.strip,
    "lower": lambda text: text.strip().casefold(),
    "plan": lambda text: "" if _cleaning("no_plan").search(text) else _cleaning("dangling").sub("", text.strip()),
    "wish": _wish,
    "item": lambda text: _without_article(text.strip()),
    "title_language": lambda text: text.strip().title() if text.strip().casefold() in _languages() else text.strip(),
    "title": lambda text: _trimmed(text).title(),
}
