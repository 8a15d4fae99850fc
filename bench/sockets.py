"""What does an idle websocket cost, and how soon does a frame reach a thousand of them?

    python -m bench.sockets [--sockets 2000] [--listeners 1000]

A server process as `gator up` serves it (the same application and uvicorn settings, SQLite), and a client process that holds
the sockets open: each authenticated and in one conversation of its fan's, as a page's is. RSS per socket is the growth of
the server process from before the first socket, divided by their number; the kernel's buffers are not in it. For the
broadcast, `--listeners` devices of one fan are in one conversation, and a frame is timed from `publish` to the last of
them (both processes read the same monotonic clock).
"""

import argparse
import asyncio
import base64
import gc
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson

from gator.ids import new_id
from gator.principal import Kind, Principal
from gator.settings import Settings

ROUNDS = 20
AT_ONCE = 100  # handshakes
IDLE_S = 10


# The server


async def serve(home: Path, count: int) -> None:
    """Serve, with `count` fans; says on stdout where, and who they are; publishes a frame for every line on stdin."""
    import uvicorn

    from agents.brain import Brain
    from agents.checkpoints import open_saver
    from api.app import create_app
    from bots.core import Core
    from bots.hub import Hub
    from bots.web_channel import WebChannel
    from gator.cli.serving import bind, web_config
    from memory import schema
    from memory.store import Store

    settings = Settings(home=home, secret_key="a key for the bench only")
    schema.upgrade(settings.database)
    store = Store(settings.database)
    people = await _people(store, settings, count)
    async with open_saver(settings) as saver:
        hub = Hub()
        core = Core(settings, store, Brain(settings, store, saver), hub, [WebChannel(hub)])
        listening = bind(settings, 0)
        app = create_app(core)
        server = uvicorn.Server(web_config(app))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        watch = asyncio.create_task(app.state.sockets.keep_watch(store))
        print(json.dumps({"port": listening.getsockname()[1], "people": people}), flush=True)
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            hub.publish(line.decode().strip(), {"type": "message_delta", "delta": str(time.monotonic())})
        watch.cancel()
        server.should_exit = True
        await task


async def _people(store: Any, settings: Settings, count: int) -> list[tuple[str, str, str]]:
    """(user, access token, conversation) of so many fans of one persona."""
    from api.tokens import open_session
    from memory.founding import found

    owner = await found(store)
    made: list[tuple[str, str, str]] = []
    async with store.open_work(owner) as work:
        persona = await work.personas.create("nova", "Nova", {"name": "Nova", "age": 27}, author="bench")
        for _ in range(count):
            fan = await work.people.meet_fan("web", new_id())
            who = Principal(owner.workspace, Kind.fan, fan.id, persona=persona.id)
            room = await work.conversations.meet("web", "", new_id(), persona_id=persona.id, fan_id=fan.id)
            made.append((fan.id, (await open_session(work, settings.secret, who)).access, room.id))
    return made


# The clients: lean, so that ten thousand of them fit beside the server.


class Client(asyncio.Protocol):
    """One websocket, as much of it as the bench needs: masked text out, unmasked frames in, pings answered."""

    def __init__(self, host: str, person: tuple[str, str, str]) -> None:
        self._host, (self._user, self._token, self._room) = host, person
        self._data = b""
        self._open = False
        loop = asyncio.get_running_loop()
        self.joined: asyncio.Future[None] = loop.create_future()
        self.heard: asyncio.Queue[float] = asyncio.Queue()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /ws/{self._user} HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {self._token}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._open:
            head, found, rest = self._data.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head.split(b"\r\n")[0], head
            self._open, self._data = True, rest
            self._send(1, orjson.dumps({"type": "join_conversation", "conversation_id": self._room}))
        while (frame := self._frame()) is not None:
            self._take(*frame)

    def _frame(self) -> tuple[int, bytes] | None:
        data = self._data
        if len(data) < 2:
            return None
        size, start = data[1] & 127, 2
        if size == 126:
            size, start = int.from_bytes(data[2:4], "big"), 4
        if len(data) < start + size:
            return None
        self._data = data[start + size :]
        return data[0] & 15, data[start : start + size]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == 9:
            self._send(10, payload)
        elif opcode == 8:
            raise AssertionError(f"closed: {payload!r}")
        elif b'"conversation_joined"' in payload and not self.joined.done():
            self.joined.set_result(None)
        elif b'"message_delta"' in payload:
            self.heard.put_nowait(time.monotonic() - float(orjson.loads(payload)["delta"]))

    def _send(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        head = bytes([128 | opcode]) + (bytes([128 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big"))
        self.transport.write(head + b"\0\0\0\0" + payload)  # a mask of zeros masks nothing

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.joined.done():
            self.joined.set_exception(exc or ConnectionError("closed"))


async def _connect(port: int, person: tuple[str, str, str], number: int) -> Client:
    # The server admits so many handshakes of one address; loopback has as many addresses as one likes.
    source = (f"127.0.{number // 1000 + 1}.1", 0)
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(
        lambda: Client(f"127.0.0.1:{port}", person), "127.0.0.1", port, local_addr=source
    )
    await asyncio.wait_for(client.joined, 60)
    return client


async def _open(port: int, people: list[tuple[str, str, str]]) -> list[Client]:
    clients: list[Client] = []
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        clients += await asyncio.gather(*(_connect(port, one, start + n) for n, one in enumerate(some)))
    return clients


# The measurement


def _rss(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _ready(server: asyncio.subprocess.Process) -> tuple[int, list[tuple[str, str, str]]]:
    assert server.stdout is not None
    told = json.loads(await server.stdout.readline())
    return told["port"], [tuple(one) for one in told["people"]]


async def run(sockets: int, listeners: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.sockets", "--serve", home, "--sockets", str(sockets),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 26,
        )  # fmt: skip
        assert server.stdin is not None
        port, people = await _ready(server)
        warm = await _open(port, people[:1] * 20)  # what is imported and made at the first sockets is not theirs
        before = _rss(server.pid)
        start = time.monotonic()
        idle = await _open(port, people)
        took = time.monotonic() - start
        grown = _rss(server.pid) - before
        print(f"{sockets} sockets: {grown / sockets / 1024:.1f} KiB of RSS each, opened in {took:.1f} s", flush=True)
        cpu = _cpu_s(server.pid)
        await asyncio.sleep(IDLE_S)
        print(f"idle: {(_cpu_s(server.pid) - cpu) / IDLE_S:.1%} of one core", flush=True)
        listening = await _open(port, people[:1] * listeners)
        gc.freeze()  # the clients' collector would be measured with the frames
        times = await _broadcast(server.stdin, people[0][2], listening)
        print(f"a frame to {listeners}: median {statistics.median(times):.0f} ms, longest {max(times):.0f} ms")
        for client in (*warm, *idle, *listening):
            client.transport.abort()
        server.stdin.close()
        await server.wait()


async def _broadcast(server: asyncio.StreamWriter, room: str, listening: list[Client]) -> list[float]:
    times: list[float] = []
    for _ in range(ROUNDS):
        server.write(f"{room}\n".encode())
        times.append(1e3 * max(await asyncio.gather(*(client.heard.get() for client in listening))))
    return times


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--sockets", type=int, default=2000)
    arguments.add_argument("--listeners", type=int, default=1000)
    arguments.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve, given.sockets))
    else:
        asyncio.run(run(given.sockets, given.listeners))
