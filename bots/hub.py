"""Who is watching? Live frames of conversations for everybody connected: deltas, messages, jobs, approvals.

Frames are a convenience of the moment; what must not be lost is a row, and a watcher who missed frames reads rows.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

from gator.clock import now

Frame = dict[str, Any]
LIMIT = 1_000  # frames a watcher may lag behind: a long reply is some 300 deltas


class Watcher:
    """One who watches some conversations. `overflowed` means that frames were dropped: read the rows again."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._queue: asyncio.Queue[Frame] = asyncio.Queue(LIMIT)
        self._conversations: set[str] = set()
        self.overflowed = False

    @property
    def conversations(self) -> frozenset[str]:
        return frozenset(self._conversations)

    def add(self, conversation: str) -> None:
        self._conversations.add(conversation)
        self._hub.watchers[conversation].add(self)

    def discard(self, conversation: str) -> None:
        self._conversations.discard(conversation)
        self._hub.watchers[conversation].discard(self)
        if not self._hub.watchers[conversation]:
            del self._hub.watchers[conversation]

    def offer(self, frame: Frame) -> None:
        try:
            self._queue.put_nowait(frame)
        except asyncio.QueueFull:
            self.overflowed = True

    async def next(self) -> Frame:
        return await self._queue.get()

    async def __aiter__(self) -> AsyncIterator[Frame]:
        while True:
            yield await self._queue.get()


class Hub:
    def __init__(self) -> None:
        self.watchers: dict[str, set[Watcher]] = defaultdict(set)

    def publish(self, conversation: str, frame: Frame) -> None:
        """Give the frame to all who watch the conversation, now; never waits for a slow one."""
        watching = self.watchers.get(conversation)
        if not watching:
            return
        frame = {**frame, "conversation_id": conversation, "timestamp": now().isoformat()}
        for watcher in watching:
            watcher.offer(frame)

    def watched(self) -> set[str]:
        return set(self.watchers)

    @contextmanager
    def watch(self, *conversations: str) -> Iterator[Watcher]:
        watcher = Watcher(self)
        for conversation in conversations:
            watcher.add(conversation)
        try:
            yield watcher
        finally:
            for conversation in watcher.conversations:
                watcher.discard(conversation)
