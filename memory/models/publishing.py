"""What do personas read and post? Feeds with their stories, and posts with their time."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.models.base import Base, Id, Row


class Feed(Row, Base):
    __tablename__ = "feed"
    __table_args__ = (UniqueConstraint("workspace", "url"),)

    url: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(200))
    persona_id: Mapped[str | None] = mapped_column(Id, ForeignKey("persona.id", ondelete="SET NULL"))
    etag: Mapped[str] = mapped_column(Text, default="")
    modified: Mapped[str] = mapped_column(String(100), default="")
    checked_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")


class Story(Row, Base):
    """One item of a feed. Its words come from outside: labelled, never an instruction."""

    __tablename__ = "story"
    __table_args__ = (UniqueConstraint("feed_id", "guid"), Index("ix_story_new", "workspace", "published_at"))

    feed_id: Mapped[str] = mapped_column(Id, ForeignKey("feed.id", ondelete="CASCADE"))
    guid: Mapped[str] = mapped_column(String(500))
    title: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(Text, default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime]  # the feed's word; the time we first saw it where it gives none
    shown_at: Mapped[datetime | None]  # when an operator was first told of it


class Post(Row, Base):
    """A post of a persona. A repeating one is the template of its occurrences, each a row of its own."""

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("workspace", "key"),
        UniqueConstraint("series_id", "due_at"),
        Index("ix_post_due", "state", "due_at"),
        Index("ix_post_public", "persona_id", "state", "published_at"),
    )

    persona_id: Mapped[str] = mapped_column(Id, ForeignKey("persona.id", ondelete="CASCADE"))
    platform: Mapped[str] = mapped_column(String(32), default="gallery")
    text: Mapped[str] = mapped_column(Text, default="")
    assets: Mapped[list[str]] = mapped_column(default=list)
    due_at: Mapped[datetime]
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    repeat: Mapped[str] = mapped_column(String(200), default="")  # RFC 5545 RRULE, in `zone`
    series_id: Mapped[str | None] = mapped_column(Id, ForeignKey("post.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(
        String(16), default="scheduled"
    )  # scheduled, series, published, cancelled, missed, failed; a series that came to its end: ended
    key: Mapped[str] = mapped_column(String(128))
    approval_id: Mapped[str | None] = mapped_column(Id)
    published_at: Mapped[datetime | None]
    receipt: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(Text, default="")
