"""What is being produced, and in which steps? A reel is a production: script, pictures, voices, video, captions, thumbnail."""

from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.models.base import Base, Id, Row


class Production(Row, Base):
    """What was asked for. What has come of it is in its steps."""

    __tablename__ = "production"
    __table_args__ = (UniqueConstraint("workspace", "key"),)

    title: Mapped[str] = mapped_column(String(200), default="")
    persona_id: Mapped[str | None] = mapped_column(Id, ForeignKey("persona.id", ondelete="SET NULL"), index=True)
    brief: Mapped[dict[str, Any]]  # tools.productions.shapes.Brief, as JSON
    key: Mapped[str] = mapped_column(String(128))  # idempotency


class ProductionStep(Row, Base):
    """One thing that is made, by a job or, where it is words, at once. It is made again when its inputs are others."""

    __tablename__ = "production_step"
    __table_args__ = (UniqueConstraint("production_id", "name"),)

    production_id: Mapped[str] = mapped_column(Id, ForeignKey("production.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))  # script, picture-1, voice-1, video, posts, thumbnail
    take: Mapped[int] = mapped_column(default=1)  # how often it was made
    inputs: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what it is made of: a job's payload
    # What came of a step of words. Of another: `before`, the asset that it had last; of a video that was cut anew by itself,
    # `cut`, which of the reel's scenes are in it, by their numbers.
    words: Mapped[dict[str, Any]] = mapped_column(default=dict)
    job_id: Mapped[str | None] = mapped_column(Id, ForeignKey("job.id", ondelete="SET NULL"), index=True)
    asset_id: Mapped[str | None] = mapped_column(Id, ForeignKey("asset.id", ondelete="SET NULL"), index=True)

    @property
    def cut(self) -> list[int] | None:
        found: list[int] | None = self.words.get("cut")
        return found

    @property
    def before(self) -> str | None:
        """The asset that it had last, to be shown while another is made."""
        found: str | None = self.words.get("before")
        return found
