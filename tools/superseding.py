"""Which render of a video does nobody want any more? An older version's that is not made yet, when a newer one is ordered.

Asked by `tools.edits`. Whatever names the older one keeps it: a post, a question that waits for a yes, a reel, another job.
"""

from collections.abc import Iterable, Sequence

from memory.models import Asset, Job
from memory.work import Work

DROPPED = "The version before it was not made yet and is dropped."
_OPEN = ("queued", "running")


async def drop_older(work: Work, old: Asset, versions: Iterable[Job], new: str) -> bool:
    """Cancel what is older than the job `new` and a change of the same video; whether there was any."""
    own = await work.jobs.that_made(old.id) if old.state == "pending" else None
    mine = [own] if own is not None and own.key.startswith("edit:") else []
    dropped = False
    for job in (*mine, *versions):
        if job.id < new and job.state in _OPEN and (thumbnails := await _unwanted(work, job)) is not None:
            for one in (job, *thumbnails):
                await work.jobs.cancel(one.id)
                await work.audit.note("job.cancel", one.id, newer=new)
            dropped = True
    return dropped


async def _unwanted(work: Work, job: Job) -> Sequence[Job] | None:
    """The thumbnails that go with it; None where something names the video, or a thumbnail of it."""
    thumbnails = await work.jobs.needing(job.asset_id or "")
    if any(one.kind != "picture.thumbnail" for one in thumbnails):
        return None
    assets = [one.asset_id for one in (job, *thumbnails) if one.asset_id]
    named = await work.posts.name(assets) or await work.approvals.name(assets) or await work.productions.use(assets)
    return None if named else thumbnails
