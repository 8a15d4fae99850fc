"""Content: pictures, voices and videos that were made, and their files."""

from datetime import datetime, timedelta
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from pydantic import Field

from api.deps import Caller, CallerDep, CoreDep, needs
from api.shapes import AssetOut, Body, Cursor, FromRow, Limit, Page, asset_out, page
from gator.errors import Conflict, NotFound
from gator.links import media_url
from memory import sharing, storage
from memory.models import Asset
from memory.work import Work

router = APIRouter(prefix="/content", tags=["content"])


class ShareFor(Body):
    lives_s: int = Field(3600, ge=60, le=30 * 86_400, description="how long the link opens the file, in seconds")


class LinkMade(FromRow):
    id: str
    url: str = Field(description="whoever has it may read the file; it is shown now and never again")
    expires_at: datetime


class LinkOut(FromRow):
    id: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class UsageOut(FromRow):
    """Equal files of a workspace are kept, and counted, once."""

    files: int
    size_bytes: int
    most_files: int = Field(description="GATOR_MEDIA_QUOTA_FILES; 0: no limit")
    most_bytes: int = Field(description="GATOR_MEDIA_QUOTA_MB in bytes; 0: no limit")


def may_read_fans(caller: Caller) -> bool:
    """Whether they may see what fans sent, or were given of what is known of them."""
    return "conversations:read" in caller.permissions


async def asset_for(work: Work, caller: Caller, id: str) -> Asset:
    """Raises NotFound where there is none, or it is a fan's and the caller may not read those."""
    row = await work.assets.get(id)
    if (row.fan_id or row.origin == "fan") and not may_read_fans(caller):
        raise NotFound(f"There is no asset {id}.")
    return row


@router.get("", dependencies=[needs("content:read")])
async def list_content(
    core: CoreDep,
    caller: CallerDep,
    kind: Literal["picture", "voice", "video"] | None = None,
    state: Literal["pending", "ready", "failed"] | None = None,
    persona: str | None = None,
    limit: Limit = 50,
    before: Cursor = None,
) -> Page[AssetOut]:
    """Media of the workspace, newest first."""
    fans = may_read_fans(caller)
    async with core.store.open_work(caller.principal, reads=True) as work:
        whose = (await work.personas.named(persona)).id if persona else None
        rows = await work.assets.recent(
            kind=kind, state=state, persona_id=whose, limit=limit, before=before, of_fans=fans
        )
    return page(rows, [asset_out(core.settings, row) for row in rows], limit)


@router.get("/usage", dependencies=[needs("content:read")])
async def media_usage(core: CoreDep, caller: CallerDep) -> UsageOut:
    """What the workspace's media take, and what they may take."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        return UsageOut.model_validate(await storage.usage(work, core.settings))


@router.get("/{asset}", dependencies=[needs("content:read")])
async def get_content(asset: str, core: CoreDep, caller: CallerDep) -> AssetOut:
    """One asset, with a signed address of its file once it is ready."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        return asset_out(core.settings, await asset_for(work, caller, asset))


@router.get("/{asset}/repeats", dependencies=[needs("content:read")])
async def list_repeats(asset: str, core: CoreDep, caller: CallerDep) -> list[AssetOut]:
    """Other pictures or videos of the workspace that look like this one, newest first."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        found = await work.assets.repeats([await asset_for(work, caller, asset)])
    return [asset_out(core.settings, row) for row in found.get(asset, [])]


@router.get("/{asset}/file", status_code=307, response_class=RedirectResponse, dependencies=[needs("content:read")])
async def get_content_file(asset: str, core: CoreDep, caller: CallerDep) -> str:
    """Leads to the file's signed address. Conflict while it is not ready."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        row = await asset_for(work, caller, asset)
    if row.state != "ready":
        raise Conflict(f"The {row.kind} is {row.state}.", remedy="Follow its job, then ask again.")
    return media_url(core.settings, row.id)


@router.delete("/{asset}", status_code=204, dependencies=[needs("content:write")])
async def remove_content(asset: str, core: CoreDep, caller: CallerDep) -> None:
    """Remove an asset's file for good, with its small picture and its links. Conflict while a post or a job needs it."""
    async with core.store.open_work(caller.principal) as work:
        freed = await storage.remove(work, asset)
        await work.audit.note("media.remove", asset)
    await core.eraser.delete_files([freed])


@router.post("/{asset}/links", status_code=201, dependencies=[needs("content:write")])
async def share_content(asset: str, ask: ShareFor, core: CoreDep, caller: CallerDep) -> LinkMade:
    """Make a link that opens the file without a session, for whoever is to fetch it by address."""
    async with core.store.open_work(caller.principal) as work:
        made = await sharing.share(work, core.settings, asset, timedelta(seconds=ask.lives_s))
        await work.audit.note("media.share", asset, link=made.id, expires_at=made.expires_at.isoformat())
    return LinkMade.model_validate(made)


@router.get("/{asset}/links", dependencies=[needs("content:read")])
async def list_links(asset: str, core: CoreDep, caller: CallerDep) -> list[LinkOut]:
    """Links of the asset, oldest first, those that have ended too; without their addresses."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        return [LinkOut.model_validate(one) for one in await sharing.links(work, asset)]


@router.delete("/{asset}/links", status_code=204, dependencies=[needs("content:write")])
async def revoke_links(asset: str, core: CoreDep, caller: CallerDep) -> None:
    """End all links of the asset."""
    async with core.store.open_work(caller.principal) as work:
        await sharing.revoke(work, asset)


@router.delete("/{asset}/links/{link}", status_code=204, dependencies=[needs("content:write")])
async def revoke_link(asset: str, link: str, core: CoreDep, caller: CallerDep) -> None:
    """End one link."""
    async with core.store.open_work(caller.principal) as work:
        await sharing.revoke(work, asset, link)
