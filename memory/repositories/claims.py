"""How does a worker hold a job? By a claim of its row, renewed while it works, up to its end or back into the queue.

Every claim raises the row's fence, and what comes with an older one changes nothing. The statements of a job that goes well are
prepared (`memory.prepared`): a device does many of them a second.
"""

from datetime import timedelta
from functools import cache
from math import isfinite
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from gator.principal import Principal
from memory.models import Asset, Job
from memory.prepared import Prepared
from memory.repositories.base import Repository, copy_of, table_of

_J, _A = table_of(Job), table_of(Asset)
_HELD = update(_J).where(
    _J.c.workspace == bindparam("mine"),
    _J.c.id == bindparam("which"),
    _J.c.fence == bindparam("held"),
    _J.c.state == "running",
)
_BEAT = Prepared(
    _HELD.values(lease_until=bindparam("until"), progress=bindparam("share"), eta_s=bindparam("left")).returning(
        _J.c.id
    )
)
_END = Prepared(
    _HELD.values(
        state=bindparam("becomes"),
        error=bindparam("why"),
        ended_at=bindparam("at"),
        progress=func.coalesce(bindparam("share", type_=Float), _J.c.progress),
        lease_owner=None,
        lease_until=None,
        eta_s=None,
    ).returning(_J.c.id, _J.c.asset_id)
)
_MARK = Prepared(
    update(_A)
    .where(_A.c.workspace == bindparam("mine"), _A.c.id == bindparam("asset"))
    .values(state=bindparam("becomes"))
)
# An id is nowhere else in a list of ids, and unpacking the lists of all that wait takes longer than looking for it.
_NEEDING = Prepared(
    select(_J.c.id).where(
        _J.c.workspace == bindparam("mine"),
        _J.c.state == "queued",
        cast(_J.c.needs, String).contains(bindparam("asset")),
    )
)


def decided(dialect: str, jobs: FromClause = _J) -> ColumnElement[bool]:
    """Inside a query of jobs: whether a job waits for no asset; one that failed or is gone is waited for no longer."""
    pending, failed = (_needs(dialect, jobs, state) for state in ("pending", "failed"))
    return or_(jobs.c.needs == literal([], _J.c.needs.type), ~pending, failed)


def _needs(dialect: str, jobs: FromClause, state: str) -> ColumnElement[bool]:
    unpack = func.jsonb_array_elements_text if dialect == "postgresql" else func.json_each
    needed = unpack(jobs.c.needs).table_valued("value")
    query = select(literal(1)).select_from(needed).join(_A, _A.c.id == needed.c.value).where(_A.c.state == state)
    return query.correlate(jobs).exists()


@cache
def _claim(dialect: str) -> Prepared:
    """A row that another has locked is let be: who waits for nobody is in no circle of waiting."""
    job = _J.alias("there")
    left = and_(job.c.state == "running", job.c.lease_until < bindparam("at"))
    there = select(job.c.id).where(
        job.c.workspace == bindparam("mine"),
        job.c.id == bindparam("which"),
        or_(job.c.state == "queued", left),
        job.c.due_at <= bindparam("at"),
        decided(dialect, job),
    )
    return Prepared(
        update(_J)
        .where(_J.c.id == there.with_for_update(skip_locked=True, of=job).scalar_subquery())
        .values(
            state="running",
            lease_owner=bindparam("owner"),
            lease_until=bindparam("until"),
            fence=_J.c.fence + 1,
            attempts=_J.c.attempts + 1,
            started_at=bindparam("at"),
            device=bindparam("on"),
        )
        .returning(_J)
    )


class Claims(Repository):
    def __init__(self, session: AsyncSession, principal: Principal, queued: list[str]) -> None:
        super().__init__(session, principal)
        self._queued = queued

    async def claim(self, id: str, owner: str, lives: timedelta, device: str = "") -> Job | None:
        """Take the job for a while; None when it is taken, ended, not due, or waits for an asset.

        What is given is a copy. A job that needs an asset which failed or is gone waits no longer: whoever claims it ends it.
        """
        at = now()
        values = {"which": id, "at": at, "until": at + lives, "owner": owner, "on": device}
        row = await _claim(self._dialect).first(self._session, {"mine": self._workspace, **values})
        return copy_of(Job, dict(zip(_J.c.keys(), row, strict=True))) if row else None

    async def beat(self, id: str, fence: int, lives: timedelta, progress: float, eta_s: float | None) -> bool:
        """Hold the lease longer and note the progress; False when the job was cancelled or taken by another.

        What is no number says nothing: a provider tells what it likes, and SQLite would refuse the beat with it.
        """
        share = progress if isfinite(progress) else 0.0
        values = {"until": now() + lives, "share": share, "left": eta_s if isfinite(eta_s or 0.0) else None}
        return bool(await _BEAT.run(self._session, {**self._held(id, fence), **values}))

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

    async def end(self, id: str, fence: int, state: str, error: str = "") -> bool:
        """Mark it done or failed, and its asset; False when the fence is an old one, so what was made must be thrown away."""
        values = {"becomes": state, "why": _storable(error), "at": now(), "share": 1.0 if state == "done" else None}
        row = await _END.first(self._session, {**self._held(id, fence), **values})
        if row and row[1]:
            await self._decide(row[1], state)
        return row is not None

    async def put_off(
        self, id: str, fence: int, delay: timedelta, error: str, *, counts: bool = True, more: int = 0
    ) -> None:
        """Queue it again for later, after an error that may pass; where `counts` is False it was no attempt.

        It is `more` attempts beside the one that was counted when it was begun.
        """
        await self._session.execute(
            update(Job)
            .where(Job.workspace == self._workspace, Job.id == id, Job.fence == fence, Job.state == "running")
            .values(state="queued", due_at=now() + delay, error=_storable(error), lease_owner=None, lease_until=None)
            .values(attempts=Job.attempts + (more if counts else -1), progress=0.0, eta_s=None)
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

    async def _decide(self, asset_id: str, state: str) -> None:
        """What the job makes is there, or never will be."""
        becomes = "ready" if state == "done" else "failed"
        await _MARK.run(self._session, {"mine": self._workspace, "asset": asset_id, "becomes": becomes})
        await self._wake_those_with(asset_id)

    async def _wake_those_with(self, asset_id: str) -> None:
        """The jobs that wait for that asset, of which something is known now."""
        needing = {"mine": self._workspace, "asset": asset_id}
        self._queued.extend(id for (id,) in await _NEEDING.run(self._session, needing))

    def _held(self, id: str, fence: int) -> dict[str, Any]:
        return {"mine": self._workspace, "which": id, "held": fence}


def _storable(error: str) -> str:
    """A provider's words may hold what no database takes; the job would not end, and be ordered and paid for again."""
    return error.replace("\0", "").encode("utf-8", "replace").decode()
