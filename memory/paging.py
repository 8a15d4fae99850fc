"""When is what recall knows of a fan put in pages (memory.vault.pages)? Some minutes after they fell silent, or came back.

Only vaults that this process has in memory are looked at: whoever is never talked to needs no page. Killed anywhere,
nothing is lost: what lies in no page is read from its rows, and put in one the next time.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from gator.principal import service
from memory.store import Store
from memory.vault import VaultKey, open_vault
from memory.vault.shelves import shelves_of

log = structlog.get_logger()

TICK_S = 10.0
IDLE_S = 120.0
WORTH = 4  # rows in no page: reading one costs a fifth of a search
GIVES_WAY = 100  # tenths of a second: where turns never cease, a page is made between them all the same


async def keep_paging(store: Store, busy: Callable[[], bool] = lambda: False) -> None:
    """For as long as the process serves."""
    while True:
        await asyncio.sleep(TICK_S)
        try:
            await page_idle(store, busy)
        except Exception:
            log.exception("paging_failed")  # a database that is away comes back


async def page_idle(
    store: Store, busy: Callable[[], bool] = lambda: False, idle_s: float = IDLE_S, until: datetime | None = None
) -> int:
    """Make the pages of all vaults of which nobody asked for so long; how many were made. `until`: see `Pages.draft`."""
    shelves, made = shelves_of(AsyncSession(store.engine)), 0
    for key, model in shelves.loose(WORTH, idle_s):
        for _ in range(GIVES_WAY):
            if not busy():
                break
            await asyncio.sleep(0.1)
        made += await page(store, key, model, until)
        shelves.paged(key, model)
    return made


async def page(store: Store, key: VaultKey, model: str, until: datetime | None = None) -> int:
    """Put what lies in no page of that vault in pages; how many were made."""
    who, made = service(key.workspace, "paging"), 0
    while True:
        async with store.open_work(who, reads=True) as work:
            draft = await open_vault(work, key, model).pages.draft(until)
        if draft is None:
            return made
        async with store.open_work(who) as work:
            if not await open_vault(work, key, model).pages.write(draft):
                return made
        made += 1
        await asyncio.sleep(0)
