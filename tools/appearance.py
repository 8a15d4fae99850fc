"""Appearance: how does a persona look? A face is proposed, a person approves it, and it is locked.

Doors are REST, `gator appearance` and the console. Models have no tool for it, so no agent, however talked into it, gives a
persona another face.

Her pictures are made with the face by `tools.faces`, and compared with it by `gpu_worker.likeness`; `tools.views` has it made
from other sides.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from gator.errors import Conflict, Refused
from gator.principal import Kind
from memory.models import Appearance, Asset, Persona
from memory.repositories.appearances import View
from memory.repositories.consents import consents_of
from memory.work import Work
from tools import people
from tools.capability import STAFF, Effect, Shape, Turn, capability
from tools.ratings import tell_whom

_PEOPLE = {Kind.operator, Kind.admin}
Shows = Literal["made", "real"]
_GONE, _COMING = "not there", "still being made"
UNSEEN = (_GONE, _COMING)  # views that nobody can look at yet
_ASK = 'Say "made" for somebody invented, or "real" for somebody who lives, with the consent of theirs.'


class Proposed(Shape):
    persona: str = Field(description="the persona's name")
    seed: str = Field(description="id of the picture with the face, from the front")
    views: dict[View, str] = Field({}, description="ids of pictures of the same face from other sides")
    shows: Shows | None = Field(
        None, description="made: somebody invented; real: somebody who lives. An upload needs it"
    )
    consent: str | None = Field(None, description="id of the real person's consent to the use of their likeness")


class NamePersona(Shape):
    persona: str = Field(description="the persona's name")


class NameFace(Shape):
    persona: str = Field(description="the persona's name")
    version: int | None = Field(
        None, ge=1, description="which version of the face; left out: the newest, or the one in use"
    )


class ApproveFace(NameFace):
    views: dict[View, str] | None = Field(
        None, description="the pictures as they were seen; Conflict where others are there by now"
    )


class PutView(Shape):
    persona: str = Field(description="the persona's name")
    view: View = Field(description="from which side")
    asset: str = Field(description="id of the picture")
    version: int | None = Field(None, ge=1, description="which version of the face; left out: the newest")


class SetThreshold(Shape):
    persona: str = Field(description="the persona's name")
    threshold: float | None = Field(
        None, ge=0, le=1, description="how alike a picture must be; left out: as measured for the encoder"
    )


class FaceShown(Shape):
    id: str
    version: int
    state: Literal["candidate", "approved", "locked", "retired"]
    shows: Shows
    consent: str | None = None
    views: dict[View, str]
    flags: dict[View, str] = Field({}, description="what is not as it should be with a view")
    threshold: float | None = None
    proposed_by: str
    approved_by: str = ""
    approved_at: datetime | None = None
    locked_by: str = ""
    locked_by_name: str = Field("", description="who locked it, in words")
    locked_at: datetime | None = None

    def in_words(self) -> str:
        real = " of a real person who agreed" if self.shows == "real" else ""
        who = f" by {self.locked_by_name}" if self.locked_by_name else ""
        sides = [f"{view} ({self.flags[view]})" if view in self.flags else view for view in self.views]
        return f"Version {self.version}{real} is {self.state}{who}; seen from: {', '.join(sides) or 'nowhere'}."


class Faces(Shape):
    """Every version of the persona's face, newest first."""

    persona: str
    faces: list[FaceShown]

    def in_words(self) -> str:
        lines = [one.in_words() for one in self.faces]
        return "\n".join(lines) or f"{self.persona} has no face yet."


@capability(audience=STAFF, effect=Effect.read)
async def show_appearance(ask: NamePersona, turn: Turn) -> Faces:
    """See a persona's face: which pictures it is, whether it is locked, and the versions before."""
    async with turn.open_work(reads=True) as work:
        persona = await work.personas.named(ask.persona)
        faces = [await shown(work, one) for one in await work.appearances.all(persona.id)]
    return Faces(persona=persona.name, faces=faces)


