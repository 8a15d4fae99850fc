"""Which jobs of all workspaces could be begun now? What the worker asks every second, so it is one indexed query."""

from typing import NamedTuple

from sqlalchemy import and_, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from memory.models import Asset, Job
from memory.repositories.jobs import needs_an_asset
from memory.store import READS, Store


class Waiting(NamedTuple):
    workspace: str
    job: str


async def waiting(store: Store, limit: int) -> list[Waiting]:
    """Jobs that are due and whose assets are decided, or that a worker left when it died; the longest due first."""
    dialect = store.engine.dialect.name
    pending = needs_an_asset(dialect, Asset.state == "pending")
    failed = needs_an_asset(dialect, Asset.state == "failed")
    free = or_(Job.state == "queued", and_(Job.state == "running", Job.lease_until < now()))
    query = (
        select(Job.workspace, Job.id)
        .where(free, Job.due_at <= now(), or_(not_(pending), failed))
        .order_by(Job.due_at)
        .limit(limit)
    )
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        return [Waiting(*row) for row in await session.execute(query)]


async def find(store: Store, job: str) -> Waiting | None:
    """The job of that id, of which a message spoke."""
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        workspace = await session.scalar(select(Job.workspace).where(Job.id == job))
    return Waiting(workspace, job) if workspace else None
