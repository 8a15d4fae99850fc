"""Who talks in bench.chat_load? Fans on Telegram, Discord and our websocket, each at times of its own, answered or not.

An open loop: what comes slowly is not asked for more slowly. When something reached a fan is noted where the platform's
server takes it, without a poll in between.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bots.discord.drafts import MARK
from tests.chaos.crowd import CHANNELS, PERSONA, Fan, TelegramFan, WebFan, answer, serving
from tests.chaos.history import problems, token
from tests.e2e.program import Program, program
from tests.servers import discord, telegram
from tests.servers.discord_world import Bot, Channel
from tests.servers.echo import EchoServer
from tests.servers.telegram import BotSide, Done

BOTS = {"telegram": 4, "discord": 2}  # a Telegram bot may say 30 messages a second, a Discord bot 50 things
MODEL_S = 0.3
PATIENCE_S = 45.0


class Log(list[Any]):
    """A server's log, which tells of each entry at once."""

    def __init__(self, tell: Callable[[Any], None]) -> None:
        super().__init__()
        self._tell = tell

    def append(self, entry: Any) -> None:
        super().append(entry)
        self._tell(entry)


class Served(Protocol):
    """Whom the fans talk with."""

    url: str

    @property
    def pid(self) -> int: ...


@dataclass
class Platforms:
    """Telegram, Discord and the model, in this process."""

    telegram: telegram.BotApi
    discord: discord.Discord
    model: str
    telegram_bots: list[BotSide]
    discord_bots: list[Bot]
    chats: dict[int, Fan] = field(default_factory=dict)  # Telegram's
    rooms: dict[str, Fan] = field(default_factory=dict)  # Discord's
    _growing: dict[str, Fan] = field(default_factory=dict)  # messages on Discord that are not whole yet

    @property
    def _ours(self) -> list[str]:
        return [bot.id for bot in self.discord_bots]

    def on_telegram(self, entry: Done) -> None:
        if entry.method == "sendMessage" and entry.chat in self.chats:
            self.chats[entry.chat].hear(entry.text)

    def on_discord(self, entry: dict[str, Any]) -> None:
        if entry["what"] == "message" and entry["author"] in self._ours and entry["channel"] in self.rooms:
            self._growing[entry["id"]] = self.rooms[entry["channel"]]
        is_text = entry["what"] in ("message", "edited") and not entry["text"].endswith(MARK)
        if is_text and (fan := self._growing.pop(entry["id"], None)):
            fan.hear(entry["text"])  # whole from the start, or a draft that became whole


@asynccontextmanager
async def platforms() -> AsyncIterator[Platforms]:
    model = EchoServer(answer, MODEL_S)
    async with serving(model.app) as url, telegram.running() as api, discord.running() as other:
        bots = [api.bot(7001 + n, f"inez{n}_bot") for n in range(BOTS["telegram"])]
        others = [other.bot(f"Inez{n}") for n in range(BOTS["discord"])]
        made = Platforms(api, other, url, bots, others)
        api.world, other.log = Log(made.on_telegram), Log(made.on_discord)
        yield made


class OnTelegram(TelegramFan):
    def __init__(self, number: int, there: Platforms) -> None:
        super().__init__(number)
        self._api, self._bot = there.telegram, there.telegram_bots[number % len(there.telegram_bots)]
        there.chats[number] = self

    async def say(self, text: str) -> None:
        self._api.says(self._bot, self._api.person(self.number, f"Fan {self.number}"), text)


class OnDiscord(Fan):
    def __init__(self, number: int, there: Platforms) -> None:
        super().__init__(number)
        self._api = there.discord
        self._user = there.discord.person(f"fan{number}")
        self._room: Channel = there.discord.dm(there.discord_bots[number % len(there.discord_bots)], self._user)
        there.rooms[self._room.id] = self

    async def say(self, text: str) -> None:
        await self._api.say(self._user, self._room, text)


class OnTheWeb(WebFan):
    def __init__(self, number: int, served: Served) -> None:
        super().__init__(number)
        self.stage = _Stage(served)  # type: ignore[assignment]


@dataclass
class _Stage:
    program: Served


