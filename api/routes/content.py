"""Content: pictures, voices and videos that were made, and their files."""

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from api.deps import CallerDep, CoreDep, needs
from api.links import media_url
from api.shapes import AssetOut, Cursor, Limit, Page, asset_out, page
from gator.errors import Conflict

router = APIRouter(prefix="/content", tags=["content"])


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
    async with core.store.open_work(caller.principal, reads=True) as work:
        persona_id = (await work.personas.named(persona)).id if persona else None
        rows = await work.assets.recent(kind=kind, state=state, persona_id=persona_id, limit=limit, before=before)
    return page(rows, [asset_out(core.settings, row) for row in rows], limit)


@router.get("/{asset}", dependencies=[needs("content:read")])
async def get_content(asset: str, core: CoreDep, caller: CallerDep) -> AssetOut:
    """One asset, with a signed address of its file once it is ready."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        return asset_out(core.settings, await work.assets.get(asset))


@router.get("/{asset}/file", status_code=307, response_class=RedirectResponse, dependencies=[needs("content:read")])
async def get_content_file(asset: str, core: CoreDep, caller: CallerDep) -> str:
    """Leads to the file's signed address. Conflict while it is not ready."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        row = await work.assets.get(asset)
    if row.state != "ready":
        raise Conflict(f"The {row.kind} is {row.state}.", remedy="Follow its job, then ask again.")
    return media_url(core.settings, row.id)
