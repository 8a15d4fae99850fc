"""Personas: made, changed, shown, rolled back, paused, removed; each change is a version."""

import asyncio
import hashlib
import io
from typing import Annotated, Any, BinaryIO, Literal

from fastapi import APIRouter, Form, Response, UploadFile
from pydantic import Field

from api.deps import CallerDep, CoreDep, TurnDep, needs
from api.performing import perform
from api.shapes import Body
from memory.models import Persona
from tools.capability import Nothing
from tools.personas import capabilities as personas
from tools.personas import files
from tools.personas.character import Voice
from tools.personas.files import OpenedCard, open_card
from tools.personas.shapes import (
    ChangePersona,
    CreatePersona,
    GiveVoice,
    NamePersona,
    PersonaHistory,
    PersonaList,
    PersonaShown,
    RollBackPersona,
)

router = APIRouter(prefix="/personas", tags=["personas"])


class Changes(ChangePersona):
    """What to change; a field that is left out stays."""

    persona: str = Field("", exclude=True, description="the address says which")


class Character(Body):
    id: str
    slug: str
    name: str
    version: int
    paused: bool
    character: dict[str, Any] = Field(description="the whole character, as it is stored")


class Back(Body):
    version: int | None = Field(None, ge=1, description="none: the one before")


@router.get("", dependencies=[needs("personas:read")])
async def list_personas(turn: TurnDep) -> PersonaList:
    """All personas by name."""
    return await perform(personas.list_personas, Nothing(), turn, PersonaList)


@router.post("", status_code=201, dependencies=[needs("personas:write")])
async def create_persona(ask: CreatePersona, turn: TurnDep, response: Response) -> PersonaShown:
    """Make a persona. All personas are adults."""
    made = await perform(personas.create_persona, ask, turn, PersonaShown)
    response.headers["Location"] = f"/api/v1/personas/{made.slug}"
    return made


@router.post("/import", status_code=201, dependencies=[needs("personas:write")])
async def import_persona(
    file: UploadFile, turn: TurnDep, response: Response, name: Annotated[str | None, Form(max_length=100)] = None
) -> Character:
    """Make a persona of a character card (V1, V2, V3 as JSON, PNG or CharX) or of a YAML file of ours.

    Refused, with the reason, for a file that is no card or a character that is no adult.
    """
    card, sha256 = await asyncio.to_thread(_read, file.file, name)
    async with turn.open_work() as work:
        row = await files.import_persona(work, card, key=f"{turn.id}:import:{sha256[:32]}")
    response.headers["Location"] = f"/api/v1/personas/{row.slug}"
    return _shown(row)


def _read(stream: BinaryIO, name: str | None) -> tuple[OpenedCard, str]:
    """The card in an uploaded file, and the file's hash."""
    content = stream.read()
    return open_card(io.BytesIO(content), name=name), hashlib.sha256(content).hexdigest()


@router.get("/{persona}/export", response_class=Response, dependencies=[needs("personas:read")])
async def export_persona_file(
    persona: str,
    core: CoreDep,
    caller: CallerDep,
    kind: Literal["yaml", "json", "png", "charx"] = "yaml",
    without_assets: bool = False,
) -> Response:
    """The persona as a file: YAML of ours, or a character card.

    Refused where a picture would lose files that a CharX brought, unless `without_assets`.
    """
    async with core.store.open_work(caller.principal, reads=True) as work:
        row = await work.personas.named(persona)
        made = await files.export_persona(work, row, kind, without_assets=without_assets)
    named = {"Content-Disposition": f'attachment; filename="{row.slug}.{made.extension}"'}
    return Response(made.content, media_type=made.mime, headers=named)


@router.get("/{persona}", dependencies=[needs("personas:read")])
async def get_persona(persona: str, core: CoreDep, caller: CallerDep) -> Character:
    """A persona by id, slug or name, with its whole character."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        return _shown(await work.personas.named(persona))


def _shown(row: Persona) -> Character:
    return Character(
        id=row.id,
        slug=row.slug,
        name=row.name,
        version=row.version,
        paused=row.paused_at is not None,
        character=row.character,
    )


@router.patch("/{persona}", dependencies=[needs("personas:write")])
async def change_persona(persona: str, ask: Changes, turn: TurnDep) -> PersonaShown:
    """Change what is given and leave the rest."""
    change = ChangePersona(persona=persona, **ask.model_dump(exclude_unset=True, exclude={"persona"}))
    return await perform(personas.change_persona, change, turn, PersonaShown)


@router.patch("/{persona}/voice", dependencies=[needs("personas:write")])
async def give_voice(persona: str, ask: Voice, turn: TurnDep) -> PersonaShown:
    """Say how a persona sounds and who speaks for them; what is left out stays."""
    return await perform(personas.give_voice, GiveVoice(persona=persona, voice=ask), turn, PersonaShown)


@router.delete("/{persona}", dependencies=[needs("personas:write")])
async def remove_persona(persona: str, turn: TurnDep) -> PersonaShown:
    """Remove a persona from everywhere people look; its history stays until the workspace's retention ends."""
    return await perform(personas.remove_persona, NamePersona(persona=persona), turn, PersonaShown)


@router.get("/{persona}/versions", dependencies=[needs("personas:read")])
async def list_persona_versions(persona: str, turn: TurnDep) -> PersonaHistory:
    """Every version: when, by whom, and what changed."""
    return await perform(personas.show_persona_history, NamePersona(persona=persona), turn, PersonaHistory)


@router.post("/{persona}/rollback", dependencies=[needs("personas:write")])
async def roll_back_persona(persona: str, ask: Back, turn: TurnDep) -> PersonaShown:
    """Make the persona what it was in an earlier version, as a new version."""
    back = RollBackPersona(persona=persona, version=ask.version)
    return await perform(personas.roll_back_persona, back, turn, PersonaShown)


@router.post("/{persona}/pause", dependencies=[needs("personas:write")])
async def pause_persona(persona: str, turn: TurnDep) -> PersonaShown:
    """Let the persona answer nobody and post nothing."""
    return await perform(personas.pause_persona, NamePersona(persona=persona), turn, PersonaShown)


@router.post("/{persona}/resume", dependencies=[needs("personas:write")])
async def resume_persona(persona: str, turn: TurnDep) -> PersonaShown:
    """Let the persona answer and post again."""
    return await perform(personas.resume_persona, NamePersona(persona=persona), turn, PersonaShown)
