"""How far have we heard Discord? Each shard's session and the last of its events that is in the journal.

Kept in the account's row, so that the process that runs the account next has Discord replay what nobody heard in between.
For the first words of somebody in private there is no other way: Discord shows a bot no list of its private chats, neither in
READY nor over REST (https://github.com/discord/discord-api-docs/issues/184), so `catching_up` cannot know that chat.
"""

import asyncio
from dataclasses import asdict, replace
from typing import Any

import aiohttp
import discord
import structlog
from discord.gateway import ReconnectWebSocket

from bots.discord.wire import Gateway, Mark, Wire, close

log = structlog.get_logger()

_TRIES_FOR_S = 120.0  # Discord keeps a session for some minutes after its line broke


class Replaying:
    def __init__(self, wire: Wire, kept: list[dict[str, Any]]) -> None:
        self._wire = wire
        self.kept = kept  # as the row has it
        self._bringing = bool(kept)
        self._moved = asyncio.Event()
        self._open: dict[tuple[str, int], int] = {}  # events that are not in the journal yet, by session and sequence

    # What is in the journal

    def opened(self) -> tuple[str, int] | None:
        """Note the event that is being heard; None when it is none of a session's."""
        line = self._wire.hearing
        if line is None or line.session_id is None or line.sequence is None:
            return None
        heard = line.session_id, line.sequence
        self._open[heard] = self._open.get(heard, 0) + 1
        return heard

    def closed(self, heard: tuple[str, int] | None) -> None:
        """What came of that event is in the journal, or is nothing for us."""
        if heard is None:
            return
        left = self._open.pop(heard, 1) - 1
        if left:
            self._open[heard] = left
        self._moved.set()

    def marks(self) -> list[dict[str, Any]]:
        """What is to be kept now; the same as before while something of an earlier session is not in the journal."""
        lines = [line for line in self._wire.lines.values() if line.session_id and line.sequence is not None]
        ours = {line.session_id for line in lines}
        if self._bringing or len(lines) < len(self._wire.lines) or any(one not in ours for one, _ in self._open):
            return self.kept
        return [asdict(self._mark(line)) for line in lines] or self.kept

    def _mark(self, line: Gateway) -> Mark:
        session, reached = str(line.session_id), int(line.sequence or 0)
        sequence = min([reached, *(at - 1 for one, at in self._open if one == session)])
        return Mark(int(line.shard_id or 0), session, sequence, str(line.gateway))

    # What nobody heard

    async def bring(self) -> None:
        """Hear what came after the marks of whoever ran the account before us, until sessions of ours are there.

        For a moment two are heard then; a message that comes twice is one in the journal.
        """
        try:
            await asyncio.gather(*(self._replay(Mark(**one)) for one in self.kept))
        finally:
            self._bringing = False

    async def _replay(self, mark: Mark) -> None:
        pause_s = 0.5
        try:
            async with asyncio.timeout(_TRIES_FOR_S):
                left = await self._resumed(mark)
                while left:
                    await asyncio.sleep(pause_s)
                    pause_s *= 2
                    left = await self._resumed(left)
        except TimeoutError:
            log.warning("discord_replay_given_up", shard=mark.shard)

    async def _resumed(self, mark: Mark) -> Mark | None:
        """None when all was replayed, or never can be; else the event after which to try again."""
        line: Gateway | None = None
        code = 4000  # which leaves the session to whoever goes on with it
        try:
            line = await self._wire.resume(mark)
            line.wire, line.replays = self._wire, True
            await self._hear_out(line)
            code = 1000  # it has ended
            log.info("discord_replayed", shard=mark.shard)
            return None
        except (ReconnectWebSocket, OSError, aiohttp.ClientError) as broken:
            over = isinstance(broken, ReconnectWebSocket) and not broken.resume
            log.info("discord_replay_broken", shard=mark.shard, why=type(broken).__name__, over=over)
            reached = line.sequence if line else None
            return None if over else replace(mark, sequence=reached or mark.sequence)
        except discord.ConnectionClosed as closed:
            log.info("discord_replay_refused", shard=mark.shard, code=closed.code)
            return None
        finally:
            await close(line, code)

    async def _hear_out(self, line: Gateway) -> None:
        while not line.caught_up:
            await line.poll_event()
        hearing = asyncio.ensure_future(_hear_on(line))
        try:
            await self._wire.ready(int(line.shard_id or 0)).wait()
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
        while any(
            session == line.session_id for session, _ in self._open
        ):  # until then it is the only place they are in
            self._moved.clear()
            await self._moved.wait()


async def _hear_on(line: Gateway) -> None:
    while True:
        await line.poll_event()
