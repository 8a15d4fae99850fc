"""Who answers a conversation, the bot or a person: taken over under the fence, asked for, handed back, with notes.

To take over raises the conversation's fence, so a reply that the bot has in the making cannot be written any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from gator.clock import now
from gator.errors import Conflict
from memory.models import Conversation, Fan, Handoff, Message, User
from memory.repositories.base import Repository

OVER = "Ask them to hand it back, or take it over from them with `over`."


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the inbox a conversation stands: among those that want a person, and by its last word."""

    wanted: bool
    last_at: datetime
    id: str

    @classmethod
    def of(cls, row: Conversation) -> "Place":
        return cls(row.wanted_at is not None, row.last_at, row.id)


class Handoffs(Repository):
    async def want(self, conversation_id: str, by: str, reason: str, text: str = "") -> bool:
        """Ask for a person; False when one is asked for, or answers, already."""
        free = (Conversation.wanted_at.is_(None), Conversation.taken_by.is_(None))
        if not await self._change(conversation_id, *free, wanted_at=now()):
            return False
        await self.note(conversation_id, "wanted", by, reason, text)
        return True

    async def take(self, conversation_id: str, user_id: str, by: str, holder: str | None = None) -> None:
        """Have that operator answer in the bot's place, or in the `holder`'s. Raises Conflict when another one does."""
        free = Conversation.taken_by.is_(None) if holder is None else Conversation.taken_by == holder
        raised: dict[str, Any] = {"fence": Conversation.fence + 1, "lease_owner": None, "lease_until": None}
        if not await self._change(conversation_id, free, taken_by=user_id, taken_at=now(), wanted_at=None, **raised):
            raise Conflict("Somebody answers in this conversation already.", remedy=OVER)
        from_whom = (await self.user_names([holder])).get(holder, "") if holder and holder != user_id else ""
        await self.note(conversation_id, "taken", by, "over" if holder else "operator", from_whom)

    async def give_back(
        self, conversation_id: str, holder: str | None, by: str, summary: str, reason: str = "operator"
    ) -> None:
        """Have the bot answer again, in that holder's place. Raises Conflict when it is not they who hold the conversation."""
        held = Conversation.taken_by == holder if holder else Conversation.taken_by.is_(None)
        if not await self._change(conversation_id, held, taken_by=None, taken_at=None):
            raise Conflict(
                "You have not taken over this conversation.", remedy="For another operator do it with `over`."
            )
        await self.note(conversation_id, "returned", by, reason, summary)

    async def taken(self, limit: int = 500) -> list[Conversation]:
        """Conversations that people answer, the longest held first; also where whoever held it is gone from our rows."""
        query = self._mine(Conversation).where(Conversation.taken_at.is_not(None), Conversation.fan_id.is_not(None))
        return list(await self._session.scalars(query.order_by(Conversation.taken_at).limit(limit)))

    async def hold(self, conversation_id: str, user_id: str) -> None:
        """Make sure, until the end of this transaction, that this operator answers. Raises Conflict."""
        if not await self._change(conversation_id, Conversation.taken_by == user_id, last_at=now()):
            raise Conflict("You have not taken over this conversation.", remedy="Take it over, then write.")

    async def note(self, conversation_id: str, kind: str, by: str, reason: str = "", text: str = "") -> Handoff:
        """Write down what happened, or what operators tell each other."""
        row = Handoff(conversation_id=conversation_id, kind=kind, by=by, reason=reason, text=text)
        row.workspace = self._workspace
        return await self._add(row)

    async def of(self, conversation_id: str, limit: int = 100) -> list[Handoff]:
        """The newest so many, oldest first."""
        query = self._mine(Handoff).where(Handoff.conversation_id == conversation_id)
        return list(await self._session.scalars(query.order_by(Handoff.id.desc()).limit(limit)))[::-1]

    async def inbox(
        self, *, wanted: bool = False, taken_by: str | None = None, limit: int = 50, after: Place | None = None
    ) -> list[Conversation]:
        """Conversations of fans over all channels: those in which a person is asked for first, then by the last word."""
        query = self._mine(Conversation).where(Conversation.fan_id.is_not(None))
        query = query.where(Conversation.wanted_at.is_not(None)) if wanted else query
        query = query.where(Conversation.taken_by == taken_by) if taken_by else query
        query = query.where(_below(after)) if after else query
        order = (Conversation.wanted_at.is_(None), Conversation.last_at.desc(), Conversation.id.desc())
        return list(await self._session.scalars(query.order_by(*order).limit(limit)))

    async def last_messages(self, ids: Sequence[str]) -> dict[str, Message]:
        """The newest message of each of these conversations."""
        newest = (
            select(Message.id)
            .where(Message.conversation_id == Conversation.id)
            .order_by(Message.id.desc())
            .limit(1)
            .correlate(Conversation)
            .scalar_subquery()
        )
        found = await self._session.scalars(
            select(newest).where(Conversation.workspace == self._workspace, Conversation.id.in_(ids))
        )
        query = self._mine(Message).where(Message.id.in_([id for id in found if id]))
        return {row.conversation_id: row for row in await self._session.scalars(query)}

    async def why_wanted(self, ids: Sequence[str]) -> dict[str, Handoff]:
        """Why a person was last asked for in each of these conversations."""
        query = self._mine(Handoff).where(Handoff.conversation_id.in_(ids), Handoff.kind == "wanted")
        return {row.conversation_id: row for row in await self._session.scalars(query.order_by(Handoff.id))}

    async def fan_names(self, ids: Sequence[str]) -> dict[str, str]:
        """What these fans are called, by their ids."""
        rows = await self._session.scalars(self._mine(Fan).where(Fan.id.in_(ids)))
        return {row.id: row.display_name for row in rows}

    async def user_names(self, ids: Sequence[str]) -> dict[str, str]:
        """What these operators are called, by their ids."""
        rows = await self._session.scalars(self._mine(User).where(User.id.in_(ids)))
        return {row.id: row.name for row in rows}

    async def count_wanted(self) -> int:
        query = select(func.count()).select_from(Conversation)
        query = query.where(Conversation.workspace == self._workspace, Conversation.wanted_at.is_not(None))
        return (await self._session.scalar(query)) or 0

    async def _change(self, conversation_id: str, *where: ColumnElement[bool], **values: Any) -> bool:
        changed = await self._session.execute(
            update(Conversation)
            .where(Conversation.workspace == self._workspace, Conversation.id == conversation_id, *where)
            .values(**values)
            .returning(Conversation.id)
            .execution_options(synchronize_session=False)
        )
        return changed.scalar_one_or_none() is not None


def _below(place: Place) -> ColumnElement[bool]:
    """What comes after that place in the inbox."""
    later = or_(
        Conversation.last_at < place.last_at,
        and_(Conversation.last_at == place.last_at, Conversation.id < place.id),
    )
    if place.wanted:
        return or_(Conversation.wanted_at.is_(None), later)
    return and_(Conversation.wanted_at.is_(None), later)