class Crowd:
    """So many fans, a third of them on each channel."""

    def __init__(self, there: Platforms, served: Served, size: int, first: int = 1) -> None:
        self.said: dict[int, int] = {}
        self.fans: list[Fan] = []
        for number in range(first, first + size):
            self.said[number] = 0
            channel = CHANNELS[number % 3]
            kinds: dict[str, Callable[[], Fan]] = {
                "telegram": lambda number=number: OnTelegram(number, there),  # type: ignore[misc]
                "discord": lambda number=number: OnDiscord(number, there),  # type: ignore[misc]
                "web": lambda number=number: OnTheWeb(number, served),  # type: ignore[misc]
            }
            self.fans.append(kinds[channel]())

    async def greet(self, per_s: float) -> None:
        """Everybody says hello and is answered, so many a second."""

        async def come(n: int, fan: Fan) -> None:
            await asyncio.sleep(n / per_s)
            await fan.greet(PATIENCE_S)

        came = await asyncio.gather(*(come(n, fan) for n, fan in enumerate(self.fans)), return_exceptions=True)
        away = [f"{channel_of(fan)} {fan.number}" for fan, end in zip(self.fans, came, strict=True) if end]
        if away:
            raise TimeoutError(f"no greeting was answered of {', '.join(away)}")

    async def talk(self, every_s: float, seconds: float, seed: int) -> "Talk":
        """All say something every so often for so long; then what is still out is waited for."""
        chance = random.Random(seed)
        talk = Talk(time.perf_counter())
        await asyncio.gather(*(self._one(fan, every_s, seconds, chance, talk) for fan in self.fans))
        ends = time.perf_counter() + PATIENCE_S
        while talk.open and time.perf_counter() < ends:
            await asyncio.sleep(0.05)
        talk.took_s = time.perf_counter() - talk.began
        return talk

    async def _one(self, fan: Fan, every_s: float, seconds: float, chance: random.Random, talk: "Talk") -> None:
        at = chance.random() * every_s
        while at < seconds:
            await asyncio.sleep(max(0.0, talk.began + at - time.perf_counter()))
            mine = token(fan.number, self.said[fan.number])
            self.said[fan.number] += 1
            talk.tokens.append((fan, mine))
            fan.waits[mine] = time.perf_counter()
            await fan.say(f"and what about {mine}?")
            at += every_s * chance.uniform(0.5, 1.5)

    def problems(self) -> list[str]:
        """What was lost, doubled, swapped or misled of all that was ever said."""
        return problems(self.said, [one for fan in self.fans for one in fan.heard])

    async def leave(self) -> None:
        for fan in self.fans:
            if isinstance(fan, WebFan):
                await fan.hang_up()


@dataclass
class Talk:
    """What was said in one stretch of time, and how long each answer took."""

    began: float
    tokens: list[tuple[Fan, str]] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def open(self) -> bool:
        return any(one not in fan.took_s for fan, one in self.tokens)

    def said(self, channel: str | None = None) -> int:
        return sum(channel in (None, channel_of(fan)) for fan, _ in self.tokens)

    def added_ms(self, channel: str | None = None) -> list[float]:
        """What each answer took beyond the model's own time."""
        some = ((fan, one) for fan, one in self.tokens if channel in (None, channel_of(fan)))
        return [1e3 * (fan.took_s[one] - MODEL_S) for fan, one in some if one in fan.took_s]


def channel_of(fan: Fan) -> str:
    return CHANNELS[fan.number % 3]


# Whom they talk with


@dataclass
class Running:
    url: str
    pid: int


@asynccontextmanager
async def gator(there: Platforms, folder: Path, settle_s: float) -> AsyncIterator[Running]:
    """`gator up`, with all bots brought in as an operator does."""
    talks = {"GATOR_MODEL": "openai:echo", "GATOR_OPENAI_BASE_URL": f"{there.model}/v1", "OPENAI_API_KEY": "sk-none"}
    async with program(folder / "home", GATOR_SETTLE_S=str(settle_s), **talks) as running:
        await _open_accounts(there, running, folder)
        assert running.process is not None
        yield Running(running.url, running.process.pid)


async def _open_accounts(there: Platforms, running: Program, folder: Path) -> None:
    accounts = [("telegram", one.token, there.telegram.url, one.handle) for one in there.telegram_bots]
    accounts += [("discord", one.token, there.discord.url, one.name) for one in there.discord_bots]
    for channel, secret, url, name in accounts:
        kept = folder / f"{name}.token"
        kept.write_text(secret)
        where = ("--name", name, "--persona", PERSONA, "--base-url", url, "--token-file", str(kept))
        await running.gator("account", "add", channel, *where)
    async with asyncio.timeout(60):
        for bot in there.discord_bots:
            await there.discord.gateway.of(bot, 60)
        while not all(bot.polls for bot in there.telegram_bots):
            await asyncio.sleep(0.05)


@asynccontextmanager
async def echo_bot(there: Platforms) -> AsyncIterator[Running]:
    """The bare bot, on the same accounts."""
    told = {
        "model": there.model,
        "telegram": [(there.telegram.url, bot.token) for bot in there.telegram_bots],
        "discord": [(there.discord.url, there.discord.gateway.url, bot.token) for bot in there.discord_bots],
    }
    for bot in there.telegram_bots:
        bot.polls = 0
    command = (sys.executable, "-m", "bench.echo_bot", json.dumps(told))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        port = int(await asyncio.wait_for(process.stdout.readline(), 20))
        for one in there.discord_bots:
            await there.discord.gateway.of(one)
        yield Running(f"http://127.0.0.1:{port}", process.pid)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
