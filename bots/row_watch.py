"""What was said that no frame told of? Rows that other processes wrote, shown to those who watch their conversations here.

A process whose Redis is away, that has none, or beside which a command line writes rows by itself, learns of messages
from here, within a second or two. What was shown by a frame already is not shown again (`bots.hub`).
"""

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog

from bots import frames
from bots.hub import Hub
from bots.pieces import sender_of
from gator.clock import now
from gator.errors import NotFound
from gator.ids import id_at
from gator.principal import service
from memory.founding import workspaces
from memory.repositories.watching import Watching
from memory.store import Store

log = structlog.get_logger()

EVERY_S = 1.0
# Rows are asked for by ids, which hold the time of their making: so long may a transaction take, or clocks be apart.
BACK = timedelta(seconds=15)


class RowWatch:
    def __init__(self, store: Store, hub: Hub) -> None:
        self._store, self._hub = store, hub
        self._looked = self._since = now()  # what was said before is for whoever joins to ask for

    async def keep_watch(self) -> None:
        """Look every second while somebody watches."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.look()
            except Exception:
                log.exception("row_watch_failed")  # a database that is away comes back, and then all is looked at

    async def look(self) -> None:
        """Show the messages since the last look that nobody here was shown."""
        start = now()
        if self._hub.watchers:
            for workspace in await workspaces(self._store):
                await self._tell(workspace, id_at(max(self._looked - BACK, self._since)))
        self._looked = start

    async def _tell(self, workspace: str, floor: str) -> None:
        async with self._store.open_work(service(workspace, "watch"), reads=True) as work:
            watching = Watching(work.session, work.principal)
            for id, room in await watching.messages_since(floor):
                if room in self._hub.watchers and not self._hub.knows(id):
                    with suppress(NotFound):  # it was forgotten just now
                        message, there = await work.conversations.message(id), await work.conversations.get(room)
                        self._hub.show(room, frames.new_message(message, sender_of(message, there)))
            async for handoff in watching.handoffs_since(floor):
                self._hub.show(handoff.conversation_id, frames.handoff_update(handoff.kind, handoff.id))
