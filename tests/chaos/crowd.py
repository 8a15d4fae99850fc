"""Who talks with Gator, from outside? Fans on Telegram, Discord and our own websocket, all with one persona.

Platforms are our own servers, which write down what reached them; a fan on the websocket keeps what it saw. A fan says
the next thing once the last one was answered, or could not be for a while: people do not wait for ever either.
"""

import asyncio
import json
import random
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import websockets
from aiohttp import web

from tests.chaos.history import TOKEN, Heard, token
from tests.e2e.program import Program
from tests.servers.discord import Discord
from tests.servers.echo import EchoServer
from tests.servers.telegram import BotApi, BotSide

PERSONA = "inez-carvalho"
CHANNELS = ("telegram", "discord", "web")
NO_TLS = ssl.create_default_context()  # made once: a client of each fan would read all certificates each time
LONGEST_PAUSE_S = 3.0


def answer(asked: list[str]) -> str:
    """What the model says: the tokens that it answers."""
    tokens = [match[0] for text in asked for match in TOKEN.finditer(text)]
    return f"Noted: {' '.join(tokens)}." if tokens else "Noted."


@dataclass
class Fan(ABC):
    """Somebody in one conversation."""

    number: int
    heard: list[Heard] = field(default_factory=list)
    waits: dict[str, float] = field(default_factory=dict)  # token: when it was said, by the loop's clock
    took_s: dict[str, float] = field(default_factory=dict)  # token: how long the answer took
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @abstractmethod
    async def say(self, text: str) -> None: ...

    def hear(self, text: str) -> None:
        """Something reached the fan."""
        self.heard.append(Heard(self.number, text))
        for match in TOKEN.finditer(text):
            if match[0] in self.waits and match[0] not in self.took_s:
                self.took_s[match[0]] = time.perf_counter() - self.waits[match[0]]
        self.news.set()

    async def greet(self, patience_s: float) -> None:
        """Say hello and wait for a word."""
        await self.say("Hello!")
        async with asyncio.timeout(patience_s):
            while not any("Noted" in one.text for one in self.heard):
                self.news.clear()
                await self.news.wait()

    async def talk(self, messages: int, patience_s: float, pause: Callable[[], float]) -> None:
        """Say so many things, each when the one before was answered or patience has ended."""
        for n in range(messages):
            mine = token(self.number, n)
            self.waits[mine] = time.perf_counter()
            await self.say(f"and what about {mine}?")
            with suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    while mine not in self.took_s:
                        self.news.clear()
                        await self.news.wait()
            await asyncio.sleep(pause())


class TelegramFan(Fan):
    stage: "Stage"

    async def say(self, text: str) -> None:
        api = self.stage.telegram
        api.says(self.stage.telegram_bot, api.person(self.number, f"Fan {self.number}"), text)


class DiscordFan(Fan):
    stage: "Stage"
    user: str
    room: Any

    async def say(self, text: str) -> None:
        await self.stage.discord.say(self.user, self.room, text)


