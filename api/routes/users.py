"""Users: who signs in and as what. Invited by a link that signs in once; roles are those of `api.permissions`."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field, WithJsonSchema

from api import users
from api.deps import CallerDep, CoreDep, needs
from api.shapes import Body
from memory.models import User
from memory.work import Work

router = APIRouter(prefix="/users", tags=["sign-in"])

# Which roles there are is looked at by `users`, which names them; the document lists them all the same.
_Role = Annotated[str, Field(max_length=50), WithJsonSchema({"type": "string", "enum": list(users.GIVEN)})]
_Roles = Annotated[list[_Role], Field(min_length=1, max_length=5)]


class NewUser(Body):
    name: str = Field(min_length=1, max_length=100)
    roles: _Roles


class GiveRoles(Body):
    roles: _Roles


class UserOut(Body):
    id: str
    name: str
    roles: list[str]
    state: Literal["active", "invited", "disabled"] = Field(description="invited: has never signed in")
    created_at: datetime


class Invited(Body):
    user: UserOut
    url: str = Field(description="signs in once; it is shown now and never again")
    code: str = Field(description="the same for POST /api/v1/auth/sign-in")
    expires_at: datetime


async def _out(work: Work, user: User) -> UserOut:
    return UserOut.model_validate(
        {
            "id": user.id,
            "name": user.name,
            "roles": user.roles,
            "state": await users.state(work, user),
            "created_at": user.created_at,
        }
    )


def _invited(core: CoreDep, shown: UserOut, made: users.Invitation) -> Invited:
    url = f"{core.settings.url}/sign-in?code={made.code}"
    return Invited(user=shown, url=url, code=made.code, expires_at=made.expires_at)


@router.get("", dependencies=[needs("users:write")])
async def list_users(core: CoreDep, caller: CallerDep) -> list[UserOut]:
    """All users, oldest first."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        return [await _out(work, one) for one in await work.people.users()]


@router.post("", status_code=201, dependencies=[needs("users:write")])
async def add_user(ask: NewUser, core: CoreDep, caller: CallerDep) -> Invited:
    """Add a user, and get the link that signs them in the first time: seven days, once. A password is theirs to set."""
    async with core.store.open_work(caller.principal) as work:
        user, made = await users.add(work, ask.name, ask.roles, caller.permissions)
        return _invited(core, await _out(work, user), made)


@router.get("/{user}", dependencies=[needs("users:write")])
async def get_user(user: str, core: CoreDep, caller: CallerDep) -> UserOut:
    """One user, by id or name."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        return await _out(work, await users.named(work, user))


@router.put("/{user}/roles", dependencies=[needs("users:write")])
async def give_roles(user: str, ask: GiveRoles, request: Request, core: CoreDep, caller: CallerDep) -> UserOut:
    """Change what a user may do. Conflict for the owner, and for the last one who manages users."""
    async with core.store.open_work(caller.principal) as work:
        found = await users.named(work, user)
        await users.give_roles(work, found, ask.roles, caller.permissions)
        shown = await _out(work, found)
    await request.app.state.sockets.close_user(shown.id)  # they come back as what they are now
    return shown


@router.post("/{user}/disable", dependencies=[needs("users:write")])
async def disable_user(user: str, request: Request, core: CoreDep, caller: CallerDep) -> UserOut:
    """Let nobody in by it: sessions, sockets and invitations end, API keys rest. Conflict as for the roles."""
    async with core.store.open_work(caller.principal) as work:
        found = await users.named(work, user)
        await users.disable(work, found, caller.permissions)
        shown = await _out(work, found)
    await request.app.state.sockets.close_user(shown.id)
    return shown


@router.post("/{user}/enable", dependencies=[needs("users:write")])
async def enable_user(user: str, core: CoreDep, caller: CallerDep) -> UserOut:
    """Let the user in again."""
    async with core.store.open_work(caller.principal) as work:
        found = await users.named(work, user)
        await users.enable(work, found, caller.permissions)
        return await _out(work, found)


@router.post("/{user}/invitation", status_code=201, dependencies=[needs("users:write")])
async def invite_user(user: str, core: CoreDep, caller: CallerDep) -> Invited:
    """A new link for a user who lost theirs, or their password; the one before ends."""
    async with core.store.open_work(caller.principal) as work:
        found = await users.named(work, user)
        made = await users.invite(work, found, caller.permissions)
        return _invited(core, await _out(work, found), made)
