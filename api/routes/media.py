"""Files by signed address, for <img>, <audio>, <video> and downloads; ranges are honoured, so that films can be sought in."""

import re
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse

from api.deps import CoreDep, public
from api.links import check_media_url
from gator.clock import now
from gator.errors import NotFound
from gator.principal import service
from memory.directory import workspace_of_asset
from memory.models import Asset

router = APIRouter(tags=["content"])

# Types that a browser shows and that carry no script; any other file is only ever a download.
SHOWN = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}

_SAVED = {"application/json": ".json", "text/html": ".html", "application/pdf": ".pdf", "text/plain": ".txt"}


def _name(asset: Asset) -> str:
    """A file name for those who save it: letters, digits and dashes of its title."""
    words = re.sub(r"[^a-z0-9]+", "-", asset.title.lower()).strip("-")[:60]
    return f"{words or asset.kind}{(SHOWN | _SAVED).get(asset.mime, '.bin')}"


@router.get("/media/{asset}", response_class=FileResponse, dependencies=[public])
async def get_media(
    asset: str, core: CoreDep, exp: Annotated[int, Query(ge=0, le=1 << 40)], sig: Annotated[str, Query(max_length=64)]
) -> FileResponse:
    """The file of an asset; the address itself is the permission, until it ends."""
    check_media_url(core.settings, asset, exp, sig)
    workspace = await workspace_of_asset(core.store, asset)
    if workspace is None:
        raise NotFound("There is no such file.")
    async with core.store.open_work(service(workspace, "media"), reads=True) as work:
        row = await work.assets.get(asset)
    if row.state != "ready":
        raise NotFound("The file is not there (yet).")
    shown = row.mime in SHOWN
    return FileResponse(
        core.blobs.get(row.sha256),
        media_type=row.mime if shown else "application/octet-stream",
        filename=_name(row),
        content_disposition_type="inline" if shown else "attachment",
        headers={"Cache-Control": f"private, max-age={max(0, exp - int(now().timestamp()))}, immutable"},
    )
