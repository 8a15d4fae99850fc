"""Of which videos is there a newer version? Asked where somebody is to say yes to one: a reel is made again meanwhile, or cut."""

from collections.abc import Iterable

from gator.errors import NotFound
from memory.models import Asset, Job
from memory.work import Work
from tools import edits
from tools.orders import seed_of


async def outdated(work: Work, ids: Iterable[str]) -> set[str]:
    """Those of these assets that are videos of which a newer version is there, or is being made."""
    videos = [one for one in (await work.assets.by_ids(list(ids))).values() if one.kind == "video"]
    return {one.id for one in videos if await _is_outdated(work, one)}


async def _is_outdated(work: Work, video: Asset) -> bool:
    job = await _job(work, video.id)
    first = (edits.cut_of(job) if job else None) or video.id
    line = [first, *(one.asset_id or "" for one in await edits.versions(work, first))]
    newer = line[line.index(video.id) + 1 :] if video.id in line else []
    newer += [id for id in await _of_reels(work, video.persona_id, first) if id not in line]
    return any(one.state in ("pending", "ready") for one in (await work.assets.by_ids(newer)).values())


async def _of_reels(work: Work, persona: str | None, video: str) -> list[str]:
    """The videos that reels have now for which that one was made."""
    job = await _job(work, video)
    if job is None or persona is None:
        return []
    return [
        step.asset_id
        for step in await work.productions.videos(persona)
        if step.asset_id and any(job.seed == seed_of(step.production_id, "video", n) for n in range(1, step.take + 1))
    ]


async def _job(work: Work, video: str) -> Job | None:
    try:
        return await work.jobs.that_made(video)
    except NotFound:
        return None
