"""Which words does a persona choose? A line of `prompts/builtin/`, by a seed, and none that it said lately."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any

SLOT = re.compile(r"\{(\w+)\}")
LANGUAGES = ("en", "de")


@cache
def load(name: str) -> dict[str, Any]:
    """The data of `prompts/builtin/<name>.toml`."""
    return tomllib.loads(files("prompts").joinpath("builtin", f"{name}.toml").read_text("utf-8"))


def chance(*parts: object) -> float:
    """A number in [0, 1) that is the same for the same parts."""
    digest = blake2b("\x1f".join(map(str, parts)).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def shuffled(items: list[str], *seed: object) -> list[str]:
    """The items in an order of the seed's."""
    return sorted(items, key=lambda item: chance(*seed, item))


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def fill(line: str, slots: Mapping[str, str]) -> str | None:
    """The line with its slots filled in one pass, None when one is empty; {Value} is {value} with a capital."""
    found = {name: _slot(name, slots) for name in SLOT.findall(line)}
    return SLOT.sub(lambda slot: found[slot[1]], line) if all(found.values()) else None


def _slot(name: str, slots: Mapping[str, str]) -> str:
    value = slots.get(name)
    if value is None and name[0].isupper():
        value = capital(slots.get(name[0].lower() + name[1:], ""))
    return value or ""


def skeleton(line: str) -> str:
    """The longest stretch of a line between its slots, as `plain` has it: by it a line is known again."""
    return max((plain(part) for part in re.split(r"\{\w+\}", line)), key=len)


_SHORT = {r"\bcan(?:no|')t\b": "can not", r"\bwon't\b": "will not", r"n't\b": " not", r"'m\b": " am", r"'re\b": " are"}
_SHORT |= {r"'ve\b": " have", r"'ll\b": " will", r"'d\b": " would", r"'s\b": " is"}
_SHORT_FORMS = tuple((re.compile(short), long) for short, long in _SHORT.items())


def plain(text: str) -> str:
    """Words and single spaces, lower case, short forms written out: how lines are compared."""
    text = text.lower().replace("’", "'")
    if "'" in text or "cannot" in text:
        for short, long in _SHORT_FORMS:
            text = short.sub(long, text)
    return " ".join(re.findall(r"\w+", text))


@cache
def words(name: str) -> frozenset[str]:
    """A list of words of `prompts/builtin/hearing.toml`."""
    return frozenset(load("hearing")[name].split())


@cache
def form(name: str) -> "re.Pattern[str]":
    """A form of question of the same file, for folded text."""
    return re.compile("|".join(load("hearing")["forms"][name]))
