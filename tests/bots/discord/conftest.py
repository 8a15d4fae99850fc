"""What do tests of Discord stand on? The real library over real sockets, our small Discord, and a real core with its model."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from sqlalchemy import select

from agents.brain import Brain
from agents.models import Mind
from bots import core as cores
from bots.channel import Outbound
from bots.core import Core
from bots.discord.platform import Discord
from bots.hub import Hub
from gator.crypto import seal
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory import models
from memory.models import Account
from memory.store import Store
from tests.fakes import ScriptedModel
from tests.servers import discord
from tests.servers.discord_world import Bot
from tools.personas.character import Character

WAIT_S = 30.0


@dataclass
class Stage:
    """Our small Discord, and a core that talks on it."""

    discord: discord.Discord
    core: Core
    model: ScriptedModel
    platform: Discord
    operator: Principal
    watching: asyncio.Task[None] | None = None

    async def persona(self, name: str = "Nova") -> str:
        async with self.core.store.open_work(self.operator) as work:
            character = Character(name=name, age=27).model_dump(mode="json")
            return (await work.personas.create(name.lower(), name, character, author="tests")).id

    async def account(self, bot: Bot, persona: str | None = None, **options: Any) -> Account:
        """The bot's account, held by these tests as the roster would."""
        async with self.core.store.open_work(self.operator) as work:
            row = Account(
                channel="discord",
                name=bot.name,
                external_id=bot.id,
                persona_id=persona,
                credential=seal(self.core.settings.secret, bot.token),
                options={"base_url": self.discord.url, "identify_pause_s": 0.05, **options},
            )
            added = await work.accounts.add(row)
        return await self.held(added.id)

    async def held(self, account: str) -> Account:
        async with self.core.store.open_work(self.operator) as work:
            taken = await work.accounts.take(account, "tests", timedelta(seconds=60))
        assert taken is not None
        return taken

    async def admit(self, person: str) -> None:
        async with self.core.store.open_work(self.operator) as work:
            await work.accounts.admit("discord", person, self.operator.subject, "Boss")

    @asynccontextmanager
    async def runs(self, *accounts: Account) -> AsyncIterator[None]:
        """The accounts receive and send for the length of the block."""
        bots = {bot.id: bot for bot in self.discord.bots.values()}
        tasks = [
            asyncio.create_task(self.platform.run(one, bots[one.external_id].token, self.core)) for one in accounts
        ]
        watch = asyncio.create_task(self.core.keep_watch())
        try:
            for one, task in zip(accounts, tasks, strict=True):
                await self.up(bots[one.external_id], task)
            yield
        finally:
            for task in [*tasks, watch]:
                task.cancel()
            done = await asyncio.gather(*tasks, watch, return_exceptions=True)
        for error in done:
            if not isinstance(error, asyncio.CancelledError):
                raise error or AssertionError("it stopped by itself")

    async def up(self, bot: Bot, task: "asyncio.Task[None]") -> None:
        looking = asyncio.create_task(self.discord.gateway.of(bot))
        await asyncio.wait({looking, task}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            looking.cancel()
            task.result()
        await looking

    async def journal(self) -> list[models.Inbound]:
        async with self.core.store.open_work(self.operator, reads=True) as work:
            return list(await work.session.scalars(select(models.Inbound).order_by(models.Inbound.id)))

    async def outbox(self) -> list[models.Outbound]:
        async with self.core.store.open_work(self.operator, reads=True) as work:
            return list(await work.session.scalars(select(models.Outbound).order_by(models.Outbound.id)))

    async def heard(self, count: int) -> list[str]:
        """The texts in the journal, once there are so many."""

        async def enough() -> bool:
            return len(await self.journal()) >= count

        await until_so(enough)
        return [row.text for row in await self.journal()]


def item(account: Account, thread: str, text: str = "", **more: Any) -> Outbound:
    """A piece as the outbox hands it over."""
    return Outbound(
        **{
            "id": new_id(),
            "account": account.id,
            "thread": thread,
            "conversation": new_id(),
            "message": new_id(),
            "author": "persona",
            "text": text,
            "assets": [],
            "frame": {},
            **more,
        }
    )


async def until(true: Callable[[], Any]) -> None:
    """Wait until that is so."""
    ends = asyncio.get_running_loop().time() + WAIT_S
    while not true():
        assert asyncio.get_running_loop().time() < ends, "it did not happen"
        await asyncio.sleep(0.01)


async def until_so(true: Callable[[], Awaitable[Any]]) -> None:
    ends = asyncio.get_running_loop().time() + WAIT_S
    while not await true():
        assert asyncio.get_running_loop().time() < ends, "it did not happen"
        await asyncio.sleep(0.02)


@pytest.fixture
async def small() -> AsyncIterator[discord.Discord]:
    """Our small Discord."""
    async with discord.running() as running:
        running.messages_in_5_s = 1_000
        yield running


@pytest.fixture
async def stage(
    small: discord.Discord, settings: Settings, store: Store, operator: Principal, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Stage]]:
    """Builds the stage; its model says these lines. Bursts settle sooner and rows are looked at more often than in earnest."""
    monkeypatch.setattr(cores, "WATCH_EVERY_S", 0.2)
    built: list[Stage] = []

    def build(*lines: Any) -> Stage:
        model = ScriptedModel(lines=list(lines))
        brain = Brain(settings, store, InMemorySaver(), Mind(settings, lambda *_: model))
        quick = settings.model_copy(update={"settle_s": 0.05})
        core = Core(quick, store, brain, Hub(), [])
        platform = Discord()
        core.delivery.add(platform.channel)
        built.append(Stage(small, core, model, platform, operator))
        return built[-1]

    yield build
    for one in built:
        await one.core.stop()
