"""How is something waited for, but not longer than so long?"""

import asyncio
from contextlib import suppress


async def until(event: asyncio.Event, longest_s: float | None) -> None:
    """Until it is set. `asyncio.wait_for` would start a task for it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(longest_s):
            await event.wait()


async def until_one(events: tuple[asyncio.Event, ...], longest_s: float) -> None:
    """Until one of them is set."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=longest_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
