"""Who else on this machine can read what a home holds? Nobody, whatever the folder's own mode.

A home that Gator makes is closed (0700). One that was there before is left as it is, since other things may lie in it; what
Gator keeps there is closed instead. A folder closed to others by its owner is left to them and their group.
"""

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

_OURS = (
    "gator.db*", "waiting.db*", "secret.key*", "erasures.jsonl", "knowledge.json", "chroma.lock", "running.json", "up.lock",
    "media", "chroma", "broker", "scratch",
)  # fmt: skip


def keep_private(home: Path) -> None:
    """Have this process make nothing that others can read, and close what was made before; says so once."""
    mode = home.stat().st_mode
    if not mode & stat.S_IRWXO:
        return
    # A group that new files are given (setgid) shares the home on purpose.
    shut = stat.S_IRWXO if mode & stat.S_ISGID else stat.S_IRWXO | stat.S_IRWXG
    os.umask(shut)
    open_ones = [path for name in _OURS for path in home.glob(name) if _close(path, shut)]
    if open_ones:
        print(f"gator: closed to others on this machine: {len(open_ones)} things in {home.resolve()}.", file=sys.stderr)  # noqa: T201


def _close(path: Path, shut: int) -> bool:
    """Whether it was open, and is not any more."""
    with suppress(OSError):  # somebody else's, or gone by now
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & shut:
            path.chmod(mode & ~shut)
            return True
    return False
