"""Who am I here, and what may I do?"""

from fastapi import APIRouter, Request
from pydantic import Field

from api import passwords
from api.deps import CallerDep, CoreDep, csrf_token, needs
from api.routes.auth import LockoutDep, keep_password
from api.shapes import Body
from gator.errors import Forbidden, Unauthenticated

router = APIRouter(prefix="/me", tags=["sign-in"])


class Me(Body):
    id: str
    kind: str
    name: str
    roles: list[str]
    permissions: list[str]
    workspace: str
    persona: str | None = Field(description="with whom a fan's token lets them talk")
    time_zone: str
    csrf_token: str | None = Field(description="for X-CSRF-Token; only where a cookie let you in")


class ChangePassword(Body):
    current: str = Field("", max_length=passwords.LONGEST, description="none until the first one is set")
    new: str = Field(max_length=passwords.LONGEST)


@router.get("", dependencies=[needs("me")])
async def who_am_i(core: CoreDep, caller: CallerDep) -> Me:
    """The caller, as their token or cookie says."""
    who = caller.principal
    return Me(
        id=who.subject,
        kind=who.kind,
        name=caller.name,
        roles=sorted(who.roles),
        permissions=sorted(caller.permissions),
        workspace=who.workspace,
        persona=who.persona,
        time_zone=caller.zone or core.settings.timezone,
        csrf_token=csrf_token(core.settings.secret, caller.credential) if caller.via == "cookie" else None,
    )


@router.post("/password", status_code=204, dependencies=[needs("me")])
async def change_password(
    ask: ChangePassword, request: Request, core: CoreDep, caller: CallerDep, lockout: LockoutDep
) -> None:
    """Set a new password; every session of yours ends with its sockets, this one too."""
    if caller.is_fan or caller.via == "key":
        raise Forbidden("Only a person who signed in has a password to change.")
    lockout.check(f"name {caller.name.casefold()}")
    async with core.store.open_work(caller.principal, reads=True) as work:
        user = await work.people.user(caller.principal.subject)
    if user.password_hash and not await passwords.is_password(user.password_hash, ask.current):
        lockout.failed(f"name {caller.name.casefold()}")
        raise Unauthenticated("The current password is wrong.")
    await keep_password(core, caller.principal, ask.new)
    await request.app.state.sockets.close_user(user.id)
