"""Who may do what over REST and the websocket? Roles and the permissions they carry.

A route declares one permission (`api.deps.needs`); a role, an API key's scopes or a fan's session carries a set of them.
"""

import difflib
from collections.abc import Iterable
from typing import Literal, get_args

from gator.errors import Refused

Permission = Literal[
    "me",  # look at oneself, change one's password
    "chat",  # talk in conversations of one's own
    "personas:read",
    "personas:write",
    "conversations:read",  # read what fans and personas say to each other
    "conversations:answer",  # answer fans in a persona's place
    "memory:read",  # what personas know of fans
    "memory:write",  # correct, release or forget it
    "letters:read",
    "letters:write",  # send dead letters again, or drop them
    "content:read",
    "content:write",
    "consents:read",  # who agreed that their voice or likeness is used
    "consents:write",
    "jobs:read",
    "jobs:write",
    "models:write",  # pull models onto the shelf, accept their licences, remove them
    "approvals:read",
    "approvals:decide",
    "posts:read",
    "posts:write",
    "feeds:read",
    "feeds:write",
    "dns:read",
    "tokens:write",
    "accounts:write",  # bots on platforms and their tokens; admit operators there
    "users:write",  # see, invite, disable users and give them roles
    "audit:read",
]
PERMISSIONS: frozenset[str] = frozenset(get_args(Permission))

_READS = {"me", "personas:read", "content:read", "jobs:read", "posts:read", "feeds:read"}
_WRITES = {"personas:write", "content:write", "jobs:write", "posts:write", "feeds:write"}
_REVIEWS = {"approvals:read", "approvals:decide", "conversations:read", "memory:read", "letters:read", "consents:read"}
_ANSWERS = {"conversations:answer", "memory:write", "letters:write", "consents:write"}

ROLES: dict[str, frozenset[str]] = {
    "owner": PERMISSIONS,
    "admin": PERMISSIONS,
    "operator": frozenset(_READS | _WRITES | _REVIEWS | _ANSWERS | {"chat", "dns:read", "tokens:write"}),
    "reviewer": frozenset(_READS | _REVIEWS),
    "viewer": frozenset(_READS),
}
FAN: frozenset[str] = frozenset({"me", "chat"})


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """All that these roles may do; an unknown role adds nothing."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))


def known(scopes: Iterable[str]) -> list[str]:
    """These scopes of a key, each once. Raises Refused for one that does not exist, naming the nearest."""
    found = list(dict.fromkeys(scopes))
    for one in found:
        if one not in PERMISSIONS:
            [near] = difflib.get_close_matches(one, sorted(PERMISSIONS), n=1, cutoff=0)
            raise Refused(f"{one[:100]} is no scope of Gator's.", remedy=f"Did you mean {near}?")
    return found
