"""What does a persona know of one fan? Facts, vectors of what was said, episodes; read only through `memory.vault`."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
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
    source: Mapped[str] = mapped_column(String(16), default="rules")  # rules, model, fan (/fix), operator
    doubt: Mapped[str] = mapped_column(String(64), default="")  # why it is kept apart and not used; empty: it is used
    uses: Mapped[int] = mapped_column(default=0)  # replies that were made with it
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    happens_at: Mapped[datetime | None]  # the day of what it tells, where it names one: a plan, a move


class Recollection(Row, Base):
    """The vector of one thing said between a persona and a fan; its text stays in the message."""

    __tablename__ = "recollection"
    __table_args__ = (
        UniqueConstraint("message_id", "model"),
        Index("ix_recollection_vault", "persona_id", "fan_id", "id"),
        # What waits for a vector is few rows among millions: asked for every few seconds (memory.vault.backlog).
        Index("ix_recollection_plain", "id", sqlite_where=text("model = ''"), postgresql_where=text("model = ''")),
    )

    persona_id: Mapped[str] = mapped_column(Id, ForeignKey("persona.id", ondelete="CASCADE"))
    fan_id: Mapped[str] = mapped_column(Id, ForeignKey("fan.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(Id, ForeignKey("message.id", ondelete="CASCADE"))
    model: Mapped[str] = mapped_column(
        String(64)
    )  # which embedder made the vector; "" while it has none: words find it
    vector: Mapped[bytes] = mapped_column(LargeBinary)  # unit length, as memory.packing has it
    doubt: Mapped[str] = mapped_column(String(64), default="")  # why it is kept apart and never recalled


class RecallPage(Row, Base):
    """What recall knows of many recollections at once: numbers made from them and their texts, no word, and all of it again.

    A vault's pages follow each other: each holds the rows since the one before, up to `upto`. What they do not hold is read
    row by row.
    """

    __tablename__ = "recall_page"
    __table_args__ = (UniqueConstraint("persona_id", "fan_id", "model", "upto"),)

    persona_id: Mapped[str] = mapped_column(Id, ForeignKey("persona.id", ondelete="CASCADE"))
    fan_id: Mapped[str] = mapped_column(Id, ForeignKey("fan.id", ondelete="CASCADE"))
    model: Mapped[str] = mapped_column(String(64))  # whose vectors it holds
    form: Mapped[int]  # memory.recall.entries.FORM
    upto: Mapped[str] = mapped_column(Id)  # the last recollection in it
    first_said: Mapped[str] = mapped_column(Id)  # the first and the last message
    last_said: Mapped[str] = mapped_column(Id)
    held: Mapped[int]  # recollections in it
    entries: Mapped[bytes] = mapped_column(LargeBinary)


class Episode(Row, Base):
    """One sitting of a fan with a persona, in a few lines, each of which names the messages that it was made from."""

    __tablename__ = "episode"
    __table_args__ = (
        UniqueConstraint("conversation_id", "first_id"),
        Index("ix_episode_vault", "persona_id", "fan_id", "id"),
        Index("ix_episode_plain", "id", sqlite_where=text("model = ''"), postgresql_where=text("model = ''")),
    )

    persona_id: Mapped[str] = mapped_column(Id, ForeignKey("persona.id", ondelete="CASCADE"))
    fan_id: Mapped[str] = mapped_column(Id, ForeignKey("fan.id", ondelete="CASCADE"))
    conversation_id: Mapped[str] = mapped_column(Id, ForeignKey("conversation.id", ondelete="CASCADE"))
    first_id: Mapped[str] = mapped_column(Id)  # of the messages that it spans
    last_id: Mapped[str] = mapped_column(Id)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    lines: Mapped[list[Any]]  # [{"text": …, "from": [message ids]}]
    importance: Mapped[float]  # 0 to 1
    uses: Mapped[int] = mapped_column(default=0)  # replies that were made with it
    made_by: Mapped[str] = mapped_column(String(64))  # rules, or the model's name
    model: Mapped[str] = mapped_column(String(64), default="")  # which embedder made the vector
    vector: Mapped[bytes] = mapped_column(LargeBinary, default=b"")


class OwnWord(Row, Base):
    """What a persona said of herself: to one fan (`fan_id`), or to everybody (empty). Never what a fan told."""

    __tablename__ = "own_word"
    __table_args__ = (Index("ix_own_word_vault", "persona_id", "fan_id"),)

    persona_id: Mapped[str] = mapped_column(Id, ForeignKey("persona.id", ondelete="CASCADE"))
    fan_id: Mapped[str | None] = mapped_column(Id, ForeignKey("fan.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(100), default="")
    value: Mapped[str] = mapped_column(Text)
    quote: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str | None] = mapped_column(Id, ForeignKey("message.id", ondelete="CASCADE"), index=True)
    post_id: Mapped[str | None] = mapped_column(Id, ForeignKey("post.id", ondelete="CASCADE"))
    doubt: Mapped[str] = mapped_column(String(64), default="")  # why it is not told again: against the card, …


class MemoryChoice(Row, Base):
    """What a fan decided about being remembered by a persona."""

    __tablename__ = "memory_choice"
    __table_args__ = (UniqueConstraint("persona_id", "fan_id"),)

    persona_id: Mapped[str] = mapped_column(Id, ForeignKey("persona.id", ondelete="CASCADE"))
    fan_id: Mapped[str] = mapped_column(Id, ForeignKey("fan.id", ondelete="CASCADE"))
    off_at: Mapped[datetime | None]  # since when nothing is remembered


class Erasure(Row, Base):
    """That something was forgotten, and no word of what, memory switched, a consent taken back: no backup of before undoes it."""

    __tablename__ = "erasure"

    # Opaque ids and no foreign keys: this row outlives whom it is about.
    persona_id: Mapped[str] = mapped_column(Id)
    fan_id: Mapped[str] = mapped_column(Id, index=True)
    scope: Mapped[str] = mapped_column(String(16))  # everything, message, words, fact, own, episode; off, on; consent
    subject_id: Mapped[str] = mapped_column(Id, default="")  # of what was forgotten; empty for everything
    asked_by: Mapped[str] = mapped_column(String(80))  # fan, or operator:<id>
    counts: Mapped[dict[str, Any]]  # rows and files that went, by kind
    receipt: Mapped[str] = mapped_column(Text)  # what the fan was given, signed
