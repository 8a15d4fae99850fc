"""Does the day's budget hold? What is reserved counts, what was settled counts at its price, what was released does not."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from gator import clock
from gator.errors import NotFound, Resting, Unavailable
from gator.ids import new_id
from gator.principal import Principal
from memory.models import Spend, SpendTotal
from memory.repositories.spending import Bill, Cap
from memory.store import Store

LIMIT = 1_000


async def reserve(store: Store, who: Principal, microusd: int) -> str:
    async with store.open_work(who) as work:
        return await work.spending.reserve("openai:m", microusd, daily_limit_microusd=LIMIT)


async def spent(store: Store, who: Principal) -> int:
    async with store.open_work(who, reads=True) as work:
        return await work.spending.since_yesterday()


async def test_a_reservation_counts_until_it_is_settled_at_its_price(store: Store, operator: Principal) -> None:
    first, second, third = [await reserve(store, operator, amount) for amount in (100, 200, 300)]
    assert await spent(store, operator) == 600
    async with store.open_work(operator) as work:
        await work.spending.settle([Bill(first, 7, 10, 20), Bill(second)])
        await work.spending.release(third)
    assert await spent(store, operator) == 207
    async with store.open_work(operator, reads=True) as work:
        assert await work.spending.by("what", timedelta(days=1)) == [("openai:m", 207, 10, 20)]


async def test_settled_twice_is_settled_once(store: Store, operator: Principal) -> None:
    one = await reserve(store, operator, 100)
    for _ in range(2):
        async with store.open_work(operator) as work:
            await work.spending.settle([Bill(one, 7, 10, 20)])
    assert await spent(store, operator) == 7


async def test_over_the_budget_nothing_is_reserved(store: Store, operator: Principal) -> None:
    await reserve(store, operator, LIMIT)
    with pytest.raises(Unavailable, match="budget"):
        await reserve(store, operator, 1)
    assert await spent(store, operator) == LIMIT


async def test_of_many_at_once_no_more_are_let_through_than_fit(store: Store, operator: Principal) -> None:
    came = await asyncio.gather(*(reserve(store, operator, 300) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(one, str) for one in came) == 3
    assert await spent(store, operator) == 900


async def test_what_nobody_settled_falls_out_with_its_day(store: Store, operator: Principal) -> None:
    at = datetime(2026, 3, 1, 12, 7, tzinfo=UTC)
    with clock.set_to(lambda: at):
        await reserve(store, operator, 100)
    with clock.set_to(lambda: at + timedelta(hours=24)):
        assert await spent(store, operator) == 100  # it leaves with its quarter of an hour
    with clock.set_to(lambda: at + timedelta(hours=24, minutes=15)):
        assert await spent(store, operator) == 0


async def test_the_totals_are_those_of_the_rows(store: Store, operator: Principal) -> None:
    start = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    for n in range(40):
        with clock.set_to(lambda n=n: start + timedelta(minutes=4 * n)):  # type: ignore[misc]
            one = await reserve(store, operator, 10)
        if n % 3:
            async with store.open_work(operator) as work:
                await work.spending.settle([Bill(one, n)])
    async with store.open_work(operator, reads=True) as work:
        totals = await work.session.scalar(select(func.sum(SpendTotal.microusd)))
        count = await work.session.scalar(select(func.count()).select_from(SpendTotal))
        rows = [row.cost_microusd or row.reserved_microusd for row in await work.session.scalars(select(Spend))]
    assert totals == sum(rows)
    assert count == 11  # quarters of 160 minutes


async def test_what_was_never_reserved_cannot_be_settled(store: Store, operator: Principal) -> None:
    with pytest.raises(NotFound):
        async with store.open_work(operator) as work:
            await work.spending.settle([Bill(new_id(), 1)])


async def test_a_cap_counts_one_fans_day_with_all_personas_or_with_one(store: Store, operator: Principal) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    ada, nova, mira = new_id(), new_id(), new_id()

    async def cost(amount: int, persona: str, fan: str = ada, **limits: int) -> None:
        cap = Cap(noon - timedelta(hours=12), noon + timedelta(hours=12), **limits)
        async with store.open_work(operator) as work:
            await work.spending.reserve(
                "openai:m", amount, daily_limit_microusd=LIMIT, cap=cap, fan_id=fan, persona_id=persona
            )

    with clock.set_to(lambda: noon - timedelta(hours=13)):
        await cost(100, nova)  # was yesterday
    with clock.set_to(lambda: noon):
        await cost(60, nova, microusd=100)
        await cost(40, mira, microusd=100)
        with pytest.raises(Resting) as rests:
            await cost(1, nova, microusd=100)
        assert rests.value.retry_after_s == 12 * 3600
        await cost(40, nova, own_microusd=100)
        with pytest.raises(Resting):
            await cost(1, nova, own_microusd=100)
        await cost(100, nova, fan=new_id(), microusd=100)
