"""Spending: reserved before a call, settled after it, never over the day's budget."""

from datetime import timedelta

from sqlalchemy import case, func, select, text

from gator.clock import now
from gator.errors import Unavailable
from memory.models import Spend
from memory.repositories.base import Repository


class Spending(Repository):
    async def reserve(self, what: str, microusd: int, *, daily_limit_microusd: int, **whose: str | None) -> Spend:
        """Set the estimated cost aside (`whose`: turn_id, persona_id, fan_id, loop). Raises Unavailable over budget."""
        if microusd and self._session.get_bind().dialect.name == "postgresql":
            # SQLite has one writer at a time; PostgreSQL needs a lock so that two do not both take the last cent.
            await self._session.execute(
                text("SELECT pg_advisory_xact_lock(hashtext(:workspace))"), {"workspace": "spend" + self._workspace}
            )
        if microusd and await self.since_yesterday() + microusd > daily_limit_microusd:
            raise Unavailable("The day's budget is spent.", remedy="Raise GATOR_DAILY_BUDGET_USD or wait a day.")
        row = Spend(workspace=self._workspace, what=what, reserved_microusd=microusd, **whose)
        return await self._add(row)

    async def settle(self, id: str, microusd: int, tokens_in: int, tokens_out: int) -> None:
        row = await self._get(Spend, id, "reservation")
        row.state, row.cost_microusd, row.tokens_in, row.tokens_out = "settled", microusd, tokens_in, tokens_out
        await self._session.flush()

    async def settle_in_full(self, id: str) -> None:
        """What was set aside is gone: nobody can say how much of it was used."""
        row = await self._get(Spend, id, "reservation")
        row.state, row.cost_microusd = "settled", row.reserved_microusd
        await self._session.flush()

    async def release(self, id: str) -> None:
        """The call did not happen; nothing was spent."""
        row = await self._get(Spend, id, "reservation")
        row.state = "released"
        await self._session.flush()

    async def since_yesterday(self) -> int:
        """Micro-dollars reserved or spent in the last 24 hours."""
        amount = case((Spend.state == "reserved", Spend.reserved_microusd), else_=Spend.cost_microusd)
        query = select(func.coalesce(func.sum(amount), 0)).where(
            Spend.workspace == self._workspace, Spend.created_at > now() - timedelta(days=1), Spend.state != "released"
        )
        return int((await self._session.scalar(query)) or 0)

    async def by(self, column: str, since: timedelta) -> list[tuple[str, int, int, int]]:
        """(whose, micro-dollars, tokens in, tokens out) for each persona_id, fan_id, loop or model (`what`)."""
        whose = getattr(Spend, column)
        query = (
            select(whose, func.sum(Spend.cost_microusd), func.sum(Spend.tokens_in), func.sum(Spend.tokens_out))
            .where(Spend.workspace == self._workspace, Spend.created_at > now() - since, Spend.state == "settled")
            .group_by(whose)
        )
        return [(row[0] or "", int(row[1]), int(row[2]), int(row[3])) for row in await self._session.execute(query)]
