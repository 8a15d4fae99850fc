"""What do tests of Telegram stand on? The real library over real sockets, our Bot API server, and a core that writes down.

Most of it runs on SQLite only; what polls and talks runs on both databases.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from agents.brain import Brain
from agents.models import Mind
from bots.channel import Channel, Inbound, Outbound
from bots.core import Core
from bots.hub import Hub
from bots.presses import Pressed
from bots.telegram.platform import Telegram
from gator.crypto import seal
from gator.errors import Conflict, Forbidden, Refused
from gator.ids import new_id
from gator.principal import Principal
from gator.settings import Settings
from memory.models import Account
from memory.store import Store
from tests import databases
from tests.fakes import ScriptedModel
from tests.servers import telegram
from tests.servers.telegram import BotApi, BotSide
from tools.personas.character import Character

WAIT_S = 10.0


class RecordingCore(Core):
    """The core, which keeps what a channel gives it and answers nothing of it."""

    def __init__(self, settings: Settings, store: Store, channel: Channel) -> None:
        hub = Hub()
        brain = Brain(settings, store, InMemorySaver(), Mind(settings, lambda *_: ScriptedModel(lines=[])))
        super().__init__(settings, store, brain, hub, [channel])
        self.received: list[Inbound] = []
        self.corrected: list[tuple[str, str]] = []
        self.presses: dict[str, tuple[str, bool]] = {}  # press: (whose, asks for a text)
        self.pressed: list[str] = []
        self.breaks: list[Exception] = []  # raised by the next calls of receive

    async def receive(self, inbound: Inbound) -> str | None:
        if self.breaks:
            raise self.breaks.pop(0)
        if not inbound.text.strip() and not inbound.attachments:
            raise Refused("The message is empty.")
        if any(one.platform_id == inbound.platform_id and one.account == inbound.account for one in self.received):
            return None
        self.received.append(inbound)
        return new_id()

    async def edited(self, channel: str, account: str, platform_id: str, text: str, *, workspace: str) -> None:
        self.corrected.append((platform_id, text))

    async def press(self, principal: Principal, press: str, text: str | None = None, room: str = "") -> Pressed:
        if press not in self.presses:
            raise Conflict("That was decided already.")
        whose, asks = self.presses[press]
        if whose != principal.subject:
            raise Forbidden("That is for the operator it was sent to.")
        del self.presses[press]
        self.pressed.append(press)
        return Pressed("Approved.", asks)

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.received]


@dataclass
class Stage:
    """Telegram, our server and a core, with as many bots as a test adds."""

    api: BotApi
    core: RecordingCore
    platform: Telegram
    operator: Principal

    async def account(self, side: BotSide, persona: str | None = None, **options: Any) -> Account:
        async with self.core.store.open_work(self.operator) as work:
            row = Account(
                channel="telegram",
                name=side.handle,
                external_id=str(side.id),
                handle=side.handle,
                persona_id=persona,
                credential=seal(self.core.settings.secret, side.token),
                options={"base_url": self.api.url, **options},
            )
            added = await work.accounts.add(row)
        return await self.held(added.id)

    async def held(self, account: str) -> Account:
        """The account as whoever keeps it running has it: under a lease."""
        async with self.core.store.open_work(self.operator) as work:
            taken = await work.accounts.take(account, "tests", timedelta(seconds=60))
        assert taken is not None
        return taken

    @asynccontextmanager
    async def runs(self, *accounts: Account) -> AsyncIterator[list[asyncio.Task[None]]]:
        """The accounts receive and send for the length of the block; raises what one of them ended with."""
        tokens = {str(side.id): side.token for side in self.api.bots.values()}
        tasks = [asyncio.create_task(self.platform.run(one, tokens[one.external_id], self.core)) for one in accounts]
        try:
            await until(lambda: all(self.platform.channel.holds(one.id) for one in accounts) or _ended(tasks))
            yield tasks
        finally:
            for task in tasks:
                task.cancel()
            done = await asyncio.gather(*tasks, return_exceptions=True)
        for error in done:
            if not isinstance(error, asyncio.CancelledError):
                raise error or AssertionError("it stopped by itself")

    async def persona(self, name: str = "Nova") -> str:
        async with self.core.store.open_work(self.operator) as work:
            character = Character(name=name, age=27).model_dump(mode="json")
            return (await work.personas.create(name.lower(), name, character, author="tests")).id

    async def admit(self, person: dict[str, Any], to: str = "") -> None:
        """Know that person as an operator (the owner)."""
        async with self.core.store.open_work(self.operator) as work:
            await work.accounts.admit("telegram", str(person["id"]), to or self.operator.subject, person["first_name"])


def _ended(tasks: list[asyncio.Task[None]]) -> bool:
    return any(task.done() for task in tasks)


async def until(true: Callable[[], Any], what: str = "it") -> None:
    """Wait until that is so."""
    ends = asyncio.get_running_loop().time() + WAIT_S
    while not true():
        assert asyncio.get_running_loop().time() < ends, f"{what} did not happen"
        await asyncio.sleep(0.01)


async def until_so(true: Callable[[], Awaitable[Any]]) -> None:
    ends = asyncio.get_running_loop().time() + WAIT_S
    while not await true():
        assert asyncio.get_running_loop().time() < ends, "it did not happen"
        await asyncio.sleep(0.02)


def piece(account: Account, thread: str | int, text: str = "", **more: Any) -> Outbound:
    return Outbound(
        id=new_id(),
        account=account.id,
        thread=str(thread),
        conversation=new_id(),
        message=new_id(),
        author="persona",
        text=text,
        assets=[],
        frame={},
        **more,
    )


@pytest.fixture
def database_url(home: Path) -> str:
    shutil.copy(databases.migrated_sqlite(), home / "gator.db")
    return f"sqlite+aiosqlite:///{home / 'gator.db'}"


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with telegram.running() as api:
        yield api


@pytest.fixture
async def stage(api: BotApi, store: Store, settings: Settings, operator: Principal) -> AsyncIterator[Stage]:
    platform = Telegram(answer_s=2.0)
    core = RecordingCore(settings, store, platform.channel)
    yield Stage(api, core, platform, operator)
    await core.stop()
