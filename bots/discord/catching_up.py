"""What was said while we were away? Read by REST from where we were, each chat before anything newer in it is taken.

A session that Discord lets us resume replays what we missed (`replaying`); after any other beginning this does, in all chats
that we know. The place is one id for
the account: every message up to it is in the journal, or was none of ours. What is read twice is known by its id there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bots.discord.holding import Holding, channel_of
from bots.discord.lanes import AWAY
from bots.discord.places import Place
from bots.discord.replaying import Replaying
from bots.discord.snowflakes import snowflake
from bots.discord.wire import asked
from gator.clock import now
from gator.errors import Refused
from gator.principal import service
from memory.repositories.correspondence import Correspondence

log = structlog.get_logger()

KEEP_EVERY_S = 1.0
_PAGE = 100
_AT_ONCE = 8  # so that people who write now do not wait for what was written long ago
_MOST_PAGES = 10  # of one chat: whoever was away that long answers the newest thousand
_LATE = 60_000 << 22  # a minute: ids are made by many machines, and a message may show up after younger ones

Take = Callable[[dict[str, Any]], Awaitable[None]]


class CatchingUp:
    def __init__(self, held: Holding) -> None:
        self._held = held
        self._kept = int(held.account.cursor or 0)
        self.replaying = Replaying(held.wire, held.account.sessions)
        # Of a new account nothing is read: what was said before it was added is not answered.
        self._newest = self._kept or snowflake(now())
        self._from = self._newest
        self._open: dict[int, int] = {}  # ids that are not in the journal yet
        self._done: set[str] = set()
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    def begin(self) -> None:
        """A session began that replays nothing: every chat may hold something that we have not seen."""
        self._from = max(0, self._place() - _LATE)
        self._done.clear()

    def missed(self, place: Place) -> bool:
        """Whether something was said there since."""
        return place.last > self._from and place.id not in self._done

    def hold(self) -> int:
        """Keep our place where it is until this is `closed`: there is something older to be read."""
        self.opened(self._from + 1)
        return self._from + 1

    async def chats(self) -> list[str]:
        """The chats in which we talked, those of last first."""
        async with self._held.core.store.open_work(self._held.itself, reads=True) as work:
            threads = await Correspondence(work.session, work.principal).threads(self._held.id)
        return list(dict.fromkeys(channel_of(thread) for thread in threads))

    async def read(self, channel: str, take: Take) -> None:
        """Take what was said in a chat while we were away, oldest first; nothing when that was done."""
        known = self._held.places.known(channel)
        if channel in self._done or (known and known.guild and not self.missed(known)):
            return
        async with self._at_once:
            await self._read(channel, take)
        self._done.add(channel)

    async def _read(self, channel: str, take: Take) -> None:
        after = self._from
        for _ in range(_MOST_PAGES):
            try:
                guild = (await self._held.places.of(channel)).guild  # history does not say in which server it was
                page: Any = await asked(self._held.http.logs_from(int(channel), _PAGE, after=after))
            except Refused:
                break  # we may not read it any more
            for message in sorted(page, key=lambda one: int(one["id"])):
                await take({**message, "guild_id": guild})
                after = int(message["id"])
            if len(page) < _PAGE:
                break

    # Our place

    def opened(self, id: int) -> None:
        self._open[id] = self._open.get(id, 0) + 1

    def closed(self, id: int) -> None:
        """The message is in the journal, or is nothing for us."""
        left = self._open.pop(id, 1) - 1
        if left:
            self._open[id] = left
        self._newest = max(self._newest, id)

    def _place(self) -> int:
        return min([self._newest, *(id - 1 for id in self._open)])

    async def keep(self) -> None:
        """Write the place down every second, as long as it moves."""
        while True:
            await self._write()
            await asyncio.sleep(KEEP_EVERY_S)

    async def stop(self) -> None:
        await self._write()

    async def _write(self) -> None:
        place, marks = self._place(), self.replaying.marks()
        if (place, marks) == (self._kept, self.replaying.kept):
            return
        try:
            await self._move_on(place, marks)
            self._kept, self.replaying.kept = place, marks
        except AWAY as away:  # the older place is good enough: what is read twice is known in the journal
            log.warning("discord_place_not_kept", account=self._held.id, why=type(away).__name__)

    async def _move_on(self, place: int, marks: list[dict[str, Any]]) -> None:
        account = self._held.account
        async with self._held.core.store.open_work(service(account.workspace, "discord")) as work:
            await work.accounts.move_on(account.id, account.lease_owner or "", str(place), marks)
            if self._held.notes:  # moving on clears the account's errors, and these still hold
                await work.accounts.failed(account.id, " ".join(sorted(self._held.notes)))
        account.cursor, account.sessions = str(place), marks  # our copy, with which the account may be run again
