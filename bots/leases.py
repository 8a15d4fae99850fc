"""How does a conversation stay one process's while it is being answered? Its lease is renewed as long as that takes."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gator.principal import Principal
from memory.models import Conversation
from memory.store import Store

log = structlog.get_logger()

LEASE = timedelta(seconds=15)
KEEP_AFTER_S = LEASE.total_seconds() / 3


@contextmanager
def keeping(store: Store, who: Principal, held: Conversation) -> Iterator[None]:
    """Have the lease renewed as long as this takes; what is being done here is cancelled when it was lost."""
    tasks: list[asyncio.Task[None]] = []
    doing = asyncio.current_task()
    # A timer, not a task from the start: nearly every turn is over sooner, and starting a task costs as much as a write.
    timer = asyncio.get_running_loop().call_later(
        KEEP_AFTER_S, lambda: tasks.append(asyncio.create_task(_keep(store, who, held, doing)))
    )
    try:
        yield
    finally:
        timer.cancel()
        for task in tasks:
            task.cancel()


async def _keep(store: Store, who: Principal, held: Conversation, doing: "asyncio.Task[None] | None") -> None:
    """Renew the lease; stop what is being done when it was lost, because another process does it now."""
    while True:
        try:
            async with store.open_work(who) as work:
                kept = await work.turns.renew(held.id, held.fence, LEASE)
            if not kept and doing:
                doing.cancel()
                return
        except SQLAlchemyError:
            log.exception("lease_not_renewed", conversation=held.id)  # the database may be back before it ends
        await asyncio.sleep(KEEP_AFTER_S)
