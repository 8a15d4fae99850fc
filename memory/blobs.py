"""Where do media's bytes lie? In files named by their SHA-256, so that the same bytes are kept once: this is a folder here, and
`memory.buckets` has a bucket with such a folder in front of it. `memory.media_place` knows which.

Rows about them are `memory.repositories.assets`. A file is there whole or not at all: it is written beside its place,
synced and renamed (R8 of the failures we plan for: a full disk corrupts nothing).
"""

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

import structlog

from gator.clock import now
from gator.errors import Conflict, GatorError, NotFound, Unavailable
from gator.ids import new_id

_NAME = re.compile(r"[0-9a-f]{64}")
_CHUNK_BYTES = 1 << 20
_LONGEST_COPY_S = 3600
log = structlog.get_logger()
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Blob(NamedTuple):
    sha256: str
    size_bytes: int


class Blobs:
    """The media folder. Safe for several processes at once: equal names hold equal bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming = folder / "incoming"
        self._small = folder / "small"

    def path(self, sha256: str) -> Path:
        """Where the bytes of that hash lie, or would lie. Raises NotFound for what is no hash."""
        if not _NAME.fullmatch(sha256):
            raise NotFound("There is no such file.")
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def get(self, sha256: str) -> Path:
        """The file with these bytes, there for some minutes at least; it may take a while. Raises NotFound when it is gone."""
        path = self.path(sha256)
        if not path.is_file() and not self._put_back(sha256):
            raise NotFound("The file is no longer kept.")
        return path

    def lend(self, sha256: str, folder: Path) -> Path:  # noqa: ARG002 - for those that may lose it meanwhile
        """As `get`, for as long as that folder is there."""
        return self.get(sha256)

    def at_hand(self, path: Path) -> None:
        """Have the file of that path of ours there to be read, if it is kept at all; it may take a while."""

    def has(self, sha256: str) -> bool:
        """Whether these bytes are kept."""
        return self.path(sha256).exists() or self._put_back(sha256)

    def size_bytes(self, sha256: str) -> int:
        """How many bytes those are; none, when they are gone."""
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return 0

    def small(self, sha256: str) -> Path:
        """Where the small picture of these bytes lies, or would lie. It goes when they go."""
        return self._small / self.path(sha256).name[:2] / f"{sha256}.webp"

    def put_small(self, sha256: str, content: bytes) -> bool:
        """Keep a small picture of these bytes; False when they are gone by now, so that nothing is left of them."""
        path = self.small(sha256)
        with self._copied(content) as arrival:
            path.parent.mkdir(parents=True, exist_ok=True)
            arrival.become(path)
        # Looked at afterwards: `delete` removes the bytes first, so one of the two sees what the other did.
        if self.has(sha256):
            return True
        path.unlink(missing_ok=True)
        return False

    def smalls(self) -> Iterator[str]:
        """Hashes of which there is a small picture."""
        yield from (path.stem for path in self._small.glob("??/*.webp") if _NAME.fullmatch(path.stem))

    def stray_smalls(self) -> set[str]:
        """Hashes of which there is a small picture and nothing else, and of which `names` does not tell."""
        return {one for one in self.smalls() if not self.has(one)}

    def bring(self, content: Path | bytes) -> "Arrival":
        """Copy these bytes onto the disk, under no name yet. Raises Unavailable when they find no room."""
        return self._copied(content)

    def _copied(self, content: Path | bytes) -> "Arrival":
        with _named_errors(self.folder):
            self._incoming.mkdir(parents=True, exist_ok=True)
            temporary = self._incoming / new_id()
            try:
                blob = _copy(content, temporary)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            return Arrival(self, blob, temporary)

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """A path for a file that has no name yet; what is there after the block goes. Raises Unavailable without room."""
        with _named_errors(self.folder):
            self._incoming.mkdir(parents=True, exist_ok=True)
            temporary = self._incoming / new_id()
            try:
                yield temporary
            finally:
                temporary.unlink(missing_ok=True)

    def put(self, content: Path | bytes) -> Blob:
        """Keep a copy of these bytes, on disk when this returns. Raises Unavailable when they find no room."""
        with self.bring(content) as arrival:
            arrival.keep()
            return arrival.blob

    @contextmanager
    def read_by_backup(self) -> Iterator[None]:
        """Nobody is `alone` here for as long as the block lasts, which it waits for. The lock ends with the process."""
        with self._lock() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No backup is made for as long as the block lasts. Raises Conflict when one is being made."""
        with self._lock() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as held:
                raise Conflict(
                    "A backup is being made, or somebody else cleans up.", remedy="Try again when that has ended."
                ) from held
            yield

    def _lock(self) -> BinaryIO:
        with _named_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            return (self.folder / "lock").open("ab")

    def tidy(self) -> int:
        """Remove what processes that died while copying have left, and put back what `delete_old` took; says how many."""
        removed = 0
        for path in self._incoming.glob("*"):
            if _NAME.fullmatch(path.name):
                self._put_back(path.name)
        for path in self.left():
            with suppress(FileNotFoundError):
                path.unlink()
                removed += 1
        return removed

    def left(self) -> list[Path]:
        """What processes that died while copying have left."""
        old, found = now().timestamp() - _LONGEST_COPY_S, []
        for path in self._incoming.glob("*"):
            if _NAME.fullmatch(path.name):
                continue
            with suppress(FileNotFoundError):  # it has its name by now
                found += [path] if path.stat().st_mtime < old else []
        return found

    def names(self, older_than: datetime) -> Iterator[str]:
        """Hashes of the files that were there before that moment and that nobody has kept again since."""
        for path in self.folder.glob("??/??/*"):
            with suppress(FileNotFoundError):
                if _NAME.fullmatch(path.name) and path.stat().st_mtime < older_than.timestamp():
                    yield path.name

    def copies(self, older_than: datetime) -> Iterator[str]:  # noqa: ARG002 - for those that have some
        """Hashes of what is here but has its place elsewhere, and was not used since then."""
        yield from ()

    def drop_copy(self, sha256: str) -> bool:  # noqa: ARG002
        """Remove one of `copies`; False when it was not there."""
        return False

    def delete(self, sha256: str) -> bool:
        """Remove the bytes and their small picture; False when they were not there. The caller knows that no row names them."""
        self._put_back(sha256)
        try:
            self.path(sha256).unlink()
        except FileNotFoundError:
            return False
        finally:
            self.small(sha256).unlink(missing_ok=True)
        return True

    def drop(self, hashes: Iterable[str]) -> None:
        """As `delete`, for what must not fail for it: what cannot be deleted now, the next sweep finds."""
        for sha256 in hashes:
            try:
                self.delete(sha256)
            except (OSError, GatorError) as failed:
                log.warning("file_left", sha256=sha256, reason=str(failed))

    def delete_old(self, sha256: str, older_than: datetime) -> bool:
        """As `delete`, unless somebody has kept the same bytes again since then.

        They are taken aside first: who keeps them again has touched the file before that, or finds none afterwards and
        puts a new one. Whoever dies here leaves them aside, where the next who looks for them, or tidies, finds them.
        """
        self._incoming.mkdir(parents=True, exist_ok=True)
        path, aside = self.path(sha256), self._incoming / sha256
        try:
            path.rename(aside)
            if aside.stat().st_mtime < older_than.timestamp():
                aside.unlink()
                self.small(sha256).unlink(missing_ok=True)
                return True
        except FileNotFoundError:  # none is there; or somebody looked for it meanwhile and put it back
            return False
        self._put_back(sha256)
        return False

    def _put_back(self, sha256: str) -> bool:
        """Whether the bytes had been taken aside, and are in their place again."""
        try:
            (self._incoming / sha256).rename(self.path(sha256))
        except FileNotFoundError:
            return False
        return True


