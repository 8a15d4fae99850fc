"""Who is the persona? The current character, every version it ever had, and the state of its lorebook per conversation."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.models.base import Base, Id, Row


class Persona(Row, Base):
    __tablename__ = "persona"
    __table_args__ = (UniqueConstraint("workspace", "slug"), UniqueConstraint("workspace", "key"))

    slug: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)
    character: Mapped[dict[str, Any]]  # tools.personas.character.Character, as JSON
    card: Mapped[dict[str, Any] | None]  # the imported card as it came, unknown keys included
    portrait: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # PNG, nothing but the picture
    card_file: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # the PNG or CharX it came in, whole
    key: Mapped[str | None] = mapped_column(String(128))  # idempotency
    paused_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class PersonaVersion(Row, Base):
    __tablename__ = "persona_version"
    __table_args__ = (UniqueConstraint("persona_id", "version"), UniqueConstraint("workspace", "key"))

    persona_id: Mapped[str] = mapped_column(Id, ForeignKey("persona.id", ondelete="CASCADE"))
    version: Mapped[int]
    character: Mapped[dict[str, Any]]
    author: Mapped[str] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(Text, default="")
    key: Mapped[str | None] = mapped_column(String(128))  # idempotency


class LoreState(Row, Base):
    """How long lorebook entries stay active or rest in one conversation: {entry id: {"sticky": 2, "cooldown": 0}}."""

    __tablename__ = "lore_state"
    __table_args__ = (UniqueConstraint("conversation_id"),)

    conversation_id: Mapped[str] = mapped_column(Id, ForeignKey("conversation.id", ondelete="CASCADE"))
    timers: Mapped[dict[str, Any]] = mapped_column(default=dict)
