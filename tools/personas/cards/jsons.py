"""Is this text JSON that we may keep? Parsed with a limit on size and depth, and without what a database cannot hold."""

import json
import math
import re
from typing import Any, NoReturn

from gator.errors import Refused
from tools.personas.cards.limits import MAX_CARD, MAX_DEPTH, MIB

# A string that does not end swallows the rest, so that no part of the text is looked at twice.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


def parse(raw: bytes | str) -> dict[str, Any]:
    """The object. Raises Refused when it is too large, too deep, no JSON, or no object."""
    if len(raw) > MAX_CARD:
        raise Refused(f"The card is longer than {MAX_CARD // MIB} MiB.", remedy="Leave large assets out of its JSON.")
    try:
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
        _refuse_depth(text)
        found = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as broken:
        raise Refused(f"The card is not valid JSON: {_reason(broken)}.", remedy="Export it again.") from broken
    if not isinstance(found, dict):
        raise Refused("This is JSON, but not a character card.", remedy="A card is an object with a name.")
    return found


def write(card: dict[str, Any], *, indent: int | None = None) -> str:
    return json.dumps(card, ensure_ascii=False, indent=indent)


def _refuse_depth(text: str) -> None:
    depth = 0
    for found in _BRACKETS.finditer(text):
        mark = found.group()
        depth += (mark in "[{") - (mark in "]}")
        if depth > MAX_DEPTH:
            raise Refused(f"The card is nested more than {MAX_DEPTH} levels deep.")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is no number")


def _reason(broken: Exception) -> str:
    return str(broken).splitlines()[0][:120] or type(broken).__name__
