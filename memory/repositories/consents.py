"""Consents: who agreed to what, and the voices that were cloned because of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete

from gator.clock import now
from gator.errors import Conflict, Forbidden, Refused
from memory.models import ClonedVoice, Consent, Erasure
from memory.repositories.base import Repository

TAKEN_BACK = "consent"  # the scope of an erasure that says so
ConsentKind = Literal["voice", "likeness"]


def consents_of(provenance: Mapping[str, Any] | None) -> list[str]:
    """Ids of the consents by which an asset was made, those of what it was made of among them."""
    told = provenance or {}
    return [str(one) for one in (told.get("consent"), *(told.get("consents") or ())) if one]


class Consents(Repository):
    async def add(
        self,
        subject: str,
        kind: ConsentKind,
        scope: str,
        *,
        given_at: datetime,
        evidence_sha256: str,
        evidence_asset_id: str | None = None,
    ) -> Consent:
        """Write down that the subject agreed; by whom it is written down comes from the principal."""
        row = Consent(
            workspace=self._workspace,
            subject=subject,
            kind=kind,
            scope=scope,
            given_at=given_at,
            evidence_sha256=evidence_sha256,
            evidence_asset_id=evidence_asset_id,
            recorded_by=str(self._principal),
        )
        return await self._add(row)

    async def get(self, id: str) -> Consent:
        return await self._get(Consent, id, "consent")

    async def all(self, *, subject: str | None = None, kind: ConsentKind | None = None) -> list[Consent]:
        """Newest first, the revoked too."""
        query = self._mine(Consent)
        query = query.where(Consent.kind == kind) if kind else query
        found = await self._session.scalars(query.order_by(Consent.id.desc()))
        wanted = " ".join(subject.split()).casefold() if subject else None
        return [one for one in found if wanted in (None, one.subject.casefold())]

    async def of(self, subject: str, kind: ConsentKind) -> Consent | None:
        """The newest of the subject's that holds."""
        return next((one for one in await self.all(subject=subject, kind=kind) if one.revoked_at is None), None)

    async def holding(self, id: str, kind: ConsentKind | None = None, *, until_commit: bool = False) -> Consent:
        """The consent of that id. Raises NotFound, and Forbidden where it is of another kind or was revoked.

        `until_commit`: whoever takes it back waits until this work has ended.
        """
        found = await self.get(id)
        if until_commit:
            await self._session.refresh(found, with_for_update=True)
        if kind is not None and found.kind != kind:
            raise Forbidden(f"{found.subject} agreed to the use of their {found.kind}, not of their {kind}.")
        if found.revoked_at is not None:
            raise Forbidden(f"{found.subject} has taken the consent back.", remedy="Use nothing that was made by it.")
        return found

    async def revoke(self, id: str) -> Consent:
        """From now on it does not hold, nor when a backup of before comes back. Raises Conflict where it was revoked before."""
        found = await self.get(id)
        if found.revoked_at is not None:
            raise Conflict(f"The consent of {found.subject} is revoked already.")
        await self.revoked(found, now(), str(self._principal))
        nobody = {"workspace": self._workspace, "persona_id": "", "fan_id": ""}
        told = {"scope": TAKEN_BACK, "subject_id": id, "asked_by": found.revoked_by[:80], "counts": {}, "receipt": ""}
        await self._add(Erasure(**nobody, **told))
        return found

    async def revoked(self, found: Consent, at: datetime, by: str) -> None:
        """Write down since when it does not hold."""
        found.revoked_at, found.revoked_by = at, by
        await self._session.flush()

    async def keep_voice(self, consent: Consent, provider: str, voice: str | None, name: str) -> ClonedVoice:
        """Write down what the provider learnt by that consent; without a `voice`, that it is about to be asked to learn it."""
        row = ClonedVoice(workspace=self._workspace, consent_id=consent.id, provider=provider, voice=voice, name=name)
        return await self._add(row)

    async def voice_is_called(self, id: str, voice: str) -> None:
        """The provider has learnt it, and told its id there."""
        (await self._get(ClonedVoice, id, "cloned voice")).voice = voice
        await self._session.flush()

    async def unnamed_voices(self, before: datetime) -> list[ClonedVoice]:
        """Those that a provider was asked to learn before then, and nobody was told under which id it did, if it did."""
        query = self._mine(ClonedVoice).where(ClonedVoice.voice.is_(None), ClonedVoice.created_at < before)
        return [*await self._session.scalars(query.order_by(ClonedVoice.id))]

    async def no_voice(self, id: str) -> None:
        """The provider has learnt none, or none is left of it."""
        mine = ClonedVoice.workspace == self._workspace
        await self._session.execute(delete(ClonedVoice).where(mine, ClonedVoice.id == id, ClonedVoice.voice.is_(None)))

    async def voice(self, provider: str, name: str) -> ClonedVoice | None:
        """The cloned voice of that name or id, those too that the provider has deleted; None for one not cloned here.

        Raises Refused where voices of several people have that name.
        """
        query = self._mine(ClonedVoice).where(ClonedVoice.provider == provider, ClonedVoice.voice.is_not(None))
        wanted = name.casefold()
        there = [
            one
            for one in await self._session.scalars(query.order_by(ClonedVoice.id.desc()))
            if wanted in ((one.voice or "").casefold(), one.name.casefold())
        ]
        if exact := next((one for one in there if one.voice == name), None):
            return exact
        speaking = [one for one in there if one.deleted_at is None]
        if len({one.consent_id for one in speaking}) > 1:
            ids = ", ".join(str(one.voice) for one in speaking)
            raise Refused(f"There are {len(speaking)} voices called {name}.", remedy=f"Name one by its id: {ids}.")
        return speaking[0] if speaking else there[0] if there else None

    async def voices(self, consent: str | None = None) -> list[ClonedVoice]:
        """Those that are still at their providers, or may be, oldest first."""
        query = self._mine(ClonedVoice).where(ClonedVoice.deleted_at.is_(None))
        query = query.where(ClonedVoice.consent_id == consent) if consent else query
        return [*await self._session.scalars(query.order_by(ClonedVoice.id))]

    async def voices_to_delete(self) -> list[ClonedVoice]:
        """Those that providers still have though their consent was revoked."""
        query = self._mine(ClonedVoice).join(Consent, Consent.id == ClonedVoice.consent_id)
        query = query.where(
            ClonedVoice.deleted_at.is_(None), ClonedVoice.voice.is_not(None), Consent.revoked_at.is_not(None)
        )
        return [*await self._session.scalars(query.order_by(ClonedVoice.id))]

    async def voice_is_gone(self, id: str) -> None:
        """Its provider has deleted it."""
        found = await self._get(ClonedVoice, id, "cloned voice")
        found.deleted_at = now()
        await self._session.flush()
