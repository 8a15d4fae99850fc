"""The outbox: what is to be sent, what was, and with which receipt."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from gator.clock import now
from gator.ids import new_id
from memory.models import Conversation, Message, Outbound
from memory.repositories.base import Repository


class Outbox(Repository):
    async def get(self, id: str) -> Outbound:
        return await self._get(Outbound, id, "outgoing message")

    async def put(self, conversation: Conversation, message: Message, key: str, receipt: str = "") -> str:
        """Have the message sent to its chat; gives the row's id. The same key again changes nothing.

        With a receipt it is sent already: the message's own row is what its readers read.
        """
        id, at = new_id(), now()
        await self._insert_once(
            Outbound,
            id=id,
            conversation_id=conversation.id,
            message_id=message.id,
            channel=conversation.channel,
            account=conversation.account,
            thread=conversation.thread,
            key=key,
            due_at=at,
            state="sent" if receipt else "pending",
            receipt=receipt,
            sent_at=at if receipt else None,
        )
        return id

    async def due(self, channel: str, limit: int = 100) -> list[Outbound]:
        """What waits for that channel, oldest first."""
        query = self._mine(Outbound).where(
            Outbound.state == "pending", Outbound.due_at <= now(), Outbound.channel == channel
        )
        return list(await self._session.scalars(query.order_by(Outbound.id).limit(limit)))

    async def sent(self, id: str, receipt: str) -> None:
        await self._set(id, state="sent", receipt=receipt, sent_at=now(), error="")

    async def put_off(self, id: str, until: datetime, error: str) -> None:
        await self._set(id, attempts=Outbound.attempts + 1, due_at=until, error=error)

    async def give_up(self, id: str, state: str, error: str) -> None:
        """`failed` (the platform said no) or `unconfirmed` (it may have arrived)."""
        await self._set(id, attempts=Outbound.attempts + 1, state=state, error=error)

    async def _set(self, id: str, **values: Any) -> None:
        await self._session.execute(
            update(Outbound)
            .where(Outbound.workspace == self._workspace, Outbound.id == id, Outbound.state == "pending")
            .values(**values)
        )
