"""Who is there on the first day? The starter personas of `prompts/personas/`, when a workspace has none at all."""

from memory.models import Persona
from memory.work import Work
from prompts import starter_personas
from tools.personas.admission import admit
from tools.personas.capabilities import add


async def install_starters(work: Work) -> list[Persona]:
    """Make the starter personas; nothing when the workspace has, or ever had, a persona."""
    if await work.personas.ever():
        return []
    return [await add(work, admit(starter), note="came with Gator") for starter in starter_personas()]