class WebFan(Fan):
    """A client as it should be: it keeps what it could not send, and sends it again under the same id."""

    stage: "Stage"

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._unsent: dict[str, str] = {}
        self._seen: dict[str, None] = {}  # ids of messages, in order
        self._refresh = ""
        self._socket: Any = None
        self._line: asyncio.Task[None] | None = None

    async def say(self, text: str) -> None:
        client_id = f"{self.number}-{len(self._seen)}-{len(self._unsent)}-{text}"
        self._unsent[client_id] = text
        self._line = self._line or asyncio.create_task(self._keep_line())
        await self._send_unsent()

    async def hang_up(self) -> None:
        if self._line:
            self._line.cancel()
            await asyncio.gather(self._line, return_exceptions=True)

    async def _keep_line(self) -> None:
        pause_s = 0.3
        while True:
            with suppress(httpx.HTTPError, OSError, websockets.WebSocketException, AssertionError, KeyError):
                await self._talk_over_one_line()
            pause_s = 0.3 if self._socket else min(1.5 * pause_s, LONGEST_PAUSE_S)
            self._socket = None
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))

    async def _talk_over_one_line(self) -> None:
        base = self.stage.program.url
        # Each has an address of their own: of one address only a household of new fans is let in at once.
        own = httpx.AsyncHTTPTransport(
            verify=NO_TLS, local_address=f"127.1.{self.number // 250 % 250}.{self.number % 250 + 1}"
        )
        async with httpx.AsyncClient(base_url=base, timeout=10, transport=own) as client:
            ask = {"name": f"Fan {self.number}", "cookie": False, "refresh_token": self._refresh}
            got = await client.post(f"/api/v1/public/personas/{PERSONA}/session", json=ask)
            assert got.status_code == 201, got.text
        chat = got.json()
        self._refresh = chat["refresh_token"] or self._refresh
        self._room = chat["conversation"]
        headers = {"Authorization": f"Bearer {chat['access_token']}"}
        address = f"{base.replace('http', 'ws', 1)}/ws/{chat['user']}"
        async with websockets.connect(address, additional_headers=headers, open_timeout=10) as socket:
            after = next(reversed(self._seen), "")
            joining = {"type": "join_conversation", "conversation_id": self._room, "after": after}
            await socket.send(json.dumps(joining))
            async for raw in socket:
                frame = json.loads(raw)
                if frame["type"] == "conversation_joined":
                    self._socket = socket
                    await self._send_unsent()
                self._take(frame)

    def _take(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "message_accepted":
            self._unsent.pop(frame["client_id"], None)
        elif frame["type"] == "new_message" and frame["message"]["id"] not in self._seen:
            self._seen[frame["message"]["id"]] = None
            if frame["message"]["author"] in ("persona", "notice"):
                self.hear(frame["message"]["content"])

    async def _send_unsent(self) -> None:
        with suppress(websockets.WebSocketException, OSError):
            for client_id, text in list(self._unsent.items()) if self._socket else []:
                said = {"type": "send_message", "conversation_id": self._room, "content": text, "client_id": client_id}
                await self._socket.send(json.dumps(said))


@dataclass
class Stage:
    """The program and all that it talks with."""

    program: Program
    telegram: BotApi
    telegram_bot: BotSide
    discord: Discord
    discord_bot: Any
    model: EchoServer
    fans: list[Fan] = field(default_factory=list)
    rooms: dict[str, Fan] = field(default_factory=dict)  # Discord's, by channel
    chats: dict[int, Fan] = field(default_factory=dict)  # Telegram's
    _drafts: dict[str, tuple[Fan, str]] = field(default_factory=dict)

    def seat(self, number: int, channel: str) -> Fan:
        """A fan on that channel; what reaches them there is written down from now on."""
        fan: Fan = {"telegram": TelegramFan, "discord": DiscordFan, "web": WebFan}[channel](number)
        fan.stage = self  # type: ignore[attr-defined]
        if isinstance(fan, DiscordFan):
            fan.user = self.discord.person(f"fan{number}")
            fan.room = self.discord.dm(self.discord_bot, fan.user)
            self.rooms[fan.room.id] = fan
        if isinstance(fan, TelegramFan):
            self.chats[number] = fan
        self.fans.append(fan)
        return fan

    async def listen(self) -> None:
        """Tell fans on platforms what reached them."""
        told = [0, 0, 0]
        while True:
            news: list[list[Any]] = [
                self.telegram.world,
                self.discord.happened("message"),
                self.discord.happened("edited"),
            ]
            for sort, (known, log) in enumerate(zip(told, news, strict=True)):
                for entry in log[known:]:
                    self._tell(sort, entry)
                told[sort] = len(log)
            await asyncio.sleep(0.01)

    def _tell(self, sort: int, entry: Any) -> None:
        if sort == 0:
            if entry.message and entry.method == "sendMessage" and entry.chat in self.chats:
                self.chats[entry.chat].hear(entry.text)
        elif sort == 1:
            fan = self.rooms.get(entry["channel"])
            if fan and entry["author"] == self.discord_bot.id:
                self._drafts[entry["id"]] = (fan, entry["text"])
                fan.hear(entry["text"])
        elif entry["id"] in self._drafts:  # the same message, which says more now
            fan, before = self._drafts[entry["id"]]
            self._drafts[entry["id"]] = (fan, entry["text"])
            fan.hear(" ".join(one[0] for one in TOKEN.finditer(entry["text"]) if one[0] not in before))


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """The address of an application on loopback."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def open_accounts(stage: Stage, folder: Path) -> None:
    """Bring the bots in as an operator does."""
    for channel, secret, url in (
        ("telegram", stage.telegram_bot.token, stage.telegram.url),
        ("discord", stage.discord_bot.token, stage.discord.url),
    ):
        kept = folder / f"{channel}.token"
        kept.write_text(secret)
        where = ("--name", channel, "--persona", PERSONA, "--base-url", url, "--token-file", str(kept))
        await stage.program.gator("account", "add", channel, *where)
