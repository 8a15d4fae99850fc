"""A device's process: looks at what waits, claims what the policy picks, has it made, and tells of itself.

Started by the worker (`gpu_worker.engine.keeper`) as `python -m gpu_worker.engine.process`, with one line of JSON on its
standard input. More lines there are wakes; its end is the end of whoever started it, and ours. While a batch is made, the one
after it is claimed, so that the device does not wait for rows.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn

import structlog

from gator import credentials
from gator.errors import Unavailable
from gator.garbage import Sparing
from gator.settings import Settings
from gpu_worker.devices import Found
from gpu_worker.engine.batch import Batch, Ticket
from gpu_worker.engine.cache import Cache
from gpu_worker.engine.desk import Desk, Picked
from gpu_worker.engine.hand import Hand
from gpu_worker.engine.hardware import Hardware, hardware
from gpu_worker.engine.maker import DeviceLost, Made, import_makers
from gpu_worker.engine.telling import Teller
from gpu_worker.lease import Terms
from gpu_worker.likeness.examining import examiner
from gpu_worker.runner import LostAlone, Runner
from gpu_worker.scheduling.effort import effort_of
from gpu_worker.scheduling.policy import WORTH_A_WAY_S
from gpu_worker.shelf import shelf
from gpu_worker.studio import Handler
from gpu_worker.waits import until, until_one
from memory.media_place import blobs_of
from memory.store import AWAY, Store

LOST = 75  # exit status: the device does not work; EX_TEMPFAIL
_LOOK_S = 1.0
_AFTER_ERROR_S = 5.0
_AHEAD_S = 0.5  # before the end of a batch the next one is claimed
_TRIES = 3  # at a batch of which others were quicker to claim every job
_NOTE_S = 0.25  # steps of a fast model come every few milliseconds; rows are told of them twice a second
_STOP_S = 2.0  # the worker has 2.5 s in which to stop
_MOST = {"cuda": 4, "rocm": 4, "mps": 2}  # orders in a batch; a CPU gains nothing by them
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Habits:
    """How long a device's process rests before it ends (0: never), and how long a device may give no sign of work."""

    idle_s: float = 0.0
    stalls_s: float = 900.0  # a load with a compilation may take minutes


