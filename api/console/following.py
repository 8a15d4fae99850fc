"""How does a page stay live? It takes the frames of a conversation as they come, and reads the rows again when it missed some."""

from typing import Any

import structlog

from api.console.frame import told
from api.console.talk import Talk
from bots.core import Core

log = structlog.get_logger()

_SHOWS = ("new_message", "message_edited", "message_deleted")


class Following:
    """Shows what happens in one conversation; a page adds what it knows to do with other frames."""

    def __init__(self, core: Core, conversation: str, talk: Talk) -> None:
        self._core, self._conversation, self.talk = core, conversation, talk
        self._growing = ""

    async def run(self) -> None:
        """Until the page is gone."""
        with self._core.hub.watch(self._conversation) as watcher:
            await self._core.hub.ready(self._conversation)
            await self.talk.load()  # what was said before the first frame that we hear
            await self.changed()
            while True:
                frame = await watcher.next()
                if watcher.overflowed:
                    watcher.overflowed = False
                    await self.talk.load()
                    await self.changed()
                    continue
                async with told():
                    await self._take(frame)

    async def _take(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "conversation_forgotten":
            await self.talk.load()
        elif kind == "message_delta":
            self._growing += frame["delta"]
            self.talk.grows(self._growing)
        elif kind in ("message_reset", *_SHOWS):
            self._growing = ""
            self.talk.grows("")
            if kind in _SHOWS and frame["message"].get("id"):
                await self.talk.said(frame["message"]["id"])
        await self.heard(frame)

    async def heard(self, frame: dict[str, Any]) -> None:
        """Any frame; typing, jobs, approvals and handoffs are a page's own business."""

    async def changed(self) -> None:
        """Something may have happened that no frame told of."""
