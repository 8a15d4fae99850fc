"""How does a persona look? Her face as a person approved it, version by version, with views of it from several sides."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.models.base import Base, Id, Row


class Appearance(Row, Base):
    """One version of a face. At most one of a persona's is approved or locked; pictures of her are made with that one."""

    __tablename__ = "appearance"
    __table_args__ = (UniqueConstraint("persona_id", "version"),)

    persona_id: Mapped[str] = mapped_column(Id, ForeignKey("persona.id", ondelete="CASCADE"))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), default="candidate")  # candidate, approved, locked, retired
    shows: Mapped[str] = mapped_column(String(8))  # made: somebody invented; real: somebody who lives, and agreed
    consent_id: Mapped[str | None] = mapped_column(Id, ForeignKey("consent.id"))
    seed_asset_id: Mapped[str | None] = mapped_column(Id, ForeignKey("asset.id", ondelete="SET NULL"))
    threshold: Mapped[float | None]  # how alike a picture must be, 0-1; none: as measured for the encoder
    proposed_by: Mapped[str] = mapped_column(String(100))
    approved_by: Mapped[str] = mapped_column(String(100), default="")
    approved_at: Mapped[datetime | None]
    locked_by: Mapped[str] = mapped_column(String(100), default="")
    locked_at: Mapped[datetime | None]


class AppearanceView(Row, Base):
    """The face from one side: what later pictures are compared with, and made with."""

    __tablename__ = "appearance_view"
    __table_args__ = (UniqueConstraint("appearance_id", "view"),)

    appearance_id: Mapped[str] = mapped_column(Id, ForeignKey("appearance.id", ondelete="CASCADE"))
    view: Mapped[str] = mapped_column(String(32))  # front, three-quarter-left, three-quarter-right, profile, full-body
    asset_id: Mapped[str] = mapped_column(Id, ForeignKey("asset.id", ondelete="CASCADE"))
