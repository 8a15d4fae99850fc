"""Who says yes? Gated calls wait for a person: bound to their exact arguments, used once, closed when time is up."""

from datetime import timedelta
from typing import Any

from agents import hands
from gator.errors import Refused
from gator.principal import Kind
from memory.models import Approval
from tools import catalogue
from tools.capability import Capability, Turn, digest

LIVES = timedelta(hours=24)


def gated(name: str, kind: Kind) -> Capability | None:
    """The capability of that name, when this kind of principal may use it and a model's wish is not enough."""
    found = next((one for one in catalogue.capabilities_for(kind) if one.name == name), None)
    return found if found and found.gated else None


async def ask(call: dict[str, Any], turn: Turn) -> Approval:
    """Write the question down, once for this call. Raises Refused when the arguments do not fit."""
    capability, shape = hands.understand(call["name"], call["args"], turn.principal.kind)
    if turn.conversation is None:
        raise Refused(f"{capability.name} needs a person's yes, and nobody is here to give it.")
    summary = hands.in_words(shape)
    if capability.preview:
        shape, summary = await capability.preview(shape, turn)
    arguments_hash = digest(capability.name, shape)
    async with turn.open_work() as work:
        return await work.approvals.ask(
            capability.name,
            capability.effect,
            shape.model_dump(mode="json"),
            arguments_hash,
            summary=summary,
            key=f"{turn.id}:{call['id']}"[:128],
            turn_id=turn.id,
            conversation_id=turn.conversation,
            lives=LIVES,
        )


async def allowed_without(capability: Capability, turn: Turn, tainted: bool) -> bool:
    """Whether the workspace's policy lets this effect pass; never when words from outside may have shaped it."""
    if tainted:
        return False
    async with turn.open_work(reads=True) as work:
        return capability.effect in (await work.people.workspace()).policy.get("allow", [])


async def revise(approval: Approval, text: str, turn: Turn) -> Approval:
    """Ask the same with that text in place of the model's: bound to its own hash, and waiting for a yes of its own.

    Raises Refused for what has no text, Conflict when it was decided meanwhile.
    """
    if "text" not in approval.arguments:
        raise Refused("Only a text can be changed.", remedy="Say no to it, and say what you want instead.")
    arguments = {**approval.arguments, "text": text.strip()}
    capability, shape = hands.understand(approval.capability, arguments, turn.principal.kind)
    summary = hands.in_words(shape)
    if capability.preview:
        shape, summary = await capability.preview(shape, turn)
    arguments_hash = digest(capability.name, shape)
    async with turn.open_work() as work:
        by = str(turn.principal)
        revised = await work.approvals.revise(approval.id, shape.model_dump(mode="json"), arguments_hash, summary, by)
        await work.audit.note("approval.revised", approval.id, now_asked=revised.id)
        return revised
