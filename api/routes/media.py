"""Files by signed address, for pages, downloads and platforms; ranges are honoured, so that films can be sought in."""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from api.deps import CoreDep, public
from api.files import Sent
from api.links import check_media_url
from api.smalls import SMALL_MIME, Smalls
from bots.core import Core
from gator.clock import now
from gator.errors import NotFound
from gator.principal import service
from memory import sharing
from memory.directory import workspace_of_asset
from memory.models import Asset
from tools.captions import MIMES as CAPTION_MIMES
from tools.captions import captions_of

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

Exp = Annotated[int, Query(ge=0, le=1 << 40)]
Sig = Annotated[str, Query(max_length=64)]


def _name(asset: Asset) -> str:
    """A file name for those who save it: letters, digits and dashes of its title."""
    words = re.sub(r"[^a-z0-9]+", "-", asset.title.lower()).strip("-")[:60]
    return f"{words or asset.kind}{(SHOWN | _SAVED).get(asset.mime, '.bin')}"


def _sent(core: Core, row: Asset, exp: int) -> FileResponse:
    shown = row.mime in SHOWN
    mime = row.mime if shown else "application/octet-stream"
    return Sent(core.blobs.get(row.sha256), row.sha256, mime, _name(row), _kept_until(exp), inline=shown)


def _kept_until(exp: int) -> dict[str, str]:
    return {"Cache-Control": f"private, max-age={max(0, exp - int(now().timestamp()))}, immutable"}


async def _row(core: Core, asset: str, exp: int, sig: str) -> Asset:
    """What a signed address of ours is of. Raises Forbidden and NotFound."""
    check_media_url(core.settings, asset, exp, sig)
    workspace = await workspace_of_asset(core.store, asset)
    if workspace is None:
        raise NotFound("There is no such file.")
    async with core.store.open_work(service(workspace, "media"), reads=True) as work:
        row = await work.assets.get(asset)
    if row.state != "ready":
        raise NotFound("The file is not there (yet).")
    return row


@router.get("/media/{asset}", response_class=FileResponse, dependencies=[public])
async def get_media(asset: str, core: CoreDep, exp: Exp, sig: Sig) -> FileResponse:
    """The file of an asset; the address itself is the permission, until it ends."""
    return _sent(core, await _row(core, asset, exp, sig), exp)


@router.get("/media/{asset}/small", response_class=FileResponse, dependencies=[public])
async def get_small(asset: str, request: Request, core: CoreDep, exp: Exp, sig: Sig) -> FileResponse:
    """A picture, or the poster of a video, as a small WebP; a picture that is small already, or cannot be shrunk, as it is."""
    row = await _row(core, asset, exp, sig)
    smalls: Smalls = request.app.state.smalls
    small = await smalls.of(core.blobs, row)
    if small is not None:
        return Sent(small, f"{row.sha256}-small", SMALL_MIME, "small.webp", _kept_until(exp), inline=True)
    if row.kind != "picture":
        raise NotFound("There is no picture of it.")
    return _sent(core, row, exp)


@router.get("/media/{asset}/captions.vtt", response_class=Response, dependencies=[public])
async def get_player_captions(asset: str, core: CoreDep, exp: Exp, sig: Sig) -> Response:
    """What is said in a voice-over or a video, as WebVTT for its player."""
    text = captions_of(await _row(core, asset, exp, sig), "vtt")
    return Response(text, media_type=f"{CAPTION_MIMES['vtt']}; charset=utf-8", headers=_kept_until(exp))


@router.get("/shared/{asset}", response_class=FileResponse, dependencies=[public])
async def get_shared(
    asset: str, core: CoreDep, exp: Exp, sig: Sig, n: Annotated[str, Query(max_length=64)]
) -> FileResponse:
    """The file of a link that an operator made: Gone once its time is over, NotFound whatever else is wrong."""
    return _sent(core, await sharing.shared(core.store, core.settings, asset, exp, n, sig), exp)
