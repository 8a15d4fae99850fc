"""Media in a bucket, seen as media in a folder: what the rest of Gator asks of `Blobs`, with a folder here as a cache.

A file is in the bucket, proven, before it gets its name here, so before its row says that it is ready. The folder holds copies,
because makers and platforms' libraries read paths; the oldest go when it is full (`memory.buckets.cache`).
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import structlog

from gator.errors import GatorError, NotFound
from memory.blobs import Arrival, Blobs
from memory.buckets.bucket import Bucket
from memory.buckets.cache import Cache
from memory.buckets.place import Place

log = structlog.get_logger()


class BucketBlobs(Blobs):
    """A bucket, and the folder of copies in front of it."""

    def __init__(self, folder: Path, bucket: Bucket, most_bytes: int) -> None:
        super().__init__(folder)
        self.bucket = bucket
        self._cache = Cache(folder, most_bytes)

    @property
    def place(self) -> Place:
        return self.bucket.place

    def cached(self, sha256: str) -> Path | None:
        """The copy here, if there is one; it is not the next to go."""
        path = self.path(sha256)
        with suppress(FileNotFoundError):
            os.utime(path)
            return path
        return None

    def get(self, sha256: str) -> Path:
        return self.cached(sha256) or self._fetch(sha256)

    def _fetch(self, sha256: str) -> Path:
        path = self.path(sha256)
        with self.writing() as incoming:
            size = self.bucket.fetch(sha256, incoming)
            incoming.chmod(0o444)
            path.parent.mkdir(parents=True, exist_ok=True)
            incoming.replace(path)
        self._cache.grew(size)
        return path

    def lend(self, sha256: str, folder: Path) -> Path:
        """A job may take hours, and its files must not go meanwhile: another name for the same bytes, or else a copy."""
        lent = folder / self.path(sha256).name
        while not lent.exists():
            path = self.get(sha256)
            try:
                os.link(path, lent)
            except FileNotFoundError:
                continue  # it went in between
            except OSError:  # a folder on another disk
                shutil.copyfile(path, lent)
        return lent

    def at_hand(self, path: Path) -> None:
        with suppress(NotFound):
            self.get(path.name)

    def has(self, sha256: str) -> bool:
        return self.bucket.size_of(self.path(sha256).name) is not None

    def size_bytes(self, sha256: str) -> int:
        return self.bucket.size_of(self.path(sha256).name) or super().size_bytes(sha256)

    def stray_smalls(self) -> set[str]:
        return set()  # `names` tells of them

    def bring(self, content: Path | bytes) -> Arrival:
        """Copy these bytes here and into the bucket. Those that get no row lie there until they are swept."""
        arrival = super().bring(content)
        try:
            self.bucket.put(arrival.path, *arrival.blob)
        except BaseException:
            arrival.path.unlink(missing_ok=True)
            raise
        self._cache.grew(arrival.blob.size_bytes)
        return arrival

    def names(self, older_than: datetime) -> Iterator[str]:
        """Of the bucket, and of what is here: the bytes of a copy may have been removed by another machine."""
        yield from (one.sha256 for one in self.bucket.objects() if one.modified_at < older_than)
        yield from self.copies(older_than)

    def copies(self, older_than: datetime) -> Iterator[str]:
        yield from super().names(older_than)
        for one in self.smalls():
            with suppress(FileNotFoundError):
                if self.small(one).stat().st_mtime < older_than.timestamp():
                    yield one

    def delete(self, sha256: str) -> bool:
        """Every version in the bucket, then the copy here; so that nobody who reads it puts a copy back."""
        there = self.bucket.delete(self.path(sha256).name)
        return super().delete(sha256) or there

    def delete_old(self, sha256: str, older_than: datetime) -> bool:
        """As `delete`, unless the bucket has had the same bytes again since then."""
        gone = self.bucket.delete(self.path(sha256).name, older_than)
        if not gone and self.has(sha256):
            return False
        return super().delete(sha256) or gone

    def drop_copy(self, sha256: str) -> bool:
        return super().delete(sha256)

    def tidy(self) -> int:
        """As for a folder; and copies that nobody has used for a day go, as do uploads that were never ended."""
        removed = super().tidy() + self._cache.trim()
        try:
            return removed + self.bucket.end_uploads()
        except GatorError as away:
            log.warning("bucket_not_tidied", reason=str(away))
            return removed
