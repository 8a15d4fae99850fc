"""What surrounds every request? An id, a limit on how often, security headers, and the outermost net for bugs.

Pure ASGI: it costs little, streams through, and also sees what FastAPI answers by itself.
"""

import hashlib
import re
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.files import HEADLESS
from api.limits import Buckets
from gator.ids import new_id
from gator.settings import Settings
from memory.buckets.place import origin_of

MAX_BODY_BYTES = 1 << 20
MAX_FILE_BYTES = 33 << 20  # a card's file (tools.personas.cards.limits) and the form around it
MAX_UPLOAD_BYTES = 51 << 20  # a video (tools.incoming) and the form around it
_MOST_BYTES = {
    re.compile(r"/api/v1/personas/import"): MAX_FILE_BYTES,
    re.compile(r"/api/v1/conversations/[^/]+/attachments"): MAX_UPLOAD_BYTES,
}
CSP = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "img-src 'self'; media-src 'self'; connect-src 'self'; script-src 'self'; style-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# Voice notes are recorded on pages of ours with a chat, on their own behalf only.
LISTENS = {"Permissions-Policy": HEADERS["Permissions-Policy"].replace("microphone=()", "microphone=(self)")}
# 240 at once and 20 a second after that: a page with its pictures is some 40 requests, a script may poll twice a second.
BURST, PER_S = 240, 20.0
# They cost next to nothing, and probes must not be refused; a webhook's caller proves itself before anything is read.
_FREE = ("/static/", "/health", "/ready", "/webhooks/")
# What Starlette raises where a layer of its own wanted an answer and the client's end came first (middleware/base.py).
_UNANSWERED = "No response returned."


def same_site(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether a browser sent this from a page of ours or of a site that GATOR_CORS_ORIGINS names; True without a browser."""
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    ours = {urlsplit(settings.url).netloc, connection.headers.get("host", "")}
    return origin in settings.cors_origins or urlsplit(origin).netloc in ours - {""}


def address(connection: HTTPConnection) -> str:
    """The caller's address; behind a proxy the server takes it from X-Forwarded-For, and only from a trusted one."""
    return connection.client.host if connection.client else "local"


def _caller(scope: Scope) -> str:
    """Whose bucket: the credential's, where there is one, else the address's."""
    authorization = Headers(scope=scope).get("authorization")
    if authorization:
        return hashlib.sha256(authorization.encode()).hexdigest()
    return address(HTTPConnection(scope))


def _measured(scope: Scope, receive: Receive) -> Receive:
    """`receive`, which raises 413 as soon as the body is larger than its route takes, whatever its headers say."""
    left = next((most for path, most in _MOST_BYTES.items() if path.fullmatch(scope["path"])), MAX_BODY_BYTES)

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, "The body is too large.")
        return message

    return counted


def _without_body(send: Send) -> Send:
    async def cut(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return cut


class Surroundings:
    """The middleware around the whole application."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self._settings = app, settings
        self._media = origin_of(settings)
        self._buckets = Buckets(BURST, PER_S)
        self._addresses = Buckets(BURST * 4, PER_S * 4)  # of all credentials of one address, good and bad, together

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Every page and file can be asked for with HEAD, which is GET without the body (RFC 9110 section 9.3.2).
        headless = scope["method"] == "HEAD"
        method = "GET" if headless else scope["method"]
        scope = {**scope, "method": method, HEADLESS: headless, "gator_request_id": new_id()}
        with structlog.contextvars.bound_contextvars(request_id=scope["gator_request_id"]):
            await self._answer(scope, receive, _without_body(send) if headless else send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, limits = Request(scope), self._limits(scope)
        started = left = False

        async def heard() -> Message:
            nonlocal left
            message = await receive()
            left = left or message["type"] == "http.disconnect"
            return message

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._dress(MutableHeaders(scope=message), scope, limits)
            await send(message)

        if limits.get("RateLimit-Remaining") == "-1":
            refused = problems.problem(
                request, 429, "too_many", "Too many requests in a short time.", headers={"Retry-After": "1"}
            )
            await refused(scope, receive, dressed)
            return
        try:
            await self.app(scope, _measured(scope, heard), dressed)
        except Exception as bug:  # noqa: BLE001 - the outermost door
            if isinstance(bug, ClientDisconnect) or (left and str(bug) == _UNANSWERED):
                return  # who has left is not told, and it is nobody's bug
            answer = problems.of_bug(request, bug)
            if not started:
                await answer(scope, receive, dressed)

    def _limits(self, scope: Scope) -> dict[str, str]:
        """The RateLimit headers; -1 remaining means refused."""
        if scope["path"].startswith(_FREE):
            return {}
        bucket = self._buckets.of(_caller(scope))
        allowed = self._addresses.of(address(HTTPConnection(scope))).take() and bucket.take()
        return {
            "RateLimit-Limit": str(int(bucket.size)),
            "RateLimit-Remaining": str(int(bucket.tokens)) if allowed else "-1",
            "RateLimit-Reset": str(round((bucket.size - bucket.tokens) / bucket.per_s)),
        }

    def _dress(self, headers: MutableHeaders, scope: Scope, limits: dict[str, str]) -> None:
        for name, value in (HEADERS | limits).items():
            headers.setdefault(name, value)
        if headers.get("RateLimit-Remaining") == "-1":
            headers["RateLimit-Remaining"] = "0"
        headers["X-Request-ID"] = scope["gator_request_id"]
        if not scope["path"].startswith(("/static/", "/media/")):
            headers.setdefault("Cache-Control", "no-store")
        if self._media:  # a page's files may come from a bucket, by a link (api.sending)
            policy = headers["Content-Security-Policy"]
            for kind in ("img-src 'self'", "media-src 'self'"):
                policy = policy.replace(kind, f"{kind} {self._media}")
            headers["Content-Security-Policy"] = policy
        if self._settings.url.startswith("https://"):
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
