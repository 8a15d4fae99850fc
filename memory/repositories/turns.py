"""Turns: taken up by one process at a time under a lease, closed under its fence.

Every message passes here, so the statements are constants (see `memory.repositories.base`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from gator.clock import now
from gator.errors import NotFound
from memory.models import Conversation, Fan, Inbound, Persona, TurnRow
from memory.prepared import Prepared
from memory.repositories.base import Repository, copy_of, insert_into, row_of, table_of

_C, _I, _T = table_of(Conversation), table_of(Inbound), table_of(TurnRow)
_FREE = or_(
    _C.c.lease_until.is_(None),
    _C.c.lease_until < bindparam("at"),
    _C.c.lease_until > bindparam("far"),  # of a process whose clock was wrong
    _C.c.lease_owner == bindparam("owner"),
)
_TAKE = Prepared(
    update(_C)
    .where(_C.c.workspace == bindparam("mine"), _C.c.id == bindparam("which"), _FREE)
    .values(lease_owner=bindparam("owner"), lease_until=bindparam("until"), fence=_C.c.fence + 1)
    .returning(_C)
)
_UNDER_FENCE = (
    update(_C)
    .where(_C.c.workspace == bindparam("mine"), _C.c.id == bindparam("which"), _C.c.fence == bindparam("held"))
    .returning(_C.c.id)
)
_RENEW = Prepared(_UNDER_FENCE.where(_C.c.lease_owner.is_not(None)).values(lease_until=bindparam("until")))
_FENCE = Prepared(select(_C.c.fence).where(_C.c.workspace == bindparam("mine"), _C.c.id == bindparam("which")))
_LET_GO = Prepared(_UNDER_FENCE.values(lease_owner=None, lease_until=None, last_at=bindparam("at")))
_WAITING = Prepared(
    select(_I.c.id, _I.c.text, _I.c.principal, _I.c.created_at, _I.c.ready_at, _I.c.attachments)
    .where(_I.c.workspace == bindparam("mine"), _I.c.conversation_id == bindparam("which"), _I.c.state == "open")
    .order_by(_I.c.id)
)
_CLOSE = Prepared(
    update(_T)
    .where(_T.c.workspace == bindparam("mine"), _T.c.id == bindparam("which"))
    .values(state=bindparam("becomes"), closed_at=bindparam("at"))
)
_CLOSE_USED = Prepared(
    update(_T)
    .where(_T.c.workspace == bindparam("mine"), _T.c.id == bindparam("which"))
    .values(state=bindparam("becomes"), closed_at=bindparam("at"), trace=bindparam("noted"))
)
_WAIT = Prepared(
    update(_T)
    .where(_T.c.workspace == bindparam("mine"), _T.c.id == bindparam("which"))
    .values(state="waiting", attempts=0, failures=0)
)
_GIVE_WAY = Prepared(
    update(_T)
    .where(_T.c.workspace == bindparam("mine"), _T.c.id == bindparam("which"))
    .values(attempts=_T.c.attempts - 1, interrupted=_T.c.interrupted + 1)
)
_FAILED = Prepared(
    update(_T)
    .where(_T.c.workspace == bindparam("mine"), _T.c.id == bindparam("which"))
    .values(failures=_T.c.failures + 1)
)
_PUT_BACK = Prepared(
    update(_T)
    .where(_T.c.workspace == bindparam("mine"), _T.c.id == bindparam("which"))
    .values(attempts=_T.c.attempts - 1)
)
_OPEN = Prepared(
    select(_I.c.id, _I.c.text).where(
        _I.c.workspace == bindparam("mine"), _I.c.conversation_id == bindparam("which"), _I.c.state == "open"
    )
)
_P, _F = table_of(Persona), table_of(Fan)
_PERSONA = (_P.c.id, _P.c.version, _P.c.character, _P.c.paused_at, _P.c.deleted_at)
_FAN = (_F.c.id, _F.c.display_name, _F.c.age_state, _F.c.locale, _F.c.region, _F.c.stopped_at)
_PEOPLE = Prepared(
    select(*_PERSONA, *_FAN)
    .join_from(_P, _F, _F.c.workspace == _P.c.workspace)
    .where(_P.c.workspace == bindparam("mine"), _P.c.id == bindparam("persona"), _F.c.id == bindparam("fan"))
)
_RESTS = Prepared(
    select(_P.c.paused_at, _P.c.deleted_at).where(_P.c.workspace == bindparam("mine"), _P.c.id == bindparam("which"))
)
_NOTICED = Prepared(
    update(_C)
    .where(_C.c.workspace == bindparam("mine"), _C.c.id == bindparam("which"))
    .values(notice_at=bindparam("at"))
)


@cache
def _begin(dialect: str) -> Prepared:
    insert = insert_into(TurnRow, dialect)
    again = insert.on_conflict_do_update(index_elements=[_T.c.id], set_={"attempts": _T.c.attempts + 1})
    return Prepared(again.returning(_T.c.attempts, _T.c.failures, _T.c.interrupted))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message in the journal that waits for an answer."""

    id: str  # of the message too
    text: str
    principal: dict[str, Any]
    at: datetime
    ready_at: datetime
    attachments: list[Any]


@dataclass(frozen=True, slots=True)
class Tries:
    """How often a turn was opened, how often that ended in an error, and how often it gave way to more words."""

    attempts: int
    failures: int
    interrupted: int


