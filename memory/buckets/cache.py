"""Which copies of a bucket's files stay on this machine's disk? Those used last, up to a size, and for a day at most.

A day, because whoever had a file removed for good may have done so on another machine. A file that was used in the last
minutes stays whatever its size: somebody may be reading it by its path. Small pictures (`Blobs.small`) count, and stay longer.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_USED_S = 300.0  # longer than a platform is given to take a file (bots.delivery.SEND_S)
_DAY_S = 86_400.0
_SLACK = 0.05  # looking at all files costs, so it is done when this share of the size has come


class _Copy(NamedTuple):
    used_at: float
    size_bytes: int
    path: Path


class Cache:
    """The folder as this process looks after it; others may look after the same one."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most = most_bytes
        self._grown = most_bytes  # so that the first file has what is there looked at
        self._lock = threading.Lock()

    def grew(self, size_bytes: int) -> None:
        """So much has come; what is too much goes."""
        with self._lock:
            self._grown += size_bytes
            due = self._grown > self._most * _SLACK
        if due:
            self.trim()

    def trim(self) -> int:
        """Remove what is too old, and the oldest of what is too much; how many files."""
        with self._lock:
            self._grown = 0
        at, removed = time.time(), 0
        copies = sorted(self._copies())
        left = sum(one.size_bytes for one in copies)
        for one in copies:
            small = one.path.suffix == ".webp"
            too_old = not small and one.used_at < at - _DAY_S
            too_much = left > self._most and one.used_at < at - _USED_S
            if too_old or too_much:
                one.path.unlink(missing_ok=True)
                left -= one.size_bytes
                removed += 1
        return removed

    def _copies(self) -> Iterator[_Copy]:
        for pattern in ("??/??/*", "small/??/*.webp"):
            for path in self._folder.glob(pattern):
                with suppress(FileNotFoundError):
                    told = path.stat()
                    yield _Copy(told.st_mtime, told.st_size, path)
