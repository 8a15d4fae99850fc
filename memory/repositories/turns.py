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
from memory.repositories.base import Repository, insert_into, row_of, table_of

_C, _I, _T = table_of(Conversation), table_of(Inbound), table_of(TurnRow)
_FREE = or_(_C.c.lease_until.is_(None), _C.c.lease_until < bindparam("at"), _C.c.lease_owner == bindparam("owner"))
_TAKE = (
    select(Conversation)
    .from_statement(
        update(_C)
        .where(_C.c.workspace == bindparam("mine"), _C.c.id == bindparam("which"), _FREE)
        .values(lease_owner=bindparam("owner"), lease_until=bindparam("until"), fence=_C.c.fence + 1)
        .returning(_C)
    )
    .execution_options(populate_existing=True)
)
_UNDER_FENCE = (
    update(_C)
    .where(_C.c.workspace == bindparam("mine"), _C.c.id == bindparam("which"), _C.c.fence == bindparam("held"))
    .returning(_C.c.id)
)
_RENEW = Prepared(_UNDER_FENCE.values(lease_until=bindparam("until")))
_LET_GO = Prepared(_UNDER_FENCE.values(lease_owner=None, lease_until=None))
_WAITING = Prepared(
    select(_I.c.id, _I.c.text, _I.c.principal)
    .where(_I.c.workspace == bindparam("mine"), _I.c.conversation_id == bindparam("which"), _I.c.state == "open")
    .order_by(_I.c.id)
)
_CLOSE = Prepared(
    update(_T)
    .where(_T.c.workspace == bindparam("mine"), _T.c.id == bindparam("which"))
    .values(state=bindparam("becomes"), closed_at=bindparam("at"))
)
_PEOPLE = (
    select(Persona, Fan)
    .join(Fan, Fan.workspace == Persona.workspace)
    .where(Persona.workspace == bindparam("mine"), Persona.id == bindparam("persona"), Fan.id == bindparam("fan"))
)


@cache
def _begin(dialect: str) -> Prepared:
    insert = insert_into(TurnRow, dialect)
    again = insert.on_conflict_do_update(index_elements=[_T.c.id], set_={"attempts": _T.c.attempts + 1})
    return Prepared(again.returning(_T.c.attempts))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message in the journal that waits for an answer."""

    id: str  # of the message too
    text: str
    principal: dict[str, Any]


class Turns(Repository):
    async def take(self, conversation_id: str, owner: str, lives: timedelta) -> Conversation | None:
        """Take the conversation for a while, with its new fence; None while somebody else holds it."""
        at = now()
        values = {"owner": owner, "at": at, "until": at + lives, **self._which(conversation_id)}
        taken: Conversation | None = await self._session.scalar(_TAKE, values)
        return taken

    async def renew(self, conversation_id: str, fence: int, lives: timedelta) -> bool:
        """Hold the lease longer; False when it was lost to another."""
        values = {"held": fence, "until": now() + lives, **self._which(conversation_id)}
        return bool(await _RENEW.run(self._session, values))

    async def let_go(self, conversation_id: str, fence: int) -> bool:
        """End the lease; False when it was lost to another, whose turn it is now.

        Asked in the transaction that closes a turn, first of all: what a process without the lease did must not be kept.
        """
        return bool(await _LET_GO.run(self._session, {"held": fence, **self._which(conversation_id)}))

    async def waiting(self, conversation_id: str) -> list[Waiting]:
        """What waits for an answer in that conversation, oldest first."""
        return [Waiting(*row) for row in await _WAITING.run(self._session, self._which(conversation_id))]

    async def begin(self, first: Waiting, conversation_id: str) -> int:
        """Open the turn, or open it again when its process died; which attempt at it this is.

        A turn has the id of the first message that it answers, so that it is the same turn again after a crash.
        """
        values = {"conversation_id": conversation_id, "principal": first.principal, "attempts": 1}
        row = row_of(TurnRow, id=first.id, workspace=self._workspace, **values)
        ((attempt,),) = await _begin(self._dialect).run(self._session, row)
        return int(attempt)

    async def close(self, id: str, state: str, at: datetime | None) -> None:
        """End it as `closed` or `failed`, or let it be `waiting` for a person (then `at` is None)."""
        await _CLOSE.run(self._session, {"becomes": state, "at": at, **self._which(id)})

    async def people(self, persona_id: str, fan_id: str) -> tuple[Persona, Fan]:
        """Who talks with whom. Raises NotFound when the persona was removed."""
        values = {"mine": self._workspace, "persona": persona_id, "fan": fan_id}
        found = (await self._session.execute(_PEOPLE, values)).first()
        if found is None or found[0].deleted_at:
            raise NotFound(f"There is no persona {persona_id}.")
        return found[0], found[1]

    def _which(self, id: str) -> dict[str, Any]:
        return {"mine": self._workspace, "which": id}
