"""Who is watching? Live frames of conversations for everybody connected: deltas, messages, jobs, approvals.

Frames are a convenience of the moment; what must not be lost is a row, and a watcher who missed frames reads rows. Other
processes' watchers are reached through `bots.relay` when there is a Redis; rows that no frame told of are found by
`bots.row_watch`.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from gator.clock import now

Frame = dict[str, Any]
Answer = Callable[[dict[str, Any]], None]
LIMIT = 1_000  # frames a watcher may lag behind: a long reply is some 300 deltas
REMEMBERED = 10_000  # ids of messages that were shown lately: more than come in while rows are looked at once


class Relayed(Protocol):
    """What carries frames and calls to the other processes of this Gator."""

    def frame(self, conversation: str, frame: Frame) -> None: ...

    def call(self, name: str, facts: dict[str, Any], conversation: str = "") -> None: ...

    def watch(self, conversation: str) -> None: ...

    def unwatch(self, conversation: str) -> None: ...

    async def ready(self, conversation: str) -> None: ...

    async def keep(self) -> None: ...

    def is_watched(self, conversation: str) -> bool: ...


class Watcher:
    """One who watches some conversations; what happens there is given to `heard` at once, which must not wait."""

    __slots__ = ("_heard", "_hub", "conversations")

    def __init__(self, hub: "Hub", heard: Callable[[Frame], None]) -> None:
        self._hub, self._heard = hub, heard
        self.conversations: set[str] = set()

    def add(self, conversation: str) -> None:
        self.conversations.add(conversation)
        self._hub.enter(conversation, self)

    def discard(self, conversation: str) -> None:
        self.conversations.discard(conversation)
        self._hub.leave(conversation, self)

    def close(self) -> None:
        for conversation in tuple(self.conversations):
            self.discard(conversation)

    def offer(self, frame: Frame) -> None:
        self._heard(frame)


class Queued(Watcher):
    """A watcher who takes frames when there is time. `overflowed` means that some were dropped: read the rows again."""

    def __init__(self, hub: "Hub") -> None:
        super().__init__(hub, self._put)
        self._queue: asyncio.Queue[Frame] = asyncio.Queue(LIMIT)
        self.overflowed = False

    def _put(self, frame: Frame) -> None:
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
        self.watchers: dict[str, set[Watcher]] = {}
        self.relay: Relayed | None = None
        self._answers: dict[str, list[Answer]] = defaultdict(list)
        self._shown: OrderedDict[str, None] = OrderedDict()

    # Frames

    def publish(self, conversation: str, frame: Frame) -> None:
        """Give the frame to all who watch the conversation, in every process; never waits for a slow one."""
        frame = {**frame, "conversation_id": conversation, "timestamp": now().isoformat()}
        if self.relay:
            self.relay.frame(conversation, frame)
        self.show(conversation, frame)

    def show(self, conversation: str, frame: Frame) -> None:
        """As `publish`, in this process only: for what every process learns by itself. What is a row is shown once."""
        if self._is_known(frame):
            return
        watching = self.watchers.get(conversation)
        if not watching:
            return
        if "timestamp" not in frame:
            frame = {**frame, "conversation_id": conversation, "timestamp": now().isoformat()}
        for watcher in tuple(watching):
            watcher.offer(frame)

    def knows(self, id: str) -> bool:
        """Whether the row of that id was shown lately."""
        return id in self._shown

    def _is_known(self, frame: Frame) -> bool:
        id = _row_of(frame)
        if id is None:
            return False
        if id in self._shown:
            return True
        self._shown[id] = None
        if len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)
        return False

    # Watchers

    def watched(self) -> set[str]:
        """The conversations that somebody watches in this process."""
        return set(self.watchers)

    def is_watched(self, conversation: str) -> bool:
        """Whether somebody watches it, in any process."""
        return conversation in self.watchers or (self.relay is not None and self.relay.is_watched(conversation))

    async def ready(self, conversation: str) -> None:
        """Return when frames of other processes reach the watchers of that conversation here: read the rows after that."""
        if self.relay:
            await self.relay.ready(conversation)

    def enter(self, conversation: str, watcher: Watcher) -> None:
        watching = self.watchers.setdefault(conversation, set())
        if not watching and self.relay:
            self.relay.watch(conversation)
        watching.add(watcher)

    def leave(self, conversation: str, watcher: Watcher) -> None:
        watching = self.watchers.get(conversation, set())
        watching.discard(watcher)
        if not watching and self.watchers.pop(conversation, None) is not None and self.relay:
            self.relay.unwatch(conversation)

    @contextmanager
    def watch(self, *conversations: str) -> Iterator[Queued]:
        watcher = Queued(self)
        for conversation in conversations:
            watcher.add(conversation)
        try:
            yield watcher
        finally:
            watcher.close()

    # Calls between processes

    def on(self, name: str, answer: Answer) -> None:
        """Have calls of that name by other processes answered."""
        self._answers[name].append(answer)

    def call(self, name: str, conversation: str = "", **facts: Any) -> None:
        """Tell the other processes; with a conversation, only those where somebody watches it. Lost without a relay."""
        if self.relay:
            self.relay.call(name, facts, conversation)

    def called(self, name: str, facts: dict[str, Any]) -> None:
        """Another process called."""
        for answer in self._answers[name]:
            answer(facts)


def _row_of(frame: Frame) -> str | None:
    """The id of the row that the frame tells of, where one frame is all that there is to tell of it."""
    if frame["type"] == "new_message":
        return frame["message"].get("id")  # type: ignore[no-any-return]
    return frame.get("handoff")
