"""How does a reply reach Discord? As the bot or as its persona, once: by nonce, or by looking before it is tried again."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from bots.channel import Action, Outbound, Piece, Receipt
from bots.discord import buttons, media
from bots.discord.holding import NAME, Holding, channel_of
from bots.discord.snowflakes import made_at, nonce, snowflake
from bots.discord.splitting import parts
from bots.discord.voices import Said, Voice
from bots.discord.wire import asked
from gator.errors import GatorError, NotFound, Refused, Unavailable, Unconfirmed
from memory.repositories.correspondence import Correspondence

log = structlog.get_logger()

DRAFT_EVERY_S = 1.2  # Discord takes five edits in five seconds; the final text needs room too
_CLOCKS_DIFFER = timedelta(minutes=5)
_PAGE = 100
_MOST_PAGES = 10
_LONGEST_COURTESY_S = 5.0


class DiscordChannel:
    name = NAME
    reads_rows = False

    def __init__(self) -> None:
        self._held: dict[str, Holding] = {}
        self._drawn: dict[str, float] = {}  # draft: when it was changed last
        self._acting: dict[str, asyncio.Task[None]] = {}

    def take(self, holding: Holding) -> None:
        self._held[holding.id] = holding

    def let_go(self, holding: Holding) -> None:
        if self._held.get(holding.id) is holding:
            del self._held[holding.id]

    def holds(self, account: str) -> bool:
        return account in self._held

    def pieces(self, text: str, kinds: list[tuple[str, str]]) -> list[Piece]:
        """See Channel.pieces: 2,000 characters and ten files a message; a voice note is a message of its own."""
        said = [Piece(part) for part in parts(text)]
        files = [id for id, kind in kinds if kind != "voice"]
        groups = [files[n : n + media.MOST_FILES] for n in range(0, len(files), media.MOST_FILES)]
        if said and groups:
            said[-1] = replace(said[-1], assets=groups.pop(0))
        voices = [Piece(assets=[id]) for id, kind in kinds if kind == "voice"]
        return [*said, *(Piece(assets=group) for group in groups), *voices]

    def _of(self, account: str) -> Holding:
        if account not in self._held:
            raise Unavailable("This process does not hold that account now.", retry_after_s=2.0)
        return self._held[account]

    # Sending

    async def send(self, item: Outbound) -> Receipt:
        """See Channel.send. A try after the first looks first whether the one before arrived."""
        held = self._of(item.account)
        if item.attempts and (found := await self.find(item)):
            return found
        voice = await held.voice(await held.places.of(channel_of(item.thread)), bool(item.speaker_name))
        opened = media.files(item.media)
        try:
            said = await self._said(item, opened)
            if item.draft and (replaced := await self._replace(voice, item, said)):
                return replaced
            return Receipt(await self._write(voice, item, said))
        finally:
            media.close(opened)
            self._drawn.pop(item.draft, None)

    async def _said(self, item: Outbound, opened: list[Any]) -> Said:
        said = Said(
            item.text.strip(),
            files=opened,
            about_files=media.about(opened),
            components=buttons.rows(item.buttons) if item.buttons else None,
            reply_to=item.reply_to,
            nonce=nonce(item.id),
        )
        if not said.text and media.is_voice_note(item.media):
            about = {**said.about_files[0], **await media.about_voice(item.media[0])}
            return replace(said, about_files=[about], flags=media.VOICE_MESSAGE)
        return said

    async def _write(self, voice: Voice, item: Outbound, said: Said) -> str:
        try:
            return await voice.write(said)
        except Refused:
            if said.flags != media.VOICE_MESSAGE:
                raise
            # Some places take no voice messages; a file to play is the next best.
            opened = media.files(item.media)
            try:
                return await voice.write(replace(said, files=opened, about_files=media.about(opened), flags=0))
            finally:
                media.close(opened)

    async def _replace(self, voice: Voice, item: Outbound, said: Said) -> Receipt | None:
        """Make the draft the message; None when somebody deleted it."""
        try:
            await voice.change(item.draft, said)
        except Refused as no:
            if isinstance(no, NotFound) or "HTTP 404" in no.message or "HTTP 403" in no.message:
                return None
            raise
        return Receipt(item.draft)

    async def find(self, item: Outbound) -> Receipt | None:
        """See Channel.find. Discord keeps no nonces, so it is what we wrote there since, and no receipt of ours names."""
        held = self._of(item.account)
        channel = channel_of(item.thread)
        try:
            voice = await held.voice(await held.places.of(channel), bool(item.speaker_name))
            since = await self._since(held, channel, snowflake(made_at(item.id) - _CLOCKS_DIFFER))
        except Refused as no:
            raise Unconfirmed("Discord does not show us that chat any more.") from no
        if item.draft and any(str(one["id"]) == item.draft and one["content"] == item.text.strip() for one in since):
            return Receipt(item.draft)
        same = [str(one["id"]) for one in since if _is(one, voice.author, item)]
        async with held.core.store.open_work(held.itself, reads=True) as work:
            taken = await Correspondence(work.session, work.principal).receipts(item.conversation, same)
        left = [id for id in same if id not in taken and id != item.draft]
        return Receipt(left[0]) if left else None

    async def _since(self, held: Holding, channel: str, after: int) -> list[dict[str, Any]]:
        """What was written there after that, oldest first. Raises Unconfirmed when it is more than we read."""
        found: list[dict[str, Any]] = []
        for _ in range(_MOST_PAGES):
            page: Any = await asked(held.http.logs_from(int(channel), _PAGE, after=after))
            found += sorted(page, key=lambda one: int(one["id"]))
            if len(page) < _PAGE:
                return found
            after = int(found[-1]["id"])
        raise Unconfirmed("Too much was written there since to find the message again.")

    # Courtesies

    async def act(self, account: str, thread: str, action: Action) -> None:
        """See Channel.act: Discord knows typing only, and shows it for ten seconds."""
        held = self._held.get(account) if action else None
        if held and thread not in self._acting:
            task = asyncio.create_task(_type(held, channel_of(thread)))
            self._acting[thread] = task
            task.add_done_callback(lambda _: self._acting.pop(thread, None))

    async def draft(self, account: str, thread: str, draft: str, text: str) -> str:
        """See Channel.draft: one message that is edited, at most every 1.2 s."""
        held = self._held.get(account)
        if held is None or (draft and text and time.monotonic() - self._drawn.get(draft, 0) < DRAFT_EVERY_S):
            return draft
        try:
            voice = await held.voice(await held.places.of(channel_of(thread)), held.account.persona_id is not None)
            if not text:
                await voice.remove(draft)
                self._drawn.pop(draft, None)
                return ""
            said = Said(parts(text)[0])
            if draft:
                await voice.change(draft, said)
            else:
                draft = await voice.write(said)
        except GatorError as no:
            log.info("discord_draft_skipped", account=account, code=no.code)
        if draft:
            self._drawn[draft] = time.monotonic()
        return draft

    async def fetch(self, account: str, ref: str, into: Path, limit_bytes: int) -> None:
        """See Channel.fetch."""
        await media.fetch(self._of(account).http, ref, into, limit_bytes)


def _is(message: dict[str, Any], author: str, item: Outbound) -> bool:
    """Whether that is the piece as Discord shows it."""
    who = str(message.get("webhook_id") or message["author"]["id"])
    files = len(message.get("attachments") or [])
    return who == author and str(message.get("content") or "") == item.text.strip() and files == len(item.media)


async def _type(held: Holding, channel: str) -> None:
    try:
        async with asyncio.timeout(_LONGEST_COURTESY_S):
            await asked(held.http.send_typing(int(channel)))
    except (GatorError, TimeoutError) as no:
        log.debug("discord_not_typing", account=held.id, why=type(no).__name__)
