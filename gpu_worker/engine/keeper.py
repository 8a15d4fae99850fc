"""Who starts the processes of devices, wakes them, and starts them again when they die? The worker's main process, by this.

GPUs have theirs for as long as the worker runs and there are models; a CPU's starts with the first job that is due and ends
when it has had nothing to do for minutes, because torch alone takes 400 MB.
"""

import asyncio
import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import structlog
from pydantic import AliasChoices, SecretStr
from sqlalchemy.exc import SQLAlchemyError

from gator.clock import now
from gator.principal import service
from gator.settings import Settings
from gpu_worker import devices
from gpu_worker.devices import Found
from gpu_worker.engine.process import LOST, Habits, owner_of
from gpu_worker.lease import Terms
from gpu_worker.sharing import alone_on
from gpu_worker.shelf import MANIFEST
from memory import backlog
from memory.repositories.devices import heard_of
from memory.store import Store

_LOOK_S = 1.0
_CPU_IDLE_S = 300.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S, _LOST_PAUSE_S = 0.5, 30.0, 300.0
_LIVED_S = 60.0  # a process that lived so long did not die of its start
_END_S = 2.2
_AFTER_ERROR_S = 5.0
_TAKEN_S = 10.0  # until somebody else's device is asked for again
_AGAIN_S = 600.0
_WATCH_S, _SILENT = 30.0, timedelta(seconds=180)
log = structlog.get_logger()


def torch_is_here() -> bool:
    return find_spec("torch") is not None


@dataclass(frozen=True, slots=True)
class Kit:
    """How devices are found and what their processes run; tests have their own."""

    module: str = "gpu_worker.engine.process"
    find: Callable[[Sequence[str]], Awaitable[list[Found]]] = devices.find
    able: Callable[[], bool] = torch_is_here
    cpu: Habits = field(default_factory=lambda: Habits(idle_s=_CPU_IDLE_S))
    gpu: Habits = field(default_factory=Habits)
    locks: Path | None = None  # where devices are locked; none: where all homes of the machine look
    again_s: float = _AGAIN_S  # where no GPU was found it is asked again: a driver may come up after the worker


