"""Jobs: what the worker is asked to do, how far it is, and what came of it."""

from typing import Literal

from fastapi import APIRouter

from api.deps import CallerDep, CoreDep, TurnDep, needs
from api.shapes import Cursor, JobOut, Limit, Page, job_out, page

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("", dependencies=[needs("jobs:read")])
async def list_jobs(
    core: CoreDep,
    caller: CallerDep,
    state: Literal["queued", "running", "done", "failed", "cancelled"] | None = None,
    limit: Limit = 50,
    before: Cursor = None,
) -> Page[JobOut]:
    """Jobs of the workspace, newest first."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        rows = await work.jobs.recent(*([state] if state else []), limit=limit, before=before)
    return page(rows, [job_out(row) for row in rows], limit)


@router.get("/{job}", dependencies=[needs("jobs:read")])
async def get_job(job: str, core: CoreDep, caller: CallerDep) -> JobOut:
    async with core.store.open_work(caller.principal, reads=True) as work:
        return job_out(await work.jobs.get(job))


@router.post("/{job}/cancel", dependencies=[needs("jobs:write")])
async def cancel_job(job: str, turn: TurnDep) -> JobOut:
    """Stop a job. Conflict when it has ended."""
    async with turn.open_work() as work:
        row = await work.jobs.cancel(job)
        await work.audit.note("job.cancel", job)
    return job_out(row)


@router.post("/{job}/retry", status_code=202, dependencies=[needs("jobs:write")])
async def retry_job(job: str, turn: TurnDep) -> JobOut:
    """Queue a failed or cancelled job again. Conflict for any other."""
    async with turn.open_work() as work:
        row = await work.jobs.retry(job)
        await work.audit.note("job.retry", job)
    return job_out(row)
