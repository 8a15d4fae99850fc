"""Where does Gator talk, who are its operators there, who guesses codes, and when did a person take over?"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.models.base import Base, Id, Row


class Account(Row, Base):
    """A bot account on a platform: the Gator agent's, for operators, when `persona_id` is empty; else a persona's.

    One process at a time receives and sends for it, under the lease.
    """

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("workspace", "channel", "external_id"), UniqueConstraint("workspace", "name"))

    channel: Mapped[str] = mapped_column(String(32))  # telegram, discord
    name: Mapped[str] = mapped_column(String(100))  # what operators call it
    external_id: Mapped[str] = mapped_column(String(64))  # the bot's own id on the platform
    handle: Mapped[str] = mapped_column(String(100), default="")  # its user name there
    persona_id: Mapped[str | None] = mapped_column(Id, ForeignKey("persona.id", ondelete="CASCADE"), index=True)
    credential: Mapped[str] = mapped_column(Text)  # the token, sealed; never shown again
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"base_url": …, "mode": "polling" or "webhook"}
    enabled: Mapped[bool] = mapped_column(default=True)
    cursor: Mapped[str] = mapped_column(String(200), default="")  # how far the platform's updates are in the journal
    sessions: Mapped[list[Any]] = mapped_column(default=list)  # of a platform that replays what nobody heard
    error: Mapped[str] = mapped_column(Text, default="")  # why it does not work at the moment; empty when it does
    seen_at: Mapped[datetime | None]  # when the platform last answered
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]


class Identity(Row, Base):
    """An operator as one platform knows them, admitted by a pairing code."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("workspace", "channel", "external_id"),)

    channel: Mapped[str] = mapped_column(String(32))
    external_id: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("user.id", ondelete="CASCADE"), index=True)
    display_name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(16), default="")


class Miss(Row, Base):
    """A wrong one-time code that somebody sent; a few are slips, many are guesses. Kept for a day."""

    __tablename__ = "miss"
    __table_args__ = (Index("ix_miss_place", "kind", "place", "created_at"),)

    kind: Mapped[str] = mapped_column(String(16))  # pair, link
    place: Mapped[str] = mapped_column(String(140))  # the account that was asked
    who: Mapped[str] = mapped_column(String(200))  # the platform's id of whoever sent it


class Handoff(Row, Base):
    """What happened between the bot and a person in one conversation: `wanted`, `taken`, `returned`, `note`."""

    __tablename__ = "handoff"
    __table_args__ = (Index("ix_handoff_conversation", "conversation_id", "id"),)

    conversation_id: Mapped[str] = mapped_column(Id, ForeignKey("conversation.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(200))  # the principal in words
    reason: Mapped[str] = mapped_column(String(64), default="")  # asked, crisis, model_away, operator, ...
    text: Mapped[str] = mapped_column(Text, default="")  # the note, or the summary that the bot reads when it goes on
