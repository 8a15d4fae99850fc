"""The roster: each account runs in one process, on its own, as its row says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest

from bots import roster as rosters
from bots.channel import Channel
from bots.platforms import Checked
from bots.roster import Roster
from gator.crypto import seal
from gator.errors import Refused, Unavailable
from gator.principal import Principal
from gator.settings import Settings
from memory.models import Account
from memory.store import Store

if TYPE_CHECKING:
    from bots.core import Core

SOON_S = 10.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rosters, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(rosters, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(rosters, "RENEW_AFTER_S", 0.1)


@dataclass
class Stage:
    """A platform of ours: each account does what the test says, by its token."""

    does: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    channel: Channel = field(default_factory=lambda: cast(Channel, None))  # nothing is sent here

    async def check(self, token: str, options: dict[str, Any]) -> Checked:
        return Checked(token, token)

    async def run(self, account: Account, token: str, core: "Core") -> None:
        self.started.append(token)
        self.running.append(token)
        try:
            await self.does.get(token, asyncio.Event().wait)()
        finally:
            self.running.remove(token)


@dataclass
class House:
    """As much of a core as a roster looks at."""

    settings: Settings
    store: Store
    sends_on: list[Channel] = field(default_factory=list)

    @property
    def delivery(self) -> "House":
        return self

    def add(self, channel: Channel) -> None:
        self.sends_on.append(channel)


@pytest.fixture
async def keep(settings: Settings, store: Store) -> AsyncIterator[Callable[[Stage], "asyncio.Task[None]"]]:
    kept: list[asyncio.Task[None]] = []

    def start(stage: Stage) -> "asyncio.Task[None]":
        core = cast(Any, House(settings, store))
        kept.append(asyncio.create_task(Roster(core, lambda _: stage).keep()))
        return kept[-1]

    yield start
    for task in kept:
        task.cancel()
    await asyncio.gather(*kept, return_exceptions=True)


async def add(store: Store, settings: Settings, operator: Principal, name: str) -> str:
    row = Account(channel="telegram", name=name, external_id=name, credential=seal(settings.secret, name), options={})
    async with store.open_work(operator) as work:
        return (await work.accounts.add(row)).id


async def row_of(store: Store, operator: Principal, id: str) -> Account:
    async with store.open_work(operator, reads=True) as work:
        return await work.accounts.get(id)


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(SOON_S):
        while not (await found if isinstance(found := true(), Awaitable) else found):
            await asyncio.sleep(0.02)


async def test_what_is_enabled_runs_with_its_token_and_ends_when_switched_off(
    store: Store, settings: Settings, operator: Principal, keep: Any
) -> None:
    stage = Stage()
    keep(stage)
    id = await add(store, settings, operator, "one")
    await add(store, settings, operator, "two")
    await until(lambda: sorted(stage.running) == ["one", "two"])
    async with store.open_work(operator) as work:
        (await work.accounts.get(id)).enabled = False
    await until(lambda: stage.running == ["two"])
    async with store.open_work(operator) as work:
        (await work.accounts.get(id)).enabled = True
    await until(lambda: sorted(stage.running) == ["one", "two"])


async def test_a_removed_account_ends(store: Store, settings: Settings, operator: Principal, keep: Any) -> None:
    stage = Stage()
    keep(stage)
    id = await add(store, settings, operator, "one")
    await until(lambda: stage.running == ["one"])
    async with store.open_work(operator) as work:
        await work.accounts.remove(id)
    await until(lambda: not stage.running)


async def test_of_two_processes_one_runs_the_account_and_the_other_takes_over(
    store: Store, settings: Settings, operator: Principal, keep: Any
) -> None:
    one, other = Stage(), Stage()
    first = keep(one)
    id = await add(store, settings, operator, "bot")
    await until(lambda: one.running == ["bot"])
    if store.url.startswith("postgres"):  # several processes use one database there
        keep(other)
        await asyncio.sleep(0.3)
        assert other.started == []
        first.cancel()
        await until(lambda: other.running == ["bot"])
    else:
        first.cancel()
    await until(lambda: one.running == [])
    if store.url.startswith("sqlite"):
        assert (await row_of(store, operator, id)).lease_owner is None


async def test_an_account_whose_lease_went_to_another_process_ends_here(
    store: Store, settings: Settings, operator: Principal, keep: Any
) -> None:
    stage = Stage()
    keep(stage)
    id = await add(store, settings, operator, "bot")
    await until(lambda: stage.running == ["bot"])
    async with store.open_work(operator) as work:
        (await work.accounts.get(id)).lease_owner = "another"
    await until(lambda: not stage.running)


async def test_an_account_refused_says_why_and_rests_until_its_row_changes(
    store: Store, settings: Settings, operator: Principal, keep: Any
) -> None:
    async def refuse() -> None:
        raise Refused("The token was revoked.", remedy="Make a new one.")

    stage = Stage({"bot": refuse})
    keep(stage)
    id = await add(store, settings, operator, "bot")

    async def told() -> bool:
        return "revoked" in (await row_of(store, operator, id)).error

    await until(told)
    await asyncio.sleep(0.3)
    assert stage.started == ["bot"]
    async with store.open_work(operator) as work:
        (await work.accounts.get(id)).credential = seal(settings.secret, "new")
    await until(lambda: stage.running == ["new"])


async def test_what_passes_is_tried_again(store: Store, settings: Settings, operator: Principal, keep: Any) -> None:
    tries = [Unavailable("The network is away."), RuntimeError("a bug")]

    async def stumble() -> None:
        if tries:
            raise tries.pop(0)
        await asyncio.Event().wait()

    stage = Stage({"bot": stumble})
    keep(stage)
    id = await add(store, settings, operator, "bot")
    await until(lambda: len(stage.started) == 3 and stage.running == ["bot"])
    assert "RuntimeError" in (await row_of(store, operator, id)).error


async def test_an_error_is_forgotten_once_the_account_has_run_for_a_while(
    store: Store, settings: Settings, operator: Principal, keep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rosters, "STEADY_S", 0.1)
    id = await add(store, settings, operator, "bot")
    async with store.open_work(operator) as work:
        await work.accounts.failed(id, "The network is away.")
    keep(Stage())

    async def forgotten() -> bool:
        return not (await row_of(store, operator, id)).error

    await until(forgotten)


async def test_one_that_breaks_hurts_no_other(store: Store, settings: Settings, operator: Principal, keep: Any) -> None:
    async def break_down() -> None:
        raise RuntimeError("a bug")

    stage = Stage({"bad": break_down})
    keep(stage)
    await add(store, settings, operator, "bad")
    await add(store, settings, operator, "good")
    await until(lambda: stage.started.count("bad") > 2)
    assert stage.started.count("good") == 1
    assert "good" in stage.running


async def test_a_token_sealed_with_another_key_is_said_to_be_so(
    store: Store, settings: Settings, operator: Principal, keep: Any
) -> None:
    stage = Stage()
    keep(stage)
    row = Account(channel="telegram", name="old", external_id="1", credential=seal("another key" * 3, "x"), options={})
    async with store.open_work(operator) as work:
        id = (await work.accounts.add(row)).id

    async def told() -> bool:
        return "GATOR_SECRET_KEY" in (await row_of(store, operator, id)).error

    await until(told)
    assert stage.started == []
