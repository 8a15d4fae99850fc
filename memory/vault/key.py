"""Whose memory? The key that every vault opens with, and the condition that every statement in it carries."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.errors import Forbidden
from gator.ids import new_id
from memory.models import Conversation, Episode, Fact, MemoryChoice, Message, OwnWord, RecallPage, Recollection
from memory.prepared import Prepared

Kept: TypeAlias = type[Fact] | type[Recollection] | type[RecallPage] | type[Episode] | type[MemoryChoice]


@dataclass(frozen=True, slots=True)
class VaultKey:
    """Whose memory: one fan's, with one persona, in one workspace."""

    workspace: str
    persona: str
    fan: str

    @property
    def bound(self) -> dict[str, Any]:
        """The values of a statement that was prepared with `of_key`."""
        return {"workspace": self.workspace, "persona": self.persona, "fan": self.fan}

    @property
    def salt(self) -> bytes:
        """Under which a word has another mark in each vault (memory.recall.lexicon)."""
        return blake2b(f"{self.workspace} {self.persona} {self.fan}".encode(), digest_size=32).digest()

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of a row that is kept under the key."""
        return {"workspace": self.workspace, "persona_id": self.persona, "fan_id": self.fan}

    def opens(self, table: Kept | type[OwnWord]) -> ColumnElement[bool]:
        """The condition that every statement in a vault carries."""
        return (table.workspace == self.workspace) & (table.persona_id == self.persona) & (table.fan_id == self.fan)

    def conversations(self) -> Select[str]:
        """Ids of the conversations between the two."""
        return select(Conversation.id).where(
            Conversation.workspace == self.workspace, Conversation.persona_id == self.persona, Conversation.fan_id == self.fan
        )  # fmt: skip

    def held_conversations(self) -> Select[str]:
        """As `conversations`, locked until the transaction ends, in the order in which everybody locks them."""
        return self.conversations().order_by(Conversation.id).with_for_update(key_share=True)


def of_key(table: Kept | type[Conversation]) -> ColumnElement[bool]:
    """As `VaultKey.opens`, for a statement that is built once (see memory.repositories.base)."""
    return (
        (table.workspace == bindparam("workspace"))
        & (table.persona_id == bindparam("persona"))
        & (table.fan_id == bindparam("fan"))
    )


_SAID = Prepared(
    select(Message.created_at)
    .join(Conversation, Conversation.id == Message.conversation_id)
    .where(of_key(Conversation), Message.id == bindparam("message"))
)


def as_of_now(id: Any) -> ColumnElement[str]:
    """The id with the time of now in it: an index that a process has in memory takes in only rows that are newer."""
    prefix: ColumnElement[str] = literal(new_id()[:_TIME_OF_ID])
    return prefix + func.substr(id, _TIME_OF_ID + 1)


_TIME_OF_ID = len("01900000-0000")  # the milliseconds of a UUIDv7


async def said_at(session: AsyncSession, key: VaultKey, message_id: str) -> datetime:
    """When the message was said between the two. Raises Forbidden when it was not said between them."""
    said = await _SAID.first(session, {**key.bound, "message": message_id})
    if said is None:
        raise Forbidden("That message is not part of this memory.")
    at: datetime = said[0]
    return at
