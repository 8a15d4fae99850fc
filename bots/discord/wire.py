"""How do we hold a line to Discord? discord.py's HTTP client and gateway, for one account, with no global state touched.

The library keeps its base URL in `Route.BASE` and its gateway's in a class, for the whole process; ours are per account, so
`Http.request` rewrites the URL of each route, and the gateway's address is what REST says it is. Of the library's model of
Discord nothing is used: an event is handed on as it came, and one that is malformed ends neither the line nor the loop.
"""

import asyncio
import logging
import random
import re
import zlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.http import HTTPClient, Route

from gator.errors import Forbidden, NotFound, Refused, Unavailable

log = structlog.get_logger()

Hear = Callable[[str, Any], None]
EVENTS = (
    "READY",
    "RESUMED",
    "GUILD_CREATE",
    "GUILD_DELETE",
    "CHANNEL_CREATE",
    "CHANNEL_UPDATE",
    "CHANNEL_DELETE",
    "THREAD_CREATE",
    "THREAD_UPDATE",
    "THREAD_DELETE",
    "THREAD_LIST_SYNC",
    "MESSAGE_CREATE",
    "MESSAGE_UPDATE",
    "MESSAGE_DELETE",
    "MESSAGE_DELETE_BULK",
    "MESSAGE_REACTION_ADD",
    "MESSAGE_REACTION_REMOVE",
    "INTERACTION_CREATE",
)
_ANSWER_WITHIN = aiohttp.ClientTimeout(total=20)
_UPLOAD_WITHIN = aiohttp.ClientTimeout(total=60)
_LONGEST_WAIT_S = 30.0  # for a limit, inside of one call; the least that the library takes
_SLOWEST_RETRY_S = 60.0
# Discord takes 50 requests a second of a bot: https://discord.com/developers/docs/topics/rate-limits#global-rate-limit
_REQUESTS_PER_S, _BURST = 40, 8
_WITHOUT_GLOBAL_LIMIT = ("/interactions/", "/webhooks/")
# https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
_FINAL = {
    4004: (
        "Discord does not take the bot's token.",
        "Make a new one in the developer portal and add the account again.",
    ),
    4010: ("Discord refuses the shard.", "Take `shards` out of the account's options."),
    4011: ("The bot is in too many servers for one shard.", "Take `shards` out of the account's options."),
    4012: ("Discord has given up this version of its gateway.", "Update Gator."),
    4013: ("Discord does not know an intent.", "Update Gator."),
    4014: (
        "Discord does not give this bot the message content intent.",
        "Switch it on under Bot in the developer portal, or take `hears_names` out of the account's options.",
    ),
}
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)
_SECRET = re.compile(r"(/(?:webhooks|interactions)/\d+/)[^/\s?]+")


class _WithoutTokens(logging.Filter):
    """The library's lines name URLs, and the token of a webhook or an interaction is part of its URL."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _SECRET.sub(r"\1…", record.getMessage()), None
        return True


def quieten() -> None:
    """Let the library log warnings, never payloads or tokens. Called once, with the platform."""
    logging.getLogger("discord").setLevel(logging.WARNING)
    logging.getLogger("discord.client").setLevel(logging.ERROR)  # it warns that there is no voice; we speak in files
    redacting = logging.getLogger("discord.http")
    if not any(isinstance(one, _WithoutTokens) for one in redacting.filters):
        redacting.addFilter(_WithoutTokens())


def api_base(options: dict[str, Any]) -> str:
    """The account's API: Discord's, or that of `base_url`, with or without its path."""
    base = str(options.get("base_url") or Route.BASE).rstrip("/")
    return base if yarl.URL(base).path.strip("/") else f"{base}/api/v10"


class Http(HTTPClient):
    """The library's client, limits and all, towards the account's own API."""

    def __init__(self, base: str) -> None:
        super().__init__(asyncio.get_running_loop(), max_ratelimit_timeout=_LONGEST_WAIT_S)
        self._base = base
        self._plain: aiohttp.ClientSession | None = None
        self._next_at = 0.0
        self._turn = asyncio.Lock()

    async def request(self, route: Route, **more: Any) -> Any:
        route.url = self._base + route.url.removeprefix(Route.BASE)
        more.setdefault("timeout", _UPLOAD_WITHIN if more.get("form") else _ANSWER_WITHIN)
        if not route.path.startswith(_WITHOUT_GLOBAL_LIMIT):
            await self._keep_pace()
        return await super().request(route, **more)

    async def _keep_pace(self) -> None:
        """Wait for this request's turn. The library learns of the limit of all routes together only by running into it."""
        async with self._turn:  # one after another: after a stall those that are late do not all go at once
            await asyncio.sleep(max(0.0, self._next_at - self.loop.time()))
            self._next_at = max(self._next_at, self.loop.time() - _BURST / _REQUESTS_PER_S) + 1 / _REQUESTS_PER_S

    def address(self, path: str) -> str:
        return self._base + path

    @property
    def origin(self) -> yarl.URL:
        return yarl.URL(self._base).origin()

    def plain(self) -> aiohttp.ClientSession:
        """A session without the bot's token: for webhooks, which have their own, and for files."""
        if self._plain is None or self._plain.closed:
            self._plain = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._plain

    async def close(self) -> None:
        await super().close()
        if self._plain:
            await self._plain.close()


