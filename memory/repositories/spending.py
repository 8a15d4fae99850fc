"""Spending: reserved before a call, settled after it, never over the day's budget.

Whether the budget holds is asked before every call, so what a day adds up to is kept beside the rows, by quarters of an hour
of when they were reserved: a total changes in the transaction that changes its row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, and_, bindparam, case, func, select, text, update

from gator.clock import now
from gator.errors import NotFound, Resting, Unavailable
from gator.ids import new_id
from memory.models import Spend, SpendTotal
from memory.prepared import Prepared
from memory.repositories.base import Repository, insert_into, row_of, table_of

QUARTER_S = 900
_S, _T = table_of(Spend), table_of(SpendTotal)
_CHANGE = update(_S).where(_S.c.workspace == bindparam("mine"), _S.c.id == bindparam("which"))
_FROM_WHAT = Prepared(
    select(_S.c.state, _S.c.reserved_microusd, _S.c.cost_microusd, _S.c.created_at).where(
        _S.c.workspace == bindparam("mine"), _S.c.id == bindparam("which")
    )
)
_END = Prepared(
    _CHANGE.values(
        state=bindparam("becomes"),
        cost_microusd=bindparam("cost"),
        tokens_in=bindparam("read"),
        tokens_out=bindparam("wrote"),
    )
)
_SINCE = Prepared(
    select(func.coalesce(func.sum(_T.c.microusd), 0)).where(
        _T.c.workspace == bindparam("mine"), _T.c.since > bindparam("then")
    )
)


def _sum(values: ColumnElement[int], *only: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((and_(*only), values), else_=0) if only else values), 0)


_COUNTED = case((_S.c.state == "reserved", _S.c.reserved_microusd), else_=_S.c.cost_microusd)
_TOKENS = _S.c.tokens_in + _S.c.tokens_out
_HERS = _S.c.persona_id == bindparam("persona")
_FANS_DAY = Prepared(
    select(_sum(_COUNTED), _sum(_TOKENS), _sum(_COUNTED, _HERS), _sum(_TOKENS, _HERS)).where(
        _S.c.workspace == bindparam("mine"), _S.c.fan_id == bindparam("fan"), _S.c.created_at >= bindparam("then")
    )
)


@dataclass(frozen=True, slots=True)
class Cap:
    """What one fan may cost in a day: with all personas together, and with one by that persona's own word. None: no limit."""

    since: datetime  # when the day began
    until: datetime
    microusd: int | None = None
    tokens: int | None = None
    own_microusd: int | None = None
    own_tokens: int | None = None

    @property
    def limits(self) -> list[int | None]:
        return [self.microusd, self.tokens, self.own_microusd, self.own_tokens]


@dataclass(frozen=True, slots=True)
class Bill:
    """What a reservation came to; all of it where nobody can say."""

    spend: str  # the reservation's id
    microusd: int | None = None
    tokens_in: int = 0
    tokens_out: int = 0


@cache
def _count(dialect: str) -> Prepared:
    insert = insert_into(SpendTotal, dialect)
    more = {"microusd": _T.c.microusd + insert.excluded.microusd}
    return Prepared(insert.on_conflict_do_update(index_elements=[_T.c.workspace, _T.c.since], set_=more))


