"""How do many small writes become few transactions? Those that wait for the store at the same moment share one.

A commit waits for the disk, and SQLite commits one after the other: with many conversations at once that queue is what people
wait for. Whoever comes while a transaction is under way goes with the next one, and is done when that is committed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from gator.principal import Principal
from memory.store import Store
from memory.work import Work

T = TypeVar("T")
Write = Callable[[Work], Awaitable[T]]
_MOST = 64  # in one transaction: the first of them waits for the last


class Together:
    """Shares transactions within one process. What is written here must not be written inside another unit of work."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Principal, Write[Any], asyncio.Future[Any]]] = []
        self._task: asyncio.Task[None] | None = None

    async def write(self, principal: Principal, write: Write[T]) -> T:
        """What `write` gives, once it is committed. It may be called twice, as any transaction that is tried again."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((principal, write, done))
        if self._task is None:
            self._task = asyncio.create_task(self._go(), name="shared transactions")
        return await done

    async def _go(self) -> None:
        try:
            while self._waiting:
                await self._one()
        finally:
            self._task = None

    async def _one(self) -> None:
        """One transaction with all who wait by the time it can begin."""
        batch: list[tuple[Principal, Write[Any], asyncio.Future[Any]]] = []
        given: list[Any] = []
        try:
            async with self._store.open_work(self._waiting[0][0]) as work:
                batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                given = [await write(Work(work.session, principal)) for principal, write, _ in batch]
        except Exception as wrong:  # noqa: BLE001 – told to those whose it is
            if not batch:  # the store did not open at all
                batch, self._waiting = self._waiting, []
                _fail(batch, wrong)
            else:
                await self._each(batch)
            return
        for (_, _, done), value in zip(batch, given, strict=True):
            if not done.done():
                done.set_result(value)

    async def _each(self, batch: list[tuple[Principal, Write[Any], asyncio.Future[Any]]]) -> None:
        """One of them failed, and all that they did was taken back: now each by itself, so that only that one fails."""
        for principal, write, done in batch:
            try:
                async with self._store.open_work(principal) as work:
                    value = await write(work)
            except Exception as wrong:  # noqa: BLE001 – told to whose it is
                _fail([(principal, write, done)], wrong)
            else:
                if not done.done():
                    done.set_result(value)


def _fail(batch: list[tuple[Principal, Write[Any], asyncio.Future[Any]]], wrong: Exception) -> None:
    for _, _, done in batch:
        if not done.done():
            done.set_exception(wrong)
