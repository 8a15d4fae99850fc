"""What is a one-time code? Eight characters that a person reads from one screen and types on another.

40 random bits in Crockford's base 32 (no I, L, O or U), shown as ABCD-2345. Ten minutes, once, and few wrong tries: kept
is a keyed fingerprint only, and wrong codes are counted in rows, so that the limits hold over all processes.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from gator.crypto import sign
from memory.work import Work

Kind = Literal["pair", "link"]

LIVES = timedelta(minutes=10)
WITHIN = timedelta(hours=1)
MOST_EACH = 5  # wrong codes that one person may send within the hour
MOST_ALL = 50  # and all people together on one account: at 40 bits, one in 22 thousand million
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 8
_READ_AS = str.maketrans("OILU", "011V")
_SHAPE = re.compile(rf"[{_ALPHABET}]{{{_LENGTH}}}")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a code was worth: whose it is, or nobody's. With `slow`, it was not even looked at."""

    subject: str = ""
    slow: bool = False


async def make(work: Work, secret_key: str, kind: Kind, subject: str) -> str:
    """A new code for that subject, as it is shown."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    # Keyed, not only hashed: 40 bits are tried out in a minute by whoever has the table.
    await work.people.add_token(kind, _kept(secret_key, kind, code), subject, name="one-time code", lives=LIVES)
    return f"{code[:4]}-{code[4:]}"


async def guess(
    work: Work, secret_key: str, kind: Kind, text: str, *, place: str, who: str, spend: bool = True
) -> Guess:
    """Whose code that is; spent with it, unless it is only looked at. `place` and `who` count the wrong ones."""
    await work.accounts.one_at_a_time(f"{kind} {place}")
    if await _too_many(work, kind, place, who):
        return Guess(slow=True)
    code = read(text)
    find = work.people.use_token if spend else work.people.token
    found = await find(kind, _kept(secret_key, kind, code)) if code else None
    if found is None:
        await work.accounts.missed(kind, place, who)
        return Guess()
    return Guess(found.subject)


async def _too_many(work: Work, kind: Kind, place: str, who: str) -> bool:
    if await work.accounts.misses(kind, place, WITHIN, who) >= MOST_EACH:
        return True
    return await work.accounts.misses(kind, place, WITHIN) >= MOST_ALL


def read(text: str) -> str:
    """The code that somebody typed, whatever its case and dashes; "" when it can be none."""
    plain = re.sub(r"[\s\-\u2010-\u2015]", "", text.strip().upper()).translate(_READ_AS)
    return plain if _SHAPE.fullmatch(plain) else ""


def _kept(secret_key: str, kind: Kind, code: str) -> str:
    return sign(secret_key, f"code {kind}", code)
