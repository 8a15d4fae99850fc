"""Jobs: queued with their work, claimed under a lease (`memory.repositories.claims`), finished once, or stopped by people."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, func, or_, select, update

from gator.clock import now
from gator.errors import Conflict, NotFound
from gator.ids import new_id
from memory.models import Asset, Job
from memory.repositories.claims import Claims

ENDED = ("done", "failed", "cancelled")


class Jobs(Claims):
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

    async def needing(self, asset_id: str) -> list[Job]:
        """The jobs that wait or run and are made of that asset."""
        query = self._mine(Job).where(Job.state.not_in(ENDED), cast(Job.needs, String).contains(asset_id))
        return list(await self._session.scalars(query.order_by(Job.id)))

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

    async def cancel(self, id: str) -> Job:
        """Stop the job wherever it is. Raises Conflict when it has ended."""
        job = await self._get_locked(id)
        if job.state in ENDED:
            raise Conflict(f"The job is already {job.state}.")
        await self._cancel(job)
        return job

    async def cancel_all_of(self, persona_id: str) -> list[Job]:
        """Stop all that is made for a persona, wherever it is."""
        return await self._cancel_those(self._mine(Job).where(Job.persona_id == persona_id, Job.state.not_in(ENDED)))

    async def cancel_all(self, *kinds: str) -> list[Job]:
        """Stop all jobs that wait or run, or those of kinds that begin so; gives those that this stopped."""
        query = self._mine(Job).where(Job.state.in_(("queued", "running")))
        return await self._cancel_those(query.where(or_(*map(Job.kind.startswith, kinds))) if kinds else query)

    async def _cancel_those(self, query: Select[Job]) -> list[Job]:
        ids = list(await self._session.scalars(query.with_only_columns(Job.id).order_by(Job.id)))
        # One may have ended while we waited for it.
        stopped = [job for id in ids if (job := await self._get_locked(id)).state not in ENDED]
        for job in stopped:
            await self._cancel(job)
        return stopped

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

    async def _cancel(self, job: Job) -> None:
        """End the job, its asset with it, and wake the jobs that waited for that."""
        job.state, job.error, job.ended_at, job.fence = "cancelled", "", now(), job.fence + 1
        job.lease_owner, job.lease_until, job.eta_s = None, None, None
        await self._session.flush()
        await self._mark_asset(job, "failed")
        if job.asset_id:
            await self._wake_those_with(job.asset_id)

    async def _mark_asset(self, job: Job, state: str) -> None:
        await self._session.execute(
            update(Asset).where(Asset.workspace == self._workspace, Asset.id == job.asset_id).values(state=state)
        )
