"""Who is let in? What a route declares (`needs("personas:write")`) and what it is given (`CoreDep`, `CallerDep`, `TurnDep`).

Default deny: `create_app` refuses to build an application with a route that declares neither a permission nor that it
is public.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from api import tokens
from api.permissions import FAN, Permission, permissions_of
from api.security import same_site
from bots.core import Core
from gator.crypto import sign, signed_by_us
from gator.errors import Forbidden, GatorError, NotFound, Unauthenticated
from gator.ids import new_id
from gator.principal import Kind, Principal, service
from memory.directory import workspace_of_token
from memory.founding import principal_of
from memory.models import Token, User
from memory.work import Work
from tools.capability import Turn

SESSION_COOKIE = "gator_session"
FAN_COOKIE = "gator_fan"
CSRF_HEADER = "x-csrf-token"
_TURNS = uuid.UUID("5b0c1f58-6f0e-4a3b-9b0e-3d1a6f7c2e11")  # our namespace for turns named by an Idempotency-Key


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who proved who they are, and what they may do."""

    principal: Principal
    permissions: frozenset[str]
    name: str
    zone: str
    credential: str  # id of the token's row
    via: Literal["bearer", "key", "cookie"]
    expires_at: datetime | None = None

    @property
    def is_fan(self) -> bool:
        return self.principal.kind is Kind.fan


def core_of(connection: HTTPConnection) -> Core:
    core: Core = connection.app.state.core
    return core


def csrf_token(secret_key: str, session: str) -> str:
    """What a page of ours must send in X-CSRF-Token to write with the session's cookie."""
    return sign(secret_key, "csrf", session)


async def _user(
    work: Work, token: Token, via: Literal["bearer", "key", "cookie"], ends: datetime | None = None
) -> Caller:
    user: User = await work.people.user(token.subject)
    if user.disabled_at:
        raise Unauthenticated("This account is disabled.", remedy="Ask an administrator.")
    may = permissions_of(user.roles)
    if via == "key" and token.scopes:  # a key without scopes may do what its user may
        may &= frozenset(token.scopes)
    return Caller(principal_of(user), may, user.name, user.timezone, token.id, via, ends or token.expires_at)


async def _fan(work: Work, token: Token, claims: tokens.Claims) -> Caller:
    fan = await work.people.fan(token.subject)
    principal = Principal(fan.workspace, Kind.fan, fan.id, persona=claims.persona)
    return Caller(principal, FAN, fan.display_name, "", token.id, "bearer", claims.expires_at)


async def caller_of_bearer(core: Core, text: str) -> Caller:
    """Who holds this access token or API key. Raises Unauthenticated."""
    try:
        if text.startswith(tokens.API_KEY_PREFIX):
            return await _caller_of_secret(core, "api", text, "key")
        claims = tokens.read_access(core.settings.secret, text)
        async with core.store.open_work(service(claims.workspace, "api"), reads=True) as work:
            token = await work.people.living_token(claims.session)
            fits = token and token.subject == claims.subject
            if token and fits and (claims.kind, token.kind) == (Kind.fan, "fan"):
                return await _fan(work, token, claims)
            if token and fits and (claims.kind, token.kind) == (Kind.operator, "session"):
                return await _user(work, token, "bearer", claims.expires_at)
    except NotFound as gone:
        raise Unauthenticated("Whom this token was made for is gone.") from gone
    raise Unauthenticated("The session has ended.", remedy="Sign in again.")


async def _caller_of_secret(core: Core, kind: str, secret: str, via: Literal["key", "cookie"]) -> Caller:
    workspace = await workspace_of_token(core.store, secret)
    if workspace:
        async with core.store.open_work(service(workspace, "api"), reads=True) as work:
            token = await work.people.token(kind, secret)
            if token:
                return await _user(work, token, via)
    raise Unauthenticated("This credential is not good (any more).", remedy="Sign in again or make a new key.")


async def caller_of_cookie(core: Core, connection: HTTPConnection) -> Caller | None:
    """Who holds the session cookie; None without a good one."""
    secret = connection.cookies.get(SESSION_COOKIE)
    try:
        return await _caller_of_secret(core, "session", secret, "cookie") if secret else None
    except GatorError:
        return None


def _check_csrf(request: Request, core: Core, caller: Caller) -> None:
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    given = request.headers.get(CSRF_HEADER, "")
    if not same_site(request, core.settings) or not signed_by_us(
        core.settings.secret, "csrf", caller.credential, given
    ):
        raise Forbidden("This page may not write with your session.", remedy="Send the X-CSRF-Token of GET /api/v1/me.")


async def identify(request: Request) -> Caller:
    """Who is calling: by bearer token or API key, else by the session cookie. Raises Unauthenticated."""
    core = core_of(request)
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            raise Unauthenticated("Only bearer tokens are taken.")
        return await caller_of_bearer(core, given.strip())
    caller = await caller_of_cookie(core, request)
    if caller is None:
        raise Unauthenticated("Who are you?", remedy="Sign in, or send a bearer token.")
    _check_csrf(request, core, caller)
    return caller


class Needs(SecurityBase):
    """The dependency that lets in only callers with one of these permissions."""

    def __init__(self, *any_of: Permission) -> None:
        self.any_of = any_of
        self.model = HTTPBearer(description="An access token, or an API key (gtr_…).")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Caller:
        caller = await identify(request)
        if caller.permissions.isdisjoint(self.any_of):
            raise Forbidden(f"This needs the permission {' or '.join(self.any_of)}.")
        request.state.caller = caller
        return caller


class Public:
    """The mark of a route that anybody may call."""

    async def __call__(self) -> None:
        return None


def needs(*any_of: Permission) -> Any:
    return Security(Needs(*any_of), scopes=list(any_of))


public: Any = Depends(Public())


def _caller(request: Request) -> Caller:
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        raise Unauthenticated("This route lets nobody in: it declares no permission.")
    return caller


KeyHeader = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=200, description="the same key again is the same request, done once"),
]
CoreDep = Annotated[Core, Depends(core_of)]
CallerDep = Annotated[Caller, Depends(_caller)]


def _turn(core: CoreDep, caller: CallerDep, idempotency_key: KeyHeader = None) -> Turn:
    """A turn of its own for each request; the same Idempotency-Key of the same caller is the same turn."""
    who = caller.principal
    named = uuid.uuid5(_TURNS, f"{who.workspace}\n{who}\n{idempotency_key}") if idempotency_key else None
    return Turn(
        principal=who,
        store=core.store,
        settings=core.settings,
        id=str(named) if named else new_id(),
        zone=caller.zone or core.settings.timezone,
    )


TurnDep = Annotated[Turn, Depends(_turn)]
