"""The journal: what came in, once, and whether it was answered."""

from typing import Any

from sqlalchemy import update

from memory.models import Inbound
from memory.repositories.base import Repository


class Journal(Repository):
    async def take_in(
        self,
        channel: str,
        account: str,
        platform_id: str,
        *,
        conversation_id: str,
        principal: dict[str, Any],
        text: str,
        attachments: list[Any] | None = None,
    ) -> Inbound | None:
        """Write it down; None when the platform's message id is there already."""
        known = self._mine(Inbound).where(
            Inbound.channel == channel, Inbound.account == account, Inbound.platform_id == platform_id
        )
        row = Inbound(
            workspace=self._workspace,
            channel=channel,
            account=account,
            platform_id=platform_id,
            conversation_id=conversation_id,
            principal=principal,
            text=text,
            attachments=attachments or [],
        )
        there, new = await self._add_once(row, known)
        return there if new else None

    async def open_in(self, conversation_id: str) -> list[Inbound]:
        """What waits for an answer in that conversation, oldest first."""
        query = self._mine(Inbound).where(Inbound.state == "open", Inbound.conversation_id == conversation_id)
        return list(await self._session.scalars(query.order_by(Inbound.id)))

    async def open_conversations(self, limit: int = 100) -> list[str]:
        """Conversations in which something waits, the longest waiting first."""
        query = self._mine(Inbound).where(Inbound.state == "open").order_by(Inbound.created_at).limit(limit)
        return list(dict.fromkeys([row.conversation_id for row in await self._session.scalars(query)]))

    async def close(self, ids: list[str], state: str, turn_id: str | None = None) -> None:
        """Mark them `answered` or `dropped`."""
        await self._session.execute(
            update(Inbound)
            .where(Inbound.workspace == self._workspace, Inbound.id.in_(ids))
            .values(state=state, turn_id=turn_id)
        )
