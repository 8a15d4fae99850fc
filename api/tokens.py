"""What proves who is calling? Short-lived signed tokens over sessions that can be ended, API keys, one-time sign-in codes.

A session is a row of `token`; its secret lives in an HttpOnly cookie or with a program, its SHA-256 with us. An access token
is a JWT signed with Ed25519 that names its session, lives a quarter of an hour and dies with the session.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import jwt

from gator.clock import now
from gator.crypto import derive, fingerprint
from gator.errors import Conflict, Unauthenticated
from gator.ids import new_id
from gator.principal import Kind, Principal
from memory.models import Token, User
from memory.work import Work

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ISSUER = "gator"
AUDIENCE = "gator-api"
ALGORITHM = "EdDSA"
ACCESS_LIVES = timedelta(minutes=15)
SESSION_LIVES = timedelta(days=14)
FAN_SESSION_LIVES = timedelta(days=180)
SIGNIN_CODE_LIVES = timedelta(days=1)
API_KEY_PREFIX = "gtr_"
_CLAIMS = ["iss", "aud", "sub", "jti", "iat", "nbf", "exp", "ws", "kind", "sid"]


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says, once its signature and times were found good."""

    workspace: str
    kind: Kind
    subject: str
    session: str
    persona: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """An opened session: its row's id, its secret (shown once) and a first access token."""

    id: str
    secret: str
    access: str
    expires_at: datetime  # of the access token


@lru_cache(maxsize=4)
def _key(secret_key: str) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(derive(secret_key, "jwt"))


def sign_access(secret_key: str, principal: Principal, session: str) -> tuple[str, datetime]:
    """An access token for the principal in that session, and when it ends."""
    at = now()
    ends = at + ACCESS_LIVES
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": principal.subject,
        "jti": new_id(),
        "iat": int(at.timestamp()),
        "nbf": int(at.timestamp()),
        "exp": int(ends.timestamp()),
        "ws": principal.workspace,
        "kind": str(principal.kind),
        "sid": session,
        "persona": principal.persona,
    }
    return jwt.encode(claims, _key(secret_key), algorithm=ALGORITHM), ends


def read_access(secret_key: str, token: str) -> Claims:
    """What the token claims. Raises Unauthenticated unless we signed it and its time is now."""
    try:
        said = jwt.decode(
            token,
            _key(secret_key).public_key(),
            algorithms=[ALGORITHM],  # pinned: the token's own header is not asked
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=5,  # seconds that two machines' clocks may differ
            options={"require": _CLAIMS, "strict_aud": True},
        )
        return Claims(
            workspace=str(said["ws"]),
            kind=Kind(said["kind"]),
            subject=str(said["sub"]),
            session=str(said["sid"]),
            persona=str(said["persona"]) if said.get("persona") else None,
            expires_at=datetime.fromtimestamp(said["exp"], tz=UTC),
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as wrong:
        raise Unauthenticated("The access token is not good (any more).", remedy="Sign in again.") from wrong


async def make_signin_code(work: Work, user: User, lives: timedelta = SIGNIN_CODE_LIVES) -> str:
    """A code that signs this user in once, within a day unless told otherwise."""
    code = secrets.token_urlsafe(24)
    await work.people.add_token("signin", code, user.id, name="sign-in code", lives=lives)
    return code


async def open_session(work: Work, secret_key: str, principal: Principal, *, name: str = "") -> Session:
    """Open a session for a user or a fan; a fan's may serve several personas, each access token one."""
    secret = secrets.token_urlsafe(32)
    fan = principal.kind is Kind.fan
    lives = FAN_SESSION_LIVES if fan else SESSION_LIVES
    kind = "fan" if fan else "session"
    row = await work.people.add_token(kind, secret, principal.subject, name=name[:200], lives=lives)
    access, ends = sign_access(secret_key, principal, row.id)
    return Session(row.id, secret, access, ends)


async def make_api_key(
    work: Work, subject: str, *, name: str, scopes: list[str], lives: timedelta | None, secret: str | None = None
) -> tuple[Token, str]:
    """A new API key and its text, which is not kept. The same `secret` again gives the key made before.

    Raises Conflict when that one has ended.
    """
    text = API_KEY_PREFIX + (secret or secrets.token_urlsafe(32))
    known = await work.people.token("api", text)
    if (
        known is None
        and secret
        and any(row.fingerprint == fingerprint(text) for row in await work.people.tokens(subject))
    ):
        raise Conflict("The key that this request made has ended.", remedy="Use another Idempotency-Key.")
    row = known or await work.people.add_token("api", text, subject, name=name, scopes=scopes, lives=lives)
    return row, text
