"""How do memories come to another fan of the same person? With the conversations that they were told in, and only those."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from memory.models import Episode, Fact, Message, OwnWord, Recollection
from memory.vault.key import as_of_now
from memory.vault.pages import drop_fans
from memory.vault.shelves import shelves_of
from memory.work import Work


async def hand_over(work: Work, conversations: Sequence[str], owner: str, to: str) -> None:
    """Have what was told in these conversations, and only that, belong to another fan: two who are linked, or who part."""
    for start in range(0, len(conversations), 500):  # SQLite takes 32,766 values in a statement
        part = conversations[start : start + 500]
        told = select(Message.id).where(Message.conversation_id.in_(part)).scalar_subquery()
        for table in (Fact, Recollection, OwnWord):
            theirs = (table.workspace == work.principal.workspace, table.fan_id == owner, table.message_id.in_(told))
            values: dict[str, Any] = {"fan_id": to}
            if table is Recollection:
                values["id"] = as_of_now(Recollection.id)
            await work.session.execute(update(table).where(*theirs).values(**values))
        sat = (Episode.workspace == work.principal.workspace, Episode.conversation_id.in_(part))
        await work.session.execute(update(Episode).where(*sat).values(fan_id=to))
    await drop_fans(work, (owner, to))
    shelves_of(work.session).drop_fans(work.principal.workspace, {owner, to})
