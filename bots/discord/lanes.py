"""In which order is what comes in taken? One lane a chat, in the order of arrival; the lanes go side by side."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy import exc

from gator.errors import GatorError, Unavailable

log = structlog.get_logger()

Step = Callable[[], Awaitable[None]]
Over = Callable[[], None]
MOST_WAITING = 5_000  # in all lanes; what comes on top is left to catching up
_SLOWEST_RETRY_S = 30.0
AWAY = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, Unavailable)


class Lanes:
    def __init__(self) -> None:
        self._waiting: dict[str, deque[tuple[Step, Over]]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._count = 0

    @property
    def empty(self) -> bool:
        return not self._count

    def put(self, lane: str, step: Step, over: Over = lambda: None) -> bool:
        """Have it done after what waits in that lane, and `over` called then; False when too much waits already."""
        if self._count >= MOST_WAITING:
            return False
        self._count += 1
        self._waiting.setdefault(lane, deque()).append((step, over))
        if lane not in self._tasks:
            self._tasks[lane] = asyncio.create_task(self._go(lane), name=f"discord lane {lane}")
        return True

    async def _go(self, lane: str) -> None:
        waiting = self._waiting[lane]
        try:
            while waiting:
                step, over = waiting[0]
                await _do(lane, step)
                over()
                waiting.popleft()
                self._count -= 1
        finally:
            self._count -= len(waiting)
            del self._waiting[lane], self._tasks[lane]

    async def stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._waiting.clear()  # a task that was cancelled before it began has cleared nothing
        self._tasks.clear()
        self._count = 0


async def _do(lane: str, step: Step) -> None:
    """One step, as often as it takes: what came in is not let go because the database or Discord is away."""
    pause_s = 0.25
    while True:
        try:
            await step()
            return
        except AWAY as away:
            log.warning("discord_step_waits", lane=lane, why=type(away).__name__)
            await asyncio.sleep(pause_s)
            pause_s = min(_SLOWEST_RETRY_S, pause_s * 2)
        except GatorError as no:
            log.warning("discord_not_taken", lane=lane, code=no.code)
            return
        except Exception:
            log.exception("discord_step_failed", lane=lane)  # a bug drops one message, not the chat
            return
