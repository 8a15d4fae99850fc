"""Jobs: queued with their work, claimed under a lease, finished once."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from gator.errors import Conflict
from gator.ids import new_id
from gator.principal import Principal
from memory.models import Asset, Job
from memory.repositories.base import Repository

ENDED = ("done", "failed", "cancelled")


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
    ) -> Job:
        """Queue a job that makes one asset of kind `makes`; the same key again gives the job queued before.

        The asset's row is there at once, pending, so that posts and other jobs can name it.
        """
        known = await self._session.scalar(self._mine(Job).where(Job.key == key))
        if known:
            return known
        asset = await self._add(
            Asset(
                workspace=self._workspace,
                kind=makes,
                title=title,
                persona_id=persona_id,
                alt_text=alt_text,
                rating=rating,
            )
        )
        id = new_id()
        job = await self._add(
            Job(
                id=id,
                workspace=self._workspace,
                kind=kind,
                payload=payload,
                key=key,
                asset_id=asset.id,
                seed=int(id.replace("-", "")[-12:], 16),
                needs=needs or [],
                due_at=now(),
                conversation_id=conversation_id,
            )
        )
        self._queued.append(job.id)
        return job

    async def get(self, id: str) -> Job:
        return await self._get(Job, id, "job")

    async def recent(self, *states: str, limit: int = 50, before: str | None = None) -> list[Job]:
        """Newest first, in these states or in any."""
        query = self._mine(Job)
        query = query.where(Job.state.in_(states)) if states else query
        query = query.where(Job.id < before) if before else query
        return [*await self._session.scalars(query.order_by(Job.id.desc()).limit(limit))]

    async def count(self, *states: str) -> int:
        query = self._mine(Job).where(Job.state.in_(states)).with_only_columns(func.count())
        return (await self._session.scalar(query)) or 0

    async def claimable(self, limit: int = 50) -> list[str]:
        """Ids of jobs that a worker could start now: due and their needs ready, or left by a worker that died."""
        waiting = select(Asset.id).where(Asset.workspace == self._workspace, Asset.state != "ready")
        pending = set(await self._session.scalars(waiting))
        free = or_(Job.state == "queued", (Job.state == "running") & (Job.lease_until < now()))
        query = self._mine(Job).where(free, Job.due_at <= now()).order_by(Job.due_at).limit(limit)
        return [job.id for job in await self._session.scalars(query) if not pending.intersection(job.needs)]

    async def claim(self, id: str, owner: str, lives: timedelta) -> Job | None:
        """Take the job for a while; None when it is taken, ended, not due, or waits for an asset."""
        job = await self._session.scalar(self._mine(Job).where(Job.id == id).with_for_update(skip_locked=True))
        at = now()
        free = job and (job.state == "queued" or (job.state == "running" and job.lease_until and job.lease_until < at))
        if job is None or not free or job.due_at > at:
            return None
        if job.needs:
            query = select(func.count()).where(
                Asset.workspace == self._workspace, Asset.id.in_(job.needs), Asset.state == "ready"
            )
            if (await self._session.scalar(query)) != len(set(job.needs)):
                return None
        job.state, job.lease_owner, job.lease_until = "running", owner, at + lives
        job.fence, job.attempts, job.started_at = job.fence + 1, job.attempts + 1, job.started_at or at
        await self._session.flush()
        return job

    async def beat(self, id: str, fence: int, lives: timedelta, progress: float, eta_s: float | None) -> bool:
        """Hold the lease longer and note the progress; False when the job was cancelled or taken by another."""
        held = await self._session.execute(
            update(Job)
            .where(Job.workspace == self._workspace, Job.id == id, Job.fence == fence, Job.state == "running")
            .values(lease_until=now() + lives, progress=progress, eta_s=eta_s)
            .returning(Job.id)
        )
        return held.scalar_one_or_none() is not None

    async def end(self, id: str, fence: int, state: str, error: str = "") -> Job | None:
        """Mark it done or failed; None when the fence is an old one, so what was made must be thrown away."""
        job = await self._session.scalar(self._mine(Job).where(Job.id == id).with_for_update())
        if job is None or job.fence != fence or job.state != "running":
            return None
        job.state, job.error, job.ended_at = state, error, now()
        job.lease_owner, job.lease_until, job.eta_s = None, None, None
        job.progress = 1.0 if state == "done" else job.progress
        await self._session.flush()
        return job

    async def put_off(self, id: str, fence: int, delay: timedelta, error: str) -> None:
        """Queue it again for later, after an error that may pass."""
        await self._session.execute(
            update(Job)
            .where(Job.workspace == self._workspace, Job.id == id, Job.fence == fence, Job.state == "running")
            .values(state="queued", due_at=now() + delay, error=error, lease_owner=None, lease_until=None)
        )

    async def cancel(self, id: str) -> Job:
        """Stop the job wherever it is. Raises Conflict when it has ended."""
        job = await self.get(id)
        if job.state in ENDED:
            raise Conflict(f"The job is already {job.state}.")
        job.state, job.ended_at, job.fence = "cancelled", now(), job.fence + 1
        job.lease_owner, job.lease_until = None, None
        await self._session.flush()
        return job

    async def retry(self, id: str) -> Job:
        """Queue a failed or cancelled job again. Raises Conflict for any other."""
        job = await self.get(id)
        if job.state not in ("failed", "cancelled"):
            raise Conflict(f"The job is {job.state}; only a failed or cancelled one can be tried again.")
        job.state, job.due_at, job.attempts, job.error, job.ended_at = "queued", now(), 0, "", None
        job.progress, job.fence = 0.0, job.fence + 1
        await self._session.flush()
        self._queued.append(job.id)
        return job
