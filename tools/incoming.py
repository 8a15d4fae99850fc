"""Which file is this, that somebody sent? Decoded in a process of its own (`tools.decoding`), never in ours.

What is kept is what decoding gave, written anew: so a picture carries no place and no second file behind its end.
"""

import asyncio
import os
from dataclasses import dataclass, fields
from pathlib import Path

import orjson
import structlog

from gator.apart import ask_apart
from tools.decoding.found import Found, Problem, Task

log = structlog.get_logger()

LIMIT_BYTES = {"picture": 20 << 20, "voice": 25 << 20, "video": 50 << 20, "document": 20 << 20}
LARGEST_BYTES = max(LIMIT_BYTES.values())
LONGEST_PX = 4096
LONGEST_SOUND_S = 600.0
LONGEST_FILM_S = 600.0
_DEADLINE_S = 90.0
_MOST_ANSWER_BYTES = 1 << 20
_AT_ONCE = 2  # processes; each may take a core and a gigabyte
_NAMES = {one.name for one in fields(Found)}


@dataclass(frozen=True, slots=True)
class Examined:
    """What the file is, or why it is not taken: exactly one of the two is there."""

    found: Found | None
    problem: Problem | None = None


class Examiner:
    """Looks at files, a few at a time."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def examine(self, path: Path, to: Path, *, looked: bool = False) -> Examined:
        """What the file at `path` is; where it is taken, its clean copy lies at `to`. `looked`: and how a picture looks."""
        size = path.stat().st_size  # noqa: ASYNC240  # of a local file, at once
        if size > LARGEST_BYTES:
            return Examined(None, "too_large")
        examined = await self._ask(path, to, LONGEST_PX, looked=looked)
        if examined.found and size > LIMIT_BYTES[examined.found.kind]:
            return Examined(None, "too_large")
        return examined

    async def shrink(self, picture: Path, to: Path, longest_px: int) -> bool:
        """Write a picture as a JPEG of at most so many pixels a side; whether it was one."""
        return (await self._ask(picture, to, longest_px, "shrink")).found is not None

    async def small(self, path: Path, to: Path, longest_px: int) -> bool:
        """As `shrink`, but WebP, and of a film a moment of it."""
        return (await self._ask(path, to, longest_px, "small")).found is not None

    async def _ask(self, path: Path, to: Path, longest_px: int, do: Task = "keep", *, looked: bool = False) -> Examined:
        asked = {
            "path": str(path),
            "to": str(to),
            "longest_px": longest_px,
            "do": do,
            "looked": looked,
            "longest_sound_s": LONGEST_SOUND_S,
            "longest_film_s": LONGEST_FILM_S,
        }
        env = {"PATH": os.environ.get("PATH", ""), "OPENBLAS_NUM_THREADS": "1"}
        async with self._slots:
            try:
                status, answer = await ask_apart("tools.decoding", orjson.dumps(asked), env, within_s=_DEADLINE_S)
            except TimeoutError:
                status, answer = None, b""
        if status != 0 or len(answer) > _MOST_ANSWER_BYTES:
            # Ended by a limit, or thrown over by a file that a decoder does not bear: nothing for us either way.
            log.warning("file_undecodable", status=status)
            return Examined(None, "broken")
        return _understood(answer)


def _understood(answer: bytes) -> Examined:
    said = orjson.loads(answer)
    if "problem" in said:
        return Examined(None, said["problem"])
    return Examined(Found(**{name: said[name] for name in _NAMES}))
