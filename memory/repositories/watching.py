"""What is new, whoever wrote it? Messages and handoffs since a moment, for those who watch conversations.

Ids hold the time at which they were made, so a moment is a floor of ids and the primary key finds what is above it.
"""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import bindparam, select

from memory.models import Handoff, Message, Token
from memory.prepared import Prepared
from memory.repositories.base import Repository, table_of

AT_ONCE = 500
_M = table_of(Message)
_MESSAGES = Prepared(
    select(_M.c.id, _M.c.conversation_id)
    .where(_M.c.workspace == bindparam("mine"), _M.c.id > bindparam("floor"))
    .order_by(_M.c.id)
    .limit(bindparam("most"))
)


class Watching(Repository):
    async def messages_since(self, floor: str) -> list[tuple[str, str]]:
        """Ids and conversations of the messages whose ids are above that floor, oldest first.

        No more of them is read: nearly all have been shown already.
        """
        found: list[tuple[str, str]] = []
        while True:
            some = await _MESSAGES.run(self._session, {"mine": self._workspace, "floor": floor, "most": AT_ONCE})
            found += [(id, conversation) for id, conversation in some]
            if len(some) < AT_ONCE:
                return found
            floor = found[-1][0]

    async def handoffs_since(self, floor: str) -> AsyncIterator[Handoff]:
        """Handoffs (not the notes) whose ids are above that floor, oldest first."""
        async for row in self._since(Handoff, floor):
            if row.kind != "note":
                yield row

    async def ended(self, tokens: list[str]) -> set[str]:
        """Those of these sessions and keys that were revoked."""
        found: set[str] = set()
        for at in range(0, len(tokens), AT_ONCE):
            some = tokens[at : at + AT_ONCE]
            query = (
                self._mine(Token).with_only_columns(Token.id).where(Token.id.in_(some), Token.revoked_at.is_not(None))
            )
            found |= set(await self._session.scalars(query))
        return found

    async def _since(self, table: Any, floor: str) -> AsyncIterator[Any]:
        while True:
            query = self._mine(table).where(table.id > floor).order_by(table.id).limit(AT_ONCE)
            rows = list(await self._session.scalars(query))
            for row in rows:
                yield row
            if len(rows) < AT_ONCE:
                return
            floor = rows[-1].id
