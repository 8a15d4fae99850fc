"""Who talks in these tests? Personas, fans and what was said, made through the real repositories."""

from gator.principal import Kind, Principal
from memory.models import Message
from memory.store import Store
from memory.vault import VaultKey
from memory.work import Work


async def acquaint(work: Work, persona: str, fan: str) -> VaultKey:
    """A fan who talks with that persona, both made on first sight."""
    known = await work.personas.by_slug(persona)
    made = known or await work.personas.create(persona, persona.title(), {"name": persona.title()}, author="tests")
    met = await work.people.meet_fan("web", fan)
    await work.conversations.meet("web", "", f"{persona}/{fan}", persona_id=made.id, fan_id=met.id)
    return VaultKey(work.principal.workspace, made.id, met.id)


async def say(work: Work, key: VaultKey, text: str, author: str = "fan") -> Message:
    """One message between the two."""
    (conversation, *_) = await work.conversations.of(fan_id=key.fan, persona_id=key.persona)
    return await work.conversations.say(conversation.id, author, text)


def as_fan(key: VaultKey) -> Principal:
    return Principal(key.workspace, Kind.fan, key.fan, persona=key.persona)


__all__ = ["Store", "acquaint", "as_fan", "say"]
