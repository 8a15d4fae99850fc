"""What does a persona remember of this fan, now? The window, facts, memories, lore and posts: one read of the store a turn."""

from dataclasses import dataclass, field
from typing import Any

import structlog

from gator.errors import Unavailable
from memory.embedding import embedder
from memory.models import Conversation, Message, Persona
from memory.vault import VaultKey, open_vault
from tools.capability import Turn
from tools.personas import lorebook
from tools.personas.character import Character

log = structlog.get_logger()

WINDOW = 20  # messages given whole; older ones come as summary and memories
FACTS = 40
POSTS = 3


@dataclass(frozen=True, slots=True)
class Remembered:
    """As the built-in model and the prompt read it, and what the turn keeps afterwards."""

    window: list[Message]
    facts: list[dict[str, Any]]
    memories: list[dict[str, Any]]
    lore: list[str]
    posts: list[dict[str, Any]]
    timers: dict[str, Any]  # of the lorebook, after this turn
    timers_changed: bool
    vector: Any = field(repr=False)  # of what the fan said; None when the embedder is unavailable


async def remember(
    turn: Turn, conversation: Conversation, persona: Persona, character: Character, said: list[Message]
) -> Remembered:
    """Read what matters for the answer to `said`. A failing embedder costs recall by meaning, never the answer."""
    question = "\n".join(message.text for message in said)
    vector = await _vector(question)
    key = VaultKey(turn.principal.workspace, persona.id, turn.principal.subject)
    async with turn.open_work(reads=True) as work:
        window = await work.conversations.window(conversation.id, WINDOW)
        vault = open_vault(work, key)
        facts = await vault.facts()
        memories = await vault.recall(question, vector, before=window[0].id) if window else []
        timers = await work.conversations.lore_timers(conversation.id) if character.lorebook.entries else {}
        posts = await work.posts.published(persona.id, limit=POSTS)
    lore = lorebook.activate(character.lorebook, [message.text for message in window], timers, len(window))
    return Remembered(
        window=window,
        facts=[
            {"kind": fact.kind, "subject": fact.subject, "value": fact.value, "quote": fact.quote}
            for fact in facts[-FACTS:]
        ],
        memories=[
            {"author": one.author, "text": one.text, "at": one.at.isoformat(timespec="minutes")} for one in memories
        ],
        lore=lore.texts,
        posts=[{"text": post.text, "at": (post.published_at or post.due_at).isoformat()} for post in posts],
        timers=lore.timers,
        timers_changed=lore.timers != timers,
        vector=vector,
    )


async def _vector(text: str) -> Any:
    try:
        return (await embedder().embed([text]))[0]
    except Unavailable as away:
        log.warning("embedder_unavailable", why=away.message)
        return None
