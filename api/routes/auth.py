"""Sign-in: a one-time code or a name and a password; sessions, and the short-lived tokens made from them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from api import passwords, tokens
from api.deps import SESSION_COOKIE, CallerDep, CoreDep, csrf_token, needs, public
from api.limits import Lockout
from api.security import address, same_site
from api.shapes import Body
from bots.core import Core
from gator.errors import Forbidden, Unauthenticated
from gator.principal import Principal, service
from memory.directory import home_workspace, workspace_of_token
from memory.founding import principal_of
from memory.models import User
from memory.work import Work

router = APIRouter(prefix="/auth", tags=["sign-in"])


class SignIn(Body):
    """A code, or a name and a password."""

    code: str = Field("", max_length=200)
    name: str = Field("", max_length=200)
    password: str = Field("", max_length=passwords.LONGEST)
    cookie: bool = Field(True, description="keep the session in an HttpOnly cookie; else its secret is in the answer")


class Refresh(Body):
    refresh_token: str = Field("", max_length=200, description="the session's secret; empty: the cookie has it")


class Access(Body):
    """An access token for the header `Authorization: Bearer …`."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the word of RFC 6750
    expires_at: datetime
    user: str
    csrf_token: str = Field(description="for X-CSRF-Token, when a page writes with the cookie")
    refresh_token: str | None = Field(None, description="only where no cookie was asked for")


def lockout_of(request: Request) -> Lockout:
    lockout: Lockout = request.app.state.lockout
    return lockout


LockoutDep = Annotated[Lockout, Depends(lockout_of)]


def set_session_cookie(response: Response, core: Core, secret: str) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=int(tokens.SESSION_LIVES.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=core.settings.url.startswith("https://"),
    )


async def _user_of_code(core: Core, code: str) -> User | None:
    workspace = await workspace_of_token(core.store, code)
    if workspace is None:
        return None
    async with core.store.open_work(service(workspace, "sign-in")) as work:
        token = await work.people.use_token("signin", code)
        return await work.people.user(token.subject) if token else None


async def _user_of_password(core: Core, name: str, password: str) -> User | None:
    workspace = await home_workspace(core.store)
    user = None
    if workspace:
        async with core.store.open_work(service(workspace, "sign-in"), reads=True) as work:
            user = await work.people.user_named(name)
    fits = await passwords.is_password(user.password_hash if user else None, password)
    return user if fits else None


async def sign_in_as(core: Core, lockout: Lockout, ask: SignIn, caller: str) -> tuple[User, tokens.Session]:
    """Open a session for whoever the code or the password belongs to. Raises Unauthenticated, or TooMany when locked."""
    keys = [f"address {caller}"] if ask.code else [f"address {caller}", f"name {ask.name.casefold()}"]
    lockout.check(*keys)
    user = await (_user_of_code(core, ask.code) if ask.code else _user_of_password(core, ask.name, ask.password))
    if user is None or user.disabled_at:
        lockout.failed(*keys)
        what = "The code is wrong, was used or has ended." if ask.code else "The name or the password is wrong."
        raise Unauthenticated(what, remedy="`gator token create --sign-in` makes a new one." if ask.code else "")
    return user, await _open(core, principal_of(user))


async def _open(core: Core, principal: Principal) -> tokens.Session:
    async with core.store.open_work(principal) as work:
        session = await tokens.open_session(work, core.settings.secret, principal, name="session")
        await work.audit.note("session.open", session.id)
    return session


async def renew_password(core: Core, user: User, password: str) -> tokens.Session:
    """Keep the user's new password and open a session anew."""
    await keep_password(core, principal_of(user), password)
    return await _open(core, principal_of(user))


async def keep_password(core: Core, user: Principal, password: str) -> None:
    """Keep the user's new password: every session there was ends with the old one."""
    hashed = await passwords.hash_password(password)
    async with core.store.open_work(user) as work:
        await work.people.set_password(await work.people.user(user.subject), hashed)
        await work.audit.note("password.change", user.subject)


@router.post("/sign-in", dependencies=[public])
async def sign_in(ask: SignIn, request: Request, response: Response, core: CoreDep, lockout: LockoutDep) -> Access:
    """Open a session."""
    if not same_site(request, core.settings):
        raise Forbidden("Another site may not sign you in here.")
    user, session = await sign_in_as(core, lockout, ask, address(request))
    if ask.cookie:
        set_session_cookie(response, core, session.secret)
    return Access(
        access_token=session.access,
        expires_at=session.expires_at,
        user=user.id,
        csrf_token=csrf_token(core.settings.secret, session.id),
        refresh_token=None if ask.cookie else session.secret,
    )


@router.post("/refresh", dependencies=[public])
async def refresh(ask: Refresh, request: Request, core: CoreDep) -> Access:
    """A new access token for a session that still lives; its secret is the credential."""
    secret = ask.refresh_token or request.cookies.get(SESSION_COOKIE, "")
    if not same_site(request, core.settings):
        raise Forbidden("Another site may not use your session.")
    workspace = await workspace_of_token(core.store, secret)
    if workspace is None:
        raise Unauthenticated("The session has ended.", remedy="Sign in again.")
    async with core.store.open_work(service(workspace, "sign-in"), reads=True) as work:
        row = await work.people.token("session", secret)
        user = await work.people.user(row.subject) if row else None
    if row is None or user is None or user.disabled_at:
        raise Unauthenticated("The session has ended.", remedy="Sign in again.")
    access, ends = tokens.sign_access(core.settings.secret, principal_of(user), row.id)
    csrf = csrf_token(core.settings.secret, row.id)
    return Access(access_token=access, expires_at=ends, user=user.id, csrf_token=csrf)


@router.post("/sign-out", status_code=204, dependencies=[needs("me")])
async def sign_out(request: Request, response: Response, core: CoreDep, caller: CallerDep) -> None:
    """End this session: its cookie and every access token made from it."""
    async with core.store.open_work(caller.principal) as work:
        await end_session(work, caller.credential)
    await request.app.state.sockets.close_session(caller.credential)
    response.delete_cookie(SESSION_COOKIE)


async def end_session(work: Work, credential: str) -> None:
    await work.people.revoke_token(credential)
    await work.audit.note("session.end", credential)
