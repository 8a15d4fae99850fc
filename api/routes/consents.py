"""Consents: who agreed that their voice or likeness is used, and who took it back."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import TurnDep, needs
from api.performing import perform
from memory.repositories.consents import ConsentKind
from tools import consents
from tools.consents import AddConsent, ConsentList, ConsentShown, ListConsents, NameConsent

router = APIRouter(prefix="/consents", tags=["consents"])


@router.get("", dependencies=[needs("consents:read")])
async def list_consents(
    turn: TurnDep, subject: Annotated[str | None, Query(max_length=200)] = None, kind: ConsentKind | None = None
) -> ConsentList:
    """All of the workspace, newest first, the revoked too."""
    return await perform(consents.list_consents, ListConsents(subject=subject, kind=kind), turn, ConsentList)


@router.post("", status_code=201, dependencies=[needs("consents:write")])
async def add_consent(ask: AddConsent, turn: TurnDep) -> ConsentShown:
    """Record that somebody agreed, and what shows it: an asset, or the SHA-256 of what is kept elsewhere."""
    return await perform(consents.add_consent, ask, turn, ConsentShown)


@router.post("/{consent}/revoke", dependencies=[needs("consents:write")])
async def revoke_consent(consent: str, turn: TurnDep) -> ConsentShown:
    """Let it hold no more. What was cloned by it speaks no more from now on, and is deleted at its provider."""
    return await perform(consents.revoke_consent, NameConsent(consent=consent), turn, ConsentShown)
