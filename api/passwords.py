"""Is it the right password? argon2id, hashed in a thread: one hash takes some 140 ms of a core on purpose."""

import asyncio
from functools import cache
from typing import TYPE_CHECKING

from gator.errors import Refused

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 12  # characters; NIST SP 800-63B-4 asks for 8 beside a second factor, 15 without: long but typed by hand
LONGEST = 1024


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("the password of nobody")


def check_length(password: str) -> None:
    """Raises Refused for a password that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused(f"A password has {SHORTEST} to {LONGEST} characters.", remedy="A few words in a row do well.")


async def hash_password(password: str) -> str:
    """The hash to keep. Raises as `check_length`."""
    check_length(password)
    return await asyncio.to_thread(_hasher().hash, password)


def _fits(hashed: str | None, password: str) -> bool:
    from argon2.exceptions import VerificationError

    try:
        _hasher().verify(hashed or _nobodys_hash(), password)
    except VerificationError:
        return False
    return hashed is not None


async def is_password(hashed: str | None, password: str) -> bool:
    """Whether it fits; with no hash to compare, False after as long a time, so that names cannot be guessed."""
    return await asyncio.to_thread(_fits, hashed, password[:LONGEST])
