"""The journal: what came in, once, and whether it was answered."""

from typing import Any

from sqlalchemy import bindparam, update

from gator.ids import new_id
from memory.models import Inbound
from memory.prepared import Prepared
from memory.repositories.base import Repository, table_of

_I = table_of(Inbound)
_CLOSE = Prepared(
    update(_I)
    .where(_I.c.workspace == bindparam("mine"), _I.c.id == bindparam("which"))
    .values(state=bindparam("becomes"), turn_id=bindparam("turn"))
)


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
    ) -> str | None:
        """Write it down; its id, or None when the platform's message id is there already."""
        id = new_id()
        new = await self._insert_once(
            Inbound,
            id=id,
            channel=channel,
            account=account,
            platform_id=platform_id,
            conversation_id=conversation_id,
            principal=principal,
            text=text,
            attachments=attachments or [],
        )
        return id if new else None

    async def open_conversations(self, limit: int = 100) -> list[str]:
        """Conversations in which something waits, the longest waiting first."""
        query = self._mine(Inbound).where(Inbound.state == "open").order_by(Inbound.created_at).limit(limit)
        return list(dict.fromkeys([row.conversation_id for row in await self._session.scalars(query)]))

    async def close(self, ids: list[str], state: str, turn_id: str | None = None) -> None:
        """Mark them `answered` or `dropped`."""
        for id in ids:  # nearly always one
            values = {"mine": self._workspace, "which": id, "becomes": state, "turn": turn_id}
            await _CLOSE.run(self._session, values)
