"""API keys: for programs that act for the user who made them, with the scopes they were given."""

import hmac
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Annotated, get_args

from fastapi import APIRouter, Request
from pydantic import Field, WithJsonSchema

from api.deps import Caller, CallerDep, CoreDep, KeyHeader, needs
from api.permissions import Permission, known
from api.shapes import Body, FromRow
from api.tokens import make_api_key
from bots.core import Core
from gator.crypto import derive
from gator.errors import Forbidden, NotFound

router = APIRouter(prefix="/tokens", tags=["sign-in"])

_SCOPE = {"type": "string", "enum": list(get_args(Permission))}


class MakeKey(Body):
    name: str = Field(min_length=1, max_length=200, description="what it is for")
    # Names are looked at by `known`, which tells the nearest; the document lists them all the same.
    scopes: list[Annotated[str, Field(max_length=100), WithJsonSchema(_SCOPE)]] = Field(
        min_length=1, max_length=100, description="permissions, none beyond your own"
    )
    days: int | None = Field(None, ge=1, le=3650, description="how long it lives; none: until it is revoked")


class KeyOut(FromRow):
    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class KeyMade(KeyOut):
    key: str = Field(description="the key itself; it is shown now and never again")


def _named_secret(core: Core, caller: Caller, ask: MakeKey, idempotency_key: str | None) -> str | None:
    """A secret that the same Idempotency-Key of the same user gives again, so that a repeated request loses no key."""
    if idempotency_key is None:
        return None
    named = f"{caller.principal.workspace}\n{caller.principal}\n{idempotency_key}\n{ask.model_dump_json()}"
    tag = hmac.digest(derive(core.settings.secret, "api-key"), named.encode(), "sha256")
    return urlsafe_b64encode(tag).rstrip(b"=").decode()


@router.get("", dependencies=[needs("tokens:write")])
async def list_tokens(core: CoreDep, caller: CallerDep) -> list[KeyOut]:
    """Your API keys, oldest first, those that have ended too."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        rows = await work.people.tokens(caller.principal.subject)
    return [KeyOut.model_validate(row) for row in rows if row.kind == "api"]


@router.post("", status_code=201, dependencies=[needs("tokens:write")])
async def create_token(ask: MakeKey, core: CoreDep, caller: CallerDep, idempotency_key: KeyHeader = None) -> KeyMade:
    """Make an API key."""
    scopes = known(ask.scopes)
    beyond = set(scopes) - caller.permissions
    if beyond:
        raise Forbidden(f"You cannot give away what you may not do: {', '.join(sorted(beyond))}.")
    async with core.store.open_work(caller.principal) as work:
        row, key = await make_api_key(
            work,
            caller.principal.subject,
            name=ask.name,
            scopes=scopes,
            lives=timedelta(days=ask.days) if ask.days else None,
            secret=_named_secret(core, caller, ask, idempotency_key),
        )
        await work.audit.note("token.create", row.id, scopes=row.scopes)
    return KeyMade(**KeyOut.model_validate(row).model_dump(), key=key)


@router.delete("/{token}", status_code=204, dependencies=[needs("tokens:write")])
async def revoke_token(token: str, request: Request, core: CoreDep, caller: CallerDep) -> None:
    """End one of your API keys, and every socket that it opened."""
    async with core.store.open_work(caller.principal) as work:
        row = await work.people.revoke_token(token)
        if row.subject != caller.principal.subject or row.kind != "api":
            raise NotFound(f"There is no token {token}.")
        await work.audit.note("token.revoke", token)
    await request.app.state.sockets.close_session(token)
