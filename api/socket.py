"""The websocket `/ws/{user_id}`: who is let in. One open socket is `api.connection`, what it may ask for `api.answering`.

The token comes in the Authorization header, as the subprotocol `gator.bearer.<token>`, or in a first frame
`authenticate`; never in the address, which ends up in logs. The user must be the token's subject.
"""

import asyncio

import structlog
from fastapi import APIRouter, FastAPI, WebSocket, WebSocketDisconnect
from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from api import frames
from api.answering import answer
from api.connection import BROKEN, REFUSED, UNAUTHENTICATED, Connection, Ended, close, receive
from api.deps import Caller, caller_of_bearer, core_of, public
from api.security import address, same_site
from bots.core import Core
from gator.errors import Forbidden, GatorError, Unauthenticated

log = structlog.get_logger()
router = APIRouter()

AUTHENTICATE_S = 10  # how long a socket may stay open without saying who it is
PATH = "/ws/"
PROTOCOL, BEARER = "gator", "gator.bearer."


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


class Straight:
    """Hands a websocket to `live` past the framework's layers, which keep some 10 KiB for as long as it is open."""

    def __init__(self, app: ASGIApp, opened: FastAPI) -> None:
        self.app, self._opened = app, opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] == "websocket" and path.startswith(PATH) and "/" not in path.removeprefix(PATH):
            scope["app"] = self._opened
            await live(WebSocket(scope, receive, send), path.removeprefix(PATH))
        else:
            await self.app(scope, receive, send)


@router.websocket(PATH + "{user_id}", dependencies=[public])
async def live(socket: WebSocket, user_id: str) -> None:
    """Public to open; nothing is said before a good token is there."""
    core, state = core_of(socket), socket.app.state
    if not same_site(socket, core.settings) or not state.handshakes.of(address(socket)).take():
        await socket.close(REFUSED)  # before it is accepted: the browser's handshake fails with 403
        return
    try:
        caller, token = await _let_in(socket, core, user_id)
        socket.scope["headers"].clear()  # nobody asks again, and there are ten thousand of them
        await Connection(socket, core, state.sockets, state.rooms, caller, token).run(answer)
    except WebSocketDisconnect:
        pass
    except Ended as ended:
        await close(socket, ended.code, ended.reason)
    except GatorError as wrong:
        await close(socket, UNAUTHENTICATED if isinstance(wrong, Unauthenticated) else REFUSED, wrong.message)
    except Exception:
        log.exception("socket_failed", user=user_id)
        await close(socket, BROKEN, "Something went wrong on our side; it has been logged.")
