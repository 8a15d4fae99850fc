"""In whose vault does something lie by now? Fans link and part, and what was told goes along (`memory.linking`)."""

from typing import Any

from sqlalchemy import select

from memory.models import Conversation, Episode, Fact, Message
from memory.vault.key import VaultKey
from memory.work import Work


async def owner_of(work: Work, scope: str, id: str) -> VaultKey | None:
    """Of the fact, the episode, or else the message of that id; None where there is none between a fan and a persona."""
    if scope in ("fact", "episode"):
        table = Fact if scope == "fact" else Episode
        query: Any = select(table.workspace, table.persona_id, table.fan_id).where(table.id == id)
        query = query.where(table.workspace == work.principal.workspace)
    else:
        query = select(Conversation.workspace, Conversation.persona_id, Conversation.fan_id)
        query = query.join(Message, Message.conversation_id == Conversation.id).where(
            Message.id == id, Message.workspace == work.principal.workspace
        )
    row = (await work.session.execute(query)).first()
    return VaultKey(*row) if row and all(row) else None
