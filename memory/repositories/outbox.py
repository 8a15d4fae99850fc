"""The outbox: what is to be sent, what was, and with which receipt."""

from datetime import datetime

from gator.clock import now
from memory.models import Conversation, Message, Outbound
from memory.repositories.base import Repository


class Outbox(Repository):
    async def put(self, conversation: Conversation, message: Message, key: str) -> Outbound:
        """Have the message sent to its chat; the same key again changes nothing."""
        known = await self._session.scalar(self._mine(Outbound).where(Outbound.key == key))
        if known:
            return known
        row = Outbound(
            workspace=self._workspace,
            conversation_id=conversation.id,
            message_id=message.id,
            channel=conversation.channel,
            account=conversation.account,
            thread=conversation.thread,
            key=key,
            due_at=now(),
        )
        return await self._add(row)

    async def due(self, channel: str, limit: int = 100) -> list[Outbound]:
        query = self._mine(Outbound).where(
            Outbound.state == "pending", Outbound.due_at <= now(), Outbound.channel == channel
        )
        return list(await self._session.scalars(query.order_by(Outbound.id).limit(limit)))

    async def sent(self, row: Outbound, receipt: str) -> None:
        row.state, row.receipt, row.sent_at, row.error = "sent", receipt, now(), ""
        await self._session.flush()

    async def put_off(self, row: Outbound, until: datetime, error: str) -> None:
        row.attempts, row.due_at, row.error = row.attempts + 1, until, error
        await self._session.flush()

    async def give_up(self, row: Outbound, state: str, error: str) -> None:
        """`failed` (the platform said no) or `unconfirmed` (it may have arrived)."""
        row.attempts, row.state, row.error = row.attempts + 1, state, error
        await self._session.flush()
