"""The websocket `/ws/{user_id}`: live conversations. Clients' frames are in `api.frames`, who sees whom in `api.presence`.

The token comes in the Authorization header, as the subprotocol `gator.bearer.<token>`, or in a first frame
`authenticate`; never in the address, which ends up in logs. The user must be the token's subject.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import orjson
import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from api import frames
from api.conversing import accept, is_member, may_read, may_speak, note_reading
from api.deps import Caller, caller_of_bearer, core_of, public
from api.frames import frame
from api.limits import Bucket
from api.links import media_url
from api.presence import Sockets
from api.security import address, same_site
from bots.core import Core
from bots.delivery import sender_of
from bots.frames import new_message
from bots.hub import Watcher
from gator.clock import now
from gator.errors import Forbidden, GatorError, TooMany, Unauthenticated
from gator.ids import new_id
from memory.models import Asset, Conversation, Message

log = structlog.get_logger()
router = APIRouter()

UNAUTHENTICATED, REFUSED, TOO_FAST, TOO_LARGE, TOO_SLOW = 4401, 4403, 1008, 1009, 1013
AUTHENTICATE_S = 10  # how long a socket may stay open without saying who it is
SEND_S = 15  # a client that takes no frame for so long is gone
MAX_JOINED = 100
WINDOW = 50  # messages that a client without any is shown
PROTOCOL, BEARER = "gator", "gator.bearer."
# A person types and sends a few frames a second at most; a client that reconnects joins a few conversations at once.
BURST, PER_S, PATIENCE = 60, 10.0, 100
_ABOUT_A_USER = ("typing_indicator", "presence_update")
# What fans see of their conversation; tools, jobs and approvals are the staff's.
_FOR_FANS = frozenset({"new_message", "message_delta", "message_reset", *_ABOUT_A_USER})


class Ended(Exception):
    """The socket is to be closed, with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Connection:
    """One open, authenticated socket."""

    def __init__(self, socket: WebSocket, core: Core, sockets: Sockets, watcher: Watcher, caller: Caller, token: str):
        self._socket, self._core, self._sockets, self._watcher = socket, core, sockets, watcher
        self._caller, self._token = caller, token
        self._sending = asyncio.Lock()
        self._renewed = asyncio.Event()
        self._bucket, self._patience = Bucket(BURST, PER_S), Bucket(PATIENCE, 1.0)

    @property
    def user(self) -> str:
        return self._caller.principal.subject

    @property
    def session(self) -> str:
        return self._caller.credential

    async def end(self, code: int, reason: str) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):  # it may have closed by itself meanwhile
            await self._socket.close(code, reason)

    async def run(self) -> None:
        """Serve the socket until either side has enough."""
        self._sockets.enter(self)
        tasks = {asyncio.create_task(part) for part in (self._listen(), self._forward(), self._expire())}
        try:
            await self._send(frame("authenticated", user_id=self.user))
            await self._send(frame("online_users", users=sorted(self._sockets.seen_by(self))))
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for conversation in self._sockets.leave(self):
                self._announce(conversation, online=False)

    async def _send(self, item: dict[str, Any]) -> None:
        try:
            async with self._sending, asyncio.timeout(SEND_S):
                await self._socket.send_text(orjson.dumps(item).decode())
        except TimeoutError as slow:
            raise Ended(TOO_SLOW, "You read too slowly.") from slow

    async def _forward(self) -> None:
        """Pass on what happens in the joined conversations."""
        while True:
            item = await self._watcher.next()
            if self._watcher.overflowed:
                raise Ended(TOO_SLOW, "You read too slowly; join again with the last message that you have.")
            about_me = item["type"] in _ABOUT_A_USER and item.get("user_id") == self.user
            if not about_me and (not self._caller.is_fan or item["type"] in _FOR_FANS):
                await self._send(await self._with_media(item))

    async def _with_media(self, item: dict[str, Any]) -> dict[str, Any]:
        """A message's assets with their kinds and signed addresses, so that a client can show them."""
        ids = item.get("message", {}).get("assets")
        if not ids:
            return item
        async with self._core.store.open_work(self._caller.principal, reads=True) as work:
            rows = await work.assets.by_ids(ids)
        media = [_shown(self._core, rows[id]) for id in ids if id in rows and rows[id].state == "ready"]
        return {**item, "message": {**item["message"], "media": media}}

    async def _expire(self) -> None:
        """End with the token, unless the client sends a fresh one in time."""
        while ends := self._caller.expires_at:
            self._renewed.clear()
            left = (ends - now()).total_seconds()
            if left <= 0:
                raise Ended(UNAUTHENTICATED, "The access token has ended.")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._renewed.wait(), left)
        await asyncio.Event().wait()  # an API key without an end

    async def _listen(self) -> None:
        while (text := await receive(self._socket)) is not None:
            if not self._bucket.take():
                if not self._patience.take():
                    raise Ended(TOO_FAST, "Too many frames.")
                await self._send(frame("error", message="Too many frames; wait a little.", code=TooMany.code))
                continue
            await self._answer(text)

    async def _answer(self, text: str) -> None:
        """Do what a frame asks; what is wrong with it is said, and the socket lives on."""
        client_id = None
        try:
            asked = frames.SENT.validate_json(text)
            client_id = getattr(asked, "client_id", None)
            await self._doors[type(asked)](self, asked)
        except ValidationError as wrong:
            why = wrong.errors()[0]
            at = ".".join(str(part) for part in why["loc"][1:])
            message = f"Malformed frame: {at + ': ' if at else ''}{why['msg']}"
            await self._send(frame("error", message=message[:300], code="malformed"))
        except Unauthenticated as ended:
            raise Ended(UNAUTHENTICATED, ended.message) from ended
        except GatorError as wrong:
            about = {"client_id": client_id} if client_id else {}
            await self._send(frame("error", message=str(wrong), code=wrong.code, **about))

    async def _conversation(self, id: str) -> Conversation:
        """The conversation, and whether the caller still is who they were: asked again with every frame."""
        self._caller = await caller_of_bearer(self._core, self._token)
        async with self._core.store.open_work(self._caller.principal, reads=True) as work:
            return await work.conversations.get(id)

    async def _authenticate(self, asked: frames.Authenticate) -> None:
        caller = await caller_of_bearer(self._core, asked.token)
        if caller.principal != self._caller.principal:
            raise Forbidden("That token is somebody else's.")
        self._caller, self._token = caller, asked.token
        self._renewed.set()
        await self._send(frame("authenticated", user_id=self.user))

    async def _join(self, asked: frames.JoinConversation) -> None:
        conversation = may_read(self._caller, await self._conversation(asked.conversation_id))
        if len(self._watcher.conversations) >= MAX_JOINED:
            raise TooMany("You have joined too many conversations.", retry_after_s=60, remedy="Leave some first.")
        await note_reading(self._core, self._caller, conversation)
        # Watched from here on, so that nothing falls between the replay and what is live; ids tell doubles.
        self._watcher.add(conversation.id)
        await self._replay(conversation, asked.after)
        await self._send(frame("conversation_joined", conversation_id=conversation.id))
        if is_member(self._caller, conversation) and self._sockets.come(self, conversation.id):
            self._announce(conversation.id, online=True)

    async def _replay(self, conversation: Conversation, after: str | None) -> None:
        """What was said after that message; from the last WINDOW messages on for ""; nothing for None."""
        if after is None:
            return
        missed = await self._missed(conversation.id, after)
        while missed:
            for message in missed:
                item = new_message(message, sender_of(message, conversation))
                item |= {"conversation_id": conversation.id, "timestamp": now().isoformat()}
                await self._send(await self._with_media(item))
            missed = await self._missed(conversation.id, missed[-1].id) if after else []

    async def _missed(self, conversation: str, after: str) -> list[Message]:
        async with self._core.store.open_work(self._caller.principal, reads=True) as work:
            if after:
                return await work.conversations.after(conversation, after)
            return await work.conversations.window(conversation, WINDOW)

    async def _leave(self, asked: frames.LeaveConversation) -> None:
        id = asked.conversation_id
        if id in self._watcher.conversations:
            self._watcher.discard(id)
            if self._sockets.go(self, id):
                self._announce(id, online=False)
        await self._send(frame("conversation_left", conversation_id=id))

    def _announce(self, conversation: str, *, online: bool) -> None:
        self._core.hub.publish(conversation, {"type": "presence_update", "user_id": self.user, "online": online})

    async def _typing(self, asked: frames.TypingStart | frames.TypingStop) -> None:
        if asked.conversation_id not in self._watcher.conversations:
            raise Forbidden("Join the conversation first.")
        may_speak(self._caller, await self._conversation(asked.conversation_id))
        typing = isinstance(asked, frames.TypingStart)
        item = {"type": "typing_indicator", "user_id": self.user, "is_typing": typing}
        self._core.hub.publish(asked.conversation_id, item)

    async def _say(self, asked: frames.SendMessage) -> None:
        conversation = may_speak(self._caller, await self._conversation(asked.conversation_id))
        if asked.persona_id and asked.persona_id != conversation.persona_id:
            raise Forbidden("That persona is not in this conversation.")
        client_id = asked.client_id or new_id()
        id = await accept(self._core, self._caller, conversation, asked.content, client_id)
        about = {"conversation_id": conversation.id, "client_id": client_id, "message_id": id}
        await self._send(frame("message_accepted", **about, duplicate=id is None))

    async def _status(self, asked: frames.GetOnlineStatus) -> None:
        seen = self._sockets.seen_by(self)
        await self._send(frame("online_status", status={user: user in seen for user in asked.user_ids}))

    async def _decide(self, asked: frames.Decide) -> None:
        self._caller = await caller_of_bearer(self._core, self._token)
        if "approvals:decide" not in self._caller.permissions:
            raise Forbidden("You may not decide approvals.")
        decided = await self._core.decide(self._caller.principal, asked.approval_id, asked.approved)
        await self._send(frame("decided", approval_id=decided.id, state=decided.state))

    async def _pong(self, _asked: frames.Ping) -> None:
        await self._send(frame("pong"))

    _doors: dict[type[Any], Callable[["Connection", Any], Awaitable[None]]] = {  # noqa: RUF012 - never changed
        frames.Authenticate: _authenticate,
        frames.JoinConversation: _join,
        frames.LeaveConversation: _leave,
        frames.TypingStart: _typing,
        frames.TypingStop: _typing,
        frames.SendMessage: _say,
        frames.GetOnlineStatus: _status,
        frames.Decide: _decide,
        frames.Ping: _pong,
    }


