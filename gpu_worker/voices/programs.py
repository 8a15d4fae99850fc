"""How does a program speak for us? In a process of its own, killed when it takes too long or nobody wants it any more."""

import asyncio

from gator.errors import Unavailable


async def run(command: list[str], told: bytes, *, timeout_s: float, remedy: str) -> bytes:
    """What the program prints. Raises Unavailable where it takes too long or fails, with its last words."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(timeout_s):
            out, problems = await process.communicate(told)
    except TimeoutError as late:
        raise Unavailable("The speech engine took too long.", remedy="Try again, or shorten the text.") from late
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        last = problems.decode(errors="replace").strip().rpartition("\n")[2]
        raise Unavailable(f"The speech engine stopped: {last or process.returncode}.", remedy=remedy)
    return out
