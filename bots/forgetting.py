"""How does a fan have everything forgotten in a chat? Asked for once, and done at a plain yes within minutes.

What is erased is `memory.erasing`'s. Neighbours: memory_commands (which asks), core (which hears the yes).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bots.channel import Inbound, Outbound
from bots.delivery import Delivery
from bots.words import say
from gator.clock import now
from gator.ids import new_id
from gator.principal import service
from gator.settings import Settings
from memory.erasing import Erased, erase
from memory.models import Conversation
from memory.vault import VaultKey
from memory.work import Work

YES_WITHIN = timedelta(minutes=5)
_ASKED = "forgetting"  # a note of the conversation: until when a yes counts
_YES = re.compile(r"(?:yes|yes please|y|ja|ja bitte|j)\s*[.!]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """That everything was forgotten; to be shown and finished after the commit."""

    conversation: Conversation
    told: list[Outbound | None]
    erased: Erased


def is_yes(text: str) -> bool:
    return bool(_YES.fullmatch(text.strip()))


def key_of(room: Conversation) -> VaultKey:
    """The vault of the two who talk there."""
    return VaultKey(room.workspace, str(room.persona_id), str(room.fan_id))


async def wait_for_yes(work: Work, room: Conversation) -> None:
    """The next message there may be the yes."""
    await work.conversations.note(room.id, **{_ASKED: (now() + YES_WITHIN).isoformat()})


async def everything(
    work: Work, settings: Settings, room: Conversation, language: str, name: str
) -> tuple[Erased, list[str]]:
    """Forget all that the two said and learned; with what is to be said of it: that it is done, and the receipt."""
    erased = await erase(work, settings.secret, key_of(room), "everything")
    await work.session.refresh(room)
    return erased, [
        say("forgot_everything", language, name=name),
        say("forgot_receipt", language, text=erased.receipt),
    ]


async def hear_yes(
    work: Work, inbound: Inbound, conversation: Conversation, delivery: Delivery, settings: Settings
) -> Forgotten | None:
    """Whether the message is the yes that /forget everything waits for: then it is done. Any other word means no.

    What the platform delivers once more was said before the question, and means nothing.
    """
    until = conversation.notes.get(_ASKED)
    if not until or await work.journal.find(inbound.channel, inbound.account, inbound.platform_id):
        return None
    await work.conversations.note(conversation.id, **{_ASKED: None})
    if datetime.fromisoformat(until) < now() or inbound.attachments or not is_yes(inbound.text):
        return None
    ours = Work(work.session, service(conversation.workspace, "memory"))  # a linked fan is somebody else to the vault
    room = await ours.conversations.get(conversation.id)
    name = (await ours.personas.get(str(room.persona_id))).name
    erased, told = await everything(ours, settings, room, conversation.language or settings.language, name)
    await ours.journal.take_in(  # the platform may deliver the yes again
        inbound.channel, inbound.account, inbound.platform_id, conversation_id=room.id,
        principal=inbound.principal.as_data(), text="", state="answered",
    )  # fmt: skip
    key = f"yes:{new_id()}"
    written = [await delivery.tell(ours, room, one, f"{key}:{n}", answers=[key]) for n, one in enumerate(told)]
    return Forgotten(room, written, erased)