@dataclass(frozen=True, slots=True)
class Mark:
    """An event of a session: what comes after it can be replayed, for some minutes after its line broke."""

    shard: int
    session: str
    sequence: int
    gateway: str


class Gateway(DiscordWebSocket):
    """The library's gateway, on which a malformed frame is dropped."""

    wire: "Wire | None" = None
    replays = False  # whether it only brings what an earlier session missed
    caught_up = False  # whether it has brought all of that

    async def received_message(self, msg: Any, /) -> None:
        if self.wire:
            self.wire.hearing = self  # nothing else is heard until this frame is: the library awaits nothing before
        try:
            await super().received_message(msg)
        except zlib.error as broken:  # the stream cannot be read any further, a new one can
            log.warning("discord_stream_broken", shard=self.shard_id)
            await self.close()
            raise ReconnectWebSocket(self.shard_id) from broken
        except _MALFORMED as malformed:
            log.warning("discord_event_dropped", shard=self.shard_id, why=type(malformed).__name__)
        finally:
            if self.wire:
                self.wire.hearing = None

    async def poll_event(self) -> None:
        # Until it is ours, nobody else could close it: Discord may say no HELLO, or we are stopped before.
        await (super().poll_event() if self.wire else self._or_close(super().poll_event()))

    async def identify(self) -> None:
        await self._or_close(super().identify())

    async def resume(self) -> None:
        await self._or_close(super().resume())

    async def _or_close(self, step: Coroutine[Any, Any, None]) -> None:
        """Whoever opened the line never gets to see it when a first step fails, so it is closed here."""
        try:
            await step
        except BaseException:
            await close(self)
            raise


