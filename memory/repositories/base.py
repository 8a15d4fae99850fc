"""What do repositories share? A session, a principal, and no way to a row of another workspace."""

from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
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

    async def _add_once(self, row: R, known: Select[R]) -> tuple[R, bool]:
        """The row that `known` finds, or this one, inserted; and whether it was. Of two at once both get the same row."""
        if there := await self._session.scalar(known):
            return there, False
        try:
            async with self._session.begin_nested():
                self._session.add(row)
            return row, True
        except IntegrityError:
            there = await self._session.scalar(known)
            if there is None:
                raise
            return there, False

    async def _add(self, row: R) -> R:
        """Insert now, so that a broken constraint shows where it happens."""
        self._session.add(row)
        await self._session.flush()
        return row
