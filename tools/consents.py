"""Consents: who agreed that their voice or likeness is used? Doors: REST, `gator consent`. People record them, never a model.

A real person's voice is cloned, and their likeness used, only while a consent of theirs holds (`memory.repositories.consents`).
"""

from datetime import datetime, timedelta

from pydantic import AwareDatetime, Field

from gator.clock import now
from gator.errors import Refused
from gator.principal import Kind
from memory import erasures
from memory.models import Consent
from memory.repositories.consents import ConsentKind
from memory.work import Work
from tools import cloned_voices
from tools.capability import Effect, Shape, Turn, capability

_PEOPLE = {Kind.operator, Kind.admin}
_CLOCKS_DIFFER = timedelta(minutes=5)


class AddConsent(Shape):
    subject: str = Field(min_length=1, max_length=200, description="name of the person whose voice or likeness it is")
    kind: ConsentKind = Field(description="voice: it may be cloned and speak; likeness: pictures may show the person")
    scope: str = Field(min_length=1, max_length=5000, description="what they agreed to, in their words")
    given_at: AwareDatetime = Field(description="when they agreed")
    evidence: str | None = Field(None, description="id of the asset that shows it: a signed page, a recording")
    evidence_sha256: str | None = Field(
        None, pattern=r"^[0-9a-fA-F]{64}$", description="SHA-256 of what shows it, where that is kept elsewhere"
    )


class ListConsents(Shape):
    subject: str | None = Field(None, description="only of the person of this name")
    kind: ConsentKind | None = Field(None, description="only of this kind")


class NameConsent(Shape):
    consent: str = Field(description="the consent's id")


class ConsentShown(Shape):
    id: str
    subject: str
    kind: ConsentKind
    scope: str
    given_at: datetime
    evidence: str | None = None  # id of an asset
    evidence_sha256: str
    recorded_by: str
    revoked_at: datetime | None = None
    voices: list[str] = Field(default_factory=list, description="names of cloned voices that a provider has by it")

    def in_words(self) -> str:
        state = f"revoked on {self.revoked_at:%Y-%m-%d}" if self.revoked_at else "holds"
        voices = f"; at a provider: {', '.join(self.voices)}" if self.voices else ""
        return f"{self.subject}: {self.kind}, given on {self.given_at:%Y-%m-%d}, {state}{voices}"


class ConsentList(Shape):
    consents: list[ConsentShown]


@capability(audience=_PEOPLE, effect=Effect.write)
async def add_consent(ask: AddConsent, turn: Turn) -> ConsentShown:
    """Record that somebody agreed; the same told twice is one. Raises Refused for evidence that is not there, and for a time
    that has not come.
    """
    if ask.given_at > now() + _CLOCKS_DIFFER:
        raise Refused("A consent cannot have been given in the future.", remedy="Say when they agreed.")
    subject, scope = " ".join(ask.subject.split()), ask.scope.strip()
    if not subject or not scope:
        raise Refused("A consent names a person and what they agreed to.")
    async with turn.open_work() as work:
        evidence = await _evidence(work, ask)
        if before := await _recorded(work, ask, subject, scope, evidence):
            return await shown(work, before)
        row = await work.consents.add(
            subject, ask.kind, scope, given_at=ask.given_at,
            evidence_asset_id=ask.evidence, evidence_sha256=evidence,
        )  # fmt: skip
        await work.audit.note("consent.add", row.id, kind=row.kind, evidence=row.evidence_sha256)
        return await shown(work, row)


async def _recorded(work: Work, ask: AddConsent, subject: str, scope: str, evidence: str) -> Consent | None:
    """The row of the very same consent, where it still holds."""
    told = (scope, ask.given_at, evidence, ask.evidence)
    for one in await work.consents.all(subject=subject, kind=ask.kind):
        if one.revoked_at is None and told == (one.scope, one.given_at, one.evidence_sha256, one.evidence_asset_id):
            return one
    return None


@capability(audience=_PEOPLE, effect=Effect.read)
async def list_consents(ask: ListConsents, turn: Turn) -> ConsentList:
    """All consents, newest first, the revoked too."""
    async with turn.open_work(reads=True) as work:
        found = await work.consents.all(subject=ask.subject, kind=ask.kind)
        return ConsentList(consents=[await shown(work, one) for one in found])


@capability(audience=_PEOPLE, effect=Effect.write)
async def revoke_consent(ask: NameConsent, turn: Turn) -> ConsentShown:
    """Let a consent hold no more, and have voices that were cloned by it deleted. Raises Conflict where it was revoked before.

    What was made by it is shown to nobody any more but those who run Gator, who may remove it.
    """
    async with turn.open_work() as work:
        row = await work.consents.revoke(ask.consent)
        hidden = await work.assets.hide_made_by(row.id)
        await work.audit.note("consent.revoke", row.id, hidden=hidden)
    await erasures.sync(turn.store, turn.settings.home)
    await cloned_voices.delete_revoked(turn.store, turn.settings, turn.principal)
    async with turn.open_work(reads=True) as work:
        return await shown(work, await work.consents.get(ask.consent))


async def shown(work: Work, row: Consent) -> ConsentShown:
    voices = [one.name for one in await work.consents.voices(row.id)]
    return ConsentShown.model_validate(
        {
            "id": row.id,
            "subject": row.subject,
            "kind": row.kind,
            "scope": row.scope,
            "given_at": row.given_at,
            "evidence": row.evidence_asset_id,
            "evidence_sha256": row.evidence_sha256,
            "recorded_by": row.recorded_by,
            "revoked_at": row.revoked_at,
            "voices": voices,
        }
    )


async def _evidence(work: Work, ask: AddConsent) -> str:
    """The hash of what shows it. Where a file of ours does, it is that file's."""
    if not ask.evidence:
        if not ask.evidence_sha256:
            raise Refused(
                "A consent needs evidence.",
                remedy="Name an asset that shows it, or the SHA-256 of what is kept elsewhere.",
            )
        return ask.evidence_sha256.lower()
    asset = await work.assets.get(ask.evidence)
    if asset.state != "ready":
        raise Refused(f"The {asset.kind} that is to show it is {asset.state}.", remedy="Name a file that is there.")
    if ask.evidence_sha256 and ask.evidence_sha256.lower() != asset.sha256:
        raise Refused("The file and the SHA-256 are not of one another.", remedy="Name one of them only.")
    return asset.sha256
