"""How does a reply grow before the reader's eyes on a platform? The newest state of it, as often as the platform bears it."""

import asyncio
from typing import Any

from bots.channel import Channel
from bots.opening import Opened
from memory.store import Store

FIRST_ACT_S = 0.5  # a quick reply needs no sign, and signs take from what the platform lets a bot say
ACT_EVERY_S = 4.0  # Telegram shows "typing" for five seconds, Discord for ten
FIRST_DRAFT_S = 0.7
DRAFT_EVERY_S = 0.8


class Drafting:
    """Shows on a channel that an answer is being worked on, and the answer as far as it is."""

    def __init__(self, channel: Channel, opened: Opened, store: Store, *, streams: bool) -> None:
        self._channel, self._opened, self._store, self.streams = channel, opened, store, streams
        self._text = ""
        self._shown = ""
        self._more = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.id = ""  # the platform's id of the draft, where it leaves a message

    async def __aenter__(self) -> "Drafting":
        if self.streams and self._opened.attempt > 1:  # the process before may have left one
            async with self._store.open_work(self._opened.principal, reads=True) as work:
                self.id = str((await work.turns.trace(self._opened.turn)).get("draft", ""))
        self._tasks = [asyncio.create_task(self._act())]
        if self.streams:
            self._tasks.append(asyncio.create_task(self._draft()))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    async def end(self) -> None:
        """Show no more of it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def emit(self, frame: dict[str, Any]) -> None:
        """Take in a frame of the turn."""
        if frame["type"] == "message_delta":
            self._text += frame["delta"]
            self._more.set()
        elif frame["type"] == "message_reset":
            self._text = ""

    async def take_away(self) -> None:
        """The reply will not be said."""
        if self.id:
            where = self._opened.conversation
            await self._channel.draft(where.account, where.thread, self.id, "")

    async def _act(self) -> None:
        where = self._opened.conversation
        await asyncio.sleep(FIRST_ACT_S)
        while True:
            await self._channel.act(where.account, where.thread, "typing")
            await asyncio.sleep(ACT_EVERY_S)

    async def _draft(self) -> None:
        await asyncio.sleep(FIRST_DRAFT_S)  # a quick reply comes whole
        while True:
            await self._more.wait()
            self._more.clear()
            if self._text.strip() and self._text != self._shown:
                await self._show(self._text)
            await asyncio.sleep(DRAFT_EVERY_S)

    async def _show(self, text: str) -> None:
        where = self._opened.conversation
        self._opened.progress.shown = True
        self._shown = text
        id = await self._channel.draft(where.account, where.thread, self.id, text)
        if id and id != self.id:  # known to the next process too, which ends what this one may leave unfinished
            self.id = id
            async with self._store.open_work(self._opened.principal) as work:
                await work.turns.note(self._opened.turn, draft=id)
