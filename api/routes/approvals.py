"""Approvals: what waits for a person's yes; the yes or no itself, other words, or the wish for some."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.deps import CallerDep, CoreDep, needs
from api.shapes import ApprovalOut, Cursor, Limit, Page, approval_out, page
from bots.core import LONGEST

router = APIRouter(prefix="/approvals", tags=["approvals"])


class Revision(BaseModel):
    text: str = Field(min_length=1, max_length=LONGEST)


@router.get("", dependencies=[needs("approvals:read")])
async def list_approvals(
    core: CoreDep,
    caller: CallerDep,
    state: Literal["pending", "approved", "rejected", "regenerate", "revised", "expired", "used"] | None = None,
    limit: Limit = 50,
    before: Cursor = None,
) -> Page[ApprovalOut]:
    """Newest first; `state=pending` gives those that wait."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        rows = await work.approvals.recent(state=state, limit=limit, before=before)
    return page(rows, [approval_out(row) for row in rows], limit)


@router.get("/{approval}", dependencies=[needs("approvals:read")])
async def get_approval(approval: str, core: CoreDep, caller: CallerDep) -> ApprovalOut:
    async with core.store.open_work(caller.principal, reads=True) as work:
        return approval_out(await work.approvals.get(approval))


@router.post("/{approval}/approve", dependencies=[needs("approvals:decide")])
async def approve(approval: str, core: CoreDep, caller: CallerDep) -> ApprovalOut:
    """Let exactly this happen, once. Conflict when it was decided before or came too late."""
    return approval_out(await core.decide(caller.principal, approval, True))


@router.post("/{approval}/revise", dependencies=[needs("approvals:decide")])
async def revise(approval: str, revision: Revision, core: CoreDep, caller: CallerDep) -> ApprovalOut:
    """Ask for the same with this text; what is given back is the new question, which waits for a yes of its own."""
    return approval_out(await core.revise(caller.principal, approval, revision.text))


@router.post("/{approval}/regenerate", dependencies=[needs("approvals:decide")])
async def regenerate(approval: str, core: CoreDep, caller: CallerDep) -> ApprovalOut:
    """Have it written anew: this one does not happen, and another question follows."""
    return approval_out(await core.write_anew(caller.principal, approval))


@router.post("/{approval}/reject", dependencies=[needs("approvals:decide")])
async def reject(approval: str, core: CoreDep, caller: CallerDep) -> ApprovalOut:
    """Do not let it happen. Conflict when it was decided before or came too late."""
    return approval_out(await core.decide(caller.principal, approval, False))