class Wire(discord.Client):
    """One account's lines: REST, and a gateway connection a shard."""

    def __init__(self, options: dict[str, Any], intents: discord.Intents, hear: Hear) -> None:
        super().__init__(intents=intents, max_messages=None, heartbeat_timeout=float(options.get("silence_s", 60)))
        self.http: Http = Http(api_base(options))
        self._connection.http = self.http
        self._connection.parsers = {name: self._handing_on(hear, name) for name in EVENTS}
        self.lines: dict[int, Gateway] = {}  # by shard
        self.hearing: Gateway | None = None  # whose event is being handed on
        self._there: dict[int, asyncio.Event] = {}
        self._wanted_shards = int(options.get("shards") or 0)
        # Discord lets a bot identify once in 5 s (session_start_limit.max_concurrency) and wants a pause before a new session.
        self._pause_s = float(options.get("identify_pause_s", 5.0))
        self._identifying = asyncio.Lock()
        self._lost: set[int] = set()  # shards that cannot reach Discord now

    async def sign_in(self, token: str) -> dict[str, Any]:
        """Who the bot is. Raises Refused for a bad token, Unavailable without an answer."""
        await self._async_setup_hook()
        return await sign_in(self.http, token)

    @property
    def reaches(self) -> bool:
        """Whether Discord is there, as far as known. What is sent meanwhile would only use up its tries."""
        return not self._lost

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """The pauses are kept in `_connect`, where shards wait for each other too."""

    def _handing_on(self, hear: Hear, event: str) -> Callable[[Any], None]:
        def hand_on(data: Any) -> None:
            line = self.hearing
            if line and line.replays:
                line.caught_up |= event == "RESUMED"
                if not event.startswith("MESSAGE_"):
                    return
            elif line and event == "READY":
                self.ready(int(line.shard_id or 0)).set()
            hear(event, data)

        return hand_on

    def ready(self, shard: int) -> asyncio.Event:
        """Set when a session of ours is there."""
        return self._there.setdefault(shard, asyncio.Event())

    async def resume(self, mark: Mark) -> Gateway:
        """A line on which a session goes on after that event."""
        at = yarl.URL(mark.gateway)
        line = Gateway.from_client(
            self, shard_id=mark.shard, session=mark.session, sequence=mark.sequence, gateway=at, resume=True
        )
        return await asyncio.wait_for(line, 60)

    async def listen(self) -> None:
        """Hear events until cancelled. Raises Refused when that cannot work until somebody changes something."""
        known = await asked(self.http.request(Route("GET", "/gateway/bot")))
        start = known["session_start_limit"]
        if start["remaining"] <= 0:
            raise Unavailable("Discord lets this bot start no session now.", retry_after_s=start["reset_after"] / 1000)
        count = self._wanted_shards or int(known["shards"])
        self.shard_count = self._connection.shard_count = count
        try:
            async with asyncio.TaskGroup() as shards:
                for shard in range(count):
                    shards.create_task(self._keep(shard, yarl.URL(known["url"])), name=f"discord shard {shard}")
        except ExceptionGroup as several:
            raise several.exceptions[0] from several

    async def _keep(self, shard: int, gateway: yarl.URL) -> None:
        """One shard's line: connected, resumed, connected anew, for as long as it takes."""
        line: Gateway | None = None
        resume, failures = False, 0
        while True:
            try:
                line = await self._connect(shard, gateway, line if resume else None, first=line is None)
                line.wire, self.lines[shard] = self, line
                while True:
                    await line.poll_event()
                    failures = 0
                    self._lost.discard(shard)
            except ReconnectWebSocket as again:
                resume = again.resume and line is not None and line.session_id is not None
                failures += 1
            except discord.ConnectionClosed as closed:
                if closed.code in _FINAL:
                    raise Refused(_FINAL[closed.code][0], remedy=_FINAL[closed.code][1]) from None
                resume = False
                failures += 1
            except (OSError, aiohttp.ClientError) as lost:  # TimeoutError is an OSError
                log.warning("discord_unreachable", shard=shard, why=type(lost).__name__)
                self._lost.add(shard)
                resume = line is not None and line.session_id is not None
                failures += 1
            finally:
                await close(line)
            if failures > 1:
                await asyncio.sleep(min(_SLOWEST_RETRY_S, 2.0 ** (failures - 2)) * random.uniform(0.5, 1))  # noqa: S311 – spread

    async def _connect(self, shard: int, gateway: yarl.URL, old: Gateway | None, *, first: bool) -> Gateway:
        if old:
            return await self.resume(Mark(shard, str(old.session_id), int(old.sequence or 0), str(old.gateway)))
        async with self._identifying:
            if not first or shard:
                await asyncio.sleep(self._pause_s)
            return await asyncio.wait_for(Gateway.from_client(self, shard_id=shard, gateway=gateway), 60)


async def sign_in(http: Http, token: str) -> dict[str, Any]:
    """The bot's user. Raises Refused for a bad token, Unavailable without an answer."""
    try:
        user: Any = await asked(http.static_login(token.strip()))
    except discord.LoginFailure as no:
        raise Refused(*_FINAL[4004][:1], remedy=_FINAL[4004][1]) from no
    if not isinstance(user, dict) or "id" not in user:
        raise Unavailable("Discord answered with something else than a bot.")
    return user


async def asked(call: Any) -> Any:
    """What REST answers. Raises Unavailable without an answer, Refused when the answer is no."""
    try:
        return await call
    except discord.RateLimited as wait:
        raise Unavailable("Discord asks us to wait.", retry_after_s=wait.retry_after) from wait
    except discord.LoginFailure:
        raise
    except discord.HTTPException as no:
        raise of_discord(no) from no
    except (OSError, aiohttp.ClientError) as lost:
        raise Unavailable(f"Discord does not answer ({type(lost).__name__}).") from lost


def of_discord(no: discord.HTTPException) -> Refused | Unavailable:
    """The library's error as one of ours: what may be well later is Unavailable."""
    if no.status == 429 or no.status >= 500:
        return Unavailable(f"Discord cannot do that now (HTTP {no.status}).", retry_after_s=5.0)
    kind = NotFound if no.status == 404 else Forbidden if no.status == 403 else Refused
    return kind(f"Discord refuses (HTTP {no.status}, code {no.code}): {no.text[:200]}")


async def close(line: Gateway | None, code: int = 4000) -> None:
    """Close what is open of a line, without waiting long for the other side."""
    if line and line.open:
        try:
            await asyncio.wait_for(line.close(code=code), 2)
        except (OSError, aiohttp.ClientError, RuntimeError) as gone:
            log.debug("discord_line_gone", why=type(gone).__name__)
