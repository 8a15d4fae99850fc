"""Files for a conversation of one's own: uploaded first, then named in a message. `tools.incoming` tells what they are."""

import asyncio
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import Field
from starlette.datastructures import UploadFile

from api.conversing import has_taken, may_speak
from api.deps import CallerDep, CoreDep, KeyHeader, needs
from api.limits import Buckets
from api.shapes import Body
from bots.taking import Sender, titled
from gator.errors import Refused
from gator.ids import id_from, new_id
from gator.links import media_url
from memory import storage
from memory.models import Asset

router = APIRouter(prefix="/conversations", tags=["conversations"])

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
_WHY = {
    "too_large": (
        "The file is too large.",
        "Pictures and documents up to 20 MB, recordings up to 25, videos up to 50.",
    ),
    "too_long": ("The recording is too long.", "Ten minutes are the most."),
    "broken": (
        "The file cannot be decoded: it is damaged, or not what it claims to be.",
        "Save it anew and try again.",
    ),
    "archive": ("Archives are not taken.", "Send the files one by one."),
    "unwanted": ("Files of that kind are not taken.", "Send a picture, a recording, a video, plain text or a PDF."),
    "too_many": ("That is a lot of files for one day.", "Send more tomorrow."),
    "full": ("There is no room for more files here.", "Ask those who run this Gator to make some."),
}


class Uploaded(Body):
    attachment: str = Field(description="to be named in a message of this conversation")
    kind: str = Field(description="picture, voice, video or document: what it is, whatever it was called")
    mime: str
    title: str
    size_bytes: int
    width_px: int | None
    height_px: int | None
    duration_s: float | None
    url: str = Field(description="a signed address of the file, good for some two hours")


@router.post("/{conversation}/attachments", status_code=201, dependencies=[needs("chat")], openapi_extra=_FORM)
async def upload_attachment(
    conversation: str, request: Request, response: Response, core: CoreDep, caller: CallerDep, key: KeyHeader = None
) -> Uploaded:
    """Keep a file (form field `file`) for a message in a conversation of yours; it is decoded and written anew."""
    uploads: Buckets = request.app.state.uploads
    uploads.take(f"{caller.principal.workspace}:{caller.principal.subject}", "files")
    async with core.store.open_work(caller.principal, reads=True) as work:
        row = await work.conversations.get(conversation)
        if not has_taken(caller, row):
            may_speak(caller, row)
        id = id_from(row.id, f"{caller.principal.subject}\n{key}") if key else new_id()
        if not await work.assets.find(id) and not await storage.has_room(work, core.settings):
            raise not_taken("full")  # before the body is read
    sender = Sender(caller.principal, row.channel, row.id, row.persona_id)
    with TemporaryDirectory(prefix="gator-") as folder:
        file = Path(folder) / "sent"
        title = await _receive(request, file)
        asset, problem = await core.attachments.taking.store(id, file, title, sender)
    if asset is None:
        raise not_taken(problem)
    response.headers["Location"] = f"/api/v1/content/{asset.id}"
    return _shown(asset, media_url(core.settings, asset.id))


def not_taken(problem: str) -> Refused:
    """That a file was not taken, with the reason that `Taking.store` gave."""
    return Refused(_WHY[problem][0], remedy=_WHY[problem][1])


async def _receive(request: Request, into: Path) -> str:
    """Write the form's file there; its title. The body is bounded by `api.security`. Raises Refused without a file."""
    async with request.form(max_files=1, max_fields=4) as form:
        file = form.get("file")
        if isinstance(file, UploadFile):
            await asyncio.to_thread(_copy, file, into)
            return titled(file.filename or "")
    raise Refused("There is no file in the form.", remedy="Send it as the field `file` of multipart/form-data.")


def _copy(file: UploadFile, into: Path) -> None:
    with into.open("wb") as out:
        shutil.copyfileobj(file.file, out)


def _shown(asset: Asset, url: str) -> Uploaded:
    return Uploaded(
        attachment=asset.id,
        kind=asset.kind,
        mime=asset.mime,
        title=asset.title,
        size_bytes=asset.size_bytes,
        width_px=asset.width_px,
        height_px=asset.height_px,
        duration_s=asset.duration_s,
        url=url,
    )
