"""How is a statement of every turn run? Compiled once, then given to SQLite as it is.

On SQLite a statement takes some 10 µs; what SQLAlchemy does around it (cache keys, contexts, results, a greenlet) takes four
times as long, and a fan's turn has some twenty (docs/decisions/sqlite-in-the-loop.md). So the statements of a turn are
written with SQLAlchemy, which makes the SQL and knows how values are converted, and run here. On PostgreSQL they run as
any other. Lists of values (`IN`) cannot be prepared.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, Dialect
from sqlalchemy.ext.asyncio import AsyncSession

from memory.sqlite import LoopDialect

CONNECTION = "gator_connection"  # in the info of a session, once it is known

Convert: TypeAlias = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement as the driver takes it."""

    sql: str
    binds: list[tuple[str, Any, Convert]]  # in the order of the SQL: name, value where none is given, conversion
    converts: list[tuple[int, Callable[[Any], Any]]]  # of the columns that need one, by place


class Prepared:
    """A statement whose values come by name. Rows are plain tuples; the driver's errors come as they are."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._gives_rows = bool(list(statement.exported_columns))
        self._form: _Form | None = None

    async def run(self, session: AsyncSession, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        connection = await _connection(session)
        if not isinstance(connection.dialect, LoopDialect):
            result = await session.execute(self._statement, values)
            return [tuple(row) for row in result] if self._gives_rows else []
        form = self._form = self._form or _compile(self._statement, connection.dialect)
        given = [
            convert(values.get(name, default)) if convert else values.get(name, default)
            for name, default, convert in form.binds
        ]
        driver: Any = connection.connection.dbapi_connection
        rows: list[tuple[Any, ...]] = driver.execute(form.sql, given).fetchall()
        return [_converted(row, form.converts) for row in rows] if form.converts else rows

    async def first(self, session: AsyncSession, values: dict[str, Any]) -> tuple[Any, ...] | None:
        rows = await self.run(session, values)
        return rows[0] if rows else None


async def _connection(session: AsyncSession) -> Connection:
    """The unit of work's connection. Kept beside the session: to ask it each time costs as much as a statement."""
    known: Connection | None = session.info.get(CONNECTION)
    if known is None or known.closed:
        known = session.info[CONNECTION] = (await session.connection()).sync_connection
        assert known is not None
    return known


def _compile(statement: Any, dialect: Dialect) -> _Form:
    compiled: Any = statement.compile(dialect=dialect)
    types = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
    binds = [(name, compiled.params[name], types[name].bind_processor(dialect)) for name in compiled.positiontup]
    kinds = [column.type.dialect_impl(dialect) for column in statement.exported_columns]
    converts = [(at, convert) for at, kind in enumerate(kinds) if (convert := kind.result_processor(dialect, None))]
    return _Form(str(compiled), binds, converts)


def _converted(row: tuple[Any, ...], converts: list[tuple[int, Callable[[Any], Any]]]) -> tuple[Any, ...]:
    values = list(row)
    for at, convert in converts:
        values[at] = convert(values[at])
    return tuple(values)
