"""What does a persona know of one fan? Facts and the vectors of what was said; read only through `memory.vault`."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from memory.models.base import Base, Id, Row


class Fact(Row, Base):
    """Something a fan told about themselves. A fact that no longer holds ends (`valid_to`), it is not erased."""

    __tablename__ = "fact"
    __table_args__ = (Index("ix_fact_vault", "persona_id", "fan_id", "valid_to"),)

    persona_id: Mapped[str] = mapped_column(Id, ForeignKey("persona.id", ondelete="CASCADE"))
    fan_id: Mapped[str] = mapped_column(Id, ForeignKey("fan.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))  # name, home, job, pet, likes, ...
    subject: Mapped[str] = mapped_column(String(100), default="")  # whose: "" the fan, else "sister", "dog"
    value: Mapped[str] = mapped_column(Text)
    quote: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(Id, ForeignKey("message.id", ondelete="CASCADE"), index=True)
    confidence: Mapped[float]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class Recollection(Row, Base):
    """The vector of one thing said between a persona and a fan; its text stays in the message."""

    __tablename__ = "recollection"
    __table_args__ = (Index("ix_recollection_vault", "persona_id", "fan_id", "id"),)

    persona_id: Mapped[str] = mapped_column(Id, ForeignKey("persona.id", ondelete="CASCADE"))
    fan_id: Mapped[str] = mapped_column(Id, ForeignKey("fan.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(Id, ForeignKey("message.id", ondelete="CASCADE"), unique=True)
    model: Mapped[str] = mapped_column(String(64))  # which embedder made the vector
    vector: Mapped[bytes] = mapped_column(LargeBinary)  # float32, little-endian, unit length
