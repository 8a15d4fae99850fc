"""Approvals: what waits for a person's yes, and the yes or no itself."""

from typing import Literal

from fastapi import APIRouter

from api.deps import CallerDep, CoreDep, needs
from api.shapes import ApprovalOut, Cursor, Limit, Page, approval_out, page

router = APIRouter(prefix="/approvals", tags=["approvals"])


@router.get("", dependencies=[needs("approvals:read")])
async def list_approvals(
    core: CoreDep,
    caller: CallerDep,
    state: Literal["pending", "approved", "rejected", "expired", "used"] | None = None,
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


@router.post("/{approval}/reject", dependencies=[needs("approvals:decide")])
async def reject(approval: str, core: CoreDep, caller: CallerDep) -> ApprovalOut:
    """Do not let it happen. Conflict when it was decided before or came too late."""
    return approval_out(await core.decide(caller.principal, approval, False))
