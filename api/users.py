"""Who works with this Gator? Users are invited by a link that signs in once; nobody sends anybody a password.

The user called `owner` is whoever can read the home: commands on the machine act for them, so they stay as they are.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.permissions import ROLES, permissions_of
from api.tokens import make_signin_code
from gator.clock import now
from gator.errors import Conflict, Forbidden, NotFound, Refused
from memory.founding import OWNER
from memory.models import User
from memory.work import Work

GIVEN = tuple(role for role in ROLES if role != "owner")
INVITATION_LIVES = timedelta(days=7)
MANAGES = "users:write"
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Invitation:
    """What signs a user in once, shown now and never again."""

    code: str
    expires_at: datetime


async def named(work: Work, name: str) -> User:
    """The user of that id or name: no name hides whose id it looks like. Raises NotFound."""
    found = next((one for one in await work.people.users() if one.id == name), None)
    found = found or await work.people.user_named(name)
    if found is None:
        raise NotFound(f"There is no user {name!r}.", remedy="`gator user list` shows those there are.")
    return found


async def state(work: Work, user: User) -> str:
    """disabled, invited (never signed in), or active."""
    if user.disabled_at:
        return "disabled"
    came = user.password_hash or user.name == OWNER or await work.people.sessions(user.id)
    return "active" if came else "invited"


async def add(work: Work, name: str, roles: list[str], may: frozenset[str]) -> tuple[User, Invitation]:
    """A new user with these roles, and their invitation; `may` is what whoever asks may do.

    Raises Conflict for a name that is taken, Refused for a role that cannot be given, Forbidden for one beyond `may`.
    """
    name = _name(name)
    if any(one.name.casefold() == name.casefold() for one in await work.people.users()):
        raise Conflict(f"There is already a user {name}.", remedy="Choose another name.")
    user = await work.people.add_user(name, _roles(roles, may))
    await work.audit.note("user.add", user.id, name=name, roles=user.roles)
    return user, await invite(work, user, may)


async def invite(work: Work, user: User, may: frozenset[str]) -> Invitation:
    """A new link for a user; those they were sent before end. Raises Conflict while they are disabled, and for the owner."""
    _within(user.roles, may)
    if user.name == OWNER:  # whoever has the link becomes them, and sets their password
        raise Conflict(
            "The owner is whoever has the home.", remedy="`gator token create --sign-in` there makes their link."
        )
    if user.disabled_at:
        raise Conflict(f"{user.name} is disabled.", remedy="Enable them first.")
    await work.people.end_tokens(user.id, "signin")
    code = await make_signin_code(work, user, INVITATION_LIVES)
    await work.audit.note("user.invite", user.id)
    return Invitation(code, now() + INVITATION_LIVES)


async def give_roles(work: Work, user: User, roles: list[str], may: frozenset[str]) -> None:
    """Have the user be this from now on. Raises as `add`, and Conflict for the last one who manages users."""
    _within(user.roles, may)
    _not_the_owner(user)
    roles = _roles(roles, may)
    if MANAGES not in permissions_of(roles):
        await _keep_somebody(work, user)
    was, user.roles = user.roles, roles
    await work.audit.note("user.roles", user.id, was=was, roles=roles)


async def disable(work: Work, user: User, may: frozenset[str]) -> None:
    """Let nobody in by this user: their sessions and invitations end, their API keys rest. Raises Conflict as `give_roles`."""
    _within(user.roles, may)
    _not_the_owner(user)
    await _keep_somebody(work, user)
    user.disabled_at = user.disabled_at or now()
    await work.people.end_tokens(user.id, "session", "signin")
    await work.audit.note("user.disable", user.id)


async def enable(work: Work, user: User, may: frozenset[str]) -> None:
    """Let the user in again: with their password, or by a new invitation."""
    _within(user.roles, may)
    user.disabled_at = None
    await work.audit.note("user.enable", user.id)


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST or not name.isprintable() or "/" in name:
        raise Refused(f"A user's name has 1 to {_LONGEST} characters, and no slash.", remedy="Choose another name.")
    return name


def _roles(roles: list[str], may: frozenset[str]) -> list[str]:
    wrong = next((role for role in roles if role not in GIVEN), None)
    if wrong is not None or not roles:
        told = f"{wrong[:50]!r} is no role that can be given." if wrong else "A user needs a role."
        raise Refused(told, remedy=f"There are: {', '.join(GIVEN)}.")
    _within(roles, may)
    return list(dict.fromkeys(roles))


def _within(roles: list[str], may: frozenset[str]) -> None:
    """A key for users alone must not make, or become, somebody who may do more than it."""
    beyond = permissions_of(roles) - may
    if beyond:
        raise Forbidden(f"You cannot give, or change, what goes beyond you: {', '.join(sorted(beyond))}.")


def _not_the_owner(user: User) -> None:
    if user.name == OWNER:
        raise Conflict(
            "The owner stays: commands on this machine act for them.", remedy="Take access to its home away."
        )


async def _keep_somebody(work: Work, user: User) -> None:
    there = await work.people.users(lock=True)  # or two admins could disable each other at once
    others = [one for one in there if one.id != user.id and not one.disabled_at]
    if not any(MANAGES in permissions_of(one.roles) for one in others):
        raise Conflict(f"{user.name} is the last one who manages users.", remedy="Make somebody else an admin first.")
