"""Jobs: see what the worker does, hold or stop one, try one again. Doors: agents, REST, `gator job`, the console."""

from typing import Literal

from pydantic import Field

from gator.errors import NotFound
from gpu_worker.jobs import ERRANDS
from memory import storage
from memory.models import Asset, Job
from memory.work import Work
from tools.capability import STAFF, Effect, Shape, Turn, capability
from tools.charges import charge_again
from tools.wording import counted

State = Literal["queued", "paused", "running", "done", "failed", "cancelled"]
_NAMES = {
    "picture.card": "picture card",
    "picture.make": "picture",
    "picture.thumbnail": "thumbnail",
    "voice.speak": "voice-over",
    "video.make": "video",
    "video.clip": "clip",
    "model.pull": "pull of the model",
}


def name_of(kind: str) -> str:
    """What jobs of the kind make, in words."""
    return _NAMES.get(kind, kind)


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
    model: str | None = None  # of the shelf, where it needs one
    device: str = ""  # where it runs or ran, where it needs one

    def in_words(self) -> str:
        name = name_of(self.kind)
        titled = f'The {name} "{self.title}"' if self.title else f"The {name}"
        return f"{titled} {self._state_in_words()}"

    def _state_in_words(self) -> str:
        if self.state == "running":
            rest = f", about {max(1, round(self.eta_s))} s to go" if self.eta_s else ""
            where = f" on {self.device} with {self.model}" if self.model and self.device else ""
            doing = "is under way" if self.kind in ERRANDS else "is being made"
            return f"{doing}{where}: {self.progress:.0%}{rest}."
        said = {
            "queued": f"waits for a device with {self.model}." if self.model else "waits for its turn.",
            "paused": "is held.",
            "done": "is done.",
            "failed": "failed.",
            "cancelled": "was cancelled.",
        }[self.state]
        return f"{said} {self.error}".rstrip()


class CancelJobs(Shape):
    kind: Literal["picture", "voice", "video", "model"] | None = Field(
        None, description="only jobs that make such a thing; left out: all"
    )


class JobsCancelled(Shape):
    cancelled: list[str]  # ids

    def in_words(self) -> str:
        if not self.cancelled:
            return "No such job waits or runs."
        return f"{counted(len(self.cancelled), 'job was', 'jobs were')} cancelled."


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
    return JobList(jobs=[shown(job, made.get(job.asset_id or "")) for job in jobs])


@capability(audience=STAFF, effect=Effect.write)
async def cancel_job(ask: NameJob, turn: Turn) -> JobShown:
    """Stop a job that waits or runs; what it was making is not made. Raises Conflict when it has ended."""
    async with turn.open_work() as work:
        job = await work.jobs.cancel(await _find(work, ask.job, "queued", "running", "paused"))
        await work.audit.note("job.cancel", job.id)
        return await _show(work, job)


@capability(audience=STAFF, effect=Effect.write)
async def cancel_jobs(ask: CancelJobs, turn: Turn) -> JobsCancelled:
    """Stop all jobs that wait or run, or all of one kind, however many there are. Those that are held stay."""
    async with turn.open_work() as work:
        stopped = await work.jobs.cancel_all(*([f"{ask.kind}."] if ask.kind else []))
        for job in stopped:
            await work.audit.note("job.cancel", job.id)
        return JobsCancelled(cancelled=[job.id for job in stopped])


@capability(audience=STAFF, effect=Effect.write)
async def pause_job(ask: NameJob, turn: Turn) -> JobShown:
    """Hold a job that waits or runs until it is resumed; one that runs begins anew then. Raises Conflict when it has ended."""
    async with turn.open_work() as work:
        job = await work.jobs.pause(await _find(work, ask.job, "queued", "running"))
        await work.audit.note("job.pause", job.id)
        return await _show(work, job)


@capability(audience=STAFF, effect=Effect.write)
async def resume_job(ask: NameJob, turn: Turn) -> JobShown:
    """Let a job that is held wait for its turn again. Raises Conflict for any other."""
    async with turn.open_work() as work:
        await work.spending.one_at_a_time()  # before the job, as a reel that cancels it has it
        job = await work.jobs.resume(await _find(work, ask.job, "paused"))
        if job.kind == "picture.make":  # of a voice and a clip it is kept what was paid for
            await charge_again(work, turn, job)
        await work.audit.note("job.resume", job.id)
        return await _show(work, job)


@capability(audience=STAFF, effect=Effect.write)
async def retry_job(ask: NameJob, turn: Turn) -> JobShown:
    """Try a failed or cancelled job again. Raises Conflict for any other, Refused where what it makes would find no room."""
    async with turn.open_work() as work:
        await work.spending.one_at_a_time()
        id = await _find(work, ask.job, "failed", "cancelled")
        if (await work.jobs.get(id)).asset_id:
            await storage.check_room(work, turn.settings)
        job = await work.jobs.retry(id)
        await charge_again(work, turn, job)
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
    return shown(job, made.get(job.asset_id or ""))


def shown(job: Job, asset: Asset | None = None) -> JobShown:
    """The job as doors show it, with the asset that it makes."""
    return JobShown.model_validate(
        {
            "id": job.id,
            "kind": job.kind,
            "title": asset.title if asset else str(job.payload.get("what", "")) if job.kind in ERRANDS else "",
            "state": job.state,
            "progress": job.progress,
            "eta_s": job.eta_s,
            "asset": job.asset_id,
            "error": job.error,
            "model": job.model,
            "device": job.device.rpartition("/")[2],
        }
    )