class Turns(Repository):
    async def take(self, conversation_id: str, owner: str, lives: timedelta) -> Conversation | None:
        """Take the conversation for a while, with its new fence; None while somebody else holds it.

        What is given is a copy: to change the conversation, say so in a statement.
        """
        at = now()
        until = {"at": at, "until": at + lives, "far": at + 4 * lives}
        values = {"owner": owner, **until, **self._which(conversation_id)}
        row = await _TAKE.first(self._session, values)
        return copy_of(Conversation, dict(zip(_C.c.keys(), row, strict=True))) if row else None

    async def renew(self, conversation_id: str, fence: int, lives: timedelta) -> bool:
        """Hold the lease longer, unless it was let go; False when it was lost to another."""
        values = {"held": fence, "until": now() + lives, **self._which(conversation_id)}
        if await _RENEW.run(self._session, values):
            return True
        return await _FENCE.first(self._session, self._which(conversation_id)) == (fence,)

    async def let_go(self, conversation_id: str, fence: int) -> bool:
        """End the lease; False when it was lost to another, whose turn it is now.

        Asked in the transaction that closes a turn, first of all: what a process without the lease did must not be kept.
        """
        values = {"held": fence, "at": now(), **self._which(conversation_id)}
        return bool(await _LET_GO.run(self._session, values))

    async def waiting(self, conversation_id: str) -> list[Waiting]:
        """What waits for an answer in that conversation, oldest first."""
        return [Waiting(*row) for row in await _WAITING.run(self._session, self._which(conversation_id))]

    async def begin(self, first: Waiting, conversation_id: str) -> Tries:
        """Open the turn, or open it again when its process died; what became of it so far.

        A turn has the id of the first message that it answers, so that it is the same turn again after a crash.
        """
        values = {"conversation_id": conversation_id, "principal": first.principal, "attempts": 1}
        row = row_of(TurnRow, id=first.id, workspace=self._workspace, **values)
        (found,) = await _begin(self._dialect).run(self._session, row)
        return Tries(*found)

    async def failed(self, id: str) -> None:
        """Count that an attempt at it ended in an error."""
        await _FAILED.run(self._session, self._which(id))

    async def give_way(self, id: str) -> None:
        """Count that the turn was broken off because more was said: that is no failed attempt."""
        await _GIVE_WAY.run(self._session, self._which(id))

    async def trace(self, id: str) -> dict[str, Any]:
        """What was noted of the turn."""
        return dict((await self._get(TurnRow, id, "turn")).trace)

    async def note(self, id: str, **notes: Any) -> None:
        """Note something of the turn."""
        row = await self._get(TurnRow, id, "turn")
        row.trace = {**row.trace, **notes}
        await self._session.flush()

    async def put_back(self, id: str) -> None:
        """It is opened later: that was no attempt."""
        await _PUT_BACK.run(self._session, self._which(id))

    async def afresh(self, ids: list[str]) -> None:
        """Count the attempts at these turns anew: it was no failure that they were broken off."""
        mine = (TurnRow.workspace == self._workspace, TurnRow.id.in_(ids))
        await self._session.execute(update(TurnRow).where(*mine).values(attempts=0, failures=0, interrupted=0))

    async def overtaken(self, conversation_id: str, answered: dict[str, str]) -> bool:
        """Whether more came than these messages, or one of them was edited or taken back, in whichever process."""
        rows = await _OPEN.run(self._session, self._which(conversation_id))
        reads = {str(id): str(text) for id, text in rows}
        return any(id > max(answered) for id in reads) or any(reads.get(id) != answered[id] for id in answered)

    async def wait(self, id: str) -> None:
        """Let it wait for a person; what comes after the yes is another piece of work, with tries of its own."""
        await _WAIT.run(self._session, self._which(id))

    async def close(self, id: str, state: str, at: datetime, trace: dict[str, Any] | None = None) -> None:
        """End it as `closed` or `failed`; a `trace` takes the place of what was noted of it."""
        values = {"becomes": state, "at": at, **self._which(id)}
        if trace is None:
            await _CLOSE.run(self._session, values)
        else:
            await _CLOSE_USED.run(self._session, {"noted": trace, **values})

    async def people(self, persona_id: str, fan_id: str) -> tuple[Persona, Fan]:
        """Who talks with whom: copies, with what a turn asks of them. Raises NotFound when the persona was removed."""
        found = await _PEOPLE.first(self._session, {"mine": self._workspace, "persona": persona_id, "fan": fan_id})
        if found is None or found[4] is not None:
            raise NotFound(f"There is no persona {persona_id}.")
        persona = copy_of(Persona, {column.name: value for column, value in zip(_PERSONA, found, strict=False)})
        fan = copy_of(Fan, {column.name: value for column, value in zip(_FAN, found[len(_PERSONA) :], strict=True)})
        return persona, fan

    async def rests(self, persona_id: str) -> bool:
        """Whether the persona was paused, or removed, meanwhile."""
        found = await _RESTS.first(self._session, self._which(persona_id))
        return found is None or found != (None, None)

    async def noticed(self, conversation_id: str) -> None:
        """Write down that the AI notice was given."""
        await _NOTICED.run(self._session, {"at": now(), **self._which(conversation_id)})

    def _which(self, id: str) -> dict[str, Any]:
        return {"mine": self._workspace, "which": id}
