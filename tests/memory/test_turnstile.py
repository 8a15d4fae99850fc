"""Do writers that share a transaction keep what each of them was promised?"""

import asyncio

import pytest
from sqlalchemy import event, func, select

from gator.principal import Principal
from memory.models import User
from memory.store import Store


async def _add(store: Store, who: Principal, name: str, *, fails: bool = False) -> str:
    async with store.open_work(who) as work:
        await work.people.add_user(name, [])
        await asyncio.sleep(0)
        if fails:
            raise ValueError(name)
    return name


async def _names(store: Store, who: Principal) -> set[str]:
    async with store.open_work(who, reads=True) as work:
        return set(await work.session.scalars(select(User.name)))


async def test_of_many_writers_only_those_that_failed_are_taken_back(store: Store, operator: Principal) -> None:
    names = [f"user{n}" for n in range(60)]
    adding = [_add(store, operator, name, fails=n % 7 == 3 or n in (0, 59)) for n, name in enumerate(names)]
    ended = await asyncio.gather(*adding, return_exceptions=True)
    failed = {name for name, end in zip(names, ended, strict=True) if isinstance(end, ValueError)}
    assert len(failed) == 10 + (59 % 7 != 3)
    assert await _names(store, operator) >= set(names) - failed
    assert not await _names(store, operator) & failed


async def _tell(store: Store, who: Principal, name: str, *, fails: bool) -> None:
    async with store.open_work(who) as work:
        await work.devices.tell(
            name, host="here", name=name, kind="cpu", label="", memory_bytes=1, state="ready", jobs=0
        )
        await asyncio.sleep(0)
        if fails:
            raise ValueError(name)


@pytest.mark.parametrize("alone", [True, False])
async def test_what_was_written_by_prepared_statements_alone_is_taken_back_as_well(
    store: Store, operator: Principal, alone: bool
) -> None:
    telling = [_tell(store, operator, f"cpu{n}", fails=n % 3 == 0) for n in range(9)]
    if alone:
        ended = [(await asyncio.gather(one, return_exceptions=True))[0] for one in telling]
    else:
        ended = [*await asyncio.gather(*telling, return_exceptions=True)]
    assert [type(end) for end in ended] == [ValueError, type(None), type(None)] * 3
    async with store.open_work(operator, reads=True) as work:
        assert [one.id for one in await work.devices.all()] == [f"cpu{n}" for n in range(9) if n % 3]


async def test_writers_that_wait_for_each_other_share_a_commit(store: Store, operator: Principal) -> None:
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's writers do not wait for each other")
    commits: list[object] = []
    event.listen(store.engine.sync_engine, "commit", commits.append)
    await asyncio.gather(*(_add(store, operator, f"user{n}") for n in range(40)))
    assert len(commits) < 10
    assert len(await _names(store, operator)) >= 40


async def test_what_is_done_is_there_whoever_is_cancelled_beside_it(store: Store, operator: Principal) -> None:
    for turn in range(30):
        adding = [asyncio.create_task(_add(store, operator, f"{turn}-{n}")) for n in range(6)]
        for _ in range(turn):
            await asyncio.sleep(0)
        for one in adding[turn % 3 :: 2]:
            one.cancel()
        async with asyncio.timeout(20):  # nobody waits for a commit that nobody makes
            ended = await asyncio.gather(*adding, return_exceptions=True)
        assert {end for end in ended if isinstance(end, str)} <= await _names(store, operator)
    async with store.open_work(operator, reads=True) as work:
        assert await work.session.scalar(select(func.count()).select_from(User))
