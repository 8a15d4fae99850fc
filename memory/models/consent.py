"""What has somebody agreed to, and what was learnt from them because of it: consents, and voices cloned at a provider."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from memory.models.base import Base, Id, Row


class Consent(Row, Base):
    """A real person agreed that their voice or their likeness is used. Never deleted: that it was revoked is a fact, too."""

    __tablename__ = "consent"

    subject: Mapped[str] = mapped_column(String(200), index=True)  # whose voice or likeness it is
    kind: Mapped[str] = mapped_column(String(16))  # voice, likeness
    scope: Mapped[str] = mapped_column(Text)  # what they agreed to, in their words
    given_at: Mapped[datetime]
    # What shows it: a file here, or one kept elsewhere, by its hash. The hash stays when the file goes.
    evidence_asset_id: Mapped[str | None] = mapped_column(Id, ForeignKey("asset.id", ondelete="SET NULL"))
    evidence_sha256: Mapped[str] = mapped_column(String(64))
    recorded_by: Mapped[str] = mapped_column(String(100))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str] = mapped_column(String(100), default="")


class ClonedVoice(Row, Base):
    """A voice that a provider learnt from somebody's recordings. It speaks while its consent holds, and is deleted after.

    The row is there before the provider is asked, and carries its own id to it: so a voice whose id nobody was told is found.
    """

    __tablename__ = "cloned_voice"
    __table_args__ = (UniqueConstraint("workspace", "provider", "voice"),)

    consent_id: Mapped[str] = mapped_column(Id, ForeignKey("consent.id", ondelete="CASCADE"), index=True)
    provider: Mapped[str] = mapped_column(String(32))
    voice: Mapped[str | None] = mapped_column(String(100))  # its id at the provider; None until it told one
    name: Mapped[str] = mapped_column(String(200))
    deleted_at: Mapped[datetime | None]  # when the provider had deleted it
