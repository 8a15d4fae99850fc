"""May they, in this conversation? Membership, and how a message reaches the conversation core, from REST and the socket."""

import hashlib

from api.deps import Caller
from bots.channel import Inbound
from bots.core import Core
from gator.errors import Forbidden, NotFound
from memory.models import Conversation


def is_member(caller: Caller, conversation: Conversation) -> bool:
    """Whether it is theirs: a fan's with the persona that their token names, or an operator's own."""
    who = caller.principal
    if caller.is_fan:
        return conversation.fan_id == who.subject and conversation.persona_id == who.persona
    return conversation.user_id == who.subject


def may_read(caller: Caller, conversation: Conversation) -> Conversation:
    """The conversation. Raises NotFound for one that the caller may not know of."""
    mine = is_member(caller, conversation) and "chat" in caller.permissions
    if mine or "conversations:read" in caller.permissions:
        return conversation
    raise NotFound(f"There is no conversation {conversation.id}.")


def may_speak(caller: Caller, conversation: Conversation) -> Conversation:
    """The conversation. Raises NotFound or, to those who may only read it, Forbidden."""
    if may_read(caller, conversation) and not (is_member(caller, conversation) and "chat" in caller.permissions):
        raise Forbidden("This conversation is somebody else's; you may only read it.")
    return conversation


async def note_reading(core: Core, caller: Caller, conversation: Conversation) -> None:
    """Write down that somebody reads what is not theirs: fans' words are read for a reason, and that shows."""
    if not is_member(caller, conversation):
        async with core.store.open_work(caller.principal) as work:
            await work.audit.note("conversation.read", conversation.id)


async def accept(core: Core, caller: Caller, conversation: Conversation, text: str, client_id: str) -> str | None:
    """Hand the message over for an answer; gives its id, or None when it was handed over before."""
    # Ids of clients are theirs alone: bound to the conversation, of one length whatever they send.
    platform_id = hashlib.sha256(f"{conversation.id}\n{client_id}".encode()).hexdigest()
    inbound = Inbound(
        channel=conversation.channel,
        account=conversation.account,
        platform_id=platform_id,
        conversation=conversation.id,
        principal=caller.principal,
        text=text,
    )
    return await core.receive(inbound)
