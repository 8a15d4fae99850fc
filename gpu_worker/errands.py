"""Jobs that make no media: claimed, leased, tried again and ended as the others are, but nothing is kept of them.

They have a runner of their own, so that one that takes an hour holds no place that a picture could have.
"""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from gpu_worker.jobs import KINDS
from gpu_worker.lease import Lease
from gpu_worker.runner import Runner, _Claimed
from gpu_worker.studio import Cancelled, Claim, Studio

Errand = Callable[[Claim[Any], Studio], Awaitable[None]]
# Module and function of each kind in `jobs.ERRANDS`; imported when the first one comes.
_DOERS = {"model.pull": ("gpu_worker.pulling.job", "pull")}


class Errands(Runner):
    """See Runner."""

    async def _make(self, claimed: _Claimed, folder: Path) -> None:
        job = claimed.job
        lease = self._leases[job.id] = Lease(self._store, job, self._terms)
        if self._stopping:
            lease.stop()
        try:
            await lease.over(self._run(claimed, self._studio(claimed, folder, lease)))
        finally:
            del self._leases[job.id]
        async with self._store.open_work(claimed.by) as work:
            if not await work.jobs.end(job.id, job.fence, "done"):
                raise Cancelled

    async def _run(self, claimed: _Claimed, studio: Studio) -> None:
        job = claimed.job
        module, name = _DOERS[job.kind]
        errand = cast(Errand, getattr(await asyncio.to_thread(import_module, module), name))
        payload = KINDS[job.kind].model_validate(job.payload)
        await errand(Claim(job.id, job.workspace, payload, seed=job.seed, attempt=job.attempts), studio)
