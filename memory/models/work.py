"""What is to be done and what came of it: jobs, assets, approvals, spending, the audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.models.base import Base, Id, Row


class Asset(Row, Base):
    """Media, addressed by id. Its id is given out when its job is queued, so that later work can name it."""

    __tablename__ = "asset"

    kind: Mapped[str] = mapped_column(String(16))  # picture, voice, video, document
    # made here, preview of the editor; else who sent it: operator or fan.
    origin: Mapped[str] = mapped_column(String(16), default="made")
    fan_id: Mapped[str | None] = mapped_column(Id, ForeignKey("fan.id", ondelete="CASCADE"), index=True)  # who sent it
    state: Mapped[str] = mapped_column(String(16), default="pending")  # pending, ready, failed, removed
    title: Mapped[str] = mapped_column(String(200), default="")
    mime: Mapped[str] = mapped_column(String(100), default="")
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="", index=True)
    width_px: Mapped[int | None]
    height_px: Mapped[int | None]
    duration_s: Mapped[float | None]
    rating: Mapped[str] = mapped_column(String(16), default="general")  # general, mature, unknown: shown to nobody
    # Of a picture of a persona: held, drifted (another face: not posted), accepted (drifted, and a person said yes),
    # unchecked (no encoder to compare with), unheld (nothing could make it with her face).
    likeness: Mapped[str] = mapped_column(String(16), default="")
    alt_text: Mapped[str] = mapped_column(Text, default="")
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict)  # engine, text, parents, AI label
    # Hashes of how it looks (memory.looks): a picture's, or of a video's first and middle frame.
    looks: Mapped[list[str]] = mapped_column(default=list)
    persona_id: Mapped[str | None] = mapped_column(Id, ForeignKey("persona.id", ondelete="SET NULL"), index=True)


class Job(Row, Base):
    """Heavy work. This row is the truth; the broker only wakes workers."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("workspace", "key"),
        Index("ix_job_due", "state", "due_at"),
    )

    kind: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), default="queued")  # queued, paused, running, done, failed, cancelled
    payload: Mapped[dict[str, Any]]
    key: Mapped[str] = mapped_column(String(128))
    seed: Mapped[int] = mapped_column(BigInteger)
    needs: Mapped[list[str]] = mapped_column(default=list)  # assets that must be ready first
    asset_id: Mapped[str | None] = mapped_column(Id, ForeignKey("asset.id", ondelete="SET NULL"))
    progress: Mapped[float] = mapped_column(default=0.0)  # 0–1
    eta_s: Mapped[float | None]
    attempts: Mapped[int] = mapped_column(default=0)
    takes: Mapped[int] = mapped_column(default=0)  # how often it was made again, with another seed
    due_at: Mapped[datetime]
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    conversation_id: Mapped[str | None] = mapped_column(Id, index=True)  # who is told of its progress
    model: Mapped[str | None] = mapped_column(String(200))  # of the shelf; none: it is done without a device
    persona_id: Mapped[str | None] = mapped_column(Id, index=True)  # whose it is: devices are shared out fairly
    deadline_at: Mapped[datetime | None]  # somebody waits for it until then
    device: Mapped[str] = mapped_column(String(100), default="")  # where it runs or ran
    # What was ordered of somebody outside: {order, task}; empty when nothing was. It is asked for again, never ordered twice.
    ordered: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Device(Base):
    """What a model can run on, of any host: written by the process that has it, when something changes and as it beats."""

    __tablename__ = "device"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)  # host/name
    host: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(16))  # cuda:0
    kind: Mapped[str] = mapped_column(String(8))  # cuda, rocm, mps, cpu
    label: Mapped[str] = mapped_column(String(100), default="")  # as its maker calls it
    memory_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    free_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    loaded: Mapped[list[Any]] = mapped_column(default=list)  # {model, bytes}, the longest unused first
    models: Mapped[list[str]] = mapped_column(default=list)  # of the shelf of its machine
    state: Mapped[str] = mapped_column(String(16), default="stopped")  # ready, busy, lost, stopped
    reason: Mapped[str] = mapped_column(Text, default="")  # why it is lost or stopped
    jobs: Mapped[int] = mapped_column(BigInteger, default=0)  # done on it since its process began
    speed: Mapped[float] = mapped_column(default=0.0)  # effort a second as measured (gpu_worker.scheduling); 0: not yet
    free_at: Mapped[datetime | None]  # when what it does now should be done
    seen_at: Mapped[datetime]


class Approval(Row, Base):
    """A person's yes or no to exactly these arguments; single-use, expiring, closed unless somebody opens it."""

    __tablename__ = "approval"
    __table_args__ = (UniqueConstraint("workspace", "key"), Index("ix_approval_state", "state", "expires_at"))

    capability: Mapped[str] = mapped_column(String(64))
    effect: Mapped[str] = mapped_column(String(16))
    arguments: Mapped[dict[str, Any]]
    arguments_hash: Mapped[str] = mapped_column(String(64))
    summary: Mapped[str] = mapped_column(Text)
    # pending, approved, rejected, regenerate (written anew, please), revised (asked again in other words), expired, used
    state: Mapped[str] = mapped_column(String(16), default="pending")
    revised_to: Mapped[str | None] = mapped_column(Id)  # the question that took its place
    key: Mapped[str] = mapped_column(String(128))
    turn_id: Mapped[str] = mapped_column(Id, index=True)
    conversation_id: Mapped[str] = mapped_column(Id, index=True)
    asked_by: Mapped[str] = mapped_column(String(100))
    decided_by: Mapped[str] = mapped_column(String(100), default="")
    decided_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class Spend(Row, Base):
    """Money reserved before a call and settled after it, in millionths of a US dollar."""

    __tablename__ = "spend"
    __table_args__ = (
        Index("ix_spend_day", "workspace", "created_at"),
        Index("ix_spend_fan_day", "fan_id", "created_at"),
    )

    what: Mapped[str] = mapped_column(String(100))  # model name, job kind
    state: Mapped[str] = mapped_column(String(16), default="reserved")  # reserved, settled, released
    reserved_microusd: Mapped[int] = mapped_column(BigInteger)
    cost_microusd: Mapped[int] = mapped_column(BigInteger, default=0)
    tokens_in: Mapped[int] = mapped_column(default=0)
    tokens_out: Mapped[int] = mapped_column(default=0)
    turn_id: Mapped[str | None] = mapped_column(Id, index=True)
    persona_id: Mapped[str | None] = mapped_column(Id, index=True)
    fan_id: Mapped[str | None] = mapped_column(Id)
    loop: Mapped[str | None] = mapped_column(String(100))


class SpendTotal(Row, Base):
    """What was reserved or spent of a quarter of an hour, kept with each change of its rows: a day is a hundred of these."""

    __tablename__ = "spend_total"
    __table_args__ = (UniqueConstraint("workspace", "since"),)

    since: Mapped[datetime]
    microusd: Mapped[int] = mapped_column(BigInteger)


class Audit(Row, Base):
    """Who did what to what. Each row carries the hash of the one before it."""

    __tablename__ = "audit"

    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
