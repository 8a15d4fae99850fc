"""The worker's process: an event loop that does the jobs, a thread where Celery listens, and an eye on the rows.

A message starts a job at once. Every second, and whenever a slot comes free, the rows are looked at as well, so that
jobs begin whose message was lost, whose time has come or whose worker died. It stops on SIGTERM and SIGINT, and
when the process that started it is gone. Jobs on models are done in processes of their own, one a device: the keeper
(`gpu_worker.engine.keeper`) starts and ends them.
"""

import asyncio
import ctypes
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import NoReturn

import structlog

from gator import credentials
from gator.settings import Settings
from gpu_worker.app import WORK, make_app
from gpu_worker.engine.keeper import Keeper, Kit
from gpu_worker.errands import Errands
from gpu_worker.lanes import Lanes
from gpu_worker.lease import Terms
from gpu_worker.likeness.examining import examiner
from gpu_worker.runner import Runner
from memory import leftovers
from memory.media_place import blobs_of
from memory.store import Store

_M_ARENA_MAX = -8  # malloc.h
_LOOK_S = 1.0
_AFTER_ERROR_S = 5.0
_TIDY_S = 3600.0
_STOP_S = 2.5  # `gator up` gives the worker 3 s before it kills it
log = structlog.get_logger()


def run(
    settings: Settings, *, parent: int | None = None, terms: Terms | None = None, kit: Kit | None = None
) -> NoReturn:
    """Be the worker until told to stop, or until the process `parent` is gone; ends this process."""
    keep_memory_small()
    with asyncio.Runner() as loop:
        loop.run(Worker(settings, terms, kit).serve(parent))
        sys.stderr.flush()
        # A thread in the middle of a picture cannot be stopped, and Python would wait for it; its job is queued again.
        os._exit(0)


class Worker:
    def __init__(self, settings: Settings, terms: Terms | None = None, kit: Kit | None = None) -> None:
        self._settings = settings
        self._look = asyncio.Event()
        self._stop = asyncio.Event()
        self._stopping = threading.Event()
        signer = credentials.signer(settings)
        credentials.publish_root(settings, signer)
        self._store = Store(settings.database, wake=lambda _jobs: self._look.set())
        self._blobs = blobs_of(settings)
        examine = examiner(settings, here=False)

        def lane(slots: int, name: str = "", kind: type[Runner] = Runner) -> Runner:
            return kind(
                self._store,
                self._blobs,
                settings.home.resolve() / "scratch",
                owner=f"{socket.gethostname()}:{os.getpid()}{name}"[:64],
                slots=slots,
                terms=terms,
                on_end=self._ended,
                signer=signer,
                settings=settings,
                examine=examine,
            )

        every, quick = lane(settings.worker_concurrency), lane(1, ":quick")
        self._lanes = Lanes(self._store, every, quick, lane(1, ":errands", Errands))
        self._keeper = Keeper(settings, self._store, terms or Terms(), kit or Kit())
        self._worked = False

    async def serve(self, parent: int | None = None) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        ear = threading.Thread(target=self._listen, args=(loop,), name="ear", daemon=True)
        ear.start()
        eye = asyncio.create_task(self._watch())
        keeping = asyncio.create_task(self._keeper.keep())
        tidying = asyncio.create_task(self._keep_tidy())
        log.info("worker_ready", slots=self._settings.worker_concurrency)
        await self._until_told(parent)
        await self._leave(ear, eye, keeping, tidying)

    async def _until_told(self, parent: int | None) -> None:
        while not self._stop.is_set():
            if parent and os.getppid() != parent:
                log.info("parent_gone", parent=parent)
                return
            await _wait(self._stop, _LOOK_S)

    async def _keep_tidy(self) -> None:
        """A bucket that is away for the moment must not keep a worker from its start."""
        while True:
            try:
                await asyncio.to_thread(self._blobs.tidy)
                if gone := await leftovers.tidy_scratch(self._store, self._settings.home.resolve() / "scratch"):
                    log.info("scratch_tidied", folders=gone)
            except Exception:  # the top of a loop that must not end
                log.exception("media_not_tidied")
            await asyncio.sleep(_TIDY_S)

    async def _leave(self, ear: threading.Thread, eye: asyncio.Task[None], *others: asyncio.Task[None]) -> None:
        self._stopping.set()
        self._look.set()
        for task in others:
            task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                await self._lanes.stop()
                await eye
                await asyncio.gather(*others, return_exceptions=True)
                await asyncio.to_thread(ear.join, _STOP_S)
                await self._store.close()
        log.info("worker_stopped")

    async def _watch(self) -> None:
        """Begin what waits, at every sign of a change and every second."""
        while not self._stopping.is_set():
            pause_s = _LOOK_S
            try:
                self._look.clear()
                await self._lanes.fill()
            except Exception:  # the top of a loop that must not end
                log.exception("backlog_unread")
                pause_s = _AFTER_ERROR_S
            if not await _wait(self._look, pause_s) and self._worked and self._lanes.idle:
                self._worked = False
                give_memory_back()

    def _ended(self) -> None:
        self._worked = True
        self._look.set()

    async def _hear(self, job: str) -> None:
        """What a message asks for; it comes back when the job is done, so that Celery fetches no more than fits."""
        if not await self._lanes.hear(job):
            self._look.set()
            self._keeper.poke()  # a device's, most likely

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear messages until told to stop; in a thread of its own, because Celery blocks."""
        from celery.worker import WorkController, state

        app = make_app(self._settings)

        @app.task(name=WORK)  # type: ignore[untyped-decorator]
        def work(job: str) -> None:
            if not self._stopping.is_set():
                asyncio.run_coroutine_threadsafe(self._hear(job), loop).result()

        def stop() -> None:
            self._stopping.wait()
            state.should_stop = os.EX_OK

        threading.Thread(target=stop, name="ear-stop", daemon=True).start()
        while not self._stopping.is_set():
            try:
                # Not celery.apps.worker.Worker: that one takes the signals and the log, and prints a banner.
                WorkController(
                    app=app,
                    pool_cls="threads",
                    concurrency=self._settings.worker_concurrency,
                    without_gossip=True,
                    without_mingle=True,
                    without_heartbeat=True,
                ).start()
            except Exception:  # the top of a thread; jobs begin by the rows until it listens again
                log.exception("ear_failed")
            self._stopping.wait(_AFTER_ERROR_S)


def keep_memory_small() -> None:
    """Let libav's many threads share two heaps: a worker that made a video rests at 167 MB, not 210."""
    with suppress(OSError, AttributeError):  # other C libraries have no mallopt
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def give_memory_back() -> None:
    """Hand freed memory to the system: after a video glibc keeps 60-130 MB of it (measured with glibc 2.36)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


async def _wait(event: asyncio.Event, longest_s: float) -> bool:
    """Whether the event came in that time."""
    try:
        await asyncio.wait_for(event.wait(), longest_s)
    except TimeoutError:
        return False
    return True
