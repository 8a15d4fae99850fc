"""How does a test type a command? As in a shell, but inside its own process: a process of its own loads for a second first.

That a process loads what it must, ends as it must and says its errors in one line is `test_start`'s business.
"""

import asyncio
import io
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest
import structlog

from gator.cli import main
from gator.settings import Settings


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that ended: its status, what it printed, and its errors."""

    status: int
    out: str
    err: str


async def typed(environment: Mapping[str, str], *words: str, pipe: str = "") -> Ended:
    """What becomes of `gator …`, with nobody at the keyboard but what is piped. One at a time: it has the process's streams."""
    return await asyncio.to_thread(_typed, environment, words, pipe)


async def gator(settings: Settings, *words: str, pipe: str = "") -> tuple[int, str]:
    """The status, and all that was said, of a command in the home and on the database of these settings."""
    environment = {
        "GATOR_HOME": str(settings.home),
        "GATOR_DATABASE_URL": settings.database_url,
        "GATOR_SECRET_KEY": settings.secret,
        "GATOR_PORT": "0",
    }
    ended = await typed(environment, *words, pipe=pipe)
    return ended.status, ended.out + ended.err


def _typed(environment: Mapping[str, str], words: tuple[str, ...], pipe: str) -> Ended:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    log = structlog.get_config() if structlog.is_configured() else None
    with pytest.MonkeyPatch.context() as shell, redirect_stdout(out), redirect_stderr(err):
        for name, value in environment.items():
            shell.setenv(name, value)
        shell.setattr(sys, "argv", ["gator", *words])
        shell.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pipe.encode()), encoding="utf-8"))
        try:
            status = _status()
        finally:
            structlog.configure(**log) if log else structlog.reset_defaults()
    return Ended(status, _text(out), _text(err))


def _status() -> int:
    """How the process would have ended."""
    try:
        main()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            sys.stderr.write(ended.code + "\n")
            return 1
        return ended.code or 0
    return 0


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
