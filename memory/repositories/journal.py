"""The journal: what came in, once, and whether it was answered."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, or_, update

from gator.clock import now
from gator.ids import new_id
from memory.models import Inbound
from memory.prepared import Prepared
from memory.repositories.base import Repository, table_of

FAR = timedelta(hours=25)  # a night is shorter: a clock was wrong
_I = table_of(Inbound)
_CLOSE = Prepared(
    update(_I)
    .where(_I.c.workspace == bindparam("mine"), _I.c.id == bindparam("which"), _I.c.state == "open")
    .values(state=bindparam("becomes"), turn_id=bindparam("turn"))
    .returning(_I.c.id, _I.c.text)
)


class Journal(Repository):
    async def take_in(
        self,
        channel: str,
        account: str,
        platform_id: str,
        *,
        conversation_id: str,
        principal: dict[str, Any],
        text: str,
        attachments: list[Any] | None = None,
        settle: timedelta = timedelta(),
        state: str = "open",
    ) -> str | None:
        """Write it down; its id, or None when the platform's message id is there already.

        It is not answered before `settle` has passed, so that what belongs together is answered together.
        """
        id = new_id()
        new = await self._insert_once(
            Inbound,
            id=id,
            channel=channel,
            account=account,
            platform_id=platform_id,
            conversation_id=conversation_id,
            principal=principal,
            text=text,
            attachments=attachments or [],
            ready_at=now() + settle,
            state=state,
        )
        return id if new else None

    async def open_conversations(self, limit: int = 100) -> list[str]:
        """Conversations in which something waits, the longest waiting first."""
        at = now()
        ready = or_(Inbound.ready_at <= at, Inbound.ready_at > at + FAR)
        query = self._mine(Inbound).where(Inbound.state == "open", ready)
        query = query.order_by(Inbound.created_at).limit(limit)
        return list(dict.fromkeys([row.conversation_id for row in await self._session.scalars(query)]))

    async def close(self, ids: list[str], state: str, turn_id: str | None = None) -> dict[str, str]:
        """Mark those that still wait `answered`, `held` or `dropped`; gives how each of them reads now.

        What its author took back meanwhile stays so.
        """
        closed: list[tuple[str, str]] = []
        for id in ids:  # nearly always one
            values = {"mine": self._workspace, "which": id, "becomes": state, "turn": turn_id}
            closed += [(row[0], row[1]) for row in await _CLOSE.run(self._session, values)]
        return dict(closed)

    async def get(self, id: str) -> Inbound:
        return await self._get(Inbound, id, "message")

    async def find(self, channel: str, account: str, platform_id: str) -> Inbound | None:
        """What the platform knows by that id."""
        return await self._session.scalar(
            self._mine(Inbound).where(
                Inbound.channel == channel, Inbound.account == account, Inbound.platform_id == platform_id
            )
        )

    async def waiting_rows(self, conversation_id: str) -> list[Inbound]:
        """The whole rows of what waits in a conversation, oldest first."""
        query = self._mine(Inbound).where(Inbound.conversation_id == conversation_id, Inbound.state == "open")
        return list(await self._session.scalars(query.order_by(Inbound.id)))

    async def rewrite(self, id: str, text: str) -> None:
        """Its author changed it."""
        await self._change([id], text=text)

    async def take_back(self, id: str) -> None:
        """Its author deleted it: nothing of it stays, and it is not answered if it was not yet."""
        await self._change([id], text="", attachments=[])
        if (await self.get(id)).state == "held":  # by a person, so that it would be answered when they hand back
            await self._change([id], state="dropped")
        await self.close([id], "dropped")

    async def take_in_what_came(self, id: str, text: str, attachments: list[Any]) -> None:
        """Keep what was heard and seen in a message's attachments."""
        await self._change([id], text=text, attachments=attachments)

    async def hold_back(self, ids: list[str], until: datetime) -> None:
        """Have them answered no sooner."""
        await self._change(ids, ready_at=until)

    async def held_since(self, conversation_id: str, message_id: str | None, limit: int) -> list[Inbound]:
        """The last of what came after that message while a person answered, and was not taken back; oldest first."""
        query = self._held(conversation_id, message_id).order_by(Inbound.id.desc()).limit(limit)
        return [*await self._session.scalars(query)][::-1]

    async def first_held_since(self, conversation_id: str, message_id: str | None) -> Inbound | None:
        """As `held_since`, what has waited longest."""
        return await self._session.scalar(self._held(conversation_id, message_id).order_by(Inbound.id).limit(1))

    def _held(self, conversation_id: str, message_id: str | None) -> Select[Inbound]:
        query = self._mine(Inbound).where(Inbound.conversation_id == conversation_id, Inbound.state == "held")
        return query.where(Inbound.id > message_id) if message_id else query

    async def reopen_since(self, conversation_id: str, message_id: str | None) -> list[str]:
        """What was held after that message waits for an answer again; the ids of those."""
        query = self._mine(Inbound).where(Inbound.conversation_id == conversation_id, Inbound.state == "held")
        query = query.where(Inbound.id > message_id) if message_id else query
        ids = list(await self._session.scalars(query.with_only_columns(Inbound.id)))
        await self._change(ids, state="open", ready_at=now())
        return ids

    async def _change(self, ids: list[str], **values: Any) -> None:
        await self._session.execute(
            update(Inbound)
            .where(Inbound.workspace == self._workspace, Inbound.id.in_(ids))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
