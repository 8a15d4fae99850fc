"""What does a program of ours answer in a process of its own? Asked once; killed when it takes too long or nobody waits any more.

For what must not be able to harm this process: strangers' files, and libraries that hold on to memory.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping

from gator.rooms import ROOT


async def ask_apart(program: str, asked: bytes, env: Mapping[str, str], *, within_s: float) -> tuple[int, bytes]:
    """Its exit status, and what it wrote when it had read `asked`. Raises TimeoutError."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", program, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=ROOT, env=env
    )
    try:
        async with asyncio.timeout(within_s):
            answer, _ = await child.communicate(asked)
    finally:
        if child.returncode is None:
            child.kill()
        status = await child.wait()
    return status, answer