@capability(audience=_PEOPLE, effect=Effect.write)
async def propose_appearance(ask: Proposed, turn: Turn) -> FaceShown:
    """Propose a face for a persona; nothing is made with it before a person approves it.

    Raises Refused for what is no picture of ours and for an upload that does not say what it shows, Forbidden for a real
    person without a consent.
    """
    async with turn.open_work() as work:
        persona = await work.personas.named(ask.persona)
        pictures = [await _picture(work, id) for id in (ask.seed, *ask.views.values())]
        shows = ask.shows or _told_by(pictures)
        consent = None
        for one in pictures:
            consent = await tell_whom(work, one, shows, ask.consent)
        row = await work.appearances.propose(persona.id, ask.seed, shows=shows, consent_id=consent, views=ask.views)
        await _note(work, "propose", persona, row, shows=shows, consent=consent)
        return await shown(work, row)


@capability(audience=_PEOPLE, effect=Effect.write)
async def put_view(ask: PutView, turn: Turn) -> FaceShown:
    """Have a face seen from another side, or by another picture. Raises Conflict where it is locked."""
    async with turn.open_work() as work:
        persona, row = await _named(work, ask.persona, ask.version)
        picture = await _picture(work, ask.asset)
        if (
            picture.origin != "made"
            and row.shows == "made"
            and picture.id not in (await work.appearances.views(row)).values()
        ):
            raise Refused("A face that is made up is not mixed with uploads.", remedy="Propose a new one that says so.")
        await tell_whom(work, picture, "real" if row.shows == "real" else "made", row.consent_id)
        row = await work.appearances.put_view(row.id, ask.view, ask.asset)
        await _note(work, "view", persona, row, view=ask.view, asset=ask.asset)
        return await shown(work, row)


@capability(audience=_PEOPLE, effect=Effect.publish)
async def approve_appearance(ask: ApproveFace, turn: Turn) -> FaceShown:
    """Have a persona's pictures made with this face from now on, and lock it.

    Raises Conflict where another face is locked, Refused while its pictures are not there or show another face, Forbidden
    where the consent of the person whom it shows does not hold any more.
    """
    async with turn.open_work() as work:
        persona, row = await _named(work, ask.persona, ask.version)
        await _check_ready(work, row)
        if ask.views is not None and ask.views != await work.appearances.views(row):
            raise Conflict("The face has other pictures by now than you have seen.", remedy="Look at it again.")
        if row.consent_id:
            await work.consents.holding(row.consent_id, "likeness")
        row = await work.appearances.approve(row.id)
        await _note(work, "approve", persona, row)
        return await shown(work, row)


@capability(audience=_PEOPLE, effect=Effect.publish)
async def lock_appearance(ask: NamePersona, turn: Turn) -> FaceShown:
    """Lock the face in use again. Raises Conflict where it is locked, or none is in use."""
    async with turn.open_work() as work:
        persona, row = await _in_use(work, ask.persona)
        await _check_ready(work, row)
        row = await work.appearances.lock(row.id)
        await _note(work, "lock", persona, row)
        return await shown(work, row)


@capability(audience=_PEOPLE, effect=Effect.publish)
async def unlock_appearance(ask: NamePersona, turn: Turn) -> FaceShown:
    """Let the face be changed, or another one take its place; until then it is used as before."""
    async with turn.open_work() as work:
        persona, row = await _in_use(work, ask.persona)
        row = await work.appearances.unlock(row.id)
        await _note(work, "unlock", persona, row)
        return await shown(work, row)


@capability(audience=_PEOPLE, effect=Effect.write)
async def retire_appearance(ask: NameFace, turn: Turn) -> FaceShown:
    """Drop a candidate, or use a face no more. Raises Conflict where it is locked."""
    async with turn.open_work() as work:
        persona, row = await _named(work, ask.persona, ask.version)
        row = await work.appearances.retire(row.id)
        await _note(work, "retire", persona, row)
        return await shown(work, row)


