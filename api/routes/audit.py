"""The audit log: who did what to what."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import CallerDep, CoreDep, needs
from api.shapes import Cursor, FromRow, Limit, Page, page

router = APIRouter(prefix="/audit", tags=["audit"])


class AuditOut(FromRow):
    id: str
    created_at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    hash: str


class Verified(BaseModel):
    whole: bool
    first_broken: str | None = Field(description="id of the first entry that does not follow from the one before it")


@router.get("", dependencies=[needs("audit:read")])
async def list_audit(core: CoreDep, caller: CallerDep, limit: Limit = 100, before: Cursor = None) -> Page[AuditOut]:
    """Newest first."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        rows = await work.audit.recent(limit, before)
    return page(rows, [AuditOut.model_validate(row) for row in rows], limit)


@router.get("/verify", dependencies=[needs("audit:read")])
async def verify_audit(core: CoreDep, caller: CallerDep) -> Verified:
    """Whether every entry follows from the one before it."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        broken = await work.audit.first_broken()
    return Verified(whole=broken is None, first_broken=broken)
