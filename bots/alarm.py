"""What if somebody is in danger where no turn answers? The card of the care path, told by code at once.

A turn looks at a fan's words itself (`bots.turns`). This is for words that no turn answers in time: what was edited after
its answer, what waits for files, what comes while a person has taken over, what stands behind a command.
"""

from dataclasses import dataclass

import structlog

from agents.care import crisis, intake
from bots import languages
from bots.cast import Cast
from bots.channel import Outbound
from bots.delivery import Delivery
from bots.desk import Desk
from gator.clock import now
from gator.errors import NotFound
from memory.models import Conversation, Fan
from memory.repositories.turns import Waiting
from memory.work import Work
from tools.personas.character import Character

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answered:
    """The card is in the conversation; both are for `Delivery.show`, after the commit."""

    conversation: Conversation
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
        return Answered(conversation)
    row = await work.people.fan(fan.id)  # what a turn reads is a copy
    row.age_state, row.crisis_until = found.age_state, now() + crisis.rest()
    await desk.want(work, conversation, "crisis", by="gator")
    log.warning("danger_answered", conversation=conversation.id)
    return Answered(conversation, await delivery.tell(work, conversation, found.reply, key, care="crisis"))


async def answered_so_far(work: Work, waiting: list[Waiting]) -> list[str]:
    """Those of the waiting messages that a card has answered: up to the last one that has one, for they were read together."""
    last = 0
    for n, one in enumerate(waiting, 1):
        last = n if await work.outbox.has(key_of(one.id)) else last
    return [one.id for one in waiting[:last]]


class Alarm:
    """As `answer_danger`, for whoever has a conversation and words and nothing else."""

    def __init__(self, region: str, delivery: Delivery, desk: Desk) -> None:
        self._region = region
        self._delivery = delivery
        self._desk = desk
        self._cast = Cast()

    async def hear(self, work: Work, conversation: Conversation, said: str, key: str) -> Answered | None:
        """Answer these words of the fan's if they speak of danger; `show` the card after the commit."""
        if not (conversation.fan_id and conversation.persona_id):
            return None
        try:
            persona, fan = await work.turns.people(conversation.persona_id, conversation.fan_id)
        except NotFound:  # the persona was removed
            return None
        character = self._cast.character_of(persona)
        language = languages.settle(conversation, said, fan.locale, character.languages)
        return await answer_danger(
            work, self._delivery, self._desk, conversation, fan, character, said, language, self._region, key
        )

    async def hear_waiting(self, work: Work, conversation: Conversation, waiting: list[Waiting]) -> Answered | None:
        """Answer what waits, read together, at the first message that makes it words of danger."""
        if not crisis.check("\n".join(one.text for one in waiting), conversation.language, self._region):
            return None
        for n, one in enumerate(waiting, 1):
            said = "\n".join(before.text for before in waiting[:n])
            if found := await self.hear(work, conversation, said, key_of(one.id)):
                return found
        return None

    async def show(self, answered: Answered | None) -> None:
        if answered:
            await self._delivery.show(answered.conversation.workspace, answered.conversation, answered.shown)
