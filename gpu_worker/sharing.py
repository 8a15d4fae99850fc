"""Does another Gator of this machine work on this GPU? One lock a device, in a folder that all homes of the machine share.

Two that did would each count on memory that the other takes. Whoever holds the lock writes into its file who it is. Containers
see each other's locks only where they share that folder.
"""

import fcntl
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gpu_worker.devices import Found

_FOLDERS = (Path("/run/lock"), Path("/tmp"))  # noqa: S108 (links are not followed, and nothing in it is believed)
_AS_FOUND = os.O_NOFOLLOW | os.O_NONBLOCK  # anybody may have put a link there, or a pipe, at which one would wait
_LONGEST = 1000


@contextmanager
def alone_on(found: Found, home: Path, folder: Path | None = None) -> Iterator[str]:
    """Keeps the device for this home while it is open. Gives who has it already, in words; empty when nobody has."""
    try:
        file = _opened((folder or shared_folder()) / _name(found))
    except OSError:  # where nothing can be written nothing can be told to others either
        yield ""
        return
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield _holder(file)
        else:
            _sign(file, home)
            yield ""
    finally:
        os.close(file)


def holder_of(found: Found, home: Path, folder: Path | None = None) -> str:
    """Who has the device, in words; empty when nobody has, or this home."""
    try:
        file = os.open((folder or shared_folder()) / _name(found), os.O_RDONLY | _AS_FOUND)
    except OSError:
        return ""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        other = _holder(file)
        return "" if other.endswith(f" of {home}") else other
    else:
        return ""
    finally:
        os.close(file)


def shared_folder() -> Path:
    """Where every user of the machine may write, and everyone looks first."""
    return next((one for one in _FOLDERS if _is_for_all(one)), Path(tempfile.gettempdir()))


def _is_for_all(folder: Path) -> bool:
    try:
        return bool(folder.stat().st_mode & stat.S_IWOTH)
    except OSError:
        return False


def _name(found: Found) -> str:
    return f"gator-{(found.uuid or found.name).replace(':', '-').replace('/', '-')}.lock"


def _opened(path: Path) -> int:
    """To read and write; a file of another user that may not be written is locked all the same."""
    with suppress(FileNotFoundError):
        try:
            return os.open(path, os.O_RDWR | _AS_FOUND)
        except PermissionError:
            return os.open(path, os.O_RDONLY | _AS_FOUND)
    file = os.open(path, os.O_RDWR | os.O_CREAT | _AS_FOUND)
    with suppress(OSError):  # another one made it meanwhile
        os.fchmod(file, 0o666)
    return file


def _sign(file: int, home: Path) -> None:
    with suppress(OSError):
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps({"process": os.getpid(), "home": str(home)}).encode(), 0)


def _holder(file: int) -> str:
    try:
        told = json.loads(os.pread(file, _LONGEST, 0))
        return f"process {int(told['process'])} of {_harmless(str(told['home']))}"
    except (OSError, ValueError, OverflowError, RecursionError, TypeError, KeyError):
        return "a process that does not say whose it is"


def _harmless(told: str) -> str:
    """What is read in rows, logs and terminals: without what moves a cursor, and without NUL, which PostgreSQL refuses."""
    return "".join(letter for letter in told[:200] if letter.isprintable())
