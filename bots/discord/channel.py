"""How does a reply reach Discord? As the bot or as its persona, once: by nonce, or by looking before it is tried again."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import structlog

from bots.channel import Action, Change, Outbound, Piece, Receipt
from bots.discord import buttons, looking, media
from bots.discord.drafts import Drafts
from bots.discord.holding import NAME, Holding, channel_of
from bots.discord.snowflakes import made_at, nonce, snowflake
from bots.discord.splitting import parts
from bots.discord.voices import Said, Voice
from bots.discord.wire import asked
from gator.errors import Forbidden, GatorError, NotFound, Refused, Unavailable, Unconfirmed

log = structlog.get_logger()

_CLOCKS_DIFFER = timedelta(minutes=5)
_LONGEST_COURTESY_S = 5.0


class DiscordChannel:
    name = NAME
    reads_rows = False

    def __init__(self) -> None:
        self._held: dict[str, Holding] = {}
        self._drafts = Drafts()
        self._acting: dict[str, asyncio.Task[None]] = {}

    def take(self, holding: Holding) -> None:
        self._held[holding.id] = holding

    def let_go(self, holding: Holding) -> None:
        if self._held.get(holding.id) is holding:
            del self._held[holding.id]

    def holds(self, account: str) -> bool:
        held = self._held.get(account)
        return held is not None and held.wire.reaches

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

    def wait_s(self, account: str, thread: str, count: int, most_s: float) -> float:  # noqa: ARG002
        """See Channel.wait_s. Discord names its limits only in its answers, and discord.py waits for them."""
        return 0.0

    async def send(self, item: Outbound) -> Receipt:
        """See Channel.send. A try after the first looks first whether the one before arrived."""
        held = self._of(item.account)
        channel = channel_of(item.thread)
        if item.change:
            await _change(await held.voice(await held.places.of(channel), bool(item.speaker_name)), item, item.change)
            return Receipt("")
        if item.attempts and (found := await self.find(item)):
            return found
        voice = await held.voice(await held.places.of(channel), bool(item.speaker_name))
        await self._drafts.sweep(held, channel, item.draft)
        said = await self._said(item)
        try:
            if item.draft and (replaced := await self._replace(voice, item, said)):
                return replaced
            return Receipt(await self._write(voice, item, said))
        finally:
            media.close(said.files)
            self._drafts.forget(item.draft)

    async def _said(self, item: Outbound) -> Said:
        """What the piece consists of; whoever asks closes its files."""
        said = Said(
            item.text.strip(),
            components=buttons.rows(item.buttons) if item.buttons else None,
            reply_to=item.reply_to,
            nonce=nonce(item.id),
        )
        if not said.text and media.is_voice_note(item.media):
            note, shape = await media.voice_note(item.media[0])
            return replace(said, files=[note], about_files=[media.about([note])[0] | shape], flags=media.VOICE_MESSAGE)
        return _with_files(said, item)

    async def _write(self, voice: Voice, item: Outbound, said: Said) -> str:
        try:
            return await voice.write(said)
        except Refused:
            if said.flags != media.VOICE_MESSAGE:
                raise
        # Some places take no voice messages; a file to play is the next best.
        plain = _with_files(replace(said, flags=0), item)
        try:
            return await voice.write(plain)
        finally:
            media.close(plain.files)

    async def _replace(self, voice: Voice, item: Outbound, said: Said) -> Receipt | None:
        """Make the draft the message; None when somebody deleted it."""
        try:
            await voice.change(item.draft, said)
        except Refused as no:
            if isinstance(no, NotFound | Forbidden):  # deleted, or of another voice
                return None
            raise
        return Receipt(item.draft)

    async def find(self, item: Outbound) -> Receipt | None:
        """See Channel.find. Discord keeps no nonces, so it is what we wrote there since, and no receipt of ours names."""
        held = self._of(item.account)
        channel = channel_of(item.thread)
        try:
            voice = await held.voice(await held.places.of(channel), bool(item.speaker_name))
            since = await looking.since(held, channel, snowflake(made_at(item.id) - _CLOCKS_DIFFER))
            left = await looking.unknown(held, voice, since)
        except Refused as no:
            raise Unconfirmed("Discord does not show us that chat any more.") from no
        same = [one.id for one in left if one.text == item.text.strip() and one.files == len(item.media)]
        return Receipt(same[0]) if same else None

    # Courtesies

    async def act(self, account: str, thread: str, action: Action) -> None:
        """See Channel.act: Discord knows typing only, and shows it for ten seconds."""
        held = self._held.get(account) if action else None
        if held and thread not in self._acting:
            task = asyncio.create_task(_type(held, channel_of(thread)))
            self._acting[thread] = task
            task.add_done_callback(lambda _: self._acting.pop(thread, None))

    async def draft(self, account: str, thread: str, draft: str, text: str) -> str:
        """See Channel.draft."""
        held = self._held.get(account)
        return await self._drafts.show(held, channel_of(thread), draft, text) if held else draft

    async def fetch(self, account: str, ref: str, into: Path, limit_bytes: int) -> None:
        """See Channel.fetch."""
        await media.fetch(self._of(account).http, ref, into, limit_bytes)


async def _change(voice: Voice, item: Outbound, change: Change) -> None:
    """Edit or delete what we wrote; files stay as they are. Raises Refused where it is gone."""
    if not change.removes:
        await voice.change(change.of, Said(item.text.strip()))
        return
    try:
        await voice.remove(change.of)
    except NotFound:
        log.debug("discord_gone_already", message=change.of)


def _with_files(said: Said, item: Outbound) -> Said:
    opened = media.files(item.media)
    return replace(said, files=opened, about_files=media.about(opened))


async def _type(held: Holding, channel: str) -> None:
    try:
        async with asyncio.timeout(_LONGEST_COURTESY_S):
            await asked(held.http.send_typing(int(channel)))
    except (GatorError, TimeoutError) as no:
        log.debug("discord_not_typing", account=held.id, why=type(no).__name__)
