"""What does our small Discord hold? People, bots, servers, channels, messages, and an append-only log of what happened."""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

EPOCH_MS = 1_420_070_400_000  # https://discord.com/developers/docs/reference#snowflakes
TEXT, DM, THREAD = 0, 1, 11

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
PRIVILEGED = (1 << 1) | (1 << 8) | MESSAGE_CONTENT


class No(Exception):
    """What the real one answers with: an HTTP status, its own code, and why."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Fault:
    """What happens to the next requests whose "METHOD /path" the pattern finds."""

    where: str
    # status, limited, global, before (the line is cut and nothing done), after (done, then the line is cut), late (done, and
    # told after `retry_after`)
    kind: str
    status: int = 500
    retry_after: float = 0.05
    times: int = 1


@dataclass
class Bot:
    id: str
    name: str
    token: str
    application: str
    privileged: int = 0  # the privileged intents that its owner switched on
    commands: list[dict[str, Any]] = field(default_factory=list)
    interactions_seen: int = 0


@dataclass
class Channel:
    id: str
    type: int
    name: str = ""
    guild: str = ""
    parent: str = ""
    members: tuple[str, ...] = ()  # of a DM
    messages: list[dict[str, Any]] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)  # permissions that no bot has here: manage_webhooks, send_messages


@dataclass
class Webhook:
    id: str
    token: str
    channel: str
    name: str
    application: str
    avatar: str | None = None


@dataclass
class Interaction:
    id: str
    token: str
    bot: str
    at: float
    user: str
    answers: list[dict[str, Any]] = field(default_factory=list)  # callbacks, then edits and followups
    original: str = ""


Tell = Callable[[str, dict[str, Any], Channel], Awaitable[None]]


class World:
    def __init__(self) -> None:
        self.bots: dict[str, Bot] = {}  # by token
        self.people: dict[str, dict[str, Any]] = {}
        self.channels: dict[str, Channel] = {}
        self.guilds: dict[str, dict[str, Any]] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.interactions: dict[str, Interaction] = {}  # by token
        self.nonces: dict[tuple[str, str, str], tuple[float, dict[str, Any]]] = {}
        self.files: dict[str, bytes] = {}  # attachments by id
        self.faults: list[Fault] = []
        self.log: list[dict[str, Any]] = []
        self.remembers_nonces_s = 120.0
        self.ago_ms = 0  # how much older than now new things are
        self._last = 0
        self._buckets: dict[str, tuple[float, int]] = {}

    def note(self, what: str, **more: Any) -> None:
        self.log.append({"what": what, **more})

    def happened(self, what: str) -> list[dict[str, Any]]:
        return [entry for entry in self.log if entry["what"] == what]

    def id(self) -> str:
        made = (int(time.time() * 1000) - self.ago_ms - EPOCH_MS) << 22
        if self.ago_ms:
            return str(made + len(self.log))
        self._last = made if made > self._last else self._last + 1
        return str(self._last)

    # Who and where

    def bot(self, name: str = "Gator", privileged: int = 0) -> Bot:
        id = self.id()
        bot = Bot(id, name, f"{id}.token.{name.lower()}-secret", self.id(), privileged)
        self.bots[bot.token] = bot
        self.people[id] = {"id": id, "username": name.lower(), "global_name": None, "discriminator": "0", "bot": True}
        return bot

    def person(self, name: str, bot: bool = False) -> str:
        id = self.id()
        self.people[id] = {"id": id, "username": name.lower(), "global_name": name, "discriminator": "0"}
        if bot:
            self.people[id]["bot"] = True
        return id

    def dm(self, bot: Bot, user: str) -> Channel:
        for channel in self.channels.values():
            if channel.type == DM and set(channel.members) == {bot.id, user}:
                return channel
        made = Channel(self.id(), DM, members=(bot.id, user))
        return self.channels.setdefault(made.id, made)

    def guild(self, name: str, *bots: Bot) -> str:
        id = self.id()
        roles = [{"id": self.id(), "name": bot.name, "tags": {"bot_id": bot.id}, "permissions": "0"} for bot in bots]
        self.guilds[id] = {"id": id, "name": name, "bots": [bot.id for bot in bots], "roles": roles}
        return id

    def channel(self, guild: str, name: str, parent: str = "") -> Channel:
        made = Channel(self.id(), THREAD if parent else TEXT, name, guild, parent)
        return self.channels.setdefault(made.id, made)

    def bot_named(self, id: str) -> Bot:
        return next(bot for bot in self.bots.values() if bot.id == id)

    def sees(self, bot: Bot, channel: Channel) -> bool:
        return bot.id in (channel.members if channel.type == DM else self.guilds[channel.guild]["bots"])

    # Messages

    def write(self, channel: Channel, author: dict[str, Any], text: str, **more: Any) -> dict[str, Any]:
        message = {
            "id": self.id(),
            "channel_id": channel.id,
            "author": author,
            "content": text,
            "timestamp": "2026-01-01T00:00:00.000000+00:00",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [self.people[id] for id in re.findall(r"<@!?(\d+)>", text) if id in self.people],
            "mention_roles": re.findall(r"<@&(\d+)>", text),
            "attachments": [],
            "embeds": [],
            "pinned": False,
            "type": 0,
            **more,
        }
        if channel.guild:
            message["guild_id"] = channel.guild
        channel.messages.append(message)
        self.note("message", id=message["id"], channel=channel.id, author=author["id"], text=text, message=message)
        return message

    def shown(self, message: dict[str, Any], bot: Bot, intents: int) -> dict[str, Any]:
        """The message as a bot with these intents sees it: without the content it may not read."""
        channel = self.channels[message["channel_id"]]
        mentioned = any(one["id"] == bot.id for one in message["mentions"])
        if channel.type == DM or mentioned or message["author"]["id"] == bot.id or intents & MESSAGE_CONTENT:
            return message
        return {**message, "content": "", "attachments": [], "embeds": [], "components": []}

    def find(self, channel: str, message: str) -> dict[str, Any]:
        for one in self.place(channel).messages:
            if one["id"] == message:
                return one
        raise No(404, 10008, "Unknown Message")

    def place(self, channel: str) -> Channel:
        if channel not in self.channels:
            raise No(404, 10003, "Unknown Channel")
        return self.channels[channel]

    def limited(self, key: str, most: int, per_s: float) -> tuple[int, float]:
        """How many requests are left in the bucket and after how long it is new; -1 when it is over."""
        at = time.monotonic()
        began, used = self._buckets.get(key, (at, 0))
        if at >= began + per_s:  # the whole bucket is new then
            began, used = at, 0
        self._buckets[key] = (began, min(most, used) + 1)
        return most - used - 1, began + per_s - at
