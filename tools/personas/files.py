"""How does a persona come in from a file and leave as one? Doors: `gator persona`, /api/v1/personas.

Reading a card may take seconds of one core when it is large, so it happens before the transaction: `open_card` (in a
thread, where others wait), then `import_persona`.
"""

from dataclasses import dataclass
from typing import BinaryIO

from memory.models import Persona
from memory.work import Work
from tools.personas.admission import admit
from tools.personas.capabilities import add
from tools.personas.cards import reading, writing
from tools.personas.character import Character


@dataclass(frozen=True, slots=True)
class OpenedCard:
    """A card that may come in."""

    file: reading.CardFile
    character: Character


def open_card(stream: BinaryIO, *, name: str | None = None) -> OpenedCard:
    """Read the card in the stream; the persona is to be called `name` where given. Raises Refused with the reason."""
    found = reading.read(stream)
    character = admit(found.character)  # as it came, so that it can be read again for the export
    return OpenedCard(found, admit(found.character | {"name": name}) if name else character)


async def import_persona(work: Work, card: OpenedCard, *, key: str | None = None) -> Persona:
    """Make a persona of the card; the same `key` again gives the same persona. Raises Conflict when the name is taken."""
    if key and (made := await work.personas.by_key(key)):
        return made
    return await add(
        work,
        card.character,
        note=f"imported from {card.file.kind.upper()}",
        key=key,
        card=card.file.card,
        portrait=card.file.portrait,
        card_file=card.file.content,
    )


async def export_persona(
    work: Work, persona: Persona, kind: reading.Kind = "yaml", *, without_assets: bool = False
) -> writing.Export:
    """The persona as a file: lossless for what Gator knows, and for the card it came from.

    Raises Refused as `writing.write`.
    """
    portrait, came_as = await work.personas.files(persona)
    character = Character.model_validate(persona.character)
    return writing.write(kind, character, persona.card, portrait, came_as, without_assets=without_assets)