class Spending(Repository):
    async def reserve(
        self, what: str, microusd: int, *, daily_limit_microusd: int, cap: Cap | None = None, **whose: str | None
    ) -> str:
        """Set the estimated cost aside (`whose`: turn_id, persona_id, fan_id, loop); gives the reservation's id.

        Raises Unavailable over budget, Resting where the fan is over theirs.
        """
        if microusd:
            await self.one_at_a_time()  # or two would both take the last cent
        if microusd and await self.since_yesterday() + microusd > daily_limit_microusd:
            raise Unavailable("The day's budget is spent.", remedy="Raise GATOR_DAILY_BUDGET_USD or wait a day.")
        if cap and (fan := whose.get("fan_id")):
            await self._check_fan(cap, fan, whose.get("persona_id") or "", microusd)
        id, at = new_id(), now()
        await self._insert(Spend, id=id, created_at=at, what=what, reserved_microusd=microusd, **whose)
        await self._count(at, microusd)
        return id

    async def one_at_a_time(self) -> None:
        """Let nobody else use up what is bounded until this transaction ends (SQLite has one writer anyway)."""
        if self._dialect == "postgresql":
            await self._session.execute(
                text("SELECT pg_advisory_xact_lock(hashtext(:workspace))"), {"workspace": "spend" + self._workspace}
            )

    async def _check_fan(self, cap: Cap, fan: str, persona: str, microusd: int) -> None:
        """Tokens count once they are known: what is under way may go a reply over."""
        if all(limit is None for limit in cap.limits):
            return
        values = {"mine": self._workspace, "fan": fan, "persona": persona, "then": cap.since}
        used = await _FANS_DAY.first(self._session, values) or (0, 0, 0, 0)
        for spent, more, limit in zip(used, (microusd, 1, microusd, 1), cap.limits, strict=True):
            if limit is not None and spent + more > limit:
                raise Resting(
                    "The fan's budget of the day is spent.",
                    remedy="Raise GATOR_FAN_DAILY_BUDGET_USD or GATOR_FAN_DAILY_TOKENS, or the persona's own.",
                    retry_after_s=(cap.until - now()).total_seconds(),
                )

    async def settle(self, bills: Iterable[Bill]) -> None:
        """Write down what these reservations came to."""
        for bill in bills:
            await self._end(bill.spend, "settled", bill.microusd, bill.tokens_in, bill.tokens_out)

    async def release(self, id: str) -> None:
        """The call did not happen; nothing was spent."""
        await self._end(id, "released", 0)

    async def since_yesterday(self) -> int:
        """Micro-dollars reserved or spent in the last 24 hours, and in up to a quarter of an hour before."""
        day = {"mine": self._workspace, "then": _quarter(now() - timedelta(days=1)) - timedelta(seconds=1)}
        found = await _SINCE.first(self._session, day)
        return int(found[0]) if found else 0

    async def by(self, column: str, since: timedelta) -> list[tuple[str, int, int, int]]:
        """(whose, micro-dollars, tokens in, tokens out) for each persona_id, fan_id, loop or model (`what`)."""
        whose = getattr(Spend, column)
        query = (
            select(whose, func.sum(Spend.cost_microusd), func.sum(Spend.tokens_in), func.sum(Spend.tokens_out))
            .where(Spend.workspace == self._workspace, Spend.created_at > now() - since, Spend.state == "settled")
            .group_by(whose)
        )
        return [(row[0] or "", int(row[1]), int(row[2]), int(row[3])) for row in await self._session.execute(query)]

    async def _end(self, id: str, state: str, microusd: int | None, tokens_in: int = 0, tokens_out: int = 0) -> None:
        """End the reservation at that cost, or at what was set aside."""
        which = {"mine": self._workspace, "which": id}
        found = await _FROM_WHAT.first(self._session, which)
        if found is None:
            raise NotFound(f"There is no reservation {id}.")
        was, reserved, cost, at = found
        costs = reserved if microusd is None else microusd
        counted = reserved if was == "reserved" else cost
        await _END.run(
            self._session, {**which, "becomes": state, "cost": costs, "read": tokens_in, "wrote": tokens_out}
        )
        await self._count(at, costs - counted)

    async def _count(self, at: datetime, microusd: int) -> None:
        """Add to the total of the time at which that was reserved."""
        if microusd:
            row = row_of(SpendTotal, workspace=self._workspace, since=_quarter(at), microusd=microusd)
            await _count(self._dialect).run(self._session, row)


def _quarter(at: datetime) -> datetime:
    """When its quarter of an hour began."""
    return datetime.fromtimestamp(at.timestamp() // QUARTER_S * QUARTER_S, UTC)
