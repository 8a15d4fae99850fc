"""Which jobs of all workspaces could be begun now? What the worker asks every second, so each is one indexed query.

Jobs on a model are for the processes of devices (`gpu_worker.engine`), the others for the worker's own.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from gator.principal import service
from memory.models import Job
from memory.repositories.claims import decided
from memory.store import READS, Store

_LONGEST_WAIT = timedelta(days=1)


class Waiting(NamedTuple):
    workspace: str
    job: str


class ForDevice(NamedTuple):
    """A job on a model that could begin now."""

    workspace: str
    job: str
    kind: str
    model: str
    persona: str | None
    due_at: datetime
    deadline_at: datetime | None
    attempts: int  # that came to no end


def _begins(dialect: str) -> tuple[ColumnElement[bool], ...]:
    """Jobs that are due and whose assets are decided, or that a worker left when it died."""
    free = or_(Job.state == "queued", and_(Job.state == "running", Job.lease_until < now()))
    return free, Job.due_at <= now(), decided(dialect)


async def waiting(store: Store, limit: int, *, only: Collection[str] = (), but: Collection[str] = ()) -> list[Waiting]:
    """Jobs without a model, the longest due first: of those kinds `only`, or of all `but` those."""
    which = [Job.model.is_(None), *([Job.kind.in_(only)] if only else []), *([Job.kind.not_in(but)] if but else [])]
    begins = _begins(store.engine.dialect.name)
    query = select(Job.workspace, Job.id).where(*begins, *which).order_by(Job.due_at).limit(limit)
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        return [Waiting(*row) for row in await session.execute(query)]


async def short(store: Store, limit: int, *, kinds: Collection[str], characters: int) -> list[Waiting]:
    """Jobs without a model of those kinds that are told no more than so much to say; what a chat waits for first."""
    brief = func.length(func.coalesce(Job.payload["text"].as_string(), "")) <= characters
    which = (*_begins(store.engine.dialect.name), Job.model.is_(None), Job.kind.in_(kinds), brief)
    query = select(Job.workspace, Job.id).where(*which).order_by(Job.conversation_id.is_(None), Job.due_at).limit(limit)
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        return [Waiting(*row) for row in await session.execute(query)]


async def for_devices(store: Store, limit: int) -> list[ForDevice]:
    """Jobs on a model; those that somebody waits for first, then the longest due.

    Where there are more, each persona's longest due in turn: one that ordered a thousand hides nobody else's.
    """
    columns = (Job.workspace, Job.id, Job.kind, Job.model, Job.persona_id, Job.due_at, Job.deadline_at, Job.attempts)
    first = (Job.deadline_at.is_(None), Job.deadline_at)
    query = select(*columns).where(*_begins(store.engine.dialect.name), Job.model.is_not(None)).limit(limit)
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        rows = (await session.execute(query.order_by(*first, Job.due_at))).all()
        if len(rows) == limit > 1:
            turns = _turns()
            query = query.join(turns, turns.c.id == Job.id)
            rows = (await session.execute(query.order_by(*first, turns.c.turn, Job.due_at))).all()
    return [ForDevice(row[0], row[1], row[2], row[3] or "", row[4], row[5], row[6], row[7]) for row in rows]


def _turns() -> Subquery:
    """The how-manieth of its persona each open job on a model is."""
    turn = func.row_number().over(partition_by=(Job.workspace, Job.persona_id), order_by=Job.due_at)
    open_ones = (Job.state.in_(("queued", "running")), Job.model.is_not(None))
    return select(Job.id, turn.label("turn")).where(*open_ones).subquery()


async def payloads(store: Store, jobs: list[str]) -> dict[str, dict[str, Any]]:
    """What these jobs are told, by their ids."""
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        rows = await session.execute(select(Job.id, Job.payload).where(Job.id.in_(jobs)))
        return {row.id: row.payload for row in rows}


async def seconds_given(store: Store, lately: timedelta) -> dict[str, float]:
    """For how long devices worked for each persona, at what came to something and at what failed."""
    since = now() - lately
    begun = (
        Job.state.in_(("running", "done", "failed")),
        Job.due_at > since - _LONGEST_WAIT,  # of these two the one with an index
        Job.started_at > since,
        Job.model.is_not(None),
    )
    given: dict[str, float] = defaultdict(float)
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        for persona, start, end in await session.execute(
            select(Job.persona_id, Job.started_at, Job.ended_at).where(*begun)
        ):
            given[persona or ""] += ((end or now()) - (start or now())).total_seconds()
    return given


async def put_back(store: Store, owner: str) -> list[str]:
    """Queue again what a process left that is known to be gone, without waiting for its leases; gives the jobs' ids."""
    left = (Job.state == "running", Job.lease_owner == owner)
    async with store.open_work(service("", "worker")) as work:
        queued = update(Job).where(*left).values(state="queued", lease_owner=None, lease_until=None, progress=0.0)
        return [*(await work.session.scalars(queued.returning(Job.id)))]


async def find(store: Store, job: str, *, but: Collection[str] = ()) -> Waiting | None:
    """The job of that id, of which a message spoke; None when it is not there, is for a device, or of a kind left out."""
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        which = (Job.id == job, Job.model.is_(None), Job.kind.not_in(but))
        workspace = await session.scalar(select(Job.workspace).where(*which))
    return Waiting(workspace, job) if workspace else None
