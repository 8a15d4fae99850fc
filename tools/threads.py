"""How long do we wait for a library that blocks and knows no deadline? As long as we say; then it is left behind."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


async def in_thread(function: Callable[[], T], deadline_s: float) -> T:
    """What the function gives. Raises TimeoutError; the thread then ends by itself and keeps no process from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def tell(set_it: Callable[[Any], None], value: Any) -> None:
        if not future.done():
            set_it(value)

    def work() -> None:
        try:
            told: tuple[Callable[[Any], None], Any] = (future.set_result, function())
        except Exception as failed:  # noqa: BLE001  # handed over to whoever waits
            told = (future.set_exception, failed)
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, *told)

    threading.Thread(target=work, daemon=True, name="left-behind").start()
    async with asyncio.timeout(deadline_s):
        return await future
