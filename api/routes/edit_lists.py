"""Edit lists: how videos were made, videos of changed lists, or by what is to be changed, and captions as files."""

from fastapi import APIRouter, Response
from pydantic import Field

from api.deps import CallerDep, CoreDep, TurnDep, needs
from api.performing import perform
from api.routes.content import asset_for
from api.shapes import Body, follow
from gpu_worker.edit_list import EditList
from tools import captions, cuts, edits
from tools.captions import CaptionKind
from tools.cuts import MOST_OPERATIONS, EditVideo, Operation, VideoEdited
from tools.edits import ChangeVideo, NameVideo, PreviewEdit, RenderEdit, VideoEdit
from tools.orders import MediaQueued

router = APIRouter(tags=["content"])


class ChangedEdit(Body):
    version: int = Field(ge=0, description="the version that was read and changed")
    edit: EditList
    title: str = Field("", max_length=200, description="left out: as it was")


class Changes(Body):
    operations: list[Operation] = Field(
        max_length=MOST_OPERATIONS,
        description="in this order, each on what the ones before left; none: it is made again as it is",
    )
    version: int | None = Field(None, ge=0, description="the version that was read; left out: as it is now")


class EditToSee(Body):
    edit: EditList


@router.post("/videos/edits", status_code=202, dependencies=[needs("content:write")])
async def render_edit(ask: RenderEdit, turn: TurnDep, response: Response) -> MediaQueued:
    """Queue a video of an edit list; follow it at /api/v1/jobs/{job}."""
    return follow(response, await perform(edits.render_edit, ask, turn, MediaQueued))


@router.get("/videos/{asset}/edit", dependencies=[needs("content:read")])
async def show_edit(asset: str, turn: TurnDep) -> VideoEdit:
    """A video's edit list, with all its times once it is made, and the version to name when you change it."""
    return await perform(edits.show_edit, NameVideo(video=asset), turn, VideoEdit)


@router.post("/videos/{asset}/edit", status_code=202, dependencies=[needs("content:write")])
async def change_video(asset: str, ask: ChangedEdit, turn: TurnDep, response: Response) -> MediaQueued:
    """Queue a new video of the changed list, the old one its parent. Conflict when somebody else changed that version."""
    change = ChangeVideo(video=asset, version=ask.version, edit=ask.edit, title=ask.title)
    return follow(response, await perform(edits.change_video, change, turn, MediaQueued))


@router.post("/videos/{asset}/changes", status_code=202, dependencies=[needs("content:write")])
async def edit_video(asset: str, ask: Changes, turn: TurnDep, response: Response) -> VideoEdited:
    """Queue a new video by what is to be changed of one, without its list. `last` is the newest that can be edited.

    Conflict when somebody else changed that version. With an Idempotency-Key, asking twice makes one.
    """
    told = EditVideo(video=asset, operations=ask.operations, version=ask.version)
    return follow(response, await perform(cuts.edit_video, told, turn, VideoEdited))


@router.post("/videos/{asset}/preview", status_code=202, dependencies=[needs("content:write")])
async def preview_edit(asset: str, ask: EditToSee, turn: TurnDep, response: Response) -> MediaQueued:
    """Queue a small video of the changed list, to look at."""
    return follow(
        response, await perform(edits.preview_edit, PreviewEdit(video=asset, edit=ask.edit), turn, MediaQueued)
    )


@router.get("/content/{asset}/captions.{kind}", response_class=Response, dependencies=[needs("content:read")])
async def get_captions(asset: str, kind: CaptionKind, core: CoreDep, caller: CallerDep) -> Response:
    """What is said in a voice-over or a video, as SubRip (srt) or WebVTT (vtt)."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        text = captions.captions_of(await asset_for(work, caller, asset), kind)
    return Response(text, media_type=f"{captions.MIMES[kind]}; charset=utf-8")