class Device:
    """One device at work."""

    def __init__(self, settings: Settings, here: Hardware, terms: Terms, habits: Habits) -> None:
        self._here = here
        self._terms = terms
        self._habits = habits
        self._look = asyncio.Event()
        self._stop = asyncio.Event()
        self._ahead = asyncio.Event()
        self._nearly_done: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._store = Store(settings.database)
        self.id = f"{socket.gethostname()[:80]}/{here.found.seat}"
        cache = Cache(here, self._changed, lambda: self._desk.elsewhere())
        self._hand = Hand(here, cache, shelf(settings), _MOST.get(here.found.kind, 1), self._give, self._progress)
        self._desk = Desk(self._store, shelf(settings), self.id, here, cache, self._hand)
        self._teller = Teller(self._store, self.id, here, cache, self._hand, self._desk)
        self._batches: dict[str, Batch] = {}
        self._runner = Runner(
            self._store,
            blobs_of(settings),
            settings.home.resolve() / "scratch",
            owner=owner_of(os.getpid(), here.found.name),
            slots=64,  # what bounds them is the batch
            terms=terms,
            signer=credentials.signer(settings),
            handler=self._handler,
            device=self.id,
            examine=examiner(settings, here=True),
            beside=self._teller.tell_in,
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="device")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._noted_at = 0.0
        self._lost = ""

    def stop(self) -> None:
        self._stop.set()

    async def serve(self) -> int:
        """Work until told to stop, idle for too long, or the device is lost; gives the exit status."""
        telling = asyncio.create_task(self._teller.keep_telling())
        watching = asyncio.create_task(self._watch())
        try:
            await self._loop.run_in_executor(self._thread, self._here.check)
            log.info("device_ready", device=self.id, label=self._here.found.label)
            if not self._habits.idle_s:  # one that waits for jobs has time to import what they will need
                await self._loop.run_in_executor(self._thread, import_makers)
            await self._until_told()
        except DeviceLost as lost:
            self._lost = str(lost) or "It does not answer."
        await self._leave(telling, watching)
        return LOST if self._lost else os.EX_OK

    async def _until_told(self) -> None:
        work, stop = asyncio.create_task(self._work()), asyncio.create_task(self._stop.wait())
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if work.done():
            work.result()  # a bug shows

    async def _work(self) -> None:
        current: asyncio.Task[None] | None = None
        idle_since = time.monotonic()
        left: Batch | None = None
        alone = False
        while not self._lost:
            # Nothing is claimed beside what may take this process along: it would lose an attempt by it.
            following = left or (None if current and alone else await self._next())
            if current:
                await current
                idle_since = time.monotonic()
            if following:
                self._ahead.clear()
                current, alone = asyncio.create_task(self._make(following)), following.suspect
                left = await self._until_nearly_done(current, following)
                continue
            if current:
                current = None  # what came meanwhile was not seen by the look ahead
                continue
            if self._habits.idle_s and time.monotonic() - idle_since > self._habits.idle_s:
                log.info("device_idle", device=self.id)
                break
            await until(self._look, _LOOK_S)

    async def _next(self) -> Batch | None:
        """The next batch, claimed; none when nothing is to be done here."""
        woken = self._look.is_set()
        self._look.clear()
        try:
            for _ in range(_TRIES):
                picked = await self._pick(woken=woken)
                if not picked.jobs:
                    return None
                if batch := await self._claim(picked):
                    return batch
                woken = True  # what was seen is old
        except Exception:  # the top of a loop that must not end
            log.exception("backlog_unread")
            await until(self._stop, _AFTER_ERROR_S)
        return None

    async def _pick(self, *, woken: bool) -> Picked:
        picked = await self._desk.pick(woken=woken)
        if picked.again_in_s:
            await asyncio.sleep(picked.again_in_s)
            picked = await self._desk.pick(woken=True)
        return picked

    async def _claim(self, picked: Picked) -> Batch | None:
        first = picked.jobs[0]
        suspect, urgent = (any(row.attempts for row in picked.jobs), any(row.deadline_at for row in picked.jobs))
        batch = Batch(first.kind, first.model, [row.job for row in picked.jobs], suspect=suspect, urgent=urgent)
        for row in picked.jobs:
            self._batches[row.job] = batch
            self._start(self._do(batch, row.workspace, row.job))
        await batch.full()
        return batch if batch.tickets else None

    async def _do(self, batch: Batch, workspace: str, job: str) -> None:
        """One job from its claim to its end."""
        try:
            await self._runner.work(workspace, job)
        finally:
            self._batches.pop(job, None)
            batch.leave(job)

    def _handler(self, _kind: str) -> Handler:
        async def join(claim: Any, studio: Any) -> Any:
            return await self._batches[claim.id].join(claim, studio)

        return join

    async def _make(self, batch: Batch) -> None:
        if self._lost:  # meanwhile, by the batch before
            self._put_back(batch, begun=False)
            self._ahead.set()
            return
        try:
            self._noted_at = 0.0  # its first step tells when it will be done
            self._teller.is_busy(time.time() + self._guess_s(batch))
            await self._loop.run_in_executor(self._thread, self._hand.make, batch)
        except DeviceLost as lost:
            self._lost = str(lost) or "It does not answer."
            self._put_back(*{batch, *self._batches.values()})
        except Exception as bug:  # the top of the device's thread
            log.exception("batch_broke", device=self.id, model=batch.model)
            for ticket in batch.tickets:
                ticket.settle(bug)
        finally:
            self._ahead_in(0.0)
            self._teller.is_busy(None)

    def _put_back(self, *batches: Batch, begun: bool = True) -> None:
        """Let other devices have what was not made. It counts as an attempt: an order may be what kills devices."""
        tickets = [ticket for batch in batches for ticket in batch.tickets]
        lost = LostAlone if begun and len(tickets) == 1 else Unavailable
        for ticket in tickets:
            ticket.settle(lost(f"The device {self.id} was lost: {self._lost}", retry_after_s=0.01))

    def _guess_s(self, batch: Batch) -> float:
        efforts = (effort_of(batch.kind, ticket.order.payload.model_dump()) for ticket in batch.tickets)
        return sum(efforts) / self._desk.view().speed

    async def _until_nearly_done(self, current: asyncio.Task[None], batch: Batch) -> Batch | None:
        """Meanwhile it gives way to what is urgent. Gives what was claimed for that and not begun."""
        gives_way = not (batch.urgent or batch.suspect)
        while not self._ahead.is_set():
            if gives_way and self._is_long():
                await until_one((self._look, self._ahead), _LOOK_S)
                if not self._ahead.is_set() and (left := await self._give_way(current)):
                    return left
            else:
                await until(self._ahead, _LOOK_S if gives_way else None)
        return None

    def _is_long(self) -> bool:
        ends_at = self._teller.busy_until
        return bool(ends_at and ends_at - time.time() >= WORTH_A_WAY_S)

    async def _give_way(self, current: asyncio.Task[None]) -> Batch | None:
        self._look.clear()
        try:
            picked, rests = await self._desk.way(
                self._teller.busy_until or time.time(), beside=not self._hand.no_room_beside
            )
        except AWAY:
            log.exception("backlog_unread")
            return None
        if rests:
            self._hand.let_rest()
        beside = await self._claim(picked) if picked.jobs else None
        if beside is None:
            return None
        self._hand.make_beside(beside)
        settled = asyncio.create_task(beside.settled())
        await asyncio.wait({current, settled}, return_when=asyncio.FIRST_COMPLETED)
        settled.cancel()
        return self._hand.left() if current.done() else None

    # From the device's thread.

    def _give(self, ticket: Ticket, made: Made | BaseException) -> None:
        self._loop.call_soon_threadsafe(ticket.settle, made)

    def _progress(self, part: Sequence[Ticket], share: float, eta_s: float) -> None:
        at = time.monotonic()
        if at - self._noted_at < _NOTE_S:
            return
        self._noted_at = at
        self._loop.call_soon_threadsafe(self._note, part, share, eta_s, self._hand.is_beside)

    def _changed(self) -> None:
        self._desk.loaded_at = time.time()
        self._loop.call_soon_threadsafe(self._teller.has_other_models)

    def _note(self, part: Sequence[Ticket], share: float, eta_s: float, beside: bool) -> None:
        for ticket in part:
            ticket.note(share, eta_s)
        if beside:
            return
        self._teller.busy_until = time.time() + eta_s
        if share:
            self._ahead_in(eta_s - _AHEAD_S)

    def _ahead_in(self, pause_s: float) -> None:
        if self._nearly_done:
            self._nearly_done.cancel()
        if pause_s > 0:
            self._nearly_done = self._loop.call_later(pause_s, self._ahead.set)
        else:
            self._ahead.set()

    async def _watch(self) -> None:
        """Give up a device that was given work and does nothing: its thread cannot be ended, but the process can."""
        while True:
            await asyncio.sleep(min(1.0, self._habits.stalls_s / 4))
            pace = self._hand.pace
            if pace.making and time.monotonic() - pace.stirred_at > self._habits.stalls_s:
                self._lost = f"No step for {self._habits.stalls_s:.0f} s."
                self._put_back(*set(self._batches.values()))
                await self._leave()
                sys.stderr.flush()
                os._exit(LOST)

    async def _leave(self, *tasks: asyncio.Task[None]) -> None:
        for task in tasks:
            task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                if self._lost:
                    await self._settled()
                await self._runner.stop()
                await self._teller.tell("lost" if self._lost else "stopped", self._lost, lost=bool(self._lost))
                await self._store.close()
        log.info("device_left", device=self.id, reason=self._lost)

    async def _settled(self) -> None:
        """Wait until the jobs of a lost device are put back."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    # Threads and pipes.

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def listen(self) -> None:
        """Hear signals, and wakes by standard input; that in a thread, because it may be a file or a terminal."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self.stop)

        def listen() -> None:
            while sys.stdin.buffer.readline():
                self._loop.call_soon_threadsafe(self._look.set)
            with suppress(RuntimeError):  # the loop is closed: the process ends anyway
                self._loop.call_soon_threadsafe(self._stop.set)
                self._loop.call_soon_threadsafe(self._look.set)

        threading.Thread(target=listen, name="ear", daemon=True).start()


