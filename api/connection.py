"""One open, authenticated socket: what it is sent, how far it may lag behind, and when it ends.

Ten thousand of them wait in one process, so an idle one is a single task, the server's own, that listens. A task that
sends lives while there is something to send; the end of its token is a timer.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import orjson
import structlog
from fastapi import WebSocket, WebSocketDisconnect

from api.conversing import Rooms, may_read
from api.deps import Caller
from api.frames import MAX_FRAME_CHARS, frame
from api.limits import Bucket
from api.presence import Sockets
from bots.core import Core
from bots.fitting import fit_for_fan
from bots.hub import LIMIT, Frame, Watcher
from bots.row_watch import BACK
from gator.clock import now
from gator.errors import GatorError
from gator.ids import id_at
from gator.links import media_url, small_url
from memory.models import Asset

log = structlog.get_logger()

UNAUTHENTICATED, REFUSED, TOO_FAST, TOO_LARGE, TOO_SLOW, BROKEN = 4401, 4403, 1008, 1009, 1013, 1011
SEND_S = 15  # a client that takes no frame for so long is gone
# A person types and sends a few frames a second at most; a client that reconnects joins a few conversations at once.
BURST, PER_S, PATIENCE = 60, 10.0, 100
_ABOUT_A_USER = ("typing_indicator", "presence_update")
_MESSAGES = ("new_message", "message_edited")
# What fans see of their conversation; tools, jobs and approvals are the staff's.
FOR_FANS = frozenset(
    {
        *_MESSAGES,
        "message_deleted",
        "conversation_forgotten",
        "message_delta",
        "message_reset",
        "handoff_update",
        *_ABOUT_A_USER,
    }
)


class Ended(Exception):
    """The socket is to be closed, with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


