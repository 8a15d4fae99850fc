"""How does a model write a sitting down? One call for its lines and facts, each checked against the messages it names.

Reads a sitting of two, gives what stands of the model's answer (`memory.episode_checks`); the rules take over when the
model is away, over budget, or wrote nothing that stands.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

import prompts
from agents.models import Mind
from gator.errors import Unavailable
from memory import gate
from memory.attached import plain
from memory.episode_checks import checked, facts_of
from memory.episodes import BY_PERSONA, LINES, Told
from memory.found_fact import KINDS, FoundFact
from memory.repositories.conversations import Line
from memory.vault import Sitting
from tools.capability import Turn
from tools.personas.character import Character, Models

log = structlog.get_logger()

LONGEST = 1_500  # characters of a message that the model reads
LEAST = 4  # messages; less is told by rules just as well


@dataclass(frozen=True, slots=True)
class Noted:
    """What a model made of a sitting: its lines, and candidates for facts by message."""

    told: Told
    facts: list[tuple[str, FoundFact]] = field(default_factory=list)


async def note_down(mind: Mind, turn: Turn, character: Character, sitting: Sitting) -> Noted | None:
    """What the model wrote, as far as it stands; None where the rules are to tell the sitting."""
    numbered = _readable(sitting)
    if mind.builtin or len(numbered) < LEAST:
        return None
    wishes = character.models
    if character.memory.model:
        wishes = Models(chat=character.memory.model, fallbacks=[wishes.chat, *wishes.fallbacks][:10])
    try:
        thought = await mind.think(_asked(character, numbered), [], turn, wishes=wishes)
    except (Unavailable, TimeoutError) as away:
        log.warning("sitting_not_noted", conversation=sitting.conversation, why=str(away))
        return None
    written = _parsed(thought)
    if written is None:
        return None
    name = str(thought.response_metadata.get("model_name", "model"))[:64]
    told = checked(written, numbered, [character.name, character.nickname], name)
    facts = facts_of(written, numbered)
    if told is None:
        log.info("sitting_not_noted", conversation=sitting.conversation, why="no line stands")
        return Noted(Told((), 0.0), facts) if facts else None
    return Noted(told, facts)


def _readable(sitting: Sitting) -> list[Line]:
    """What the model may read: what the two said, and nothing that is kept apart."""
    return [
        Line(one.id, one.author, plain(one.text)[:LONGEST], one.at)
        for one in sitting.messages
        if (one.author == "fan" or one.author in BY_PERSONA)
        and one.id not in sitting.doubted
        and plain(one.text).strip()
        and not gate.planted(plain(one.text))
    ]


def _asked(character: Character, numbered: list[Line]) -> list[SystemMessage | HumanMessage]:
    told = prompts.load("remember")
    slots = {"{name}": character.name, "{kinds}": ", ".join(sorted(KINDS)), "{lines}": str(LINES)}
    for slot, value in slots.items():
        told = told.replace(slot, value)
    lines = [
        f"[{n}] {line.at:%Y-%m-%d %H:%M} {'fan' if line.author == 'fan' else character.name}: «{line.text}»"
        for n, line in enumerate(numbered, 1)
    ]
    return [SystemMessage(told), HumanMessage("\n".join(lines))]


def _parsed(thought: AIMessage) -> dict[str, Any] | None:
    """The JSON object in the answer, fenced or not; None where there is none."""
    found = re.search(r"\{.*\}", thought.text, re.DOTALL)
    try:
        data = orjson.loads(found[0]) if found else None
    except orjson.JSONDecodeError:
        return None
    return data if isinstance(data, dict) else None
