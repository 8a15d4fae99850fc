"""Whose Gator is it, who may sign in, and with which tokens."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gator.clock import now
from gator.ids import new_id
from memory.models.base import Base, Id, Row


class Workspace(Base):
    __tablename__ = "workspace"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    # What needs no person, which care packs apply: {"allow": ["publish"], "packs": ["default"]}.
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)


class User(Row, Base):
    """An operator or admin who signs in."""

    __tablename__ = "user"
    __table_args__ = (UniqueConstraint("workspace", "name"),)

    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))  # argon2id; none until the first sign-in sets one
    roles: Mapped[list[str]] = mapped_column(default=list)
    timezone: Mapped[str] = mapped_column(String(64), default="")
    disabled_at: Mapped[datetime | None]


class Token(Row, Base):
    """A credential that is random itself, so only its SHA-256 is kept: `signin` (once), `session`, `api`."""

    __tablename__ = "token"

    kind: Mapped[str] = mapped_column(String(16))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    subject: Mapped[str] = mapped_column(Id, index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    scopes: Mapped[list[str]] = mapped_column(default=list)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