def owner_of(pid: int, name: str) -> str:
    """By what name a device's process holds its jobs."""
    return f"{pid}:{name}:{socket.gethostname()}"[:64]


def run(make: Callable[[Found], Hardware] = hardware) -> NoReturn:
    """Be the process of the device that standard input names; ends this process."""
    from gator import log as logs

    told = json.loads(sys.stdin.buffer.readline())
    settings = Settings(**told["settings"])
    logs.configure(settings.log_level)
    # Models lie on the shelf; nothing is fetched while a job waits, and nothing is told to anybody.
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1")
    terms = Terms(timedelta(seconds=told["terms"]["lives_s"]), told["terms"]["beat_s"], told["terms"]["progress_s"])
    here = make(Found(**told["found"]))

    async def serve() -> int:
        device = Device(settings, here, terms, Habits(**told["habits"]))
        device.listen()
        return await device.serve()

    Sparing().start()
    status = os.EX_SOFTWARE
    try:
        with asyncio.Runner() as loop:
            status = loop.run(serve())
    except Exception:  # the top of this process
        log.exception("device_broke", device=here.found.name)
    finally:
        sys.stderr.flush()
        os._exit(status)  # a thread in the middle of a step would be waited for


if __name__ == "__main__":
    from gator.rooms import assert_ours

    assert_ours()
    run()
