"""What is a command in a chat, and what comes of it? Who gave it and where; what is said about it.

Neighbours: commands (which there are), memory_commands.
"""

from dataclasses import dataclass, field
from typing import Any

from bots.core import Core
from bots.doorway import Person, Seat
from bots.words import say
from memory.erasing import Erased
from memory.models import Account, Conversation, Persona
from memory.work import Work


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, who gave it and where, inside the transaction that answers it."""

    core: Core
    work: Work
    account: Account
    person: Person
    argument: str
    language: str
    conversation: Conversation | None = None  # with a seat
    seat: Seat | None = None
    persona: Persona | None = None

    def say(self, what: str, **slots: str) -> list[str]:
        return [say(what, self.language, **slots)]

    @property
    def name(self) -> str:
        """Whose account it is."""
        return self.persona.name if self.persona else "Gator"

    @property
    def fan_id(self) -> str:
        """The fan as this channel knows them."""
        assert self.conversation is not None
        return self.conversation.met_as or self.conversation.fan_id or ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said about a command, with files, and with what is to be done once it is in the rows."""

    text: str
    assets: list[str] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)
    erased: Erased | None = None
