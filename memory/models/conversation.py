"""Who talks with whom, and what was said: fans, conversations, the journal of what came in, turns, messages, the outbox."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gator.clock import now
from memory.models.base import Base, Id, Row


class Fan(Row, Base):
    """A person as one channel knows them; with `person_id`, the same person as that fan of another channel."""

    __tablename__ = "fan"
    __table_args__ = (UniqueConstraint("workspace", "channel", "external_id"),)

    channel: Mapped[str] = mapped_column(String(32))
    external_id: Mapped[str] = mapped_column(String(200))
    display_name: Mapped[str] = mapped_column(String(200), default="")
    # Linked with a code and consent: whose vaults, ages and conversations these are until it is unlinked.
    person_id: Mapped[str | None] = mapped_column(Id, ForeignKey("fan.id", ondelete="SET NULL"), index=True)
    # unknown → claimed_adult by word; minor and suspected_minor never go back up; verified only by a provider (L11).
    age_state: Mapped[str] = mapped_column(String(20), default="unknown")
    crisis_until: Mapped[datetime | None]  # offers and re-engagement rest until then (L10)
    locale: Mapped[str] = mapped_column(String(16), default="")
    region: Mapped[str] = mapped_column(String(2), default="")
    stopped_at: Mapped[datetime | None]  # asked to hear nothing unasked (L16)


class Conversation(Row, Base):
    """One fan with one persona, or one operator with the Gator agent (then `persona_id` and `fan_id` are empty)."""

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("workspace", "channel", "account", "thread"),
        Index("ix_conversation_pair", "fan_id", "persona_id"),
        Index("ix_conversation_inbox", "last_at"),
        Index("ix_conversation_taken", "taken_at"),
    )

    channel: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(100), default="")
    thread: Mapped[str] = mapped_column(String(200))  # the chat's id on its channel
    persona_id: Mapped[str | None] = mapped_column(Id, ForeignKey("persona.id", ondelete="CASCADE"), index=True)
    fan_id: Mapped[str | None] = mapped_column(Id, ForeignKey("fan.id", ondelete="CASCADE"))
    user_id: Mapped[str | None] = mapped_column(Id, ForeignKey("user.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16), default="direct")  # direct, group
    met_as: Mapped[str | None] = mapped_column(Id, index=True)  # the fan as this channel knows them, linked or not
    language: Mapped[str] = mapped_column(String(16), default="")  # what the other one writes in, as far as known
    last_at: Mapped[datetime] = mapped_column(default=now)  # when something was last said
    wanted_at: Mapped[datetime | None]  # since when a person is asked for
    taken_by: Mapped[str | None] = mapped_column(
        Id, ForeignKey("user.id", ondelete="SET NULL")
    )  # who answers for the bot
    taken_at: Mapped[datetime | None]
    title: Mapped[str] = mapped_column(String(200), default="")
    notice_at: Mapped[datetime | None]  # when the AI notice was last sent (L1, L7)
    summary: Mapped[str] = mapped_column(Text, default="")
    summary_upto: Mapped[str | None] = mapped_column(Id)  # id of the last message that the summary covers
    notes: Mapped[dict[str, Any]] = mapped_column(default=dict)  # small state of agents: {"builtin_said": true}
    # The lease: who works on this conversation, until when; the fence grows with each lease and old holders lose.
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)


class Inbound(Row, Base):
    """The journal: every message that came in, once, before anything else happens."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("workspace", "channel", "account", "platform_id"),
        Index("ix_inbound_open", "state", "created_at"),
        Index("ix_inbound_waiting", "conversation_id", "state"),
    )

    channel: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(100), default="")
    platform_id: Mapped[str] = mapped_column(String(200))
    conversation_id: Mapped[str] = mapped_column(Id, ForeignKey("conversation.id", ondelete="CASCADE"))
    principal: Mapped[dict[str, Any]]
    text: Mapped[str] = mapped_column(Text)
    attachments: Mapped[list[Any]] = mapped_column(default=list)
    # open, answered, dropped (given up, or taken back by its author), held (a person answers this conversation)
    state: Mapped[str] = mapped_column(String(16), default="open")
    ready_at: Mapped[datetime] = mapped_column(default=now)  # not answered before: more may follow, or it is night
    attempts: Mapped[int] = mapped_column(default=0)
    turn_id: Mapped[str | None] = mapped_column(Id)


class TurnRow(Row, Base):
    """One answer in the making. Ours says open or closed; an open one is run again after a crash."""

    __tablename__ = "turn"
    __table_args__ = (Index("ix_turn_unfinished", "conversation_id", "state"),)

    conversation_id: Mapped[str] = mapped_column(Id, ForeignKey("conversation.id", ondelete="CASCADE"))
    principal: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), default="open", index=True)  # open, waiting, closed, failed
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)  # attempts that ended in an error, not with their process
    interrupted: Mapped[int] = mapped_column(default=0)  # how often a new message came before the reply was written
    closed_at: Mapped[datetime | None]
    trace: Mapped[dict[str, Any]] = mapped_column(default=dict)  # prompt version, model, tools, memories used


class Message(Row, Base):
    __tablename__ = "message"
    __table_args__ = (Index("ix_message_window", "conversation_id", "id"),)

    conversation_id: Mapped[str] = mapped_column(Id, ForeignKey("conversation.id", ondelete="CASCADE"))
    turn_id: Mapped[str | None] = mapped_column(Id, index=True)
    author: Mapped[str] = mapped_column(String(16))  # fan, operator, persona, gator, notice (sent by code)
    text: Mapped[str] = mapped_column(Text)
    assets: Mapped[list[str]] = mapped_column(default=list)
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Outbound(Row, Base):
    """The outbox: what is to be sent, and the platform's receipt once it was."""

    __tablename__ = "outbound"
    __table_args__ = (
        UniqueConstraint("workspace", "key"),
        Index("ix_outbound_due", "state", "due_at"),
        Index("ix_outbound_order", "conversation_id", "state"),
    )

    conversation_id: Mapped[str] = mapped_column(Id, ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[str] = mapped_column(Id, ForeignKey("message.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(100), default="")
    thread: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(128))  # (turn, slot, piece): one send, however often the turn runs
    speaker: Mapped[str] = mapped_column(String(16), default="bot")  # bot, person, code; a takeover drops the bot's
    piece: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the part of the message that this row sends
    # pending, sending (under the lease), sent, unconfirmed (it may have arrived), failed, dropped (never sent)
    state: Mapped[str] = mapped_column(String(16), default="pending")
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    receipt: Mapped[str] = mapped_column(String(200), default="")
    error: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]  # when operators were told that it did not arrive
