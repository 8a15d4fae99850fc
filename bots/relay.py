"""How do frames, calls and wake-ups reach other processes? Through Redis pub/sub, one channel for each watched conversation.

Nothing depends on it: what is lost while Redis is away is a row, which `bots.row_watch` finds, and the watch of the core
finds work that nobody was told of. A process that has not been heard for GONE_S is gone, and with it who was there.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from bots.hub import Frame, Hub
from gator.crypto import derive
from gator.ids import new_id
from gator.settings import Settings

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

log = structlog.get_logger()

BEAT_S = 5.0
GONE_S = 3 * BEAT_S + 1
READY_S = 2.0  # a joiner waits for its subscription no longer; rows tell the rest
WAITING = 10_000  # messages; more in one go than Redis takes are better read as rows
AT_ONCE = 500  # messages or channels in one command
_SCHEMES = {"redis": "redis", "rediss": "rediss", "redis+socket": "unix"}
_FRAME, _BEAT, _BACK, _WATCHING = "frame", "beat", "back", "watching"


def relay_for(settings: Settings, hub: Hub) -> "Relay | None":
    """The relay of these settings; None when their broker is not Redis."""
    scheme, _, rest = settings.broker_url.partition("://")
    if scheme not in _SCHEMES:
        return None
    # Of several Gators on one Redis each hears only its own: those who share a secret key.
    return Relay(f"{_SCHEMES[scheme]}://{rest}", derive(settings.secret, "relay").hex()[:16], hub)


class Relay:
    """See `bots.hub.Relayed`. `keep` runs for as long as the process does."""

    def __init__(self, url: str, name: str, hub: Hub) -> None:
        self._url, self._hub = url, hub
        self._control, self._rooms = f"gator:{name}:all", f"gator:{name}:in:"
        self.process = new_id()[-12:]
        self.live = False
        self._out: deque[tuple[str, bytes]] = deque(maxlen=WAITING)
        self._sending = asyncio.Event()
        self._changed: set[str] = set()  # conversations to subscribe or unsubscribe
        self._changing = asyncio.Event()
        self._subscribed: set[str] = set()
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._others: dict[str, float] = {}  # process: when it was last heard
        self._elsewhere: dict[str, set[str]] = {}  # process: the conversations that are watched there

    # What the hub asks for

    def frame(self, conversation: str, frame: Frame) -> None:
        self._put(self._rooms + conversation, _FRAME, frame)

    def call(self, name: str, facts: dict[str, Any], conversation: str = "") -> None:
        facts = {**facts, "conversation": conversation} if conversation else facts
        self._put(self._rooms + conversation if conversation else self._control, name, facts)

    def watch(self, conversation: str) -> None:
        self._change(conversation)

    def unwatch(self, conversation: str) -> None:
        self._change(conversation)

    async def ready(self, conversation: str) -> None:
        """Return when the conversation is subscribed, or Redis is away, or that takes too long."""
        if not self.live or conversation in self._subscribed:
            return
        waiting = self._waiting.setdefault(conversation, asyncio.get_running_loop().create_future())
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), READY_S)

    def is_watched(self, conversation: str) -> bool:
        return any(conversation in watched for watched in self._elsewhere.values())

    def _put(self, channel: str, name: str, facts: dict[str, Any]) -> None:
        if self.live:
            self._out.append((channel, orjson.dumps([self.process, name, facts])))
            self._sending.set()

    def _change(self, conversation: str) -> None:
        if self.live:
            self._changed.add(conversation)
            self._changing.set()

    # Its life

    async def keep(self) -> None:
        """Be connected, and again after every interruption."""
        from redis.exceptions import RedisError

        sweeping = asyncio.create_task(self._sweep())
        pause_s = 0.1
        try:
            while True:
                started = time.monotonic()
                try:
                    await _first_end(self._connected())
                except (RedisError, OSError) as away:
                    log.warning("relay_away", reason=str(away))
                pause_s = 0.1 if time.monotonic() - started > 30 else min(pause_s * 2, 5)
                await asyncio.sleep(pause_s * random.uniform(0.5, 1))  # noqa: S311 - so that not all come at once
        finally:
            sweeping.cancel()

    async def _connected(self) -> None:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        # An error ends this connection at once: one that is mended behind our back hides that frames were missed.
        options: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": 5, "socket_timeout": 10}
        async with Redis.from_url(self._url, **options) as client, client.pubsub() as pubsub:
            await pubsub.subscribe(self._control)
            self.live = True
            self._changed.update(self._hub.watchers)
            self._changing.set()
            log.info("relay_there", process=self.process)
            try:
                await _first_end(self._listen(pubsub), self._send(client), self._subscribe(pubsub), self._beat())
            finally:
                self._let_go()

    def _let_go(self) -> None:
        self.live = False
        self._out.clear()
        self._changed.clear()
        self._subscribed.clear()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def _listen(self, pubsub: "PubSub") -> None:
        while True:
            message = await pubsub.get_message(timeout=GONE_S)
            if message is None:  # not even our own beat
                raise TimeoutError("Redis says nothing.")
            channel = message["channel"].decode()
            if message["type"] == "subscribe" and channel == self._control:
                self.call(_BACK, {})  # now that we hear what they answer
            elif message["type"] == "subscribe":
                self._confirm(channel.removeprefix(self._rooms))
            elif message["type"] == "message":
                self._take(channel, message["data"])

    def _confirm(self, conversation: str) -> None:
        self._subscribed.add(conversation)
        waiting = self._waiting.pop(conversation, None)
        if waiting and not waiting.done():
            waiting.set_result(None)
        self._hub.called("subscribed", {"conversation": conversation})

    def _take(self, channel: str, data: bytes) -> None:
        process, name, facts = orjson.loads(data)
        if process == self.process:
            return
        self._others[process] = time.monotonic()
        if name == _FRAME:
            self._hub.show(channel.removeprefix(self._rooms), facts)
        elif name == _WATCHING:
            there = self._elsewhere.setdefault(process, set())
            there.update(facts["on"])
            there.difference_update(facts["off"])
        elif name != _BEAT:
            if name == _BACK:
                self._changed.update(self._hub.watchers)
                self._changing.set()
            self._hub.called(name, {**facts, "process": process})

    async def _send(self, client: "Redis") -> None:
        while True:
            await self._sending.wait()
            self._sending.clear()
            while self._out:
                pipe = client.pipeline(transaction=False)
                for _ in range(min(len(self._out), AT_ONCE)):
                    pipe.publish(*self._out.popleft())
                await pipe.execute()

    async def _subscribe(self, pubsub: "PubSub") -> None:
        while True:
            await self._changing.wait()
            self._changing.clear()
            while self._changed:
                some = [self._changed.pop() for _ in range(min(len(self._changed), AT_ONCE))]
                wanted = [one for one in some if one in self._hub.watchers]
                others = [one for one in some if one not in self._hub.watchers]
                if wanted:
                    await pubsub.subscribe(*(self._rooms + one for one in wanted))
                if others:
                    self._subscribed.difference_update(others)
                    await pubsub.unsubscribe(*(self._rooms + one for one in others))
                self._put(self._control, _WATCHING, {"on": wanted, "off": others})

    async def _beat(self) -> None:
        while True:
            self._put(self._control, _BEAT, {})
            await asyncio.sleep(BEAT_S)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S / 2)
            for process in [one for one, heard in self._others.items() if time.monotonic() - heard > GONE_S]:
                del self._others[process]
                self._elsewhere.pop(process, None)
                self._hub.called("gone", {"process": process})


async def _first_end(*parts: Coroutine[Any, Any, None]) -> None:
    """Run them at once until one ends; raises what it raised."""
    tasks = {asyncio.create_task(part) for part in parts}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        left = {task for task in tasks if not task.done()}
        while left:  # redis 8.1 may swallow a cancellation while it connects, so one is not enough
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=0.1)
        await asyncio.gather(*tasks, return_exceptions=True)
