"""Files by signed address, for pages, downloads and platforms; ranges are honoured, so that films can be sought in."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from api.deps import CoreDep, public
from api.files import Sent
from api.sending import kept_until, sent
from api.smalls import SMALL_MIME, Smalls
from bots.core import Core
from gator.errors import NotFound
from gator.links import check_media_url
from gator.principal import service
from memory import sharing
from memory.directory import workspace_of_asset
from memory.models import Asset
from tools.captions import MIMES as CAPTION_MIMES
from tools.captions import captions_of

router = APIRouter(tags=["content"])

Exp = Annotated[int, Query(ge=0, le=1 << 40)]
Sig = Annotated[str, Query(max_length=64)]
_LONGEST_LINK = timedelta(minutes=5)  # a link that was revoked opens the bucket no longer than that


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
async def get_media(asset: str, core: CoreDep, exp: Exp, sig: Sig) -> Response:
    """The file of an asset; the address itself is the permission, until it ends."""
    return await sent(core, await _row(core, asset, exp, sig), exp)


@router.get("/media/{asset}/small", response_class=FileResponse, dependencies=[public])
async def get_small(asset: str, request: Request, core: CoreDep, exp: Exp, sig: Sig) -> Response:
    """A picture, or the poster of a video, as a small WebP; a picture that is small already, or cannot be shrunk, as it is."""
    row = await _row(core, asset, exp, sig)
    smalls: Smalls = request.app.state.smalls
    small = await smalls.of(core.blobs, row)
    if small is not None:
        return Sent(small, f"{row.sha256}-small", SMALL_MIME, "small.webp", kept_until(exp), inline=True)
    if row.kind != "picture":
        raise NotFound("There is no picture of it.")
    return await sent(core, row, exp)


@router.get("/media/{asset}/captions.vtt", response_class=Response, dependencies=[public])
async def get_player_captions(asset: str, core: CoreDep, exp: Exp, sig: Sig) -> Response:
    """What is said in a voice-over or a video, as WebVTT for its player."""
    text = captions_of(await _row(core, asset, exp, sig), "vtt")
    return Response(text, media_type=f"{CAPTION_MIMES['vtt']}; charset=utf-8", headers=kept_until(exp))


@router.get("/shared/{asset}", response_class=FileResponse, dependencies=[public])
async def get_shared(
    asset: str, core: CoreDep, exp: Exp, sig: Sig, n: Annotated[str, Query(max_length=64)]
) -> Response:
    """The file of a link that an operator made: Gone once its time is over, NotFound whatever else is wrong."""
    row = await sharing.shared(core.store, core.settings, asset, exp, n, sig)
    return await sent(core, row, exp, _LONGEST_LINK)
