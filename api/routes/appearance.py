"""A persona's face: proposed, approved and locked by people; and what people say of pictures: is it her, who may see it."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, UploadFile
from pydantic import Field, model_validator

from api.deps import CallerDep, CoreDep, TurnDep, needs
from api.performing import perform
from api.routes.uploads import not_taken
from api.shapes import Body
from bots.core import Core
from bots.taking import Sender, titled
from gator.errors import Forbidden, Refused
from gator.ids import new_id
from memory.repositories.appearances import View
from tools import appearance, ratings, views
from tools.appearance import Faces, FaceShown, NameFace, NamePersona, Proposed, PutView, SetThreshold, Shows
from tools.capability import Turn
from tools.ratings import NameAsset, Rate, Rated
from tools.views import MakeViews, ViewsQueued

router = APIRouter(tags=["personas"])
_FACE = "/personas/{persona}/appearance"


class Propose(Body):
    seed: str = Field(description="id of the picture with the face, from the front")
    views: dict[View, str] = Field({}, description="ids of pictures of the same face from other sides")
    shows: Shows | None = Field(
        None, description="made: somebody invented; real: somebody who lives. An upload needs it"
    )
    consent: str | None = Field(None, description="id of the real person's consent to the use of their likeness")


class Version(Body):
    version: int | None = Field(None, ge=1, description="none: the newest")


class Seen(Version):
    views: dict[View, str] = Field(
        min_length=1,
        description="the pictures that you saw, as GET of the face gives them: Conflict where others are there",
    )

    @model_validator(mode="before")
    @classmethod
    def _were_seen(cls, told: Any) -> Any:
        if isinstance(told, dict) and not told.get("views"):
            raise ValueError(
                "look at the pictures, and send them as `views`, as GET /personas/NAME/appearance gives them"
            )
        return told


class ViewOf(Version):
    asset: str = Field(description="id of the picture")


class Sides(Body):
    views: list[View] = Field([], description="none: those that are missing, failed or show another face, else all")


class Threshold(Body):
    threshold: float | None = Field(None, ge=0, le=1, description="none: as measured for the encoder")


class RateAs(Body):
    rating: Literal["general", "mature", "unknown"] = Field(description="general: fit for everybody")
    shows: Literal["nobody", "made", "real"] | None = Field(
        None,
        description="of an upload: nobody, somebody invented, or somebody who lives; until then no model starts from it",
    )
    consent: str | None = Field(None, description="id of the real person's consent to the use of their likeness")


@router.get(_FACE, dependencies=[needs("personas:read")])
async def show_appearance(persona: str, turn: TurnDep) -> Faces:
    """Every version of the persona's face, newest first."""
    return await perform(appearance.show_appearance, NamePersona(persona=persona), turn, Faces)


@router.post(_FACE, status_code=201, dependencies=[needs("personas:write")])
async def propose_appearance(persona: str, ask: Propose, turn: TurnDep) -> FaceShown:
    """Propose a face from pictures that are here. Nothing is made with it before it is approved."""
    return await perform(appearance.propose_appearance, Proposed(persona=persona, **ask.model_dump()), turn, FaceShown)


@router.post(f"{_FACE}/upload", status_code=201, dependencies=[needs("personas:write")])
async def upload_appearance(
    persona: str,
    file: UploadFile,
    shows: Annotated[Shows, Form(description="made: somebody invented; real: somebody who lives")],
    turn: TurnDep,
    core: CoreDep,
    consent: Annotated[str | None, Form(max_length=64)] = None,
) -> FaceShown:
    """Propose a face from a picture of yours, which is decoded and written anew. A real person needs a consent."""
    async with turn.open_work(reads=True) as work:
        whose = await work.personas.named(persona)
        if shows == "real":  # before anything is kept
            if not consent:
                raise Refused("A real person's face needs their consent.", remedy="Record it, then name it here.")
            await work.consents.holding(consent, "likeness")
    id = await _kept(core, turn, whose.id, file)
    ask = Proposed(persona=persona, seed=id, shows=shows, consent=consent)
    return await perform(appearance.propose_appearance, ask, turn, FaceShown)


@router.post(f"{_FACE}/views", status_code=202, dependencies=[needs("personas:write")])
async def make_views(persona: str, ask: Sides, turn: TurnDep) -> ViewsQueued:
    """Have the approved face made from other sides, as a version to approve; follow the jobs that are named."""
    return await perform(views.make_views, MakeViews(persona=persona, views=ask.views), turn, ViewsQueued)


