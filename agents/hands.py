"""How does a model use a capability? Its schema for the model, and the call that a model's arguments lead to.

Identity comes from the turn. Arguments are the model's, so they are checked against the shape; what goes wrong becomes
a tool message that says what to change, never an exception in the graph.
"""

import asyncio
from collections.abc import Iterable
from functools import cache
from typing import Any

import orjson
import structlog
from langchain_core.messages import ToolMessage
from pydantic import BaseModel, ValidationError

from gator.errors import GatorError, Refused
from gator.principal import Kind
from tools import catalogue
from tools.capability import Capability, Turn, digest

log = structlog.get_logger()

CALL_TIMEOUT_S = 60.0  # heavy work is a job; what a capability does itself is over sooner
AT_ONCE = 4


@cache
def schemas_for(kind: Kind) -> list[dict[str, Any]]:
    """What the model is told of its tools: those of this kind of principal and no others."""
    return [
        {
            "type": "function",
            "function": {
                "name": capability.name,
                "description": capability.description,
                "parameters": capability.asks.model_json_schema(),
            },
        }
        for capability in catalogue.capabilities_for(kind)
    ]


def understand(name: str, arguments: dict[str, Any], kind: Kind) -> tuple[Capability, BaseModel]:
    """The capability meant and its checked arguments. Raises Refused with what the model should change."""
    capability = next((one for one in catalogue.capabilities_for(kind) if one.name == name), None)
    if capability is None:
        raise Refused(f"There is no tool {name!r}.")
    try:
        return capability, capability.asks.model_validate(arguments)
    except ValidationError as wrong:
        told = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in wrong.errors())
        raise Refused(f"These arguments do not fit {name}: {told}.") from wrong


async def carry_out(call: dict[str, Any], turn: Turn, approval: str | None = None) -> ToolMessage:
    """Do what one tool call asks and say what came of it; errors become words.

    `approval` is spent on exactly these arguments: their hash is taken from what is about to be done.
    """
    try:
        capability, ask = understand(call["name"], call["args"], turn.principal.kind)
        if approval:
            turn = turn.with_approval(approval, digest(capability.name, ask))
        async with asyncio.timeout(CALL_TIMEOUT_S):
            result = await capability(ask, turn)
    except GatorError as wrong:
        return _failed(call, wrong.code, str(wrong))
    except TimeoutError:
        return _failed(call, "unavailable", f"{call['name']} took longer than {CALL_TIMEOUT_S:.0f} s and was stopped.")
    except Exception:
        # A bug of ours must not end the conversation; the person hears that it failed, we read the log.
        log.exception("capability_failed", capability=call["name"], turn=turn.id)
        return _failed(call, "error", f"{call['name']} failed on our side; the log says why.")
    told = result.model_dump(mode="json")
    told["said"] = in_words(result)
    return ToolMessage(
        orjson.dumps(told).decode(),
        tool_call_id=call["id"],
        name=call["name"],
        artifact={"outside": capability.outside},
    )


async def carry_out_all(calls: Iterable[dict[str, Any]], turn: Turn) -> list[ToolMessage]:
    """As `carry_out`, a few at once; answers in the order of the calls."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(call: dict[str, Any]) -> ToolMessage:
        async with places:
            return await carry_out(call, turn)

    return list(await asyncio.gather(*(one(call) for call in calls)))


def refuse(call: dict[str, Any], why: str) -> ToolMessage:
    return _failed(call, "refused", why)


def wants_other_words(call: dict[str, Any]) -> ToolMessage:
    return _failed(call, "other_words", "It was not done: other words are wanted. Write it anew and ask again.")


def done_before(call: dict[str, Any], summary: str) -> ToolMessage:
    return ToolMessage(
        orjson.dumps({"said": f"Done: {summary}"}).decode(), tool_call_id=call["id"], name=call["name"], artifact={}
    )


def in_words(shape: BaseModel) -> str:
    """The shape as a person reads it."""
    words = getattr(shape, "in_words", None)
    return (
        str(words()) if words else ", ".join(f"{name}: {value}" for name, value in shape if value not in (None, "", []))
    )


def _failed(call: dict[str, Any], code: str, said: str) -> ToolMessage:
    content = orjson.dumps({"error": code, "said": said}).decode()
    return ToolMessage(content, tool_call_id=call["id"] or "", name=call["name"], status="error")