async def receive(socket: WebSocket) -> str | None:
    """The next frame's text; None when the client has left, "" for a binary one. Raises Ended for a frame too large."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        return None
    text: str = message.get("text") or ""
    if max(len(text), len(message.get("bytes") or b"")) > MAX_FRAME_CHARS:
        raise Ended(TOO_LARGE, "The frame is too large.")
    return text


class Connection:
    __slots__ = (
        "__weakref__", "_bucket", "_ended", "_held", "_lag", "_listening", "_patience", "_queue", "_replayed", "_rooms",
        "_sender", "_socket", "_timer", "caller", "core", "sockets", "token", "watcher",
    )  # fmt: skip

    def __init__(
        self, socket: WebSocket, core: Core, sockets: Sockets, rooms: Rooms, caller: Caller, token: str
    ) -> None:
        self._socket, self.core, self.sockets, self._rooms = socket, core, sockets, rooms
        self.caller, self.token = caller, token
        self.watcher = Watcher(core.hub, self._hear)
        self._bucket, self._patience = Bucket(BURST, PER_S), Bucket(PATIENCE, 1.0)
        self._queue: list[Frame] = []
        self._lag = 0  # frames that were heard and not sent
        self._held: dict[str, list[Frame]] = {}  # conversations that are being replayed: what happens meanwhile
        self._replayed: frozenset[str] = (
            frozenset()
        )  # young messages that the client has; their frames may still be under way
        self._sender: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ended: Ended | None = None

    @property
    def user(self) -> str:
        return self.caller.principal.subject

    @property
    def session(self) -> str:
        return self.caller.credential

    # Its life

    async def run(self, answer: Callable[["Connection", str], Awaitable[None]]) -> None:
        """Serve the socket until either side has enough; what comes in is for `answer`. Raises Ended when we have enough."""
        self._listening = asyncio.current_task()
        self.sockets.enter(self)
        self.expire()
        try:
            await self.send(frame("authenticated", user_id=self.user))
            await self.send(frame("online_users", users=sorted(self.sockets.seen_by(self))))
            await self._listen(answer)
        except asyncio.CancelledError:
            if self._ended is None or self._listening is None:
                raise
            self._listening.uncancel()
            raise self._ended from None
        finally:
            self._let_go()

    def _let_go(self) -> None:
        self._listening = None
        self.sockets.leave(self)
        self.watcher.close()
        for ending in (self._sender, self._timer):
            if ending:
                ending.cancel()

    def end(self, code: int, reason: str) -> None:
        """Have the socket closed, whatever it is doing."""
        if self._listening and self._ended is None:
            self._ended = Ended(code, reason)
            self._listening.cancel()

    def expire(self) -> None:
        """End with the token, unless the client sends a fresh one in time."""
        if self._timer:
            self._timer.cancel()
        self._timer = None
        if ends := self.caller.expires_at:
            left_s = max(0.0, (ends - now()).total_seconds())
            end = (UNAUTHENTICATED, "The access token has ended.")
            self._timer = asyncio.get_running_loop().call_later(left_s, self.end, *end)

    async def _listen(self, answer: Callable[["Connection", str], Awaitable[None]]) -> None:
        while (text := await receive(self._socket)) is not None:
            if self._bucket.take():
                await answer(self, text)
            elif self._patience.take():
                await self.send(frame("error", message="Too many frames; wait a little.", code="too_many"))
            else:
                raise Ended(TOO_FAST, "Too many frames.")

    async def send(self, item: Frame) -> None:
        try:
            async with asyncio.timeout(SEND_S):
                await self._socket.send_text(orjson.dumps(item).decode())
        except TimeoutError as slow:
            raise Ended(TOO_SLOW, "You read too slowly.") from slow

    # What happens in the joined conversations

    def _hear(self, item: Frame) -> None:
        if not self._concerns(item):
            return
        self._lag += 1
        if self._lag > LIMIT:
            self.end(TOO_SLOW, "You read too slowly; join again with the last message that you have.")
        elif item["conversation_id"] in self._held:
            self._held[item["conversation_id"]].append(item)
        else:
            self._pass_on([item])

    def _concerns(self, item: Frame) -> bool:
        if item["type"] in _ABOUT_A_USER and item.get("user_id") == self.user:
            return False
        if item["type"] == "new_message" and item["message"].get("id") in self._replayed:
            return False
        return not self.caller.is_fan or item["type"] in FOR_FANS

    def _pass_on(self, items: list[Frame]) -> None:
        self._queue += items
        if self._sender is None and self._queue:
            self._sender = asyncio.create_task(self._forward())

    async def _forward(self) -> None:
        try:
            while self._queue:
                some, self._queue = self._queue, []
                for item in some:
                    await self._show(item)
                    self._lag -= 1
        except Ended as ended:
            self.end(ended.code, ended.reason)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the client has left, as the listening task is told too
        except Exception:
            log.exception("forwarding_failed", user=self.user)
            self.end(BROKEN, "Something went wrong on our side; it has been logged.")
        finally:
            self._sender = None

    async def _show(self, item: Frame) -> None:
        """Send it, as long as the conversation may be read: it may have become somebody else's."""
        id = item["conversation_id"]
        if id not in self.watcher.conversations:
            return
        try:
            may_read(self.caller, await self._rooms.of(self.caller.principal, id))
        except GatorError:
            self.watcher.discard(id)
            await self.send(frame("conversation_left", conversation_id=id))
            return
        if item["type"] == "typing_indicator" and item.get("author") == "operator" and self.caller.is_fan:
            item = {**item, "user_id": "operator"}  # which of them is the staff's business
        await self.send(await self.with_media(item) if item["type"] in _MESSAGES else item)

    async def with_media(self, item: Frame) -> Frame:
        """A message's assets with their kinds and signed addresses, so that a client can show them."""
        ids = item["message"].get("assets")
        if not ids:
            return item
        async with self.core.store.open_work(self.caller.principal, reads=True) as work:
            fan = self.caller.principal.subject if self.caller.is_fan else None
            rows = await fit_for_fan(work, fan, ids, mature=self.core.delivery.mature)
        media = [_shown(self.core, rows[id]) for id in ids if id in rows]
        return {**item, "message": {**item["message"], "media": media}}

    # While a conversation is replayed

    def hold(self, conversation: str) -> None:
        """Keep back what happens in the conversation from now on, until it is released."""
        self._held.setdefault(conversation, [])

    def release(self, conversation: str, had: set[str]) -> None:
        """Let what was kept back follow, without the messages that the client has by now, here or from before."""
        young = id_at(now() - BACK)
        self._replayed = frozenset(id for id in self._replayed | had if id > young)
        kept = self._held.pop(conversation, [])
        fresh = [one for one in kept if one["type"] != "new_message" or one["message"].get("id") not in had]
        self._lag -= len(kept) - len(fresh)
        self._pass_on(fresh)


def _shown(core: Core, asset: Asset) -> dict[str, Any]:
    about = {"id": asset.id, "kind": asset.kind, "mime": asset.mime, "title": asset.title, "alt_text": asset.alt_text}
    small = small_url(core.settings, asset.id, asset.kind)
    return about | {"url": media_url(core.settings, asset.id)} | ({"small_url": small} if small else {})


async def close(socket: WebSocket, code: int, reason: str) -> None:
    """Say why, and close."""
    with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
        async with asyncio.timeout(SEND_S):
            await socket.send_text(orjson.dumps(frame("error", message=reason, code=str(code))).decode())
            await socket.close(code, reason.encode()[:120].decode(errors="ignore"))