@capability(audience=_PEOPLE, effect=Effect.write)
async def set_threshold(ask: SetThreshold, turn: Turn) -> FaceShown:
    """Say how alike a persona's pictures must be to her face. Raises Conflict where it is locked."""
    async with turn.open_work() as work:
        persona, row = await _in_use(work, ask.persona)
        row = await work.appearances.set_threshold(row.id, ask.threshold)
        await _note(work, "threshold", persona, row, threshold=ask.threshold)
        return await shown(work, row)


async def shown(work: Work, row: Appearance) -> FaceShown:
    own = ("views", "consent", "flags", "locked_by_name")
    told = {name: getattr(row, name) for name in FaceShown.model_fields if name not in own}
    views = await work.appearances.views(row)
    there = await work.assets.by_ids(views.values())
    flags = {view: flag for view, id in views.items() if (flag := _flag(there.get(id)))}
    told |= {"locked_by_name": (await people.who(work, [row.locked_by]))[row.locked_by]}
    return FaceShown.model_validate({**told, "consent": row.consent_id, "views": views, "flags": flags})


def _flag(asset: Asset | None) -> str:
    """What is not as it should be with a view; empty where nothing is."""
    if asset is None or asset.state not in ("ready", "pending"):
        return _GONE
    if asset.state == "pending":
        return _COMING
    return {"drifted": "shows another face", "unchecked": "not compared with the seed"}.get(asset.likeness, "")


async def _named(work: Work, name: str, version: int | None) -> tuple[Persona, Appearance]:
    persona = await work.personas.named(name)
    newest = await work.appearances.newest(persona.id)
    if version is None:
        return persona, newest
    found = next((one for one in await work.appearances.all(persona.id) if one.version == version), None)
    if found is None:
        raise Refused(f"{persona.name}'s face has no version {version}.", remedy=f"The newest is {newest.version}.")
    return persona, found


async def _in_use(work: Work, name: str) -> tuple[Persona, Appearance]:
    persona = await work.personas.named(name)
    found = await work.appearances.used(persona.id)
    if found is None:
        raise Refused(f"{persona.name} has no approved face.", remedy="Propose one and approve it.")
    return persona, found


async def _picture(work: Work, id: str) -> Asset:
    """Raises NotFound, and Refused for what is no picture or was sent by a fan."""
    asset = await work.assets.get(id)
    if asset.kind != "picture" or asset.state not in ("ready", "pending"):
        raise Refused(f"{id} is no picture that could be a face.", remedy="List the media to see what there is.")
    if asset.origin == "fan" or asset.fan_id:
        raise Refused("What a fan sent stays in their conversation.", remedy="Use a picture of your own.")
    return asset


def _told_by(pictures: list[Asset]) -> Shows:
    """What was made here shows somebody invented: a real person would have needed a consent. An upload must say so."""
    if any(one.origin != "made" for one in pictures):
        raise Refused("Whom does the picture show?", remedy=_ASK)
    return "real" if any(consents_of(one.provenance) for one in pictures) else "made"


async def _check_ready(work: Work, row: Appearance) -> None:
    views = await work.appearances.views(row)
    there = await work.assets.by_ids(views.values())
    for view, id in views.items():
        if id not in there or there[id].state != "ready":
            raise Refused(
                f"The picture of the {view} view is not there (yet).", remedy="Wait for it, or use another one."
            )
        if row.shows == "made" and consents_of(there[id].provenance):
            raise Refused("A real person is seen on it, by their consent.", remedy="Propose it anew, as real.")
        if there[id].likeness == "drifted":
            raise Refused(
                f"The {view} view shows another face than the seed.",
                remedy=f"Have it made again (`gator appearance views`), or accept it: `gator media accept {id}`.",
            )
    if "front" not in views:
        raise Refused("The face has no picture from the front.", remedy="Propose it anew.")


async def _note(work: Work, what: str, persona: Persona, row: Appearance, **detail: object) -> None:
    await work.audit.note(f"appearance.{what}", persona.id, appearance=row.id, version=row.version, **detail)
