"""What do all tables share? Names of constraints, ids, workspaces, times in UTC, JSON."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, MetaData, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from gator.clock import now
from gator.ids import new_id


class Utc(TypeDecorator[datetime]):
    """An aware datetime. SQLite keeps no zone, so times go in as UTC and come out marked as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone; use gator.clock.now()")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


Id = String(36)
Json = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: Utc, dict[str, Any]: Json, list[Any]: Json, list[str]: Json}


class Row:
    """Columns of every table but `workspace` itself: id, workspace, when it was made."""

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)

    @declared_attr
    def workspace(cls) -> Mapped[str]:
        # No index: most Gators have one workspace, and SQLite would read all of it in place of one conversation.
        return mapped_column(Id, ForeignKey("workspace.id", ondelete="CASCADE"))
