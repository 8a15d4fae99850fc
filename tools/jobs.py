"""Jobs: see what the worker does, stop one, try one again. Doors: agents, REST, `gator job`."""

from typing import Literal

from pydantic import Field

from gator.errors import NotFound
from memory.models import Asset, Job
from memory.work import Work
from tools.capability import STAFF, Effect, Shape, Turn, capability

State = Literal["queued", "running", "done", "failed", "cancelled"]
_NAMES = {"picture.card": "picture card", "voice.speak": "voice-over", "video.make": "video"}


class ListJobs(Shape):
    state: State | None = Field(None, description="only jobs in this state; left out: in any")
    limit: int = Field(10, ge=1, le=100, description="how many jobs at most, newest first")


class NameJob(Shape):
    job: str = Field(description='the job\'s id, or "last" for the newest one that this can be done to')


class JobShown(Shape):
    id: str
    kind: str
    title: str
    state: State
    progress: float  # 0-1
    eta_s: float | None = None
    asset: str | None = None  # id of what it makes
    error: str = ""

    def in_words(self) -> str:
        name = _NAMES.get(self.kind, self.kind)
        titled = f'The {name} "{self.title}"' if self.title else f"The {name}"
        return f"{titled} {self._state_in_words()}"

    def _state_in_words(self) -> str:
        if self.state == "running":
            rest = f", about {max(1, round(self.eta_s))} s to go" if self.eta_s else ""
            return f"is being made: {self.progress:.0%}{rest}."
        said = {
            "queued": "waits for its turn.",
            "done": "is done.",
            "failed": "failed.",
            "cancelled": "was cancelled.",
        }[self.state]
        return f"{said} {self.error}".rstrip()


class JobList(Shape):
    jobs: list[JobShown]

    def in_words(self) -> str:
        if not self.jobs:
            return "There are no such jobs."
        return "\n".join(f"- {job.in_words()}" for job in self.jobs)


@capability(audience=STAFF, effect=Effect.read)
async def list_jobs(ask: ListJobs, turn: Turn) -> JobList:
    """List the jobs of the worker (pictures, voices, videos in the making), with progress and errors; newest first."""
    async with turn.open_work(reads=True) as work:
        jobs = await work.jobs.recent(*([ask.state] if ask.state else []), limit=ask.limit)
        made = await work.assets.by_ids([job.asset_id for job in jobs if job.asset_id])
    return JobList(jobs=[_shown(job, made.get(job.asset_id or "")) for job in jobs])


@capability(audience=STAFF, effect=Effect.write)
async def cancel_job(ask: NameJob, turn: Turn) -> JobShown:
    """Stop a job that waits or runs; what it was making is not made. Raises Conflict when it has ended."""
    async with turn.open_work() as work:
        job = await work.jobs.cancel(await _find(work, ask.job, "queued", "running"))
        await work.audit.note("job.cancel", job.id)
        return await _show(work, job)


@capability(audience=STAFF, effect=Effect.write)
async def retry_job(ask: NameJob, turn: Turn) -> JobShown:
    """Try a failed or cancelled job again. Raises Conflict for any other."""
    async with turn.open_work() as work:
        job = await work.jobs.retry(await _find(work, ask.job, "failed", "cancelled"))
        await work.audit.note("job.retry", job.id)
        return await _show(work, job)


async def _find(work: Work, name: str, *states: str) -> str:
    """The job's id; "last" is the newest in one of these states. Raises NotFound when there is none."""
    if name.strip().casefold() not in ("last", "latest", "newest"):
        return name.strip()
    found = await work.jobs.recent(*states, limit=1)
    if not found:
        raise NotFound(f"There is no {' or '.join(states)} job.", remedy="`gator job list` shows the jobs there are.")
    return found[0].id


async def _show(work: Work, job: Job) -> JobShown:
    made = await work.assets.by_ids([job.asset_id] if job.asset_id else [])
    return _shown(job, made.get(job.asset_id or ""))


def _shown(job: Job, asset: Asset | None) -> JobShown:
    return JobShown.model_validate(
        {
            "id": job.id,
            "kind": job.kind,
            "title": asset.title if asset else "",
            "state": job.state,
            "progress": job.progress,
            "eta_s": job.eta_s,
            "asset": job.asset_id,
            "error": job.error,
        }
    )
