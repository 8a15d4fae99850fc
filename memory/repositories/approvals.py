"""Approvals: asked for, decided by a person, used once."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select, update

from gator.clock import now
from gator.errors import Conflict
from memory.models import Approval, TurnRow
from memory.repositories.base import Repository


class Approvals(Repository):
    async def ask(
        self,
        capability: str,
        effect: str,
        arguments: dict[str, Any],
        arguments_hash: str,
        *,
        summary: str,
        key: str,
        turn_id: str,
        conversation_id: str,
        lives: timedelta,
    ) -> Approval:
        """Ask a person; the same key again gives the question asked before."""
        row = Approval(
            workspace=self._workspace,
            capability=capability,
            effect=effect,
            arguments=arguments,
            arguments_hash=arguments_hash,
            summary=summary,
            key=key,
            turn_id=turn_id,
            conversation_id=conversation_id,
            asked_by=str(self._principal),
            expires_at=now() + lives,
        )
        return (await self._add_once(row, self._mine(Approval).where(Approval.key == key)))[0]

    async def get(self, id: str) -> Approval:
        return await self._get(Approval, id, "approval")

    async def pending(self) -> list[Approval]:
        query = self._mine(Approval).where(Approval.state == "pending", Approval.expires_at > now())
        return list(await self._session.scalars(query.order_by(Approval.id)))

    async def name(self, assets: Collection[str]) -> bool:
        """Whether a question that waits for a yes names one of these."""
        return any(id in str(one.arguments) for one in await self.pending() for id in assets)

    async def recent(self, *, state: str | None = None, limit: int = 50, before: str | None = None) -> list[Approval]:
        """Newest first, in that state or in any."""
        query = self._mine(Approval)
        query = query.where(Approval.state == state) if state else query
        query = query.where(Approval.id < before) if before else query
        return list(await self._session.scalars(query.order_by(Approval.id.desc()).limit(limit)))

    async def decided_conversations(self) -> list[str]:
        """Conversations with a turn that waits although all it asked for has been decided."""
        return list(await self._session.scalars(self._decided().with_only_columns(TurnRow.conversation_id)))

    async def decided_turn(self, conversation_id: str) -> TurnRow | None:
        """A turn of that conversation that may go on."""
        return await self._session.scalar(self._decided().where(TurnRow.conversation_id == conversation_id).limit(1))

    def _decided(self) -> Select[TurnRow]:
        asked = select(Approval.id).where(Approval.turn_id == TurnRow.id, Approval.state == "pending")
        return self._mine(TurnRow).where(TurnRow.state == "waiting", ~asked.exists())

    async def late(self) -> bool:
        query = self._mine(Approval).where(Approval.state == "pending", Approval.expires_at <= now())
        return await self._session.scalar(query.limit(1)) is not None

    async def of_turn(self, turn_id: str) -> list[Approval]:
        return list(await self._session.scalars(self._mine(Approval).where(Approval.turn_id == turn_id)))

    async def latest(self, id: str) -> Approval:
        """The question of that id, or the one that took its place."""
        row = await self.get(id)
        while row.revised_to:
            row = await self.get(row.revised_to)
        return row

    async def revise(self, id: str, arguments: dict[str, Any], arguments_hash: str, summary: str, by: str) -> Approval:
        """Ask the same with other arguments in its place. Raises Conflict as `decide`."""
        old = await self.decide(id, "revised", by)
        count = await self._session.scalar(
            self._mine(Approval).where(Approval.turn_id == old.turn_id).with_only_columns(func.count())
        )
        new = await self.ask(
            old.capability,
            old.effect,
            arguments,
            arguments_hash,
            summary=summary,
            key=f"{old.key[:100]}:r{count}",
            turn_id=old.turn_id,
            conversation_id=old.conversation_id,
            lives=old.expires_at - now(),
        )
        old.revised_to = new.id
        await self._session.flush()
        return new

    async def decide(self, id: str, state: str, by: str) -> Approval:
        """Write the decision down: approved, rejected, regenerate or revised.

        Raises Conflict when it was decided before or came too late.
        """
        changed = await self._session.execute(
            update(Approval)
            .where(
                Approval.workspace == self._workspace,
                Approval.id == id,
                Approval.state == "pending",
                Approval.expires_at > now(),
            )
            .values(state=state, decided_by=by, decided_at=now())
            .returning(Approval.id)
        )
        row = await self.get(id)
        if changed.scalar_one_or_none() is None:
            late = row.state == "pending"
            raise Conflict("The approval has expired." if late else f"It was already {row.state}.", remedy="Ask again.")
        await self._session.refresh(row)
        return row

    async def use(self, id: str, arguments_hash: str) -> bool:
        """Spend an approved one on exactly these arguments; False for any other, a second time, or too late."""
        used = await self._session.execute(
            update(Approval)
            .where(
                Approval.workspace == self._workspace,
                Approval.id == id,
                Approval.state == "approved",
                Approval.arguments_hash == arguments_hash,
                Approval.expires_at > now(),
            )
            .values(state="used")
            .returning(Approval.id)
        )
        return used.scalar_one_or_none() is not None

    async def expire(self) -> list[Approval]:
        """Close the questions nobody answered in time; gives those closed now."""
        late = list(
            await self._session.scalars(
                self._mine(Approval).where(Approval.state == "pending", Approval.expires_at <= now())
            )
        )
        for row in late:
            row.state = "expired"
        await self._session.flush()
        return late
