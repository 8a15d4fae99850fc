"""What do repositories share? A session, a principal, and no way to a row of another workspace.

Most build their queries as they go. What runs in every fan's turn is prepared once, as a constant of its module, and gives
plain values where nobody needs an object (`memory.prepared` says why).
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Column, Select, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gator.errors import NotFound
from gator.ids import is_id
from gator.principal import Principal
from memory.models.base import Base, Row
from memory.prepared import Prepared

R = TypeVar("R", bound=Row)
B = TypeVar("B", bound=Base)


def table_of(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


def insert_into(model: type[Base], dialect: str) -> Any:
    """An insertion of every column, each value by its name with a v_ before it; it may say what happens on a conflict."""
    into: Any = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table_of(model))
    return into.values({one.name: bindparam(f"v_{one.name}", type_=one.type) for one in table_of(model).columns})


def row_of(model: type[Base], /, **values: Any) -> dict[str, Any]:
    """The values for `insert_into`, those of `values` and the columns' own defaults."""
    return {bind: values[name] if name in values else default() for name, bind, default in _columns(model)}


def copy_of(model: type[B], values: Mapping[str, Any]) -> B:
    """A row as an object of no session. Laid in as they are: to set an attribute notes a change, at six times the cost."""
    row = model()
    row.__dict__.update(values)
    return row


@cache
def _columns(model: type[Base]) -> list[tuple[str, str, Callable[[], Any]]]:
    return [(column.name, f"v_{column.name}", _default(column)) for column in table_of(model).columns]


def _default(column: Column[Any]) -> Callable[[], Any]:
    default: Any = column.default
    if default is None:
        return lambda: None
    return (lambda: default.arg(None)) if default.is_callable else (lambda: default.arg)


@cache
def _insertion(model: type[Base], dialect: str) -> Prepared:
    return Prepared(insert_into(model, dialect))


@cache
def insertion_once(model: type[Base], dialect: str) -> Prepared:
    """An insertion that a unique constraint turns into nothing; gives the id of what it inserted."""
    return Prepared(insert_into(model, dialect).on_conflict_do_nothing().returning(table_of(model).c.id))


@cache
def _by_id(model: Any) -> Any:
    return select(model).where(model.workspace == bindparam("mine"), model.id == bindparam("which"))


class Repository:
    def __init__(self, session: AsyncSession, principal: Principal) -> None:
        self._session = session
        self._principal = principal

    @property
    def _workspace(self) -> str:
        return self._principal.workspace

    @property
    def _dialect(self) -> str:
        return self._session.get_bind().dialect.name

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

    async def _add_once(self, row: R, known: Select[R], before: Base | None = None) -> tuple[R, bool]:
        """The row that `known` finds, or this one, inserted; and whether it was. Of two at once both get the same row.

        `before` is a row that this one refers to, inserted with it or not at all.
        """
        if there := await self._session.scalar(known):
            return there, False
        try:
            async with self._session.begin_nested():
                if before is not None:
                    self._session.add(before)
                    await self._session.flush()
                self._session.add(row)
            return row, True
        except IntegrityError:
            there = await self._session.scalar(known)
            if there is None:
                raise
            return there, False

    async def _insert(self, model: type[Base], **values: Any) -> None:
        """Insert a row of this workspace that nobody needs as an object."""
        insertion = _insertion(model, self._dialect)
        await insertion.run(self._session, row_of(model, workspace=self._workspace, **values))

    async def _insert_once(self, model: type[Base], **values: Any) -> bool:
        """As `_insert`; False when a row of that key is there already."""
        insertion = insertion_once(model, self._dialect)
        return bool(await insertion.run(self._session, row_of(model, workspace=self._workspace, **values)))

    async def _add(self, row: R) -> R:
        """Insert now, so that a broken constraint shows where it happens."""
        self._session.add(row)
        await self._session.flush()
        return row