@router.put(f"{_FACE}/views/{{view}}", dependencies=[needs("personas:write")])
async def put_view(persona: str, view: View, ask: ViewOf, turn: TurnDep, caller: CallerDep) -> FaceShown:
    """Have the face seen from that side by this picture. Conflict where it is locked.

    While it is in use, only whoever may approve one may do so (`approvals:decide`).
    """
    shown = await perform(appearance.show_appearance, NamePersona(persona=persona), turn, Faces)
    meant = next((one for one in shown.faces if ask.version in (None, one.version)), None)
    if meant and meant.state == "approved" and "approvals:decide" not in caller.permissions:
        raise Forbidden("That face is in use: who may approve one changes it.", remedy="Propose a new version.")
    told = PutView(persona=persona, view=view, asset=ask.asset, version=ask.version)
    return await perform(appearance.put_view, told, turn, FaceShown)


@router.post(f"{_FACE}/views/{{view}}/upload", dependencies=[needs("personas:write")])
async def upload_view(
    persona: str,
    view: View,
    file: UploadFile,
    turn: TurnDep,
    core: CoreDep,
    caller: CallerDep,
    version: Annotated[int | None, Form(ge=1)] = None,
) -> FaceShown:
    """Have the face of a real person seen from that side by a picture of yours of them. Conflict where it is locked."""
    shown = await perform(appearance.show_appearance, NamePersona(persona=persona), turn, Faces)
    meant = next((one for one in shown.faces if version in (None, one.version)), None)
    if meant and meant.shows == "made":  # before anything is kept
        raise Refused("A face that is made up is not mixed with uploads.", remedy="Propose a new one from a file.")
    async with turn.open_work(reads=True) as work:
        whose = await work.personas.named(persona)
    asset = await _kept(core, turn, whose.id, file)
    return await put_view(persona, view, ViewOf(asset=asset, version=version), turn, caller)


async def _kept(core: Core, turn: Turn, persona_id: str, file: UploadFile) -> str:
    """The id of the picture that was sent, decoded and written anew. Raises Refused for what is none."""
    id = new_id()
    with TemporaryDirectory(prefix="gator-") as folder:
        sent = Path(folder) / "sent"
        with sent.open("wb") as out:
            shutil.copyfileobj(file.file, out)
        sender = Sender(turn.principal, "web", "", persona_id)
        title = titled(file.filename or "")
        asset, problem = await core.attachments.taking.store(id, sent, title, sender, rated=False)  # of a person
    if asset is None:
        raise not_taken(problem)
    if asset.kind != "picture":
        raise Refused("That file is no picture.", remedy="Send a PNG or JPEG.")
    return id


@router.post(f"{_FACE}/approve", dependencies=[needs("approvals:decide")])
async def approve_appearance(persona: str, ask: Seen, turn: TurnDep) -> FaceShown:
    """Have the persona's pictures made with it from now on, and lock it. Conflict while another one is locked.

    You approve the pictures that you saw: name them in `views`.
    """
    told = appearance.ApproveFace(persona=persona, version=ask.version, views=ask.views)
    return await perform(appearance.approve_appearance, told, turn, FaceShown)


@router.post(f"{_FACE}/lock", dependencies=[needs("approvals:decide")])
async def lock_appearance(persona: str, turn: TurnDep) -> FaceShown:
    """Lock the face in use again."""
    return await perform(appearance.lock_appearance, NamePersona(persona=persona), turn, FaceShown)


@router.post(f"{_FACE}/unlock", dependencies=[needs("approvals:decide")])
async def unlock_appearance(persona: str, turn: TurnDep) -> FaceShown:
    """Let the face be changed, or another one take its place; until then it is used as before."""
    return await perform(appearance.unlock_appearance, NamePersona(persona=persona), turn, FaceShown)


@router.post(f"{_FACE}/retire", dependencies=[needs("approvals:decide")])
async def retire_appearance(persona: str, ask: Version, turn: TurnDep) -> FaceShown:
    """Drop a candidate, or use a face no more. Conflict where it is locked."""
    told = NameFace(persona=persona, version=ask.version)
    return await perform(appearance.retire_appearance, told, turn, FaceShown)


@router.put(f"{_FACE}/threshold", dependencies=[needs("approvals:decide")])
async def set_threshold(persona: str, ask: Threshold, turn: TurnDep) -> FaceShown:
    """Say how alike her pictures must be to her face. Conflict where it is locked."""
    told = SetThreshold(persona=persona, threshold=ask.threshold)
    return await perform(appearance.set_threshold, told, turn, FaceShown)


@router.put("/content/{asset}/rating", dependencies=[needs("approvals:decide")])
async def rate_content(asset: str, ask: RateAs, turn: TurnDep) -> Rated:
    """Say whom a picture, voice or video is fit for, having looked at it."""
    return await perform(ratings.rate_media, Rate(asset=asset, **ask.model_dump()), turn, Rated)


@router.post("/content/{asset}/accept", dependencies=[needs("approvals:decide")])
async def accept_likeness(asset: str, turn: TurnDep) -> Rated:
    """Say that a picture whose face drifted will do."""
    return await perform(ratings.accept_likeness, NameAsset(asset=asset), turn, Rated)
