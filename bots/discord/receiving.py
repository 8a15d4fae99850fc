"""What becomes of an event? Messages go to the core in the order of each chat, the rest to whoever knows about it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import structlog

from bots.channel import Inbound
from bots.discord.catching_up import CatchingUp
from bots.discord.holding import NAME, Holding
from bots.discord.lanes import AWAY, Lanes, Over, Step
from bots.discord.reading import Heard, Me, heard, reacted
from bots.discord.strangers import Strangers
from bots.discord.unread import Unread
from bots.reactions import Reaction
from gator.errors import Refused, Unavailable

log = structlog.get_logger()

_MALFORMED = (KeyError, TypeError, ValueError, AttributeError)
Interact = Callable[[dict[str, Any]], Awaitable[None]]


class Receiving:
    def __init__(self, held: Holding, interact: Interact) -> None:
        self._held = held
        self._interact = interact
        self._lanes = Lanes()
        self._strangers = Strangers(held)
        self._unread = Unread(held)
        self._tasks: set[asyncio.Task[None]] = set()
        self.catching_up = CatchingUp(held)
        self.overrun: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    # Events

    def hear(self, event: str, data: Any) -> None:
        """Take an event in. Raises KeyError, TypeError or ValueError for a malformed one, which is dropped then."""
        places = self._held.places
        match event:
            case "READY":
                for guild in data["guilds"]:
                    places.leave(str(guild["id"]))
                self.catching_up.begin()
                self._start(self._read_chats())
            case "RESUMED":
                log.info("discord_resumed", account=self._held.id)
            case "GUILD_CREATE":
                for place in places.enter(data, self._held.me.user):
                    if self.catching_up.missed(place):
                        self._read(place.id)
            case "GUILD_DELETE":
                if not data.get("unavailable"):
                    places.leave(str(data["id"]))
            case "CHANNEL_CREATE" | "CHANNEL_UPDATE" | "THREAD_CREATE" | "THREAD_UPDATE":
                places.learn(data)
            case "THREAD_LIST_SYNC":
                for thread in data["threads"]:
                    places.learn({**thread, "guild_id": data["guild_id"]})
            case "CHANNEL_DELETE" | "THREAD_DELETE":
                places.lose(str(data["id"]))
            case "INTERACTION_CREATE":
                self._start(self._interact(data))
            case _:
                self._message(event, data)

    def _message(self, event: str, data: dict[str, Any]) -> None:
        channel = str(int(data["channel_id"]))
        match event:
            case "MESSAGE_CREATE":
                id = int(data["id"])
                self.catching_up.opened(id)
                self._put(channel, partial(self._live, channel, data), partial(self.catching_up.closed, id))
            case "MESSAGE_UPDATE":
                if data.get("edited_timestamp") and "author" in data and (said := heard(data, self._me(data))):
                    self._put(channel, partial(self._edited, said))
            case "MESSAGE_REACTION_ADD" | "MESSAGE_REACTION_REMOVE":
                if reaction := reacted(event, data, self._held.me):
                    self._put(channel, partial(self._reacted, reaction))
            case "MESSAGE_DELETE":
                self._put(channel, partial(self._removed, str(int(data["id"]))))
            case "MESSAGE_DELETE_BULK":
                for id in data["ids"]:
                    self._put(channel, partial(self._removed, str(int(id))))

    def _put(self, lane: str, step: Step, over: Over = lambda: None) -> None:
        heard = self.catching_up.replaying.opened()

        def done() -> None:
            over()
            self.catching_up.replaying.closed(heard)

        if not self._lanes.put(lane, step, done) and not self.overrun.done():
            why = Unavailable("More came in than could be written down.", retry_after_s=5.0)
            self.overrun.set_exception(why)  # it starts over then, and reads what was dropped here

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(_logged(work, self._held.id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._lanes.stop()
        self.overrun.cancel()

    # Catching up

    async def _read_chats(self) -> None:
        held = self.catching_up.hold()
        try:
            for channel in await self.catching_up.chats():
                self._read(channel)
        finally:
            self.catching_up.closed(held)

    def _read(self, channel: str) -> None:
        over = partial(self.catching_up.closed, self.catching_up.hold())
        self._put(channel, partial(self.catching_up.read, channel, self._take), over)

    # Messages

    async def _live(self, channel: str, data: dict[str, Any]) -> None:
        await self.catching_up.read(channel, self._take)
        await self._take(data)

    async def _take(self, data: dict[str, Any]) -> None:
        """A message as Discord has it, to the core, unless it is not for us; one that cannot be taken is dropped.

        Raises what `lanes.AWAY` lists: then it is tried again.
        """
        try:
            said = heard(data, self._me(data))
        except _MALFORMED as malformed:
            log.warning("discord_message_dropped", account=self._held.id, why=type(malformed).__name__)
            return
        try:
            if said and self._unread.is_hidden(data, said):
                said = await self._uncovered(data, said)
            if said and said.to_us and (said.text or said.attachments):
                await self._receive(said)
        except AWAY:
            raise
        except Refused as no:
            log.warning("discord_message_dropped", account=self._held.id, why=no.code)
        except Exception:
            log.exception("discord_message_failed", account=self._held.id)  # those after it are taken all the same

    async def _uncovered(self, data: dict[str, Any], said: Heard) -> Heard | None:
        """The message with its words, where they can be had; else its author is told what to do."""
        if whole := await self._unread.shown(data):
            return heard(whole, self._me(data))
        await self._unread.tell(said)
        return None

    def _me(self, data: dict[str, Any]) -> Me:
        roles = self._held.places.roles.get(str(data.get("guild_id") or ""), frozenset())
        me = self._held.me
        return Me(me.user, me.application, me.names, roles) if roles else me

    async def _receive(self, said: Heard) -> None:
        seat = await self._held.seat(said.person, said.channel, private=said.private)
        if await self._strangers.obeyed(said, seat) or seat is None:
            if seat is None and said.private:  # whoever was paired just now has a chat, in which they are told things
                await self._held.seat(said.person, said.channel, private=True)
            return
        inbound = Inbound(
            channel=NAME,
            account=self._held.id,
            platform_id=str(said.id),
            conversation=seat.conversation.id,
            principal=seat.principal,
            text=said.text,
            attachments=[one.as_data() for one in said.attachments],
            reply_to=said.reply_to,
            locale=said.person.locale,
            settle_s=self._held.core.settings.settle_s if self._held.account.persona_id else 0.0,
        )
        await self._held.core.receive(inbound)

    async def _edited(self, said: Heard) -> None:
        held = self._held
        await held.core.edited(NAME, held.id, str(said.id), said.text, workspace=held.workspace)

    async def _reacted(self, said: Reaction) -> None:
        await self._held.core.reactions.take(NAME, self._held.id, said, workspace=self._held.workspace)

    async def _removed(self, id: str) -> None:
        await self._held.core.removed(NAME, self._held.id, id, workspace=self._held.workspace)


async def _logged(work: Awaitable[None], account: str) -> None:
    try:
        await work
    except Exception:
        log.exception("discord_event_failed", account=account)  # one event is lost, not the account