class Lent:
    """Files for a job: lent when it first asks for them, and there until its folder goes."""

    def __init__(self, blobs: Blobs, folder: Path) -> None:
        self._blobs = blobs
        self._folder = folder

    def get(self, sha256: str) -> Path:
        """See `Blobs.get`."""
        return self._blobs.lend(sha256, self._folder)

    def bring(self, hashes: Iterable[str]) -> None:
        """Have them here, so that asking takes no time; whoever asks for one that is gone is told then."""
        for sha256 in hashes:
            with suppress(NotFound):
                self.get(sha256)


class Arrival:
    """Bytes that wait for a name: inside the `with` block `keep` gives it, and without that they are gone after it.

    So the slow copy can be made before a transaction, and the quick rename inside it.
    """

    def __init__(self, blobs: Blobs, blob: Blob, temporary: Path) -> None:
        self.blob = blob
        self.path = temporary
        self._blobs = blobs

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.path.unlink(missing_ok=True)

    def keep(self) -> None:
        with _named_errors(self._blobs.folder):
            path = self._blobs.path(self.blob.sha256)
            with suppress(FileNotFoundError):
                os.utime(path)  # kept again: whoever looks for files that no row names waits for this one's row
                path.stat()  # unless they took it aside just before that
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            self.path.replace(path)
            for folder in (path.parent, path.parent.parent, self._blobs.folder):
                _sync_folder(folder)

    def become(self, path: Path) -> None:
        """Have that name instead, in place of whatever has it; what is made anew when it is lost need not be synced."""
        with _named_errors(self._blobs.folder):
            self.path.replace(path)


def _copy(content: Path | bytes, to: Path) -> Blob:
    digest, size = hashlib.sha256(), 0
    with to.open("xb") as out:
        for chunk in _chunks(content):
            digest.update(chunk)
            size += out.write(chunk)
        _sync(out)
    to.chmod(0o444)  # what is named by its content must not be written in place
    return Blob(digest.hexdigest(), size)


def _chunks(content: Path | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """A rename is on disk only when its folder is (https://lwn.net/Articles/457667/)."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _named_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:  # the content to copy is not there: the caller's mistake, not the disk's
        raise
    except OSError as failed:
        if failed.errno in _FULL:
            raise Unavailable(
                "There is no room left for media.", remedy=f"Free some space on the disk of {folder}."
            ) from failed
        raise Unavailable(
            f"Gator cannot write to {folder}: {failed.strerror}.",
            remedy="Let Gator's user write there, or set GATOR_STORAGE_URL.",
        ) from failed