def _shown(core: Core, asset: Asset) -> dict[str, Any]:
    about = {"id": asset.id, "kind": asset.kind, "mime": asset.mime, "title": asset.title, "alt_text": asset.alt_text}
    return about | {"url": media_url(core.settings, asset.id)}


async def receive(socket: WebSocket) -> str | None:
    """The next frame's text; None when the client has left, "" for a binary one. Raises Ended for a frame too large."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        return None
    text: str = message.get("text") or ""
    if max(len(text), len(message.get("bytes") or b"")) > frames.MAX_FRAME_CHARS:
        raise Ended(TOO_LARGE, "The frame is too large.")
    return text


def _offered(socket: WebSocket) -> tuple[str | None, str | None]:
    """The token in the handshake, if there is one, and the subprotocol to answer with."""
    protocols: list[str] = socket.scope.get("subprotocols") or []
    bearer = next((one for one in protocols if one.startswith(BEARER)), None)
    chosen = PROTOCOL if PROTOCOL in protocols else bearer
    scheme, _, given = socket.headers.get("authorization", "").partition(" ")
    token = given.strip() if scheme.lower() == "bearer" else None
    return token or (bearer.removeprefix(BEARER) if bearer else None), chosen


async def _first_frame_token(socket: WebSocket) -> str:
    try:
        async with asyncio.timeout(AUTHENTICATE_S):
            text = await receive(socket)
        return frames.AUTHENTICATE.validate_json(text or "").token
    except (TimeoutError, ValidationError) as wrong:
        raise Unauthenticated('The first frame must be {"type": "authenticate", "token": "…"}.') from wrong


async def _let_in(socket: WebSocket, core: Core, user_id: str) -> tuple[Caller, str]:
    """Accept the socket and learn who it is. Raises Unauthenticated, or Forbidden for another one's id."""
    token, protocol = _offered(socket)
    await socket.accept(protocol)
    token = token or await _first_frame_token(socket)
    caller = await caller_of_bearer(core, token)
    if caller.principal.subject != user_id:
        raise Forbidden("This is not your address: its id must be the token's subject.")
    if "chat" not in caller.permissions:
        raise Forbidden("This token may not chat.")
    return caller, token


@router.websocket("/ws/{user_id}", dependencies=[public])
async def live(socket: WebSocket, user_id: str) -> None:
    """Public to open; nothing is said before a good token is there."""
    core = core_of(socket)
    if not same_site(socket, core.settings) or not socket.app.state.handshakes.of(address(socket)).take():
        await socket.close(REFUSED)  # before it is accepted: the browser's handshake fails with 403
        return
    try:
        caller, token = await _let_in(socket, core, user_id)
        with core.hub.watch() as watcher:
            await Connection(socket, core, socket.app.state.sockets, watcher, caller, token).run()
    except WebSocketDisconnect:
        pass
    except Ended as ended:
        await _close(socket, ended.code, ended.reason)
    except GatorError as wrong:
        await _close(socket, UNAUTHENTICATED if isinstance(wrong, Unauthenticated) else REFUSED, wrong.message)
    except Exception:
        log.exception("socket_failed", user=user_id)
        await _close(socket, 1011, "Something went wrong on our side; it has been logged.")


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
        async with asyncio.timeout(SEND_S):
            await socket.send_text(orjson.dumps(frame("error", message=reason, code=str(code))).decode())
            await socket.close(code, reason.encode()[:120].decode(errors="ignore"))
