"""What does every command need? Settings, the store and its owner, and the Gator that runs on this home, if one does."""

import asyncio
import fcntl
import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from gator.cli.privacy import keep_private
from gator.errors import Conflict, Unavailable
from gator.principal import Principal

if TYPE_CHECKING:
    from gator.settings import Settings

T = TypeVar("T")
_END_S = 1.0  # for tasks that were cancelled


def load_settings() -> "Settings":
    """The settings of this environment, the home made. Raises Unavailable when the home cannot be written."""
    from gator.settings import load

    settings = load()
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)  # what fans say is nobody else's on this machine
        keep_private(settings.home)
        probe = settings.home / f".probe-{os.getpid()}"
        probe.write_bytes(b"\0" * 4096)
        probe.unlink()
    except OSError as failed:
        raise Unavailable(
            f"Gator's home {settings.home.resolve()} cannot be written: {failed.strerror}.",
            remedy="Make room, give Gator the right to write there, or set GATOR_HOME to another folder.",
        ) from failed
    return settings


def write_out(path: Path, content: bytes) -> None:
    """Write a file that was asked for. Raises Unavailable where that cannot be; no folder is made on the way."""
    try:
        path.write_bytes(content)
    except OSError as failed:
        raise Unavailable(f"{path} cannot be written: {failed.strerror}.", remedy="Choose another --to.") from failed


def open_store(settings: "Settings") -> Any:
    """The store with its schema brought up to date; what it queues wakes the worker."""
    from gpu_worker.wake import wake
    from memory import schema
    from memory.store import Store

    schema.upgrade(settings.database)
    return Store(settings.database, wake=wake(settings))


async def owner(store: Any) -> Principal:
    """The owner of the home workspace, on whose behalf this machine's command line acts."""
    from memory.founding import found

    return await found(store)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine."""
    return asyncio.run(work)


def run_to_the_end(work: Callable[[], Coroutine[Any, Any, None]], within: AbstractContextManager[None]) -> NoReturn:
    """Run that coroutine within that block, then end this process."""
    with asyncio.Runner() as loop:
        with within:
            loop.run(_and_no_more(work()))
        sys.stdout.flush()
        sys.stderr.flush()
        # A thread that waits for a bucket cannot be stopped, and Python would wait for it, half a minute and more.
        os._exit(0)


async def _and_no_more(work: Coroutine[Any, Any, None]) -> None:
    """Do it, then have all end that was begun beside it, as far as it does within a moment."""
    await work
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for one in others:
        one.cancel()
    if others:
        await asyncio.wait(others, timeout=_END_S)


@dataclass(frozen=True, slots=True)
class Running:
    """Where the Gator of a home answers."""

    pid: int
    url: str


def _note(settings: "Settings") -> Path:
    return settings.home / "running.json"


@contextmanager
def only_one(settings: "Settings") -> Iterator[None]:
    """Hold the home for this process; the lock goes with the process, however it ends. Raises Conflict."""
    with (settings.home / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            there = running(settings)
            where = f" at {there.url} (process {there.pid})" if there else ""
            raise Conflict(
                f"Gator already runs on {settings.home.resolve()}{where}.",
                remedy="Use that one (`gator token create --sign-in` prints a link that signs you in), stop it, "
                "or set GATOR_HOME and GATOR_PORT for a second one.",
            ) from held
        try:
            yield
        finally:
            _note(settings).unlink(missing_ok=True)


def announce(settings: "Settings", there: Running) -> None:
    """Let other commands of this home find the running Gator."""
    draft = _note(settings).with_suffix(".tmp")
    draft.write_text(json.dumps(asdict(there)))
    draft.replace(_note(settings))


def running(settings: "Settings") -> Running | None:
    """The Gator that runs on this home, if its process lives."""
    try:
        there = Running(**json.loads(_note(settings).read_text()))
        os.kill(there.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return there
