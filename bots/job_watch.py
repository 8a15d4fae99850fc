"""How does the job go? Progress of jobs, told to those who watch the conversations that asked for them."""

import asyncio

import structlog

from bots import frames
from bots.hub import Hub
from gator.principal import service
from memory.founding import workspaces
from memory.store import Store

log = structlog.get_logger()

EVERY_S = 0.4


class JobWatch:
    def __init__(self, store: Store, hub: Hub) -> None:
        self._store = store
        self._hub = hub
        self._seen: dict[str, tuple[str, float]] = {}  # job id: state and progress last told

    async def keep_watch(self) -> None:
        """Look at the jobs of watched conversations, and at nothing while nobody watches."""
        while True:
            await asyncio.sleep(EVERY_S)
            watched = self._hub.watched()
            if not watched:
                continue
            try:
                for workspace in await workspaces(self._store):
                    await self._tell(workspace, watched)
            except Exception:
                log.exception("job_watch_failed")

    async def _tell(self, workspace: str, watched: set[str]) -> None:
        async with self._store.open_work(service(workspace, "watch"), reads=True) as work:
            jobs = [job for job in await work.jobs.asked_for_lately() if job.conversation_id in watched]
            titles = {job.id: (await work.assets.get(job.asset_id)).title if job.asset_id else "" for job in jobs}
        for job in jobs:
            now_at = (job.state, job.progress)
            if self._seen.get(job.id) != now_at:
                self._seen[job.id] = now_at
                self._hub.show(job.conversation_id or "", frames.job_update(job, titles[job.id]))
        if len(self._seen) > 1_000:
            self._seen = {job.id: self._seen[job.id] for job in jobs}