class Keeper:
    """The device processes of one worker."""

    def __init__(self, settings: Settings, store: Store, terms: Terms, kit: Kit) -> None:
        self._settings = settings
        self._store = store
        self._terms = terms
        self._kit = kit
        self._names = devices.wanted(settings.devices)
        self._poked = asyncio.Event()
        self._found: list[Found] | None = None
        self._found_at = 0.0
        self._watched_at = time.monotonic()
        self._silent: set[int] = set()
        self._kept: dict[str, asyncio.Task[None]] = {}
        self._children: dict[str, asyncio.subprocess.Process] = {}

    def poke(self) -> None:
        """There may be a job on a model."""
        self._poked.set()
        for child in self._children.values():
            _write(child, b"look\n")

    async def keep(self) -> None:
        """Until cancelled, which ends the processes, too."""
        if not self._kit.able() or self._names == (devices.NONE,):
            return
        try:
            while True:
                try:
                    await self._look()
                except Exception:  # the top of a loop that must not end
                    log.exception("devices_unkept")
                    await asyncio.sleep(_AFTER_ERROR_S)
                self._poked.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._poked.wait(), _LOOK_S)
        finally:
            await self._end()

    async def _look(self) -> None:
        if time.monotonic() - self._watched_at >= _WATCH_S:
            self._watched_at = time.monotonic()
            await self._end_frozen()
        due = bool(await backlog.for_devices(self._store, 1)) if self._waits_for_work() else False
        if self._is_to_find() and (due or self._has_models()):
            async with self._store.open_work(service("", "worker")) as work:
                await work.devices.forget()
            self._found, self._found_at = await self._kit.find(self._names), time.monotonic()
            log.info("devices_found", devices=[one.name for one in self._found])
        for one in self._found or ():
            if not self._is_kept(one) and (one.kind != devices.CPU or due):
                self._kept[one.name] = asyncio.create_task(self._keep(one))

    async def _end_frozen(self) -> None:
        """Kill what told nothing for minutes, as was seen before: who hangs in a driver with Python's lock hears no signal."""
        async with self._store.open_work(service("", "worker"), reads=True) as work:
            silent = {one.id for one in await work.devices.all() if now() - one.seen_at > _SILENT}
        frozen = {child.pid: child for seat, child in self._children.items() if _id_of(seat) in silent}
        for pid, child in frozen.items():
            if pid in self._silent:
                log.warning("device_frozen", pid=pid)
                child.kill()
        self._silent = {*frozen}

    def _is_to_find(self) -> bool:
        if self._found is None:
            return True
        none_yet = self._names != (devices.CPU,) and all(one.kind == devices.CPU for one in self._found)
        return none_yet and time.monotonic() - self._found_at >= self._kit.again_s

    def _waits_for_work(self) -> bool:
        """Whether a process is not there yet that would start with the first job."""
        return self._found is None or any(one.kind == devices.CPU and not self._is_kept(one) for one in self._found)

    def _is_kept(self, one: Found) -> bool:
        task = self._kept.get(one.name)
        if task and task.done():
            del self._kept[one.name]
            task.result()  # a bug shows
        return one.name in self._kept

    def _has_models(self) -> bool:
        return next(self._settings.shelf_folder.glob(f"*/{MANIFEST}"), None) is not None

    async def _keep(self, one: Found) -> None:
        """Run its process, again whenever it dies, until it ends by itself. Nothing where another worker here has one."""
        with open_alone(self._settings.home / f"device-{one.seat.replace(':', '-')}.lock") as mine:
            if mine:
                await self._keep_unshared(one)
            else:
                await asyncio.sleep(_TAKEN_S)

    async def _keep_unshared(self, one: Found) -> None:
        """Nothing where another Gator of this machine has it, and both are not said to be welcome there."""
        if one.kind == devices.CPU or self._settings.share_devices:
            await self._keep_running(one)
            return
        with alone_on(one, self._settings.home.resolve(), self._kit.locks) as other:
            if not other:
                await self._keep_running(one)
                return
            log.warning("device_taken", device=one.name, by=other)
            await self._tell_of(one, f"Another Gator has it: {other}. GATOR_SHARE_DEVICES=true lets both work on it.")
        await asyncio.sleep(_TAKEN_S)

    async def _tell_of(self, one: Found, reason: str) -> None:
        """Unless whoever has it tells of it by the same row: homes may share a database."""
        told = {"name": one.name, "kind": one.kind, "label": one.label, "memory_bytes": one.memory_bytes}
        told |= {"state": "stopped", "reason": reason, "free_bytes": 0, "loaded": [], "free_at": None}
        async with self._store.open_work(service("", "worker")) as work:
            if not any(row.id == _id_of(one.seat) and heard_of(row, now()) for row in await work.devices.all()):
                await work.devices.tell(_id_of(one.seat), host=socket.gethostname()[:80], **told)

    async def _keep_running(self, one: Found) -> None:
        loop = asyncio.get_running_loop()
        pause_s = _FIRST_PAUSE_S
        while True:
            began = loop.time()
            status = await self._run(one)
            if status == os.EX_OK:
                return
            longest_s = _LOST_PAUSE_S if status == LOST else _LONGEST_PAUSE_S
            pause_s = _FIRST_PAUSE_S if loop.time() - began > _LIVED_S else min(pause_s * 2, longest_s)
            log.warning("device_died", device=one.name, status=status, again_in_s=pause_s)
            await asyncio.sleep(pause_s)

    async def _run(self, one: Found) -> int:
        """One life of the device's process; gives its exit status. What it had in work is queued again."""
        try:
            # A session of its own: Ctrl-C is the worker's business, which ends it in its turn.
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self._kit.module,
                stdin=asyncio.subprocess.PIPE, start_new_session=True, env=devices.environment(),
            )  # fmt: skip
        except OSError as short:  # of memory or of processes: both come back
            log.warning("device_not_started", device=one.name, reason=str(short))
            return os.EX_OSERR
        self._children[one.seat] = child
        try:
            _write(child, json.dumps(self._told(one)).encode() + b"\n")
            status = await child.wait()
        except asyncio.CancelledError:
            await _stop(child)
            raise
        finally:
            del self._children[one.seat]
        if status != os.EX_OK:
            await self._bury(one, child.pid, status)
        return status

    async def _bury(self, one: Found, pid: int, status: int) -> None:
        try:
            left = await backlog.put_back(self._store, owner_of(pid, one.name))
            if status != LOST:  # that one told why itself
                async with self._store.open_work(service("", "worker")) as work:
                    await work.devices.end(
                        _id_of(one.seat), "stopped", f"Its process ended ({status}); it is started again."
                    )
        except SQLAlchemyError as away:  # the leases run out
            log.warning("device_unburied", device=one.name, reason=type(away).__name__)
        else:
            log.info("jobs_put_back", device=one.name, jobs=len(left))
            self.poke()

    def _told(self, one: Found) -> dict[str, Any]:
        """What its process is told; by a pipe, because it holds the key."""
        terms = {
            "lives_s": self._terms.lives.total_seconds(),
            "beat_s": self._terms.beat_s,
            "progress_s": self._terms.progress_s,
        }
        habits = asdict(self._kit.cpu if one.kind == devices.CPU else self._kit.gpu)
        return {"settings": in_plain(self._settings), "found": asdict(one), "terms": terms, "habits": habits}

    async def _end(self) -> None:
        kept = [*self._kept.values()]
        for task in kept:
            task.cancel()
        await asyncio.gather(*kept, return_exceptions=True)


@contextmanager
def open_alone(path: Path) -> Iterator[bool]:
    """Whether no other process has it open so; two processes on one device would take each other's memory."""
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def in_plain(settings: Settings) -> dict[str, Any]:
    """The settings as `Settings(**...)` takes them from JSON, secrets readable."""
    plain: dict[str, Any] = {}
    for name, told in Settings.model_fields.items():
        value = getattr(settings, name)
        alias = told.validation_alias
        key = str(alias.choices[0]) if isinstance(alias, AliasChoices) else name
        plain[key] = value.get_secret_value() if isinstance(value, SecretStr) else value
    return json.loads(json.dumps(plain, default=str))  # type: ignore[no-any-return]


def _id_of(seat: str) -> str:
    return f"{socket.gethostname()[:80]}/{seat}"


def _write(child: asyncio.subprocess.Process, line: bytes) -> None:
    if child.stdin and not child.stdin.is_closing():
        with suppress(OSError):  # it is about to be found dead
            child.stdin.write(line)


async def _stop(child: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        child.terminate()
        try:
            await asyncio.wait_for(child.wait(), _END_S)
        except TimeoutError:
            child.kill()
            await child.wait()
