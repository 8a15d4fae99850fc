"""What comes into a turn and what does it give? The shapes between `bots` and the brain; they load no graph and no model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from memory.models import Conversation, Fan, Persona
from memory.repositories.conversations import Line
from tools.personas.character import Character

if TYPE_CHECKING:
    from agents.recollection import Remembered


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operator's turn gave: words, the media it started, and the approvals it waits for."""

    text: str
    assets: list[str] = field(default_factory=list)
    waits_for: list[str] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    builtin: bool = False  # whether the built-in model spoke


@dataclass(frozen=True, slots=True)
class FanTurn:
    """What a fan said that waits for an answer, and to whom."""

    conversation: Conversation
    persona: Persona
    fan: Fan
    character: Character
    said: str
    window: Sequence[Line]  # the conversation's last messages, oldest first, `said` among them
    told: bool  # whether the fan was told that no language model is configured
    language: str = ""  # what the fan writes in; empty where that is unknown
    unreached: Mapping[str, bool] = field(default_factory=dict)  # ids of what never arrived; True: nothing of it did

    @property
    def spoken(self) -> str:
        """The language to answer in."""
        return self.language or self.character.language


@dataclass(frozen=True, slots=True)
class Spoken:
    """A persona's reply, checked, and what the turn found out on its way."""

    text: str
    remembered: "Remembered"
    changed: list[str]  # what the guard took out
    builtin: bool
