"""Jobs: what the worker is asked to do, how far it is, and what came of it."""

from fastapi import APIRouter

from api.deps import CallerDep, CoreDep, TurnDep, needs
from api.performing import perform
from api.shapes import Cursor, JobOut, Limit, Page, job_out, page
from tools import jobs
from tools.capability import Capability, Turn

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("", dependencies=[needs("jobs:read")])
async def list_jobs(
    core: CoreDep,
    caller: CallerDep,
    state: jobs.State | None = None,
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
    return await _after(jobs.cancel_job, job, turn)


@router.post("/{job}/pause", dependencies=[needs("jobs:write")])
async def pause_job(job: str, turn: TurnDep) -> JobOut:
    """Hold a job; one that runs is dropped and begins anew when it is resumed. Conflict when it has ended."""
    return await _after(jobs.pause_job, job, turn)


@router.post("/{job}/resume", status_code=202, dependencies=[needs("jobs:write")])
async def resume_job(job: str, turn: TurnDep) -> JobOut:
    """Let a held job wait for its turn again. Conflict for any other."""
    return await _after(jobs.resume_job, job, turn)


@router.post("/{job}/retry", status_code=202, dependencies=[needs("jobs:write")])
async def retry_job(job: str, turn: TurnDep) -> JobOut:
    """Queue a failed or cancelled job again. Conflict for any other."""
    return await _after(jobs.retry_job, job, turn)


async def _after(capability: Capability, job: str, turn: Turn) -> JobOut:
    """The job's row once the capability has changed it."""
    shown = await perform(capability, jobs.NameJob(job=job), turn, jobs.JobShown)
    async with turn.open_work(reads=True) as work:
        return job_out(await work.jobs.get(shown.id))
