"""How does a lorebook stand in a card? As `character_book`; what no specification has stands in `extensions`, named as is usual.

The names in `extensions` are those that SillyTavern writes, which other programs read.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from tools.personas.lorebook import MAX_TURNS, Logic, Lorebook, LoreEntry

_LOGIC: tuple[Logic, ...] = ("and_any", "not_all", "not_any", "and_all")  # `selectiveLogic` 0 to 3


def from_card(book: Any) -> dict[str, Any]:
    """The fields of a Lorebook; entry for entry as the card has them."""
    if not isinstance(book, Mapping):
        return {}
    return {
        "name": _text(book.get("name")),
        "description": _text(book.get("description")),
        "scan_depth": _number(book.get("scan_depth"), 1000),
        "token_budget": _number(book.get("token_budget"), 1_000_000),
        "recursive_scanning": bool(book.get("recursive_scanning")),
        "entries": [_entry(entry) for entry in listed(book)],
    }


def _entry(card: Mapping[str, Any]) -> dict[str, Any]:
    more = card.get("extensions")
    more = more if isinstance(more, Mapping) else {}
    logic = more.get("selectiveLogic")
    return {
        "id": _text(card.get("id")),
        "name": _text(card.get("name")),
        "comment": _text(card.get("comment")),
        "keys": _list(card.get("keys")),
        "secondary_keys": _list(card.get("secondary_keys")),
        "selective": bool(card.get("selective")),
        "logic": _LOGIC[logic] if isinstance(logic, int) and 0 <= logic < 4 else "and_any",
        "content": _text(card.get("content")),
        "enabled": card.get("enabled") is not False,
        "constant": bool(card.get("constant")),
        "case_sensitive": bool(card.get("case_sensitive") or more.get("case_sensitive")),
        "whole_words": bool(more.get("match_whole_words")),  # other programs look for parts of words unless told
        "use_regex": bool(card.get("use_regex")),
        "order": _float(card.get("insertion_order"), 100.0),
        "priority": _float(card.get("priority"), None),
        "position": "after_char" if card.get("position") == "after_char" else "before_char",
        "scan_depth": _number(more.get("scan_depth"), 1000),
        "sticky": _number(more.get("sticky"), MAX_TURNS) or 0,
        "cooldown": _number(more.get("cooldown"), MAX_TURNS) or 0,
        "delay": _number(more.get("delay"), MAX_TURNS) or 0,
        "probability": _probability(more),
        "group": _text(more.get("group"))[:1000],
        "group_weight": _weight(more.get("group_weight")),
        "group_override": bool(more.get("group_override")),
        "exclude_recursion": bool(more.get("exclude_recursion")),
        "prevent_recursion": bool(more.get("prevent_recursion")),
    }


def _probability(more: Mapping[str, Any]) -> float:
    """Per cent; a card may name one and switch it off."""
    named = _float(more.get("probability"), None)
    return 100.0 if named is None or more.get("useProbability") is False else min(max(named, 0.0), 100.0)


def _weight(value: Any) -> float:
    weight = _float(value, 100.0)
    return 100.0 if weight is None else min(max(weight, 0.0), 1_000_000.0)


def to_card(book: Lorebook) -> dict[str, Any]:
    """The `character_book` of a book that came from no card."""
    card: dict[str, Any] = {"name": book.name, "description": book.description}
    card |= {"scan_depth": book.scan_depth, "token_budget": book.token_budget}
    card = {key: value for key, value in card.items() if value not in ("", None)}
    card |= {"recursive_scanning": book.recursive_scanning, "extensions": {}}
    return {**card, "entries": [_entry_card(entry) for entry in book.entries]}


def _entry_card(entry: LoreEntry) -> dict[str, Any]:
    card: dict[str, Any] = {
        "id": int(entry.id) if entry.id.isdecimal() and str(int(entry.id)) == entry.id else entry.id,
        "name": entry.name,
        "comment": entry.comment,
        "keys": entry.keys,
        "secondary_keys": entry.secondary_keys,
        "selective": entry.selective,
        "content": entry.content,
        "enabled": entry.enabled,
        "constant": entry.constant,
        "case_sensitive": entry.case_sensitive,
        "use_regex": entry.use_regex,
        "insertion_order": int(entry.order) if float(entry.order).is_integer() else entry.order,
        "position": entry.position,
        "extensions": {
            "selectiveLogic": _LOGIC.index(entry.logic),
            "match_whole_words": entry.whole_words,
            "case_sensitive": entry.case_sensitive,
            "scan_depth": entry.scan_depth,
            "sticky": entry.sticky,
            "cooldown": entry.cooldown,
            "delay": entry.delay,
            "probability": entry.probability,
            "useProbability": entry.probability < 100,
            "group": entry.group,
            "group_weight": entry.group_weight,
            "group_override": entry.group_override,
            "exclude_recursion": entry.exclude_recursion,
            "prevent_recursion": entry.prevent_recursion,
        },
    }
    return card if entry.priority is None else {**card, "priority": entry.priority}


def merged(card: Any, now: Lorebook) -> dict[str, Any]:
    """The card's book with what is different in `now`; all else of it, known or not, stays."""
    if not isinstance(card, Mapping):
        return to_card(now)
    came_as = Lorebook.model_validate(from_card(card))
    book = _with_changes(dict(card), to_card(came_as), to_card(now), leave=("entries",))
    before = {entry.id: (raw, entry) for raw, entry in zip(listed(card), came_as.entries, strict=True)}
    book["entries"] = [
        _merged_entry(*before[entry.id], entry) if entry.id in before else _entry_card(entry) for entry in now.entries
    ]
    return book


def listed(book: Mapping[str, Any]) -> list[Any]:
    """The entries. A stand-alone world book, which some programs paste into cards, numbers them instead of listing them."""
    found = book.get("entries")
    entries = found.values() if isinstance(found, Mapping) else found if isinstance(found, list) else ()
    return [entry for entry in entries if isinstance(entry, Mapping)]


def _merged_entry(raw: dict[str, Any], came_as: LoreEntry, now: LoreEntry) -> dict[str, Any]:
    return _with_changes(deepcopy(raw), _entry_card(came_as), _entry_card(now))


def _with_changes(
    raw: dict[str, Any], before: dict[str, Any], after: dict[str, Any], leave: tuple[str, ...] = ()
) -> dict[str, Any]:
    for key in before.keys() | after.keys():
        if key in leave or before.get(key) == after.get(key):
            continue
        if key == "extensions":
            there = raw.get(key)
            raw[key] = _with_changes(dict(there) if isinstance(there, Mapping) else {}, before[key], after[key])
        elif key in after:
            raw[key] = after[key]
        else:
            raw.pop(key, None)
    return raw


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, bool | list | dict) else str(value)


def _list(value: Any) -> list[str]:
    """V3 describes secondary keys as one text with commas, and types them as a list; both are met."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [text.strip() for text in map(_text, parts) if text.strip()]


def _float(value: Any, otherwise: float | None) -> float | None:
    return (
        float(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
        else otherwise
    )


def _number(value: Any, most: int) -> int | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return min(max(int(value), 0), most)
