"""Conversations and their messages. Who may answer, and how far an answer is: `memory.repositories.turns`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, select, update

from gator.clock import now
from gator.ids import new_id
from memory.models import Conversation, LoreState, Message
from memory.prepared import Prepared
from memory.repositories.base import Repository, copy_of, table_of

_M = table_of(Message)
_LINES = Prepared(
    select(_M.c.id, _M.c.author, _M.c.text, _M.c.created_at)
    .where(_M.c.workspace == bindparam("mine"), _M.c.conversation_id == bindparam("which"))
    .order_by(_M.c.id.desc())
    .limit(bindparam("most"))
)

_C = table_of(Conversation)
_AT = Prepared(
    select(_C).where(
        _C.c.workspace == bindparam("mine"),
        _C.c.channel == bindparam("channel"),
        _C.c.account == bindparam("account"),
        _C.c.thread == bindparam("thread"),
    )
)
_L = table_of(LoreState)
_LORE = Prepared(
    select(_L.c.timers).where(_L.c.workspace == bindparam("mine"), _L.c.conversation_id == bindparam("which"))
)


@dataclass(frozen=True, slots=True)
class Line:
    """A message as a turn reads it."""

    id: str
    author: str
    text: str
    at: datetime


class Conversations(Repository):
    async def get(self, id: str) -> Conversation:
        return await self._get(Conversation, id, "conversation")

    async def hold(self, id: str, *others: str) -> Conversation:
        """As `get`, and nobody else changes it, nor the others, before this transaction ends.

        Who needs several names them all at once: they are taken in one order, so that no two wait for each other. What only
        adds to a conversation, such as a message, goes on.
        """
        await self._session.flush()  # what this transaction changed of them is not to be read over
        mine = self._mine(Conversation).where(Conversation.id.in_({id, *others})).order_by(Conversation.id)
        held = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
        list(await self._session.scalars(held))
        return await self.get(id)

    async def meet(self, channel: str, account: str, thread: str, **who: str | None) -> Conversation:
        """The conversation in that chat, made on first sight; `who` is persona_id and fan_id, or user_id."""
        row = Conversation(workspace=self._workspace, channel=channel, account=account, thread=thread, **who)
        return (await self._add_once(row, self._at(channel, account, thread)))[0]

    async def at(self, channel: str, account: str, thread: str) -> Conversation | None:
        """The conversation in that chat, where there is one: a copy."""
        values = {"mine": self._workspace, "channel": channel, "account": account, "thread": thread}
        row = await _AT.first(self._session, values)
        return copy_of(Conversation, dict(zip(_C.c.keys(), row, strict=True))) if row else None

    def _at(self, channel: str, account: str, thread: str) -> Select[Conversation]:
        return self._mine(Conversation).where(
            Conversation.channel == channel, Conversation.account == account, Conversation.thread == thread
        )

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

    async def lines(self, conversation_id: str, limit: int) -> list[Line]:
        """The last `limit` messages, oldest first, as a turn reads them."""
        values = {"mine": self._workspace, "which": conversation_id, "most": limit}
        return [Line(*row) for row in await _LINES.run(self._session, values)][::-1]

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
        """Write a message down; `id` is given when the journal has named it already. What is given back is a copy."""
        values: dict[str, Any] = {
            "id": id or new_id(),
            "created_at": now(),
            "conversation_id": conversation_id,
            "turn_id": turn_id,
            "author": author,
            "text": text,
            "assets": assets or [],
            "meta": meta or {},
        }
        await self._insert(Message, **values)
        return copy_of(Message, {"workspace": self._workspace, **values})

    async def with_copies(self, message_id: str) -> list[str]:
        """The conversations in which copies of the message lie (`meta["passed"]`); takes no row into the session."""
        one = self._mine(Message).where(Message.id == message_id).with_only_columns(Message.meta)
        copies = (await self._session.scalar(one) or {}).get("passed", ())
        theirs = self._mine(Message).where(Message.id.in_(copies)).with_only_columns(Message.conversation_id)
        return list(await self._session.scalars(theirs)) if copies else []

    async def rewrite(self, id: str, text: str, *, assets: list[str] | None = None, **meta: Any) -> Message:
        """Change what a message says, because its author did or because more is known of what came with it."""
        row = await self.message(id)
        row.text, row.meta = text, {**row.meta, **meta}
        row.assets = row.assets if assets is None else assets
        await self._session.flush()
        return row

    async def remove(self, ids: Sequence[str]) -> None:
        """Delete messages, with what the outbox has of them."""
        gone = delete(Message).where(Message.workspace == self._workspace, Message.id.in_(ids))
        await self._session.execute(gone.execution_options(synchronize_session=False))

    async def last_by(self, conversation_id: str, author: str) -> Message | None:
        """The newest message of that author."""
        query = self._mine(Message).where(Message.conversation_id == conversation_id, Message.author == author)
        return await self._session.scalar(query.order_by(Message.id.desc()).limit(1))

    async def count(self, conversation_id: str) -> int:
        query = self._mine(Message).where(Message.conversation_id == conversation_id)
        return (await self._session.scalar(query.with_only_columns(func.count()))) or 0

    async def note(self, conversation_id: str, **notes: Any) -> None:
        """Keep small facts about the conversation, such as what was told once."""
        # Read anew: of two that note at once, neither may write back what the other has just changed.
        row = await self.hold(conversation_id)
        if any(row.notes.get(name) != value for name, value in notes.items()):
            row.notes = {**row.notes, **notes}
            await self._session.flush()

    async def speaks(self, conversation_id: str, language: str) -> None:
        """Keep which language the other one writes in."""
        row = await self.get(conversation_id)
        row.language = language
        await self._session.flush()

    async def of_operators(self) -> list[Conversation]:
        """Every operator's conversations with Gator, save those that were set aside (`accounts.dismiss`)."""
        query = self._mine(Conversation).where(Conversation.user_id.is_not(None), ~Conversation.thread.contains("#"))
        return list(await self._session.scalars(query.order_by(Conversation.id)))

    async def break_leases(self) -> None:
        await self._session.execute(
            update(Conversation)
            .where(Conversation.workspace == self._workspace, Conversation.lease_owner.is_not(None))
            .values(lease_owner=None, lease_until=None)
        )

    async def lore_timers(self, conversation_id: str) -> dict[str, Any]:
        row = await _LORE.first(self._session, {"mine": self._workspace, "which": conversation_id})
        return row[0] if row else {}

    async def keep_lore_timers(self, conversation_id: str, timers: dict[str, Any]) -> None:
        state = await self._session.scalar(self._mine(LoreState).where(LoreState.conversation_id == conversation_id))
        if state:
            state.timers = timers
            await self._session.flush()
        elif timers:
            await self._add(LoreState(workspace=self._workspace, conversation_id=conversation_id, timers=timers))
