"""How do media get from a folder into a bucket, and back? File by file, each proven at its new place before anything else.

What is there already, whole, is passed over, so that it can be broken off and begun again; nothing is removed unless that is
wanted, and then only what was just proven to be at the other place.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal, TypeAlias

from gator.clock import now
from gator.errors import NotFound, Refused
from memory.backups import digest
from memory.blobs import Blobs
from memory.buckets.blobs import BucketBlobs
from memory.buckets.bucket import DamagedObject, of_parts

AT_ONCE = 8  # fewer than a client has lines to the service
State: TypeAlias = Literal["copied", "there", "damaged"]


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one file. `damaged` are bytes of another hash than their name: they stay where they are."""

    sha256: str
    size_bytes: int
    state: State


def move(source: Blobs, target: Blobs, *, delete: bool = False) -> Iterator[Step]:
    """Copy all there is. Raises Refused when both are one place, and Unavailable when one of them is away: begin again then."""
    if _where(source) == _where(target):
        raise Refused("Both are the same place.", remedy="Name another one with --from or --to.")
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="moving") as hands:
        yield from hands.map(lambda one: _move(source, target, *one, delete=delete), sorted(listed(source).items()))


def listed(blobs: Blobs) -> dict[str, int]:
    """All hashes that are kept there, with their sizes."""
    if isinstance(blobs, BucketBlobs):
        return {one.sha256: one.size_bytes for one in blobs.bucket.objects()}
    soon = now() + timedelta(days=1)
    return {one: blobs.size_bytes(one) for one in blobs.names(soon)}


def _where(blobs: Blobs) -> str:
    return blobs.place.url if isinstance(blobs, BucketBlobs) else str(blobs.folder.resolve())


def _move(source: Blobs, target: Blobs, sha256: str, size: int, *, delete: bool) -> Step:
    with _file(source, sha256) as path:
        if path is None:
            return Step(sha256, size, "damaged")
        there = _holds(target, sha256, size, path)
        if not there:
            _put(target, path, sha256, size)
    if delete:
        source.delete(sha256)
    return Step(sha256, size, "there" if there else "copied")


@contextmanager
def _file(source: Blobs, sha256: str) -> Iterator[Path | None]:
    """The bytes as a file, proven to be those of that name; None for others."""
    if not isinstance(source, BucketBlobs):
        path = source.get(sha256)
        yield path if digest(path) == sha256 else None
        return
    with source.writing() as incoming:
        try:
            source.bucket.fetch(sha256, incoming)
        except DamagedObject:
            yield None
        else:
            yield incoming


def _holds(target: Blobs, sha256: str, size: int, path: Path) -> bool:
    if isinstance(target, BucketBlobs):
        return target.bucket.holds(sha256, size, lambda: of_parts(path))
    try:
        return digest(target.get(sha256)) == sha256
    except NotFound:
        return False


def _put(target: Blobs, path: Path, sha256: str, size: int) -> None:
    if isinstance(target, BucketBlobs):
        target.bucket.put(path, sha256, size)
        return
    target.delete(sha256)  # what has its name there are other bytes
    target.put(path)
