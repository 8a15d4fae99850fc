"""What do repositories share? A session, a principal, and no way to a row of another workspace.

Most build their queries as they go. What runs in every fan's turn is built once, as a constant of its module, and on
tables where nobody needs an object: that costs a third (docs/decisions/sqlite-in-the-loop.md).
"""

from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Select, Table, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gator.errors import NotFound
from gator.ids import is_id
from gator.principal import Principal
from memory.models.base import Base, Row

R = TypeVar("R", bound=Row)


def table_of(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


def insert_into(model: type[Base], dialect: str) -> Any:
    """An insertion that may say what is to happen on a conflict."""
    return (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table_of(model))


@cache
def _insert_into(model: type[Base]) -> Any:
    return insert(table_of(model))


@cache
def _by_id(model: Any) -> Any:
    return select(model).where(model.workspace == bindparam("mine"), model.id == bindparam("which"))


@cache
def insert_once(model: type[Base], dialect: str) -> Any:
    """An insertion that a unique constraint turns into nothing; gives the id of what it inserted."""
    return insert_into(model, dialect).on_conflict_do_nothing().returning(table_of(model).c.id)


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
        row: R | None = None
        if is_id(id):
            row = await self._session.scalar(_by_id(cast(Any, table)), {"mine": self._workspace, "which": id})
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

    async def _insert(self, model: type[Base], **values: Any) -> None:
        """Insert a row of this workspace that nobody needs as an object."""
        await self._session.execute(_insert_into(model), {"workspace": self._workspace, **values})

    async def _insert_once(self, model: type[Base], **values: Any) -> str | None:
        """As `_insert`; the new row's id, or None when a row of that key is there already."""
        statement = insert_once(model, self._session.get_bind().dialect.name)
        new: str | None = await self._session.scalar(statement, {"workspace": self._workspace, **values})
        return new

    async def _add(self, row: R) -> R:
        """Insert now, so that a broken constraint shows where it happens."""
        self._session.add(row)
        await self._session.flush()
        return row
