"""How many jobs are there, in which state, and how long does the oldest wait? Of all workspaces, for /metrics."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from memory.models import Job
from memory.store import READS, Store

LATELY = timedelta(hours=1)
_OPEN = ("queued", "paused", "running")


class Counted(NamedTuple):
    state: str
    kind: str
    model: str
    jobs: int
    oldest_s: float  # since the first of them was due


async def open_jobs(store: Store) -> list[Counted]:
    """Those that wait, are held or run."""
    return await _count(store, Job.state.in_(_OPEN))


async def ended_lately(store: Store) -> list[Counted]:
    """Those that were due within LATELY and have ended."""
    return await _count(store, Job.state.in_(("done", "failed", "cancelled")), Job.due_at > now() - LATELY)


async def _count(store: Store, *which: object) -> list[Counted]:
    columns = (Job.state, Job.kind, Job.model, func.count(), func.min(Job.due_at))
    query = select(*columns).where(*which).group_by(Job.state, Job.kind, Job.model)  # type: ignore[arg-type]
    at = now()
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        rows = (await session.execute(query)).all()
    return [
        Counted(state, kind, model or "", jobs, max(0.0, (at - due).total_seconds()))
        for state, kind, model, jobs, due in rows
    ]
