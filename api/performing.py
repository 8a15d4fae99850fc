"""How does a route call a capability? As it is, with the shape that it is known to give."""

from typing import TypeVar

from pydantic import BaseModel

from tools.capability import Capability, Turn

G = TypeVar("G", bound=BaseModel)


async def perform(capability: Capability, ask: BaseModel, turn: Turn, gives: type[G]) -> G:
    """Carry the capability out. What a person asks for over REST with the right permission needs no other person's yes."""
    result = await capability(ask, turn)
    if not isinstance(result, gives):
        raise TypeError(f"{capability.name} gave {type(result).__name__}, not {gives.__name__}")
    return result
