"""Which embedder's vectors answer, while those of another one are made? One row a workspace; `memory.reembedding` keeps it."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.models.base import Base, Id, Row


class EmbeddedBy(Row, Base):
    """Whose vectors answer in a workspace, and how far another embedder's are made that is to take over."""

    __tablename__ = "embedded_by"
    __table_args__ = (UniqueConstraint("workspace"),)

    model: Mapped[str] = mapped_column(String(64))  # whose vectors answer: all has one of them
    becoming: Mapped[str] = mapped_column(String(64), default="")  # whose are made meanwhile; empty: nobody's
    upto: Mapped[str] = mapped_column(Id, default="")  # the last row that was looked at
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime]  # when the model took over
    swept: Mapped[bool] = mapped_column(default=True)  # whether the vectors of the one before are gone
