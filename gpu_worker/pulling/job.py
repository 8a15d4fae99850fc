"""`model.pull`: a model is pulled for somebody who asked over REST or at the console, in a process of its own.

The process dies with the job: what is half here is gone on with. Folders of this machine are for the command line only.
"""

import asyncio
import json
import sys
import time
from contextlib import suppress
from typing import Any

from gator import errors
from gator.errors import GatorError, Refused, Unavailable
from gpu_worker.engine.keeper import in_plain
from gpu_worker.jobs import PullModel
from gpu_worker.studio import Claim, Studio

_END_S = 2.0


async def pull(job: Claim[PullModel], studio: Studio) -> None:
    """Raises what the process met."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gpu_worker.pulling",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        await _tell(child, {"settings": in_plain(studio.settings), "ask": job.payload.model_dump(mode="json")})
        await _follow(child, studio)
    finally:
        await _end(child)


async def _tell(child: asyncio.subprocess.Process, told: dict[str, Any]) -> None:
    assert child.stdin
    with suppress(OSError):  # it died at once: what follows says so
        child.stdin.write(json.dumps(told).encode() + b"\n")
        await child.stdin.drain()
        # Its stdin stays open: when this process is gone, it ends.


async def _follow(child: asyncio.subprocess.Process, studio: Studio) -> None:
    """Until it says how it ended."""
    assert child.stdout
    began, first = time.monotonic(), None
    async for line in child.stdout:
        told = json.loads(line)
        if "failed" in told:
            raise _error(told)
        if "pulled" in told:
            return
        done, of = told["done"], max(told["of"], 1)
        first = done if first is None else first
        gone_s, more = time.monotonic() - began, done - first
        await studio.progress(done / of, (of - done) * gone_s / more if more > 0 else None)
    raise Unavailable("The process that pulled it ended before it was done.", remedy="It goes on where it ended.")


def _error(told: dict[str, Any]) -> GatorError:
    kind = getattr(errors, str(told["failed"]), Refused)
    if kind is Unavailable:
        return Unavailable(told["message"], remedy=told["remedy"], retry_after_s=told.get("retry_after_s"))
    if kind is errors.TooMany:
        return Unavailable(told["message"], remedy=told["remedy"])
    error: GatorError = kind(told["message"], remedy=told["remedy"])
    return error


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.stdin:
        child.stdin.close()
    with suppress(ProcessLookupError):
        try:
            await asyncio.wait_for(child.wait(), _END_S)
        except TimeoutError:
            child.kill()
            await child.wait()
