"""Which jobs of all workspaces could be begun now? What the worker asks every second, so each is one indexed query.

Jobs on a model are for the processes of devices (`gpu_worker.engine`), the others for the worker's own.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Subquery, and_, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from gator.principal import service
from memory.models import Job
from memory.prepared import Prepared
from memory.repositories.base import table_of
from memory.repositories.claims import decided
from memory.store import READS, Store

_LONGEST_WAIT = timedelta(days=1)
MORE_ATTEMPTS = 2  # for what ends a process that does nothing else, beside the one that was counted when it was begun
_WORKER = service("", "worker")


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


_J = table_of(Job)


def _begins(dialect: str) -> tuple[ColumnElement[bool], ...]:
    """Jobs that are due `at` a moment and whose assets are decided, or that a worker left when it died."""
    at = bindparam("at", type_=_J.c.due_at.type)
    free = or_(_J.c.state == "queued", and_(_J.c.state == "running", _J.c.lease_until < at))
    return free, _J.c.due_at <= at, decided(dialect)


async def waiting(store: Store, limit: int, *, only: Collection[str] = (), but: Collection[str] = ()) -> list[Waiting]:
    """Jobs without a model, the longest due first: of those kinds `only`, or of all `but` those."""
    which = [Job.model.is_(None), *([Job.kind.in_(only)] if only else []), *([Job.kind.not_in(but)] if but else [])]
    begins = _begins(store.engine.dialect.name)
    query = select(Job.workspace, Job.id).where(*begins, *which).order_by(Job.due_at).limit(limit)
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        return [Waiting(*row) for row in await session.execute(query, {"at": now()})]


async def short(store: Store, limit: int, *, kinds: Collection[str], characters: int) -> list[Waiting]:
    """Jobs without a model of those kinds that are told no more than so much to say; what a chat waits for first."""
    brief = func.length(func.coalesce(Job.payload["text"].as_string(), "")) <= characters
    which = (*_begins(store.engine.dialect.name), Job.model.is_(None), Job.kind.in_(kinds), brief)
    query = select(Job.workspace, Job.id).where(*which).order_by(Job.conversation_id.is_(None), Job.due_at).limit(limit)
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        return [Waiting(*row) for row in await session.execute(query, {"at": now()})]


async def for_devices(store: Store, limit: int) -> list[ForDevice]:
    """Jobs on a model; those that somebody waits for first, then the longest due.

    Where there are more, each persona's longest due in turn: one that ordered a thousand hides nobody else's.
    """
    dialect, values = store.engine.dialect.name, {"at": now(), "most": limit}
    async with store.open_work(_WORKER, reads=True) as work:
        rows = await _for_devices(dialect).run(work.session, values)
        if len(rows) == limit > 1:
            rows = await _for_devices(dialect, in_turn=True).run(work.session, values)
    return [ForDevice(*row) for row in rows]


async def is_urgent(store: Store) -> bool:
    """Whether somebody waits for a job on a model that could begin now."""
    async with store.open_work(_WORKER, reads=True) as work:
        return await _urgent(store.engine.dialect.name).first(work.session, {"at": now()}) is not None


@cache
def _for_devices(dialect: str, *, in_turn: bool = False) -> Prepared:
    columns = (
        _J.c.workspace,
        _J.c.id,
        _J.c.kind,
        _J.c.model,
        _J.c.persona_id,
        _J.c.due_at,
        _J.c.deadline_at,
        _J.c.attempts,
    )
    query = select(*columns).where(*_begins(dialect), _J.c.model.is_not(None)).limit(bindparam("most"))
    order: list[ColumnElement[Any]] = [_J.c.deadline_at.is_(None), _J.c.deadline_at]
    if in_turn:
        turns = _turns()
        query = query.join_from(_J, turns, turns.c.id == _J.c.id)
        order.append(turns.c.turn)
    return Prepared(query.order_by(*order, _J.c.due_at))


@cache
def _urgent(dialect: str) -> Prepared:
    which = (*_begins(dialect), _J.c.model.is_not(None), _J.c.deadline_at.is_not(None))
    return Prepared(select(_J.c.id).where(*which).limit(1))


def _turns() -> Subquery:
    """The how-manieth of its persona each open job on a model is."""
    turn = func.row_number().over(partition_by=(_J.c.workspace, _J.c.persona_id), order_by=_J.c.due_at)
    open_ones = (or_(_J.c.state == "queued", _J.c.state == "running"), _J.c.model.is_not(None))
    return select(_J.c.id, turn.label("turn")).where(*open_ones).subquery()


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
    """Queue again what a process left that is known to be gone, without waiting for its leases; gives the jobs' ids.

    Where it did nothing else the job is most likely what ended it, and that counts for three attempts: twice is enough of five.
    """
    left = (Job.state == "running", Job.lease_owner == owner)
    async with store.open_work(_WORKER) as work:
        queued = update(Job).where(*left).values(state="queued", lease_owner=None, lease_until=None, progress=0.0)
        ids = [*(await work.session.scalars(queued.returning(Job.id)))]
        if len(ids) == 1:
            suspect = update(Job).where(Job.id == ids[0])
            await work.session.execute(suspect.values(attempts=Job.attempts + MORE_ATTEMPTS))
        return ids


async def find(store: Store, job: str, *, but: Collection[str] = ()) -> Waiting | None:
    """The job of that id, of which a message spoke; None when it is not there, is for a device, or of a kind left out."""
    async with AsyncSession(store.engine) as session:
        await session.connection(execution_options=READS)
        which = (Job.id == job, Job.model.is_(None), Job.kind.not_in(but))
        workspace = await session.scalar(select(Job.workspace).where(*which))
    return Waiting(workspace, job) if workspace else None
