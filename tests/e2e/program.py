"""The program as its users run it: `gator up` as a process, the command line beside it, fans on the websocket."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.gator.cli import shell

START_S = 60.0
ANSWER_S = 90


@dataclass
class Program:
    """One home, and the Gator that runs on it."""

    home: Path
    environment: dict[str, str]
    inside: bool = False  # commands are typed inside this process: theirs is not what is tested, and loads for a second
    url: str = ""
    process: asyncio.subprocess.Process | None = None
    log: list[str] = field(default_factory=list)

    async def start(self) -> None:
        with (self.home.parent / "up.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self._command("up"), env=self.environment, stdout=log, stderr=asyncio.subprocess.STDOUT
            )
        async with asyncio.timeout(START_S), httpx.AsyncClient() as client:
            while True:
                await asyncio.sleep(0.1)
                assert self.process.returncode is None, (self.home.parent / "up.log").read_text()
                try:
                    there = json.loads((self.home / "running.json").read_text())
                    if there["pid"] == self.process.pid and (await client.get(there["url"] + "/ready")).is_success:
                        self.url = there["url"]
                        return
                except (FileNotFoundError, httpx.TransportError):
                    continue

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "gator.cli", *arguments]

    async def kill(self) -> None:
        """SIGKILL: no goodbye, no tidying."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> float:
        """Ctrl-C; gives how long it took to be gone."""
        assert self.process is not None
        loop = asyncio.get_running_loop()
        start = loop.time()
        self.process.send_signal(signal.SIGINT)
        await asyncio.wait_for(self.process.wait(), 30)
        return loop.time() - start

    async def gator(self, *arguments: str, typed: str = "") -> str:
        """What the command prints when somebody types this into it; it must succeed."""
        if self.inside:
            ended = await shell.typed(self._own_environment(), *arguments, pipe=typed)
            assert ended.status == 0, f"{arguments}: {ended.err}{ended.out}"
            return ended.out
        running = await asyncio.create_subprocess_exec(
            *self._command(*arguments),
            env=self.environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(running.communicate(typed.encode()), ANSWER_S)
        assert running.returncode == 0, f"{arguments}: {err.decode()}{out.decode()}"
        return out.decode()

    def _own_environment(self) -> dict[str, str]:
        """What a command needs to know that is not in this process's environment."""
        return {name: value for name, value in self.environment.items() if os.environ.get(name) != value}

    async def ask(self, text: str) -> "Told":
        """Say it to the Gator agent on the command line; everything that happened until it was answered and made."""
        out = await self.gator("chat", "--json", "--once", text)
        return Told([json.loads(line) for line in out.splitlines()])

    async def approve(self) -> "Told":
        return Told([json.loads(line) for line in (await self.gator("approve", "--json")).splitlines()])


@dataclass
class Told:
    frames: list[dict[str, Any]]

    @property
    def reply(self) -> str:
        said = [frame["message"]["content"] for frame in self.frames if frame["type"] == "new_message"]
        return str(said[-1])

    @property
    def assets(self) -> list[str]:
        return [id for frame in self.frames if frame["type"] == "new_message" for id in frame["message"]["assets"]]

    @property
    def steps(self) -> list[tuple[str, bool]]:
        return [(frame["tool"], frame["ok"]) for frame in self.frames if frame["type"] == "step"]

    @property
    def approvals(self) -> list[dict[str, Any]]:
        return [frame["approval"] for frame in self.frames if frame["type"] == "approval_request"]


class Visitor:
    """A fan in a browser: an anonymous session with one persona, kept over reconnects."""

    def __init__(self, program: Program, slug: str, name: str) -> None:
        self._program, self._slug, self._name = program, slug, name
        self._refresh = ""

    @asynccontextmanager
    async def line(self) -> AsyncIterator["FanLine"]:
        async with httpx.AsyncClient(base_url=self._program.url) as client:
            ask = {"name": self._name, "cookie": False, "refresh_token": self._refresh}
            answer = await client.post(f"/api/v1/public/personas/{self._slug}/session", json=ask)
            assert answer.status_code == 201, answer.text
        chat = answer.json()
        self._refresh = chat["refresh_token"] or self._refresh
        address = f"{self._program.url.replace('http', 'ws', 1)}/ws/{chat['user']}"
        async with connect(address, additional_headers={"Authorization": f"Bearer {chat['access_token']}"}) as socket:
            await socket.send(json.dumps({"type": "join_conversation", "conversation_id": chat["conversation"]}))
            yield FanLine(socket, chat["conversation"])


class FanLine:
    def __init__(self, socket: ClientConnection, conversation: str) -> None:
        self._socket, self._conversation = socket, conversation
        self.heard: list[dict[str, Any]] = []

    async def say(self, text: str) -> str:
        """Say it and wait for the persona's reply."""
        frame = {"type": "send_message", "conversation_id": self._conversation, "content": text}
        await self._socket.send(json.dumps(frame))
        async with asyncio.timeout(ANSWER_S):
            async for raw in self._socket:
                frame = json.loads(raw)
                self.heard.append(frame)
                if frame["type"] == "new_message" and frame["message"]["author"] == "persona":
                    return str(frame["message"]["content"])
        raise AssertionError("the line ended")


def home_of(home: Path, *, inside: bool = False, **settings: str) -> Program:
    """A program on that home, not started."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATOR_")}
    return Program(home, environment | {"GATOR_HOME": str(home), "GATOR_PORT": "0", **settings}, inside)


@asynccontextmanager
async def program(home: Path, *, inside: bool = False, **settings: str) -> AsyncIterator[Program]:
    """A program on that home, started; ended with the block, however it ends."""
    one = home_of(home, inside=inside, **settings)
    await one.start()
    try:
        yield one
    finally:
        if one.process and one.process.returncode is None:
            await one.stop()
