"""How much do a workspace's media take, and may it take more? Asked before a job is queued or an upload is read.

The limits are settings and off by default. What is being made counts as a file before its bytes are known, so the bytes may
end a little above the limit: by what was on its way when it was reached.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, delete, func, select

from gator.errors import Conflict, Refused
from gator.settings import Settings
from memory.models import Asset, Consent, Job, Post, Token
from memory.repositories.jobs import ENDED
from memory.sharing import LINK
from memory.work import Work

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    files: int
    size_bytes: int
    most_files: int  # 0: no limit
    most_bytes: int  # 0: no limit

    @property
    def is_full(self) -> bool:
        too_many = 0 < self.most_files <= self.files
        return too_many or 0 < self.most_bytes <= self.size_bytes


async def usage(work: Work, settings: Settings) -> Usage:
    """Of the workspace. Equal files are kept once, so their bytes count once."""
    mine = Asset.workspace == work.principal.workspace
    there = Asset.state.in_(("ready", "pending"))
    files = await work.session.scalar(select(func.count()).select_from(Asset).where(mine, there))
    sizes = select(func.max(Asset.size_bytes).label("size")).where(mine, Asset.sha256 != "").group_by(Asset.sha256)
    size = await work.session.scalar(select(func.coalesce(func.sum(sizes.subquery().c.size), 0)))
    return Usage(files or 0, int(size or 0), settings.media_quota_files, settings.media_quota_mb * _MB)


async def has_room(work: Work, settings: Settings) -> bool:
    """Whether one more file may come. Nothing is counted where there is no limit."""
    return not _limited(settings) or not (await usage(work, settings)).is_full


def _limited(settings: Settings) -> bool:
    return bool(settings.media_quota_files or settings.media_quota_mb)


async def check_room(work: Work, settings: Settings) -> None:
    """Raises Refused when the workspace's media have reached a limit; nobody else takes the room until the commit."""
    if _limited(settings):  # by the budget's lock: an order takes that, too, and two locks would wait for each other
        await work.spending.one_at_a_time()
    if not await has_room(work, settings):
        raise Refused(
            "The workspace has no room left for media.",
            remedy="Remove some, or raise GATOR_MEDIA_QUOTA_MB or GATOR_MEDIA_QUOTA_FILES; `gator media usage` shows both.",
        )


async def remove(work: Work, id: str) -> str:
    """Empty an asset for good: its row stays, so that messages that showed it are not in error. Gives its hash.

    Raises Conflict for what a job, a post, a consent or a face needs. The caller deletes the bytes after the commit, if no
    row names them.
    """
    asset = await work.assets.get(id)
    if asset.state == "pending":
        raise Conflict(f"The {asset.kind} is being made.", remedy="Cancel its job first.")
    if await _is_needed(work, id):
        raise Conflict(
            f"A post, a job, a face or a consent needs the {asset.kind}.", remedy="Take it out of there first."
        )
    sha256 = asset.sha256
    asset.state, asset.sha256, asset.size_bytes, asset.alt_text, asset.title = "removed", "", 0, "", ""
    asset.provenance, asset.looks = {"origin": asset.origin}, []
    await work.session.execute(delete(Token).where(Token.kind == LINK, Token.subject == id))
    await work.session.flush()
    return sha256


async def _is_needed(work: Work, id: str) -> bool:
    mine = work.principal.workspace
    in_job: Any = cast(Job.needs, String).contains(id)
    in_post: Any = cast(Post.assets, String).contains(id)
    jobs = select(Job.id).where(Job.workspace == mine, Job.state.not_in(ENDED), in_job)
    posts = select(Post.id).where(Post.workspace == mine, Post.state.in_(("scheduled", "series", "published")), in_post)
    shows = select(Consent.id).where(Consent.workspace == mine, Consent.evidence_asset_id == id)
    if await work.appearances.uses(id):
        return True
    return any([await work.session.scalar(query.limit(1)) is not None for query in (jobs, posts, shows)])
