"""What do repositories share? A session, a principal, and no way to a row of another workspace."""

from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.errors import NotFound
from gator.ids import is_id
from gator.principal import Principal
from memory.models.base import Row

R = TypeVar("R", bound=Row)


class Repository:
    def __init__(self, session: AsyncSession, principal: Principal) -> None:
        self._session = session
        self._principal = principal

    @property
    def _workspace(self) -> str:
        return self._principal.workspace

    def _mine(self, table: type[R]) -> Select[R]:
        """A query of this workspace's rows."""
        return select(table).where(table.workspace == self._workspace)

    async def _get(self, table: type[R], id: str, what: str) -> R:
        """The row of that id. Raises NotFound, in which `what` names the kind of thing."""
        row = await self._session.scalar(self._mine(table).where(table.id == id)) if is_id(id) else None
        if row is None:
            raise NotFound(f"There is no {what} {id}.")
        return row

    async def _add(self, row: R) -> R:
        """Insert now, so that a broken constraint shows where it happens."""
        self._session.add(row)
        await self._session.flush()
        return row
