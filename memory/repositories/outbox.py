"""The outbox: what is to be sent, what was, and with which receipt.

A row is claimed by one sender at a time, under a lease, and only when nothing before it in its conversation is unsent: so a
chat reads in order whoever sends. A row whose sender died stays claimed until the lease ends; then the platform is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select, update
from sqlalchemy.orm import aliased

from gator.clock import now
from gator.errors import Conflict
from gator.ids import new_id
from memory.models import Conversation, Message, Outbound
from memory.prepared import Prepared
from memory.repositories.base import Repository, table_of

FAR = timedelta(hours=1)  # nothing waits so long: a clock was wrong
UNSENT = ("pending", "sending")
LETTERS = ("failed", "unconfirmed")  # dead letters: somebody has to look at them


_O = table_of(Outbound)
_IS_UNSENT = or_(_O.c.state == "pending", _O.c.state == "sending")
_FIRST_UNSENT = Prepared(
    select(_O.c.id, _O.c.state, _O.c.due_at)
    .where(_O.c.workspace == bindparam("mine"), _O.c.conversation_id == bindparam("which"), _IS_UNSENT)
    .order_by(_O.c.id)
    .limit(1)
)
_THIS = update(_O).where(_O.c.workspace == bindparam("mine"), _O.c.id == bindparam("which"))
_CLAIM = Prepared(
    _THIS.where(_O.c.state == "pending")
    .values(state="sending", lease_owner=bindparam("owner"), lease_until=bindparam("until"), attempts=_O.c.attempts + 1)
    .returning(_O.c.piece)
)
_NOT_KNOWN_TO_BE_THERE = or_(_IS_UNSENT, _O.c.state == "unconfirmed")  # a proof that comes late is one
_SENT = Prepared(
    _THIS.where(_NOT_KNOWN_TO_BE_THERE).values(
        state="sent", receipt=bindparam("proof"), sent_at=bindparam("at"), error=""
    )
)
_UNREACHED = Prepared(
    select(_O.c.message_id, _O.c.state, _O.c.attempts, _O.c.piece)
    .where(_O.c.workspace == bindparam("mine"), _O.c.conversation_id == bindparam("which"))
    .where(or_(_O.c.state == "failed", _O.c.state == "dropped"), _O.c.message_id >= bindparam("since"))
)


@dataclass(frozen=True, slots=True)
class Unsent:
    """A piece that is not sent yet."""

    id: str
    state: str  # pending, sending
    due_at: datetime

    def waits_s(self) -> float:
        """Until its time comes; 0 when that was, or when it is so far away that a clock was wrong."""
        wait = self.due_at - now()
        return 0.0 if wait > FAR else max(wait.total_seconds(), 0.0)


class Outbox(Repository):
    async def get(self, id: str) -> Outbound:
        return await self._get(Outbound, id, "outgoing message")

    async def put(
        self,
        conversation: Conversation,
        message: Message,
        key: str,
        receipt: str = "",
        *,
        speaker: str = "bot",
        piece: dict[str, Any] | None = None,
        due_at: datetime | None = None,
    ) -> str:
        """Have a piece of the message sent to its chat; gives the row's id. The same key again changes nothing.

        With a receipt it is sent already: the message's own row is what its readers read.
        """
        id, at = new_id(), now()
        await self._insert_once(
            Outbound,
            id=id,
            conversation_id=conversation.id,
            message_id=message.id,
            channel=conversation.channel,
            account=conversation.account,
            thread=conversation.thread,
            key=key,
            speaker=speaker,
            piece=piece or {},
            due_at=due_at or at,
            state="sent" if receipt else "pending",
            receipt=receipt,
            sent_at=at if receipt else None,
        )
        return id

    async def has(self, key: str) -> bool:
        """Whether something of that key is, or was, to be sent."""
        return await self._session.scalar(self._mine(Outbound).where(Outbound.key == key).limit(1)) is not None

    async def carries(self, conversation_id: str, asset_id: str, since: str) -> bool:
        """Whether a piece with that file was written there after the row of that id."""
        query = self._mine(Outbound).where(Outbound.conversation_id == conversation_id, Outbound.id > since)
        written = await self._session.scalars(query.with_only_columns(Outbound.piece))
        return any(asset_id in piece.get("assets", ()) for piece in written)

    async def due(self, channel: str, limit: int = 100) -> list[Outbound]:
        """What can be sent on that channel now: of each conversation the first that is unsent, if its time has come."""
        return list(await self._session.scalars(self._first().where(Outbound.channel == channel).limit(limit)))

    async def first_unsent(self, conversation_id: str) -> Unsent | None:
        """The conversation's first piece that is not sent yet; nothing after it may be sent before."""
        row = await _FIRST_UNSENT.first(self._session, {"mine": self._workspace, "which": conversation_id})
        return Unsent(*row) if row else None

    def _first(self) -> Select[Outbound]:
        before = aliased(Outbound)
        unsent = select(before.id).where(
            before.conversation_id == Outbound.conversation_id, before.id < Outbound.id, before.state.in_(UNSENT)
        )
        at = now()
        due = or_(Outbound.due_at <= at, Outbound.due_at > at + FAR)
        ready = (Outbound.state == "pending", due, ~unsent.exists())
        return self._mine(Outbound).where(*ready).order_by(Outbound.id)

    async def claim(self, id: str, owner: str, lives: timedelta) -> dict[str, Any] | None:
        """Take the row to send it; gives the piece as it reads now, whatever was read of it before.

        None when somebody else took it, or it is not to be sent any more.
        """
        values = {"mine": self._workspace, "which": id, "owner": owner, "until": now() + lives}
        claimed = await _CLAIM.first(self._session, values)
        return None if claimed is None else claimed[0]

    async def abandoned(self, channel: str, lives: timedelta, limit: int = 20) -> list[Outbound]:
        """What somebody was sending and did not finish within their lease (or within any that there could be)."""
        at = now()
        over = (Outbound.lease_until < at) | (Outbound.lease_until > at + 4 * lives)
        query = self._mine(Outbound).where(Outbound.state == "sending", Outbound.channel == channel, over)
        return list(await self._session.scalars(query.order_by(Outbound.id).limit(limit)))

    async def take_over(self, row: Outbound, owner: str, lives: timedelta) -> bool:
        """Look after an abandoned row; False when somebody else does."""
        taken = await self._session.execute(
            update(Outbound)
            .where(Outbound.workspace == self._workspace, Outbound.id == row.id, Outbound.state == "sending")
            .where(Outbound.lease_owner == row.lease_owner, Outbound.lease_until == row.lease_until)
            .values(lease_owner=owner, lease_until=now() + lives)
            .returning(Outbound.id)
        )
        return taken.scalar_one_or_none() is not None

    async def release(self, id: str, owner: str) -> None:
        """Give a claimed row back: whoever claimed it knows that nothing of it went out."""
        await self._session.execute(
            update(Outbound)
            .where(Outbound.workspace == self._workspace, Outbound.id == id, Outbound.state == "sending")
            .where(Outbound.lease_owner == owner)
            .values(state="pending", lease_until=None)
        )

    async def look_again(self, id: str, at: datetime) -> None:
        """The platform could not say what became of it: it is asked again then."""
        await self._change([id], ("sending",), lease_until=at)

    async def sent(self, id: str, receipt: str, parts: Sequence[str] = ()) -> None:
        """It has the platform's receipt; `parts` are the messages that its files became, where each is one."""
        values = {"mine": self._workspace, "which": id, "proof": receipt, "at": now()}
        await _SENT.run(self._session, values)
        if parts:
            await self.note(id, parts=list(parts))

    async def of_key(self, key: str) -> Outbound | None:
        """What was put here under that key."""
        return await self._session.scalar(self._mine(Outbound).where(Outbound.key == key))

    async def put_off(self, id: str, until: datetime, error: str) -> None:
        """Have it tried again later."""
        await self._change([id], UNSENT, state="pending", due_at=until, error=error, lease_until=None)

    async def pieces_of(self, message_id: str) -> list[Outbound]:
        """What shows that message in its chat, in order, or will: neither changes of it nor what was dropped.

        All of them are locked, in the order in which a sender takes them.
        """
        query = self._mine(Outbound).where(Outbound.message_id == message_id, Outbound.state != "dropped")
        query = query.order_by(Outbound.id).with_for_update()
        rows = await self._session.scalars(query.execution_options(populate_existing=True))
        return [row for row in rows if not row.piece.get("changes")]

    async def change_of(self, row: Outbound) -> Outbound | None:
        """The change of what that row sent which nobody has begun to send."""
        query = self._mine(Outbound).where(Outbound.message_id == row.message_id, Outbound.state == "pending")
        waiting = await self._session.scalars(query.order_by(Outbound.id))
        return next((one for one in waiting if one.piece.get("changes") == row.id), None)

    async def left_standing(self, messages: Sequence[str]) -> list[Outbound]:
        """Of what showed these messages, what was not taken away although that was asked for, or may have arrived."""
        query = self._mine(Outbound).where(Outbound.message_id.in_(messages)).order_by(Outbound.id)
        rows = list(await self._session.scalars(query.execution_options(populate_existing=True)))
        away = {one.piece["changes"] for one in rows if one.piece.get("removes") and one.state == "sent"}
        shown = [one for one in rows if not one.piece.get("changes") and (one.receipt or one.state == "unconfirmed")]
        return [one for one in shown if one.id not in away]

    async def reword(self, id: str, piece: dict[str, Any]) -> bool:
        """Have it say that instead, and with nothing in it not be sent at all; False when it is being sent, or was."""
        gone = {"state": "dropped", "error": "It was taken back.", "piece": {"gone": True}}
        values: dict[str, Any] = {"piece": piece} if piece else gone
        return bool(await self._change([id], ("pending", *LETTERS), **values))

    async def note(self, id: str, **facts: Any) -> None:
        """Keep with what was sent how it reads now; nothing where it is forgotten."""
        # Locked and read anew: its sender notes what it became while its author's change notes how it reads.
        locked = self._mine(Outbound).where(Outbound.id == id).with_for_update()
        if row := await self._session.scalar(locked.execution_options(populate_existing=True)):
            row.piece = {**row.piece, **facts}
            await self._session.flush()

    async def give_up(self, id: str, state: str, error: str) -> None:
        """`failed` (the platform said no) or `unconfirmed` (it may have arrived)."""
        await self._change([id], UNSENT, state=state, error=error)

    async def drop_unsent(self, conversation_id: str, speaker: str) -> int:
        """What that speaker has not begun to send is not sent; how many pieces that were."""
        query = self._mine(Outbound).where(
            Outbound.conversation_id == conversation_id, Outbound.state == "pending", Outbound.speaker == speaker
        )
        ids = list(await self._session.scalars(query.with_only_columns(Outbound.id)))
        return len(await self._change(ids, ("pending",), state="dropped", error="A person took over."))

    async def silence(self, persona_id: str) -> int:
        """What that persona said and nobody has begun to send is not sent, in any conversation; how many pieces that were."""
        theirs = select(Conversation.id).where(
            Conversation.workspace == self._workspace, Conversation.persona_id == persona_id
        )
        query = self._mine(Outbound).where(
            Outbound.conversation_id.in_(theirs), Outbound.state == "pending", Outbound.speaker == "bot"
        )
        ids = list(await self._session.scalars(query.with_only_columns(Outbound.id)))
        return len(await self._change(ids, ("pending",), state="dropped", error="The persona was paused."))

    async def has_older(self, than: timedelta) -> bool:
        query = self._mine(Outbound).where(Outbound.state == "pending", Outbound.created_at < now() - than)
        return await self._session.scalar(query.limit(1)) is not None

    async def expire(self, older: timedelta) -> int:
        """What nobody could send for so long, whatever became of its account, is a dead letter; how many those are."""
        query = self._mine(Outbound).where(Outbound.state == "pending", Outbound.created_at < now() - older)
        ids = list(await self._session.scalars(query.with_only_columns(Outbound.id).limit(200)))
        why = "Nobody could send it: is its account switched on, and connected?"
        return len(await self._change(ids, ("pending",), state="failed", error=why)) if ids else 0

    async def letters(self, limit: int = 50, before: str | None = None) -> list[Outbound]:
        """Dead letters, newest first."""
        query = self._mine(Outbound).where(Outbound.state.in_(LETTERS))
        query = query.where(Outbound.id < before) if before else query
        return list(await self._session.scalars(query.order_by(Outbound.id.desc()).limit(limit)))

    async def count_letters(self) -> int:
        query = self._mine(Outbound).where(Outbound.state.in_(LETTERS))
        return (await self._session.scalar(query.with_only_columns(func.count()))) or 0

    async def unreached(self, conversation_id: str, since: str) -> dict[str, bool]:
        """What was said there from that message on and never arrived, by its id; True when no part of it did.

        Of what may have arrived nobody says that it did not.
        """
        values = {"mine": self._workspace, "which": conversation_id, "since": since}
        lost = {row[0] for row in await _UNREACHED.run(self._session, values) if _never(*row[1:])}
        if not lost:
            return {}
        query = self._mine(Outbound).where(Outbound.message_id.in_(lost), Outbound.state.not_in(("failed", "dropped")))
        in_part = set(await self._session.scalars(query.with_only_columns(Outbound.message_id)))
        return {id: id not in in_part for id in lost}

    async def untold(self, limit: int = 500) -> list[Outbound]:
        """Dead letters of which operators have not been told yet, oldest first."""
        query = self._mine(Outbound).where(Outbound.state.in_(LETTERS), Outbound.told_at.is_(None))
        return list(await self._session.scalars(query.order_by(Outbound.id).limit(limit)))

    async def told(self, ids: Sequence[str]) -> list[str]:
        """Note that operators are told of these; those of which nobody else does so just now."""
        untold = (Outbound.workspace == self._workspace, Outbound.id.in_(ids), Outbound.told_at.is_(None))
        told = await self._session.execute(
            update(Outbound)
            .where(*untold)
            .values(told_at=now())
            .returning(Outbound.id)
            .execution_options(synchronize_session=False)
        )
        return list(told.scalars())

    async def retry(self, id: str) -> Outbound:
        """Send a dead letter after all: a person decided, knowing that an unconfirmed one may arrive twice."""
        again = {"due_at": now(), "attempts": 0, "lease_until": None, "told_at": None}
        if not await self._change([id], LETTERS, state="pending", **again):
            raise Conflict("Only what failed or is unconfirmed can be sent again.")
        return await self._fresh(id)

    async def drop(self, id: str) -> Outbound:
        """Give up a dead letter for good. One that failed never arrived, and that stays known."""
        row = await self.get(id)
        if row.state == "failed":
            await self.note(id, lost=True)
        if not await self._change([id], LETTERS, state="dropped"):
            raise Conflict("Only what failed or is unconfirmed can be dropped.")
        return await self._fresh(id)

    async def break_leases(self) -> None:
        """What a dead process of this database was sending is looked after at once."""
        query = update(Outbound).where(Outbound.workspace == self._workspace, Outbound.state == "sending")
        await self._session.execute(query.values(lease_until=now() - timedelta(seconds=1)))

    async def _fresh(self, id: str) -> Outbound:
        row = await self.get(id)
        await self._session.refresh(row)
        return row

    async def _change(self, ids: Iterable[str], states: Sequence[str], **values: Any) -> list[str]:
        """Change rows that are in one of these states; the ids of those that were."""
        ids = list(ids)
        if len(ids) > 1:  # in order, as a sender takes them
            in_order = select(Outbound.id).where(Outbound.id.in_(ids)).order_by(Outbound.id)
            await self._session.execute(in_order.with_for_update())
        changed = await self._session.execute(
            update(Outbound)
            .where(Outbound.workspace == self._workspace, Outbound.id.in_(ids), Outbound.state.in_(states))
            .values(**values)
            .returning(Outbound.id)
            .execution_options(synchronize_session=False)
        )
        return list(changed.scalars())


def _never(state: str, attempts: int, piece: dict[str, Any]) -> bool:
    """Whether a row that failed or was dropped was to be read by somebody who never got it."""
    if piece.get("changes") or piece.get("gone"):
        return False
    return state == "failed" or attempts == 0 or bool(piece.get("lost"))
