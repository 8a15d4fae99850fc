"""Conversations, their messages and turns, and the lease that lets one process at a time answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, update

from gator.clock import now
from gator.ids import new_id
from memory.models import Conversation, LoreState, Message, TurnRow
from memory.repositories.base import Repository


class Conversations(Repository):
    async def get(self, id: str) -> Conversation:
        return await self._get(Conversation, id, "conversation")

    async def meet(self, channel: str, account: str, thread: str, **who: str | None) -> Conversation:
        """The conversation in that chat, made on first sight; `who` is persona_id and fan_id, or user_id."""
        known = self._mine(Conversation).where(
            Conversation.channel == channel, Conversation.account == account, Conversation.thread == thread
        )
        row = Conversation(workspace=self._workspace, channel=channel, account=account, thread=thread, **who)
        return (await self._add_once(row, known))[0]

    async def of(
        self,
        *,
        fan_id: str | None = None,
        user_id: str | None = None,
        persona_id: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> list[Conversation]:
        """Newest first, narrowed by whoever is given."""
        query = self._mine(Conversation)
        for column, value in (
            (Conversation.fan_id, fan_id),
            (Conversation.user_id, user_id),
            (Conversation.persona_id, persona_id),
        ):
            query = query.where(column == value) if value else query
        query = query.where(Conversation.id < before) if before else query
        return list(await self._session.scalars(query.order_by(Conversation.id.desc()).limit(limit)))

    async def window(self, conversation_id: str, limit: int = 20, before: str | None = None) -> list[Message]:
        """The last `limit` messages (before the one of that id, where given), oldest first."""
        query = self._mine(Message).where(Message.conversation_id == conversation_id)
        query = query.where(Message.id < before) if before else query
        newest = await self._session.scalars(query.order_by(Message.id.desc()).limit(limit))
        return list(newest)[::-1]

    async def after(self, conversation_id: str, message_id: str | None, limit: int = 200) -> list[Message]:
        """Messages after the one of that id, oldest first."""
        query = self._mine(Message).where(Message.conversation_id == conversation_id)
        query = query.where(Message.id > message_id) if message_id else query
        return list(await self._session.scalars(query.order_by(Message.id).limit(limit)))

    async def message(self, id: str) -> Message:
        return await self._get(Message, id, "message")

    async def say(
        self,
        conversation_id: str,
        author: str,
        text: str,
        *,
        turn_id: str | None = None,
        assets: list[str] | None = None,
        meta: dict[str, Any] | None = None,
        id: str | None = None,
    ) -> Message:
        """Write a message down; `id` is given when the journal has named it already."""
        row = Message(
            id=id or new_id(),
            workspace=self._workspace,
            conversation_id=conversation_id,
            turn_id=turn_id,
            author=author,
            text=text,
            assets=assets or [],
            meta=meta or {},
        )
        return await self._add(row)

    async def count(self, conversation_id: str) -> int:
        query = self._mine(Message).where(Message.conversation_id == conversation_id)
        return (await self._session.scalar(query.with_only_columns(func.count()))) or 0

    async def turn(self, id: str) -> TurnRow:
        return await self._get(TurnRow, id, "turn")

    async def open_turn(self, conversation_id: str, principal: dict[str, Any]) -> TurnRow:
        row = TurnRow(workspace=self._workspace, conversation_id=conversation_id, principal=principal)
        return await self._add(row)

    async def unfinished_turn(self, conversation_id: str) -> TurnRow | None:
        """The turn that was open when its process died."""
        query = self._mine(TurnRow).where(TurnRow.conversation_id == conversation_id, TurnRow.state == "open")
        return await self._session.scalar(query)

    async def messages(self, ids: Sequence[str]) -> list[Message]:
        return list(await self._session.scalars(self._mine(Message).where(Message.id.in_(ids)).order_by(Message.id)))

    async def last_before(self, conversation_id: str, message_id: str) -> Message | None:
        """The message before that one."""
        before = await self.window(conversation_id, 1, message_id)
        return before[0] if before else None

    async def note(self, conversation_id: str, **notes: Any) -> None:
        """Keep small facts about the conversation, such as what was told once."""
        row = await self.get(conversation_id)
        if any(row.notes.get(name) != value for name, value in notes.items()):
            row.notes = {**row.notes, **notes}
            await self._session.flush()

    async def break_leases(self) -> None:
        await self._session.execute(
            update(Conversation)
            .where(Conversation.workspace == self._workspace, Conversation.lease_owner.is_not(None))
            .values(lease_owner=None, lease_until=None)
        )

    async def lore_timers(self, conversation_id: str) -> dict[str, Any]:
        state = await self._session.scalar(self._mine(LoreState).where(LoreState.conversation_id == conversation_id))
        return state.timers if state else {}

    async def keep_lore_timers(self, conversation_id: str, timers: dict[str, Any]) -> None:
        state = await self._session.scalar(self._mine(LoreState).where(LoreState.conversation_id == conversation_id))
        if state:
            state.timers = timers
            await self._session.flush()
        elif timers:
            await self._add(LoreState(workspace=self._workspace, conversation_id=conversation_id, timers=timers))

    async def lease(self, conversation_id: str, owner: str, lives: timedelta) -> int | None:
        """Take the conversation for a while: the new fence, or None while somebody else holds it."""
        return await self._take(conversation_id, owner, now(), lives)

    async def _take(self, id: str, owner: str, at: datetime, lives: timedelta) -> int | None:
        free = or_(Conversation.lease_until.is_(None), Conversation.lease_until < at, Conversation.lease_owner == owner)
        taken = await self._session.execute(
            update(Conversation)
            .where(Conversation.workspace == self._workspace, Conversation.id == id, free)
            .values(lease_owner=owner, lease_until=at + lives, fence=Conversation.fence + 1)
            .returning(Conversation.fence)
        )
        return taken.scalar_one_or_none()

    async def renew(self, conversation_id: str, fence: int, lives: timedelta) -> bool:
        """Hold the lease longer; False when it was lost to another."""
        return await self._with_fence(conversation_id, fence, lease_until=now() + lives)

    async def holds(self, conversation_id: str, fence: int) -> bool:
        """Whether the lease of that fence is still the newest, asked in the transaction that relies on it."""
        return await self._with_fence(conversation_id, fence, lease_owner=Conversation.lease_owner)

    async def release(self, conversation_id: str, fence: int) -> bool:
        return await self._with_fence(conversation_id, fence, lease_owner=None, lease_until=None)

    async def _with_fence(self, id: str, fence: int, **values: Any) -> bool:
        done = await self._session.execute(
            update(Conversation)
            .where(Conversation.workspace == self._workspace, Conversation.id == id, Conversation.fence == fence)
            .values(**values)
            .returning(Conversation.id)
        )
        return done.scalar_one_or_none() is not None
