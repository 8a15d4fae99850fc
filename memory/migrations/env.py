"""Alembic's way in; `memory.schema` calls it with a connection."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON

from memory.models import Base
from memory.models.base import Utc
from memory.schema import is_ours


def render_item(type_: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Migrations name SQLAlchemy's own types, so that they still run when ours have moved on."""
    if type_ == "type" and isinstance(item, Utc):
        return "sa.DateTime(timezone=True)"
    if type_ == "type" and isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_object=is_ours,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
