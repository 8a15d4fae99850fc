"""What does a slash command do? The channel's commands as everywhere; an operator's others call their capability.

Such a call goes the way that REST goes, not through Gator's model: a person has typed the exact arguments, so there is
nothing to be understood or guessed, and what a person asks for in those words needs no second yes of theirs. The turn has
an id made of the interaction's, so an interaction that comes twice is done once.
"""

import asyncio
import uuid
from dataclasses import replace
from typing import Any

from agents import hands
from agents.builtin.moments import Unclear, find_when
from gator.clock import now
from gator.errors import Forbidden, Refused
from gator.principal import Kind
from tools.capability import Effect, Turn

_TURNS = uuid.UUID("5d5a1dd2-3b0c-4cf4-9e5c-6f1a53c0d3a1")
_LONGEST_S = 60.0
_MAY_CHANGE = frozenset({"owner", "admin", "operator"})


def turn_of(turn: Turn, interaction: str) -> Turn:
    """The turn under an id of the interaction's own."""
    return replace(turn, id=str(uuid.uuid5(_TURNS, f"{turn.principal.workspace}\n{interaction}")))


async def carry_out(name: str, options: list[dict[str, Any]], turn: Turn) -> str:
    """What came of it, in words. Raises Refused, Unavailable."""
    capability, ask = hands.understand(name, await _arguments(name, options, turn), Kind.operator)
    if capability.effect is not Effect.read and _MAY_CHANGE.isdisjoint(turn.principal.roles):
        raise Forbidden("You may look, but not change anything.", remedy="Ask the owner for the role of an operator.")
    async with asyncio.timeout(_LONGEST_S):
        return hands.in_words(await capability(ask, turn))


async def _arguments(name: str, options: list[dict[str, Any]], turn: Turn) -> dict[str, Any]:
    """The options as the capability's fields: lists by commas, times in words."""
    capability = next((one for one in hands.schemas_for(Kind.operator) if one["function"]["name"] == name), None)
    if capability is None:
        raise Refused(f"There is no command /{name} any more.")
    fields = capability["function"]["parameters"].get("properties", {})
    return {
        str(option["name"]): _value(option["value"], fields.get(str(option["name"]), {}), turn) for option in options
    }


def _value(value: Any, field: dict[str, Any], turn: Turn) -> Any:
    kinds = field.get("anyOf", [field])
    if any(one.get("type") == "array" for one in kinds):
        return [part.strip() for part in str(value).split(",") if part.strip()]
    if any(one.get("format") == "date-time" for one in kinds):
        return _moment(str(value), turn)
    return value


def _moment(text: str, turn: Turn) -> Any:
    """A time such as "tomorrow 9:00"; what is no time of ours is left to the shape, which says so."""
    try:
        found = find_when(text.lower(), now(), turn.zone)
    except Unclear as question:
        raise Refused(str(question)) from question
    if found is None:
        return text
    return found.at or now()
