"""What is told of a device? Its row: what it has loaded, what it does and until when. Other devices choose by it, people read it.

Written with the end of a job, which is a transaction anyway; else when something changed, and now and then while nothing does: a
device that tells nothing is thought to be gone.
"""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

import structlog

from gator.clock import now
from gator.principal import service
from gpu_worker.engine.cache import Cache
from gpu_worker.engine.desk import Desk
from gpu_worker.engine.hand import Hand
from gpu_worker.engine.hardware import Hardware
from memory.store import Store
from memory.work import Work

_TELL_S, _BEAT_S = 0.5, 5.0
_SETTLED_S = 0.2  # a batch that ends, the next one that begins and the end of a job in its row are one piece of news
log = structlog.get_logger()


class Teller:
    """Tells of the device `id`. `busy_until` is the end of what it does, in seconds of the epoch; None while it does nothing."""

    def __init__(self, store: Store, id: str, hardware: Hardware, cache: Cache, hand: Hand, desk: Desk) -> None:
        self.busy_until: float | None = None
        self._store = store
        self._id = id
        self._hardware = hardware
        self._cache = cache
        self._hand = hand
        self._desk = desk
        self._news = asyncio.Event()
        self._moved = False
        self._told_at = 0.0
        self._free = 0
        self._models: list[str] = []

    def has_other_models(self) -> None:
        """In memory: what is free there is another number now."""
        self._moved = True
        self._news.set()

    def is_busy(self, until: float | None) -> None:
        """Until then, or no more."""
        self.busy_until = until
        self._news.set()

    async def keep_telling(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.tell()
            except Exception:  # the top of a loop that must not end
                log.exception("device_untold", device=self._id)
            await asyncio.sleep(_TELL_S)
            await self._until_due()

    async def _until_due(self) -> None:
        """Until there is news that no end of a job took along, or nothing was told but by these for long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_BEAT_S):
                while True:
                    await self._news.wait()
                    await asyncio.sleep(_SETTLED_S)
                    if self._news.is_set() and (self._moved or time.monotonic() - self._told_at > _TELL_S):
                        return

    async def tell(self, state: str = "", reason: str = "", *, lost: bool = False) -> None:
        """Write the row. A lost device is asked nothing: it may not answer."""
        self._moved = False
        self._free = 0 if lost else await asyncio.to_thread(self._hardware.free_bytes)
        self._models = await self._desk.models()
        async with self._store.open_work(service("", "worker")) as work:
            await self.tell_in(work, state, reason)

    async def tell_in(self, work: Work, state: str = "", reason: str = "") -> None:
        """The same with the other work of a transaction, without asking the device or the shelf."""
        if not self._moved:
            self._news.clear()
        self._told_at = time.monotonic()
        found, pace = self._hardware.found, self._hand.pace
        await work.devices.tell(
            self._id,
            host=self._id.partition("/")[0],
            name=found.name,
            kind=found.kind,
            label=found.label,
            memory_bytes=found.memory_bytes,
            free_bytes=self._free,
            models=self._models,
            loaded=[{"model": name, "bytes": size} for name, size in self._cache.loaded().items()],
            state=state or ("busy" if self.busy_until else "ready"),
            reason=reason,
            jobs=pace.done,
            speed=round(pace.speed, 3),
            free_at=now() + timedelta(seconds=self.busy_until - time.time()) if self.busy_until else None,
        )
