"""Jobs: queued with their work, claimed under a lease, finished once."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from gator.errors import Conflict, NotFound
from gator.ids import new_id
from gator.principal import Principal
from memory.models import Asset, Job
from memory.repositories.base import Repository

ENDED = ("done", "failed", "cancelled")


def needs_an_asset(dialect: str, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Inside a query of jobs: whether one of the assets that a job needs is such a one."""
    unpack = func.jsonb_array_elements_text if dialect == "postgresql" else func.json_each
    needed = unpack(Job.needs).table_valued("value")
    query = select(literal(1)).select_from(needed).join(Asset, Asset.id == needed.c.value).where(*which)
    return query.correlate(Job).exists()


class Jobs(Repository):
    def __init__(self, session: AsyncSession, principal: Principal, queued: list[str]) -> None:
        super().__init__(session, principal)
        self._queued = queued

    async def queue(
        self,
        kind: str,
        payload: dict[str, Any],
        *,
        key: str,
        makes: str,
        title: str = "",
        persona_id: str | None = None,
        needs: list[str] | None = None,
        conversation_id: str | None = None,
        alt_text: str = "",
        rating: str = "general",
        model: str | None = None,
        deadline_at: datetime | None = None,
        seed: int | None = None,
        origin: str = "made",
    ) -> Job:
        """Queue a job that makes one asset of kind `makes`; the same key again gives the job queued before.

        The asset's row is there at once, pending, so that posts and other jobs can name it. With a `model` of the shelf
        it is done on a device; by `deadline_at` if somebody waits for it, before what nobody waits for. Without a `seed` it
        has one of its own.
        """
        id = new_id()
        # Named before either is written, so that of two at once the loser leaves no asset behind.
        asset = Asset(
            id=new_id(),
            workspace=self._workspace,
            kind=makes,
            title=title,
            persona_id=persona_id,
            alt_text=alt_text,
            rating=rating,
            origin=origin,
        )
        row = Job(
            id=id,
            workspace=self._workspace,
            kind=kind,
            payload=payload,
            key=key,
            asset_id=asset.id,
            seed=int(id.replace("-", "")[-12:], 16) if seed is None else seed,
            needs=needs or [],
            due_at=now(),
            conversation_id=conversation_id,
            model=model,
            persona_id=persona_id,
            deadline_at=deadline_at,
        )
        job, new = await self._add_once(row, self._mine(Job).where(Job.key == key), before=asset)
        if not new:
            return job
        self._queued.append(job.id)
        return job

    async def queue_errand(self, kind: str, payload: dict[str, Any], *, key: str) -> Job:
        """Queue a job that makes no asset; the same key again gives the job queued before."""
        id = new_id()
        row = Job(id=id, workspace=self._workspace, kind=kind, payload=payload, key=key, seed=0, needs=[], due_at=now())
        job, new = await self._add_once(row, self._mine(Job).where(Job.key == key))
        if new:
            self._queued.append(job.id)
        return job

    async def waiting_for(self, model: str) -> int:
        """How many jobs of all workspaces wait for that model, or run with it."""
        open_ones = Job.state.in_(("queued", "running", "paused"))
        query = select(func.count()).select_from(Job).where(Job.model == model, open_ones)
        return (await self._session.scalar(query)) or 0

    async def seconds_with(self, model: str, limit: int = 50) -> list[tuple[str, str, float]]:
        """Device, kind and seconds of the newest jobs of all workspaces that were done with that model."""
        done = (Job.model == model, Job.state == "done", Job.started_at.is_not(None), Job.ended_at.is_not(None))
        query = select(Job.device, Job.kind, Job.started_at, Job.ended_at).where(*done)
        rows = await self._session.execute(query.order_by(Job.id.desc()).limit(limit))
        return [(device, kind, (end - start).total_seconds()) for device, kind, start, end in rows if start and end]

    async def get(self, id: str) -> Job:
        return await self._get(Job, id, "job")

    async def that_made(self, asset_id: str) -> Job:
        """Raises NotFound where no job made it: somebody sent it, or the job was cleared away."""
        job = await self._session.scalar(self._mine(Job).where(Job.asset_id == asset_id))
        if job is None:
            raise NotFound("How this was made is not known.", remedy="Say anew what is to be made.")
        return job

    async def has(self, key: str) -> bool:
        """Whether a job of that key was queued."""
        return await self.keyed(key) is not None

    async def keyed(self, key: str) -> Job | None:
        """The job that was queued with that key."""
        return await self._session.scalar(self._mine(Job).where(Job.key == key))

    async def recent(self, *states: str, limit: int = 50, before: str | None = None) -> list[Job]:
        """Newest first, in these states or in any."""
        query = self._mine(Job)
        query = query.where(Job.state.in_(states)) if states else query
        query = query.where(Job.id < before) if before else query
        return [*await self._session.scalars(query.order_by(Job.id.desc()).limit(limit))]

    async def asked_for_lately(self, limit: int = 500) -> list[Job]:
        """Jobs that a conversation asked for and that are under way or ended within the last minute."""
        recent = or_(Job.ended_at.is_(None), Job.ended_at > now() - timedelta(minutes=1))
        query = self._mine(Job).where(Job.conversation_id.is_not(None), recent)
        return list(await self._session.scalars(query.order_by(Job.id.desc()).limit(limit)))[::-1]

    async def count(self, *states: str) -> int:
        query = self._mine(Job).where(Job.state.in_(states)).with_only_columns(func.count())
        return (await self._session.scalar(query)) or 0

    async def claim(self, id: str, owner: str, lives: timedelta, device: str = "") -> Job | None:
        """Take the job for a while; None when it is taken, ended, not due, or waits for an asset.

        A job that needs an asset which failed or is gone waits no longer: whoever claims it ends it.
        """
        job = await self._session.scalar(self._mine(Job).where(Job.id == id).with_for_update(skip_locked=True))
        at = now()
        free = job and (job.state == "queued" or (job.state == "running" and job.lease_until and job.lease_until < at))
        if job is None or not free or job.due_at > at or await self._waits(job):
            return None
        job.state, job.lease_owner, job.lease_until = "running", owner, at + lives
        job.fence, job.attempts, job.started_at = job.fence + 1, job.attempts + 1, at
        job.device = device
        await self._session.flush()
        return job

    async def _waits(self, job: Job) -> bool:
        states = select(Asset.state).where(Asset.workspace == self._workspace, Asset.id.in_(job.needs))
        known = set(await self._session.scalars(states)) if job.needs else set()
        return "pending" in known and "failed" not in known

    async def beat(self, id: str, fence: int, lives: timedelta, progress: float, eta_s: float | None) -> bool:
        """Hold the lease longer and note the progress; False when the job was cancelled or taken by another."""
        held = await self._session.execute(
            update(Job)
            .where(Job.workspace == self._workspace, Job.id == id, Job.fence == fence, Job.state == "running")
            .values(lease_until=now() + lives, progress=progress, eta_s=eta_s)
            .returning(Job.id)
        )
        return held.scalar_one_or_none() is not None

    async def note_order(
        self, id: str, told: dict[str, str], *, fence: int | None = None, instead_of: dict[str, str] | None = None
    ) -> bool:
        """Keep what was ordered of somebody outside, while the fence is the job's, or in place of just that; whether it was."""
        job = await self._session.scalar(self._mine(Job).where(Job.id == id).with_for_update())
        lost = fence is not None and job is not None and (job.fence != fence or job.state != "running")
        if job is None or lost or (instead_of is not None and job.ordered != instead_of):
            return False
        job.ordered = told
        await self._session.flush()
        return True

    async def end(self, id: str, fence: int, state: str, error: str = "") -> Job | None:
        """Mark it done or failed; None when the fence is an old one, so what was made must be thrown away."""
        job = await self._session.scalar(self._mine(Job).where(Job.id == id).with_for_update())
        if job is None or job.fence != fence or job.state != "running":
            return None
        job.progress = 1.0 if state == "done" else job.progress
        await self._close(job, state, error)
        return job

    async def put_off(self, id: str, fence: int, delay: timedelta, error: str, *, counts: bool = True) -> None:
        """Queue it again for later, after an error that may pass; where `counts` is False it was no attempt."""
        await self._session.execute(
            update(Job)
            .where(Job.workspace == self._workspace, Job.id == id, Job.fence == fence, Job.state == "running")
            .values(state="queued", due_at=now() + delay, error=error, lease_owner=None, lease_until=None)
            .values(attempts=Job.attempts if counts else Job.attempts - 1, progress=0.0, eta_s=None)
        )

    async def take_again(self, id: str, fence: int, seed: int) -> None:
        """Queue it again at once with another seed: what came of this one is thrown away. It counts as no attempt."""
        job = await self._session.scalar(self._mine(Job).where(Job.id == id).with_for_update())
        if job is None or job.fence != fence or job.state != "running":
            return
        job.state, job.seed, job.takes, job.attempts = "queued", seed, job.takes + 1, job.attempts - 1
        job.due_at, job.lease_owner, job.lease_until, job.progress, job.eta_s = now(), None, None, 0.0, None
        await self._session.flush()
        self._queued.append(job.id)

    async def cancel(self, id: str) -> Job:
        """Stop the job wherever it is. Raises Conflict when it has ended."""
        job = await self._get_locked(id)
        if job.state in ENDED:
            raise Conflict(f"The job is already {job.state}.")
        job.fence += 1
        await self._close(job, "cancelled", "")
        return job

    async def cancel_all_of(self, persona_id: str) -> int:
        """Stop all that is made for a persona, wherever it is; how many."""
        query = self._mine(Job).where(Job.persona_id == persona_id, Job.state.not_in(ENDED))
        ids = list(await self._session.scalars(query.with_only_columns(Job.id)))
        stopped = [await self._get_locked(id) for id in ids]
        for job in stopped:
            if job.state not in ENDED:  # it may have ended while we waited for it
                job.fence += 1
                await self._close(job, "cancelled", "")
        return len(stopped)

    async def pause(self, id: str) -> Job:
        """Hold the job until `resume`; one that runs is dropped and begins anew then. Raises Conflict when it has ended."""
        job = await self._get_locked(id)
        if job.state in ENDED or job.state == "paused":
            raise Conflict(f"The job is already {job.state}.")
        job.state, job.fence, job.progress = "paused", job.fence + 1, 0.0
        job.lease_owner, job.lease_until, job.eta_s = None, None, None
        await self._session.flush()
        return job

    async def resume(self, id: str) -> Job:
        """Queue a paused job again. Raises Conflict for any other."""
        job = await self._get_locked(id)
        if job.state != "paused":
            raise Conflict(f"The job is {job.state}; only a paused one can be resumed.")
        job.state, job.due_at, job.attempts = "queued", now(), 0
        await self._session.flush()
        self._queued.append(job.id)
        return job

    async def retry(self, id: str) -> Job:
        """Queue a failed or cancelled job again. Raises Conflict for any other."""
        job = await self._get_locked(id)
        if job.state not in ("failed", "cancelled"):
            raise Conflict(f"The job is {job.state}; only a failed or cancelled one can be tried again.")
        # An order of which nobody knows is given anew, as is one that was taken back when the job was cancelled.
        job.ordered = job.ordered if job.ordered.get("task") and job.state == "failed" else {}
        job.state, job.due_at, job.attempts, job.error, job.ended_at = "queued", now(), 0, "", None
        job.progress, job.fence = 0.0, job.fence + 1
        await self._session.flush()
        await self._mark_asset(job, "pending")
        self._queued.append(job.id)
        return job

    async def _get_locked(self, id: str) -> Job:
        job = await self.get(id)
        await self._session.refresh(job, with_for_update=True)
        return job

    async def _close(self, job: Job, state: str, error: str) -> None:
        """End the job, its asset with it, and wake the jobs that waited for that."""
        job.state, job.error, job.ended_at = state, error, now()
        job.lease_owner, job.lease_until, job.eta_s = None, None, None
        await self._session.flush()
        await self._mark_asset(job, "ready" if state == "done" else "failed")
        this = needs_an_asset(self._session.get_bind().dialect.name, Asset.id == job.asset_id)
        waiting = select(Job.id).where(Job.workspace == self._workspace, Job.state == "queued", this)
        self._queued.extend(await self._session.scalars(waiting))

    async def _mark_asset(self, job: Job, state: str) -> None:
        await self._session.execute(
            update(Asset).where(Asset.workspace == self._workspace, Asset.id == job.asset_id).values(state=state)
        )
