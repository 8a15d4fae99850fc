"""In whose vault does something lie by now? Fans link and part, and what was told goes along (`memory.linking`)."""

from typing import Any

from sqlalchemy import select

from memory.models import Conversation, Episode, Fact, Message, OwnWord
from memory.vault.key import VaultKey
from memory.work import Work


async def owner_of(work: Work, scope: str, id: str) -> VaultKey | None:
    """Whose the fact, the episode, the own word, or else the message of that id is; None for what no fan and persona share."""
    table: Any = {"fact": Fact, "episode": Episode, "own": OwnWord}.get(scope)
    if table:
        query: Any = select(table.workspace, table.persona_id, table.fan_id).where(table.id == id)
        query = query.where(table.workspace == work.principal.workspace)
    else:
        query = select(Conversation.workspace, Conversation.persona_id, Conversation.fan_id)
        query = query.join(Message, Message.conversation_id == Conversation.id).where(
            Message.id == id, Message.workspace == work.principal.workspace
        )
    row = (await work.session.execute(query)).first()
    return VaultKey(*row) if row and all(row) else None
