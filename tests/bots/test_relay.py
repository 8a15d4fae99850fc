"""Do frames, calls and presence cross processes, and does all of it come back after Redis was away?"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from api.presence import Sockets
from bots import relay as relays
from bots.doorway import Person
from bots.hub import Hub, Watcher
from bots.relay import Relay, relay_for
from gator.principal import Principal
from gator.settings import Settings
from memory.store import Store
from tests.bots.house import House, Line, Wire
from tests.bots.test_channels_core import Waiting
from tests.servers.redis import RedisServer

WAIT_S = 20


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="gator-redis-") as folder:  # a short path: a socket's name has 108 bytes
        server = RedisServer(Path(folder))
        server.start()
        yield server
        server.kill()


class Process:
    """What one process has of all this."""

    def __init__(self, settings: Settings) -> None:
        self.hub = Hub()
        relay = relay_for(settings, self.hub)
        assert relay is not None
        self.hub.relay = self.relay = relay
        self.sockets = Sockets(self.hub)
        self.heard: list[dict[str, Any]] = []
        self.watcher = Watcher(self.hub, self.heard.append)

    def types(self) -> list[str]:
        return [frame["type"] for frame in self.heard]


class Device:
    """A socket, as much of it as presence sees."""

    def __init__(self, user: str, process: Process) -> None:
        self.user, self.session = user, f"session of {user}"
        self.watcher = process.watcher
        self.ended: tuple[int, str] | None = None

    def end(self, code: int, reason: str) -> None:
        self.ended = (code, reason)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not true():
            await asyncio.sleep(0.01)


@pytest.fixture
def redis_settings(home: Path, redis: RedisServer) -> Settings:
    return Settings(home=home, secret_key="a key for tests only", broker_url=redis.url)


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.keep()) for one in relays]
    try:
        await until(lambda: all(one.live for one in relays))
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture
async def two(redis_settings: Settings) -> AsyncIterator[tuple[Process, Process]]:
    one, other = Process(redis_settings), Process(redis_settings)
    async with running(one.relay, other.relay):
        yield one, other


def test_without_redis_there_is_no_relay(home: Path) -> None:
    assert relay_for(Settings(home=home), Hub()) is None
    assert relay_for(Settings(home=home, broker_url="amqp://broker"), Hub()) is None


async def test_a_frame_reaches_watchers_of_the_other_process_once_and_in_order(two: tuple[Process, Process]) -> None:
    one, other = two
    for process in two:
        process.watcher.add("room")
        await process.hub.ready("room")
    for number in range(200):
        one.hub.publish("room", {"type": "message_delta", "delta": number})
    one.hub.publish("elsewhere", {"type": "message_delta", "delta": "x"})
    one.hub.publish("room", {"type": "new_message", "message": {"id": "a"}})
    await until(lambda: "new_message" in other.types())
    for process in two:
        assert [frame["delta"] for frame in process.heard[:-1]] == list(range(200))
        assert process.heard[-1]["conversation_id"] == "room"


async def test_a_process_knows_what_is_watched_elsewhere(two: tuple[Process, Process]) -> None:
    one, other = two
    other.watcher.add("room")
    await until(lambda: one.hub.is_watched("room"))
    assert "room" not in one.hub.watched()
    other.watcher.discard("room")
    await until(lambda: not one.hub.is_watched("room"))


async def test_who_starts_later_learns_what_is_watched(redis_settings: Settings, two: tuple[Process, Process]) -> None:
    two[0].watcher.add("room")
    late = Process(redis_settings)
    async with running(late.relay):
        await until(lambda: late.hub.is_watched("room"))


async def test_a_call_reaches_every_other_process(two: tuple[Process, Process]) -> None:
    one = two[0]
    called: list[Any] = []
    for process in two:
        process.hub.on("wake", called.append)
    one.hub.call("wake", room="r1")
    await until(lambda: called)
    assert called == [{"room": "r1", "process": one.relay.process}]


async def test_users_see_each_other_over_processes(two: tuple[Process, Process]) -> None:
    one, other = two
    ada, bo = Device("ada", one), Device("bo", other)
    for process, device in ((one, ada), (other, bo)):
        process.sockets.enter(device)
        process.watcher.add("room")
        await process.hub.ready("room")
        process.sockets.come(device, "room")
    await until(lambda: one.sockets.there("room") == other.sockets.there("room") == {"ada", "bo"})
    assert one.sockets.seen_by(ada) == {"ada", "bo"}
    other.sockets.leave(bo)
    await until(lambda: one.sockets.there("room") == {"ada"})
    told = [(frame["user_id"], frame["online"]) for frame in one.heard if frame["type"] == "presence_update"]
    assert told == [("ada", True), ("bo", True), ("bo", False)]


async def test_of_a_process_that_is_gone_everybody_is_gone(
    redis_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "BEAT_S", 0.1)
    monkeypatch.setattr(relays, "GONE_S", 0.6)
    one, dying = Process(redis_settings), Process(redis_settings)
    async with running(one.relay):
        async with running(dying.relay):
            for process, name in ((one, "ada"), (dying, "bo")):
                device = Device(name, process)
                process.sockets.enter(device)
                process.watcher.add("room")
                await process.hub.ready("room")
                process.sockets.come(device, "room")
            await until(lambda: one.sockets.there("room") == {"ada", "bo"})
        await until(lambda: one.sockets.there("room") == {"ada"})
        await until(lambda: not one.relay.is_watched("room"))


async def test_a_session_that_ends_ends_its_sockets_everywhere(two: tuple[Process, Process]) -> None:
    one, other = two
    device = Device("ada", other)
    other.sockets.enter(device)
    await one.sockets.close_session("session of ada")
    await until(lambda: device.ended)
    assert device.ended is not None
    assert device.ended[0] == 4401


async def test_after_redis_died_and_came_back_frames_and_presence_go_on(
    two: tuple[Process, Process], redis: RedisServer
) -> None:
    one, other = two
    for process, name in ((one, "ada"), (other, "bo")):
        device = Device(name, process)
        process.sockets.enter(device)
        process.watcher.add("room")
        await process.hub.ready("room")
        process.sockets.come(device, "room")
    redis.kill()
    await until(lambda: not one.relay.live and not other.relay.live)
    one.hub.publish("room", {"type": "message_delta", "delta": "lost elsewhere, shown here"})
    assert one.heard[-1]["delta"] == "lost elsewhere, shown here"
    await asyncio.wait_for(one.hub.ready("room"), 1)  # nobody waits for a Redis that is away
    redis.start()
    await until(lambda: one.relay.live and other.relay.live)
    for process in two:
        await process.hub.ready("room")
    one.hub.publish("room", {"type": "message_delta", "delta": "again"})
    await until(lambda: any(frame.get("delta") == "again" for frame in other.heard))
    await until(lambda: one.sockets.there("room") == other.sockets.there("room") == {"ada", "bo"})


async def test_a_redis_that_hangs_is_left_and_found_again(
    redis_settings: Settings, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "BEAT_S", 0.1)
    monkeypatch.setattr(relays, "GONE_S", 0.6)
    one = Process(redis_settings)
    async with running(one.relay):
        redis.pause()
        await until(lambda: not one.relay.live)
        redis.go_on()
        await until(lambda: one.relay.live)


async def test_a_reply_in_the_making_is_broken_off_at_once_by_what_another_process_hears(
    redis_settings: Settings, store: Store, database_url: str, operator: Principal, accounts: Any, wire: Wire
) -> None:
    elsewhere = Store(database_url)
    thinking = Waiting(lines=[asyncio.Event(), "Both it is."])  # its first thought never ends by itself
    one = House(redis_settings, store, operator, [], channels=[wire], model=thinking)
    other = House(redis_settings, elsewhere, operator, ["Both it is."], channels=[wire])
    relays = [relay_for(redis_settings, house.core.hub) for house in (one, other)]
    for house, relay in zip((one, other), relays, strict=True):
        house.core.hub.relay = relay
    async with running(*filter(None, relays)):
        first = Line(one, accounts["nova"], "chat-cara", Person("cara", "Cara"))
        await first.say("tea or coffee?")
        await until(lambda: thinking.heard)
        await Line(other, accounts["nova"], first.thread, first.person).say("or both")
        await until(lambda: "Both it is." in wire.texts)
        for house in (one, other):
            await house.settled()
    assert wire.texts.count("Both it is.") == 1
    said = [*thinking.heard, *other.model.heard]
    assert [str(one.content) for one in said[-1] if one.type == "human"] == ["tea or coffee?", "or both"]
    for house in (one, other):
        await house.core.stop()
    await elsewhere.close()
