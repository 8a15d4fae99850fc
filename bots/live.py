"""Who sees a reply grow? Those who watch the conversation at our own doors, and the reader on a platform."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bots import frames
from bots.delivery import Delivery
from bots.drafting import Drafting
from bots.hub import Hub
from bots.opening import Opened


class Live:
    """Whoever sees the reply grow: watchers of the hub, and the reader on a platform."""

    def __init__(self, hub: Hub, opened: Opened, drafting: Drafting | None = None) -> None:
        self._hub, self._opened, self._drafting = hub, opened, drafting

    @property
    def watched(self) -> bool:
        return self._hub.is_watched(self._opened.conversation.id) or bool(self._drafting and self._drafting.streams)

    @property
    def draft(self) -> str:
        """The platform's id of the draft, "" without one."""
        return self._drafting.id if self._drafting else ""

    def emit(self, frame: dict[str, Any]) -> None:
        room = self._opened.conversation.id
        self._hub.publish(room, frame)
        if frame["type"] == "message_delta" and self._hub.is_watched(room):
            self._opened.progress.shown = True
        if self._drafting:
            self._drafting.emit(frame)

    async def end(self) -> None:
        """No more of it is shown: the whole follows."""
        if self._drafting:
            await self._drafting.end()

    async def take_away(self) -> None:
        """The reply will not be said."""
        self._hub.publish(self._opened.conversation.id, {"type": "message_reset"})
        if self._drafting:
            await self._drafting.take_away()


@asynccontextmanager
async def going_live(
    delivery: Delivery, hub: Hub, opened: Opened, who: str, *, streams: bool = True
) -> AsyncIterator[Live]:
    """Let those who wait see that `who` is at it. Without `streams` they do not see the words before they are whole."""
    room = opened.conversation
    channel = delivery.channel(room.channel)
    hub.publish(room.id, frames.typing(who, True))
    if channel is None or channel.reads_rows or not channel.holds(room.account):
        yield Live(hub, opened)
        return
    async with Drafting(channel, opened, delivery.store, streams=streams) as drafting:
        yield Live(hub, opened, drafting)
