"""How is the program put together? Store, brain, conversation core, web server and worker, started and stopped as one."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from gator.cli.program import Running, announce, open_store, owner
from gator.errors import Conflict
from gator.garbage import Sparing
from gator.principal import Principal
from gator.settings import Settings

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from bots.core import Core

log = structlog.get_logger()

WORKER_GRACE_S = 3.0
PING_S, PONG_S = 25.0, 20.0


@dataclass(frozen=True, slots=True)
class Served:
    """A Gator that answers."""

    core: "Core"
    owner: Principal
    url: str


def bind(settings: Settings, port: int) -> socket.socket:
    """The listening socket. Raises Conflict, naming the port, when somebody else has it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle's algorithm on and each answer of a kept connection takes 40 ms longer.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, port))
    except OSError as taken:
        listening.close()
        raise Conflict(
            f"Gator cannot listen on {settings.host} port {port}: {taken.strerror}.",
            remedy="Stop what uses it, or set GATOR_PORT to another port (0 takes a free one).",
        ) from taken
    listening.listen(2048)
    return listening


@asynccontextmanager
async def serving(settings: Settings, port: int) -> AsyncIterator[Served]:
    """Everything, on embedded defaults or the configured servers, for as long as the block lasts."""
    from agents.models import check

    for model in (settings.model, *settings.fallback_models):
        check(model, settings)
    listening = bind(settings, port)
    url = f"http://{settings.host}:{listening.getsockname()[1]}"
    store = open_store(settings)
    worker = asyncio.create_task(_keep_worker())
    try:
        async with _served(settings, store, listening, url) as served:
            announce(settings, Running(os.getpid(), url))
            try:
                yield served
            finally:
                worker.cancel()  # it ends while the server lets its clients go: both may take seconds
    finally:
        if not worker.cancelling():  # a second time would have it end without the worker's end
            worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        await store.close()


@asynccontextmanager
async def _served(settings: Settings, store: object, listening: socket.socket, url: str) -> AsyncIterator[Served]:
    import uvicorn

    from agents.brain import Brain
    from agents.checkpoints import open_saver
    from agents.consolidation import Consolidator
    from api.app import create_app
    from bots import languages
    from bots.core import Core
    from bots.hub import Hub
    from bots.relay import relay_for
    from bots.roster import Roster
    from bots.row_watch import RowWatch
    from bots.web_channel import WebChannel
    from memory.archive import Archive
    from memory.embedding import embedder, use, wanted
    from memory.knowledge import Knowledge
    from memory.paging import keep_paging
    from memory.reembedding import keep_reembedding, settle
    from memory.store import Store
    from memory.upkeep import Upkeep
    from tools.cloned_voices import keep_watch as keep_voices
    from tools.personas.starters import install_starters

    assert isinstance(store, Store)
    who = await owner(store)
    async with store.open_work(who) as work:
        await install_starters(work)
    async with open_saver(settings) as saver:
        hub = Hub()
        hub.relay = relay_for(settings, hub)
        use(settings)
        await settle(store, settings)
        archive = Archive(Knowledge(settings))
        core = Core(settings, store, Brain(settings, store, saver, archive=archive), hub, [WebChannel(hub)])
        if settings.database.startswith("sqlite"):
            await core.start_over()

        class Server(uvicorn.Server):
            @contextlib.contextmanager
            def capture_signals(self) -> Iterator[None]:
                yield  # signals are the command's business

        app = create_app(core)
        server = Server(web_config(app, settings.trusted_proxies))
        watches = [core.keep_watch(), Roster(core).keep(), RowWatch(store, hub).keep_watch()]
        watches += [app.state.sockets.keep_watch(store), Upkeep(store, archive).keep()]
        watches += [keep_reembedding(store, settings, lambda: core.workers.busy)]
        watches += [keep_paging(store, lambda: core.workers.busy)]
        watches += [Consolidator(settings, store, core.brain.mind, lambda: core.workers.busy).run()]
        watches += [keep_voices(store, settings)]
        watches += [hub.relay.keep()] if hub.relay else []
        tasks = [asyncio.create_task(server.serve(sockets=[listening])), *map(asyncio.create_task, watches)]
        while not server.started and not tasks[0].done():  # noqa: ASYNC110  # uvicorn has a flag and no event for it
            await asyncio.sleep(0.01)
        loads = (core.brain.mind.load, languages.load)  # seconds of work, which are not to be in the first fan's turn
        tasks += [asyncio.create_task(asyncio.to_thread(load)) for load in loads]
        sparing = Sparing()
        sparing.start()
        try:
            yield Served(core, who, url)
        finally:
            sparing.stop()
            server.should_exit = True
            for watch in tasks[1:]:
                watch.cancel()
            await core.stop()
            await core.brain.mind.close()
            await archive.close()
            for one in {embedder(), wanted()}:
                await one.close()
            await asyncio.gather(*tasks, return_exceptions=True)


def web_config(app: "FastAPI", trusted_proxies: Sequence[str] = ()) -> "uvicorn.Config":
    """How the application is served. Only those proxies are believed when they say for whom they ask."""
    import uvicorn

    from api.frames import MAX_FRAME_BYTES

    return uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,  # frames are short; a compressor for each socket costs more than it saves
        # A peer that vanished is found and let go within PING_S + PONG_S, well under a minute.
        ws_ping_interval=PING_S,
        ws_ping_timeout=PONG_S,
        log_config=None,
        access_log=False,
        server_header=False,
        # Named both, else uvicorn believes loopback and what FORWARDED_ALLOW_IPS says.
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_graceful_shutdown=2,
    )


async def _keep_worker() -> None:
    """Run the worker as a child, again whenever it dies; what it was doing is in the rows."""
    command = [sys.executable, "-m", "gator.cli", "worker", "--parent", str(os.getpid())]
    pause_s = 0.5
    while True:
        started = asyncio.get_running_loop().time()
        try:
            code: int | str = await _run_worker(command)
        except OSError as short:  # of memory or of processes: both come back
            code = str(short)
        lived_s = asyncio.get_running_loop().time() - started
        pause_s = 0.5 if lived_s > 30 else min(pause_s * 2, 30)
        log.warning("worker_died", code=code, again_in_s=pause_s)
        await asyncio.sleep(pause_s)


async def _run_worker(command: list[str]) -> int:
    """One worker's life; gives its exit status."""
    # A group of its own: Ctrl-C reaches the parent, which ends the worker in its turn.
    child = await asyncio.create_subprocess_exec(*command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return await child.wait()
    except asyncio.CancelledError:
        await _end(child)
        raise


async def _end(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
        try:
            await asyncio.wait_for(child.wait(), WORKER_GRACE_S)
        except TimeoutError:
            child.kill()
            await child.wait()
