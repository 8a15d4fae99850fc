"""Which character is it? Characters as last read: parsing one with a long lorebook costs more than a fan's whole turn."""

from collections import OrderedDict

from memory.models import Persona
from tools.personas.character import Character

MOST = 128


class Cast:
    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, int], Character] = OrderedDict()

    def character_of(self, persona: Persona) -> Character:
        """The persona's character in its present version; shared, so nobody changes it."""
        key = (persona.id, persona.version)
        if key not in self._known:
            self._known[key] = Character.model_validate(persona.character)
            if len(self._known) > MOST:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]
