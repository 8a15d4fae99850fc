"""Is the job still ours? Its lease, renewed while the handler runs, and the progress that goes to the row with it."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from gator.principal import service
from gpu_worker.studio import Cancelled
from gpu_worker.waits import until
from memory.models import Job
from memory.store import AWAY, Store

T = TypeVar("T")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a dead worker holds a job, how often a living one says so, and how often progress is written."""

    lives: timedelta = timedelta(seconds=15)
    beat_s: float = 3.0
    progress_s: float = 0.5  # whoever watches looks about as often (bots.job_watch), and each is a commit


class Stopped(Exception):
    """The worker stops: the job goes back into the queue."""


class Lease:
    """Our hold on one claimed job."""

    def __init__(self, store: Store, job: Job, terms: Terms) -> None:
        self.lost = False
        self._store = store
        self._job = job
        self._terms = terms
        self._held_at = time.monotonic()
        self._share = 0.0
        self._eta_s: float | None = None
        self._news = asyncio.Event()
        self._over = asyncio.Event()
        self._work: asyncio.Task[Any] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._stopped = False

    def note(self, share: float, eta_s: float | None) -> None:
        """Note the progress for the next write."""
        self._share, self._eta_s = share, eta_s
        self._news.set()

    async def report(self, share: float, eta_s: float | None) -> None:
        """As `note`. Raises Cancelled when the job is not ours any more."""
        self.note(share, eta_s)
        await asyncio.sleep(0)  # a handler that reports in a tight loop lets the lease be renewed
        if self.lost:
            raise Cancelled

    async def over(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work under this lease. Raises Cancelled when it was lost, Stopped when `stop` was called."""
        self._work = task = asyncio.create_task(work)
        if self._stopped:
            self._work.cancel()
        first = asyncio.get_running_loop().call_later(self._terms.progress_s, self._begin_to_keep)
        try:
            await asyncio.wait({self._work})
        finally:
            first.cancel()
            self._over.set()
            self._news.set()
            if self._keeping:
                await self._keeping  # not cancelled: it may be in the middle of a transaction
        if self.lost:
            self._work.cancelled() or self._work.exception()  # looked at, so that it is not logged as forgotten
            raise Cancelled
        if self._work.cancelled():
            raise Stopped if self._stopped else RuntimeError("the handler cancelled itself")
        return task.result()

    def stop(self) -> None:
        self._stopped = True
        if self._work:
            self._work.cancel()

    def _begin_to_keep(self) -> None:
        self._keeping = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        while not self._over.is_set() and not self.lost:
            await until(self._news, self._terms.beat_s - self._terms.progress_s)
            self._news.clear()
            if not self._over.is_set() and not self._is_nearly_over():
                await self._beat()
            await until(self._over, self._terms.progress_s)

    def _is_nearly_over(self) -> bool:
        """The end is written soon, and the lease holds far beyond that: a beat would be a commit that nobody sees."""
        soon = self._eta_s is not None and self._eta_s < self._terms.progress_s
        return soon and self._share > 0 and time.monotonic() - self._held_at < self._terms.beat_s

    async def _beat(self) -> None:
        asked_at = time.monotonic()
        try:
            async with self._store.open_work(service(self._job.workspace, "worker")) as work:
                held = await work.jobs.beat(self._job.id, self._job.fence, self._terms.lives, self._share, self._eta_s)
        except AWAY as away:
            log.warning("beat_failed", job=self._job.id, reason=type(away).__name__)
            held = asked_at - self._held_at < self._terms.lives.total_seconds()
        else:
            self._held_at = asked_at if held else self._held_at
        if not held:
            self.lost = True
            self.stop()
