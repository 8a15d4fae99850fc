"""How does a persona come in from a file and leave as one? Doors: `gator persona`, /api/v1/personas."""

from typing import BinaryIO

from memory.models import Persona
from memory.work import Work
from tools.personas.admission import admit
from tools.personas.capabilities import add
from tools.personas.cards import reading, writing
from tools.personas.character import Character


async def import_persona(work: Work, stream: BinaryIO, *, name: str | None = None, key: str | None = None) -> Persona:
    """Make a persona of the card in the stream, called `name` where given; the same `key` again gives the same persona.

    Raises Refused with the reason for a file we do not take, Conflict when the name is taken.
    """
    if key and (made := await work.personas.by_key(key)):
        return made
    found = reading.read(stream)
    character = admit(found.character)
    character = admit(found.character | {"name": name}) if name else character
    return await add(
        work,
        character,
        note=f"imported from {found.kind.upper()}",
        key=key,
        card=found.card,
        portrait=found.portrait,
        card_file=found.content,
    )


async def export_persona(work: Work, persona: Persona, kind: reading.Kind = "yaml") -> writing.Export:
    """The persona as a file: lossless for what Gator knows, and for the card it came from."""
    portrait, came_as = await work.personas.files(persona)
    return writing.write(kind, Character.model_validate(persona.character), persona.card, portrait, came_as)
