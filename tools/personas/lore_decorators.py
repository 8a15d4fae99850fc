"""What do the decorators at the head of a lorebook entry ask for? Character Card V3, section "Decorators".

`@@name value` on lines of their own before the content; `@@@name` stands in for the line above when that one is unknown.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_LINE = re.compile(r"(?P<marks>@@@?)(?P<name>[a-z_]+)(?:[ \t]+(?P<value>.*))?")


@dataclass(slots=True)
class Wishes:
    """What an entry's decorators ask for, the content without them included."""

    content: str = ""
    after: int | None = None  # not before the persona has said so many messages
    every: int | None = None  # only at multiples of that
    always: bool = False
    never: bool = False
    keep: bool = False  # once matched, it stays
    once: bool = False  # once matched, it goes
    scan_depth: int | None = None
    additional_keys: list[str] = field(default_factory=list)
    exclude_keys: list[str] = field(default_factory=list)
    position: str | None = None
    first_to_go: bool = False  # when room is short


def _yes(_value: str) -> bool:
    return True


def _list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _position(value: str) -> str:
    return {"before_desc": "before_char", "after_desc": "after_char"}[value.strip()]


# Those that say where among messages a text goes (depth, role, …) are not here: lore goes into the system message.
_KNOWN: dict[str, tuple[str, Callable[[str], Any]]] = {
    "activate_only_after": ("after", int),
    "activate_only_every": ("every", int),
    "activate": ("always", _yes),
    "dont_activate": ("never", _yes),
    "keep_activate_after_match": ("keep", _yes),
    "dont_activate_after_match": ("once", _yes),
    "scan_depth": ("scan_depth", int),
    "additional_keys": ("additional_keys", _list),
    "exclude_keys": ("exclude_keys", _list),
    "position": ("position", _position),
    "ignore_on_max_context": ("first_to_go", _yes),
}


def read(content: str) -> Wishes:
    """The wishes of an entry. Unknown decorators and broken values are passed over; of two alike the first counts."""
    wishes, settled, seen = Wishes(), False, set[str]()
    lines = content.split("\n")
    head = _length_of_head(lines)
    for line in lines[:head]:
        found = _LINE.fullmatch(line.strip())
        if found is None or (found["marks"] == "@@@" and settled):
            continue
        settled = found["name"] in seen or _apply(wishes, found["name"], found["value"] or "")
        seen |= {found["name"]} if settled else set()
    wishes.content = "\n".join(lines[head:]).strip("\n") if head else content
    return wishes


def without(content: str) -> str:
    """The content alone."""
    return read(content).content


def _length_of_head(lines: list[str]) -> int:
    """How many lines belong to the decorators: up to the last one before the first line of content."""
    length = 0
    for number, line in enumerate(lines):
        if _LINE.fullmatch(line.strip()):
            length = number + 1
        elif line.strip():
            break
    return length


def _apply(wishes: Wishes, name: str, value: str) -> bool:
    if name not in _KNOWN:
        return False
    attribute, read_value = _KNOWN[name]
    try:
        setattr(wishes, attribute, read_value(value))
    except (ValueError, KeyError):
        return False
    return True
