"""What if somebody is in danger where no turn answers? The card of the care path, told by code at once.

A turn looks at a fan's words itself (`bots.turns`). This is for words that no turn answers in time: what was edited after
its answer, what waits for files, what comes while a person has taken over, what stands behind a command.
"""

from dataclasses import dataclass

import structlog

from agents.care import crisis, intake
from bots.channel import Outbound
from bots.delivery import Delivery
from bots.desk import Desk
from gator.clock import now
from memory.models import Conversation, Fan
from memory.work import Work
from tools.personas.character import Character

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answered:
    """The card is in the conversation; `shown` is what `Delivery.show` takes after the commit."""

    shown: Outbound | None = None


def key_of(message_id: str) -> str:
    """The outbox's key of the card that answers that message, so that it is given once, whoever sees the words first."""
    return f"danger:{message_id}"


async def answer_danger(
    work: Work,
    delivery: Delivery,
    desk: Desk,
    conversation: Conversation,
    fan: Fan,
    character: Character,
    said: str,
    language: str,
    region: str,
    key: str,
) -> Answered | None:
    """Tell the card, once for the key, and call for a person; None when the words speak of no danger."""
    found = intake.look(said, fan, character, region, spoken=language)
    if found.reason != "crisis" or found.reply is None:
        return None
    if await work.outbox.has(key):
        return Answered()
    row = await work.people.fan(fan.id)  # what a turn reads is a copy
    row.age_state, row.crisis_until = found.age_state, now() + crisis.rest()
    await desk.want(work, conversation, "crisis", by="gator")
    log.warning("danger_answered", conversation=conversation.id)
    return Answered(await delivery.tell(work, conversation, found.reply, key, care="crisis"))
