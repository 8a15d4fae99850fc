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


def plain(text: str) -> str:
    """Words and single spaces, lower case: how lines are compared."""
    return " ".join(re.findall(r"\w+", text.lower()))
