"""What does a slash command do? The channel's commands as everywhere; an operator's others call their capability.

Such a call goes the way that REST goes, not through Gator's model: a person has typed the exact arguments, so there is
nothing to be understood or guessed, and what a person asks for in those words needs no second yes of theirs. Only what
nothing brings back (`Effect.destroy`) waits for one, as when a model calls it: a name is picked from a menu fast. The turn
has an id made of the interaction's, so an interaction that comes twice is done once.
"""

import asyncio
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from agents import hands
from agents.builtin.times.moments import Unclear, find_when
from bots import frames
from bots.words import say
from gator.clock import now
from gator.errors import Forbidden, Refused
from gator.principal import Kind
from memory.repositories.turns import Waiting
from tools.capability import Capability, Effect, Turn

if TYPE_CHECKING:
    from bots.core import Core

_TURNS = uuid.UUID("5d5a1dd2-3b0c-4cf4-9e5c-6f1a53c0d3a1")
_LONGEST_S = 60.0
_MAY_CHANGE = frozenset({"owner", "admin", "operator"})


def turn_of(turn: Turn, interaction: str) -> Turn:
    """The turn under an id of the interaction's own."""
    return replace(turn, id=str(uuid.uuid5(_TURNS, f"{turn.principal.workspace}\n{interaction}")))


async def carry_out(core: "Core", name: str, options: list[dict[str, Any]], turn: Turn, key: str) -> str | None:
    """What came of it, in words; None when a question under `key` asks for a yes first. Raises Refused, Unavailable."""
    capability, ask = hands.understand(name, await _arguments(name, options, turn), Kind.operator)
    if capability.effect is not Effect.read and _MAY_CHANGE.isdisjoint(turn.principal.roles):
        raise Forbidden("You may look, but not change anything.", remedy="Ask the owner for the role of an operator.")
    async with asyncio.timeout(_LONGEST_S):
        if capability.effect is Effect.destroy:
            return await _ask_first(core, capability, ask, turn, key)
        return hands.in_words(await capability(ask, turn))


async def _ask_first(core: "Core", capability: Capability, ask: BaseModel, turn: Turn, key: str) -> str | None:
    """Have it wait at the gate, and put the question before the operator; the turn goes on with their yes or no.

    Gives what came of it where the workspace's policy asks for no yes. An interaction that comes twice is asked about once.
    """
    async with core.store.open_work(turn.principal, reads=True) as work:
        if await work.outbox.has(key):
            return None
    if capability.preview:
        await capability.preview(ask, turn)  # what cannot be done at all is not asked about
    call = {"name": capability.name, "args": ask.model_dump(mode="json", exclude_unset=True), "id": turn.id}
    answer = await core.brain.propose(turn, f"/{capability.name} {hands.in_words(ask)}", call)
    if not answer.waits_for:
        return answer.text
    assert turn.conversation is not None
    async with core.store.open_work(turn.principal) as work:
        conversation = await work.conversations.hold(turn.conversation)
        if await work.outbox.has(key):  # of two at once, the other one asked
            return None
        approvals = [await work.approvals.get(id) for id in answer.waits_for]
        opened = Waiting(turn.id, "", turn.principal.as_data(), now(), now(), [])
        await work.turns.begin(opened, conversation.id)
        await work.turns.wait(turn.id)
        words = "\n".join([say("waits", turn.language), *(f"- {one.summary}" for one in approvals)])
        meta = {"approvals": answer.waits_for}
        message = await work.conversations.say(conversation.id, "gator", words, turn_id=turn.id, meta=meta)
        told = await core.delivery.write(work, conversation, message, key, speaker="code", approvals=approvals)
    await core.delivery.show(conversation.workspace, conversation, told)
    for one in approvals:
        core.hub.publish(conversation.id, frames.approval_request(one))
    return None


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
