"""What is different between two versions of a character? In plain words: `occupation: barista -> marine biologist`."""

from collections.abc import Iterator, Mapping
from typing import Any

_LONG = 60  # characters of a value that are shown


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """One line for each field that differs, in the fields' order."""
    return [line for field in after for line in _of(_words(field), before.get(field), after[field])]


def _words(field: str) -> str:
    return field.replace("_", " ")


def _of(field: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if field == "lorebook":
        yield f"lorebook: {len((before or {}).get('entries', []))} -> {len(after.get('entries', []))} entries"
    elif isinstance(after, Mapping):
        for part in after:
            yield from _of(f"{field}, {_words(part)}", (before or {}).get(part), after[part])
    elif isinstance(after, list):
        yield from _of_lists(field, before or [], after)
    else:
        yield f"{field}: {_shown(before)} -> {_shown(after)}"


def _of_lists(field: str, before: list[Any], after: list[Any]) -> Iterator[str]:
    gone = [f"-{_shown(item)}" for item in before if item not in after]
    new = [f"+{_shown(item)}" for item in after if item not in before]
    yield f"{field}: {', '.join([*new, *gone]) or 'in another order'}"


def _shown(value: Any) -> str:
    text = " ".join(str("" if value is None else value).split())
    if not text:
        return "nothing"
    return text if len(text) <= _LONG else text[: _LONG - 1].rstrip() + "…"
