"""How does our small Discord speak with bots? Its gateway: HELLO, IDENTIFY, heartbeats, RESUME with replay, zlib-stream.

https://discord.com/developers/docs/events/gateway and gateway-events, version 10.
"""

import asyncio
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.servers.discord_world import (
    DIRECT_MESSAGES,
    DM,
    GUILD_MESSAGES,
    GUILDS,
    PRIVILEGED,
    THREAD,
    Bot,
    Channel,
    World,
)


@dataclass
class Session:
    id: str
    bot: Bot
    intents: int
    shard: tuple[int, int]
    sent: list[dict[str, Any]] = field(default_factory=list)
    line: "Line | None" = None

    @property
    def seq(self) -> int:
        return len(self.sent)


class Line:
    """One websocket, compressed when its bot asked for that."""

    def __init__(self, socket: web.WebSocketResponse, compressed: bool) -> None:
        self.socket = socket
        self._zlib = zlib.compressobj() if compressed else None

    async def send(self, data: Any) -> None:
        text = data if isinstance(data, str) else json.dumps(data)
        if self.socket.closed:
            return
        try:
            if self._zlib:
                frame = self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
                await self.socket.send_bytes(frame)
            else:
                await self.socket.send_str(text)
        except ConnectionError:
            pass  # the session keeps what was not received


class Gateway:
    def __init__(self, world: World) -> None:
        self._world = world
        self.sessions: dict[str, Session] = {}
        self.url = ""
        self.heartbeat_ms = 41_250
        self.acknowledges = True
        self.open = True
        self.greets = True
        self.shards = 1

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        if not self.open:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        line = Line(socket, request.query.get("compress") == "zlib-stream")
        self._world.note("connected", version=request.query.get("v"), compress=request.query.get("compress"))
        if self.greets:
            await line.send({"op": 10, "d": {"heartbeat_interval": self.heartbeat_ms}, "s": None, "t": None})
        session: Session | None = None
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            session = await self._heard(line, session, json.loads(message.data))
        self._world.note("left")
        if session and session.line is line:
            session.line = None
            if socket.close_code in (1000, 1001):  # whoever closes so has ended the session, too
                self.sessions.pop(session.id, None)
                self._world.note("session_ended", session=session.id)
        return socket

    async def _heard(self, line: Line, session: Session | None, frame: dict[str, Any]) -> Session | None:
        if frame["op"] == 1:
            self._world.note("heartbeat", seq=frame["d"])
            if self.acknowledges:
                await line.send({"op": 11, "d": None, "s": None, "t": None})
        elif frame["op"] == 2:
            return await self._identify(line, frame["d"])
        elif frame["op"] == 6:
            return await self._resume(line, frame["d"])
        return session

    async def _identify(self, line: Line, data: dict[str, Any]) -> Session | None:
        shard = tuple(data.get("shard", (0, 1)))
        bot = self._world.bots.get(data["token"])
        self._world.note("identify", bot=bot.id if bot else None, intents=data["intents"], shard=shard)
        if bot is None:
            await line.socket.close(code=4004)
            return None
        if data["intents"] & PRIVILEGED & ~bot.privileged:
            await line.socket.close(code=4014)
            return None
        session = Session(f"session-{self._world.id()}", bot, data["intents"], (shard[0], shard[1]), line=line)
        self.sessions[session.id] = session
        guilds = [guild for guild in self._world.guilds.values() if self._mine(session, guild)]
        ready = {
            "v": 10,
            "user": self._world.people[bot.id],
            "guilds": [{"id": guild["id"], "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": list(shard),
            "application": {"id": bot.application, "flags": 0},
        }
        await self.push(session, "READY", ready)
        for guild in guilds:
            if session.intents & GUILDS:
                await self.push(session, "GUILD_CREATE", self._guild(guild))
        return session

    def _mine(self, session: Session, guild: dict[str, Any]) -> bool:
        return session.bot.id in guild["bots"] and (int(guild["id"]) >> 22) % session.shard[1] == session.shard[0]

    def _guild(self, guild: dict[str, Any]) -> dict[str, Any]:
        def shown(channel: Channel) -> dict[str, Any]:
            last = channel.messages[-1]["id"] if channel.messages else None
            return {"id": channel.id, "type": channel.type, "name": channel.name, "last_message_id": last}

        of = [channel for channel in self._world.channels.values() if channel.guild == guild["id"]]
        return {
            **{key: guild[key] for key in ("id", "name", "roles")},
            "unavailable": False,
            "member_count": 3,
            "members": [],
            "channels": [shown(one) for one in of if one.type != THREAD],
            "threads": [{**shown(one), "parent_id": one.parent} for one in of if one.type == THREAD],
        }

    async def _resume(self, line: Line, data: dict[str, Any]) -> Session | None:
        session = self.sessions.get(data["session_id"])
        self._world.note("resume", seq=data["seq"], known=session is not None)
        if session is None or session.bot.token != data["token"]:
            await line.send({"op": 9, "d": False, "s": None, "t": None})
            return None
        missed = session.sent[data["seq"] :]
        session.line = line
        for frame in missed:
            await line.send(frame)
        await self.push(session, "RESUMED", {})
        return session

    async def push(self, session: Session, event: str, data: Any) -> None:
        frame = {"op": 0, "t": event, "s": session.seq + 1, "d": data}
        session.sent.append(frame)
        if session.line:
            await session.line.send(frame)

    async def tell(self, event: str, data: dict[str, Any], channel: Channel) -> None:
        """Tell every bot that is there and has the intent."""
        wanted = DIRECT_MESSAGES if channel.type == DM else GUILD_MESSAGES
        if event.startswith("MESSAGE_REACTION"):
            wanted <<= 1  # of reactions, the next bit in both
        for session in list(self.sessions.values()):
            shard = (int(channel.guild) >> 22) % session.shard[1] if channel.guild else 0
            if not self._world.sees(session.bot, channel) or not session.intents & wanted or shard != session.shard[0]:
                continue
            shown = self._world.shown(data, session.bot, session.intents) if "content" in data else data
            await self.push(session, event, shown)

    async def of(self, bot: Bot, within_s: float = 10) -> Session:
        """The bot's newest session, once it is connected."""
        until = asyncio.get_running_loop().time() + within_s
        while asyncio.get_running_loop().time() < until:
            for session in reversed(self.sessions.values()):
                if session.bot is bot and session.line and session.sent:
                    return session
            await asyncio.sleep(0.01)
        raise TimeoutError(f"{bot.name} is not connected")

    # Misfortunes

    async def cut(self, bot: Bot, code: int = 4000) -> None:
        """Close the bot's line; its session stays and can be resumed."""
        for session in self.sessions.values():
            if session.bot is bot and session.line:
                line, session.line = session.line, None
                await line.socket.close(code=code)

    async def forget(self, bot: Bot) -> None:
        """Lose the bot's sessions: what it missed can no longer be had from here."""
        gone = [session for session in self.sessions.values() if session.bot is bot]
        for session in gone:
            del self.sessions[session.id]
        for session in gone:
            if session.line:
                await session.line.socket.close(code=4000)

    async def ask_to_reconnect(self, bot: Bot) -> None:
        session = await self.of(bot)
        assert session.line
        line, session.line = session.line, None
        await line.send({"op": 7, "d": None, "s": None, "t": None})
