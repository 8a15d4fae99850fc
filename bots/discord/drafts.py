"""How does a reply grow on Discord? In one message that is edited, known by its end, and swept away should it be left over.

A draft whose writing was never confirmed, or whose process died, is in the chat without anybody here knowing its id. All
drafts end in a mark that no finished message has, so before a process first says something in a chat, and whenever it
lost a draft there, it looks for such leftovers and removes them.
"""

import asyncio
import time

import structlog

from bots.discord import looking
from bots.discord.holding import Holding
from bots.discord.splitting import parts
from bots.discord.voices import Said, Voice
from gator.errors import GatorError, Unavailable

log = structlog.get_logger()

EVERY_S = 1.2  # Discord takes five edits in five seconds; the final text needs room too
MARK = "\u2006…"  # a thin space and an ellipsis: more is to come
_LATEST = 50
_MOST_SWEPT = 10_000


class Drafts:
    def __init__(self) -> None:
        self._drawn: dict[str, float] = {}  # draft: when it was changed last
        self._swept: dict[tuple[str, str], bool] = {}

    def forget(self, draft: str) -> None:
        """It is a message now."""
        self._drawn.pop(draft, None)

    async def show(self, held: Holding, channel: str, draft: str, text: str) -> str:
        """See Channel.draft."""
        if draft and text and time.monotonic() - self._drawn.get(draft, 0) < EVERY_S:
            return draft
        try:
            voice = await _voice(held, channel)
            if not text:
                await voice.remove(draft)
                self.forget(draft)
                return ""
            draft = await self._draw(held, channel, voice, draft, Said(_as_far_as(text)))
        except GatorError as no:
            log.info("discord_draft_skipped", account=held.id, code=no.code)
        if draft:
            self._drawn[draft] = time.monotonic()
        return draft

    async def _draw(self, held: Holding, channel: str, voice: Voice, draft: str, said: Said) -> str:
        if draft:
            await voice.change(draft, said)
            return draft
        try:
            return await voice.write(said)
        except (Unavailable, asyncio.CancelledError):  # it may be there all the same
            self._swept.pop((held.id, channel), None)
            raise

    async def sweep(self, held: Holding, channel: str, but: str) -> None:
        """Remove drafts that nobody finishes, once a chat and process. Raises Unavailable when that cannot be looked up."""
        if self._swept.get((held.id, channel)):
            return
        voice = await _voice(held, channel)
        for one in await looking.unknown(held, voice, await looking.latest(held, channel, _LATEST)):
            if one.text.endswith(MARK) and one.id != but and one.id not in self._drawn:
                await voice.remove(one.id)
        if len(self._swept) >= _MOST_SWEPT:
            self._swept.clear()
        self._swept[held.id, channel] = True


async def _voice(held: Holding, channel: str) -> Voice:
    return await held.voice(await held.places.of(channel), held.account.persona_id is not None)


def _as_far_as(text: str) -> str:
    """As much of it as one message shows, with the mark."""
    return parts(text, 1_900)[0] + MARK
