"""Accounts on platforms, and the codes by which operators are admitted there. A token goes in and never comes out."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import Field, SecretStr

from api.deps import Caller, CallerDep, CoreDep, needs
from api.shapes import Body, FromRow
from bots import accounts, codes, pairing
from gator.clock import now
from gator.errors import Forbidden, NotFound
from memory.models import Account
from memory.work import Work

router = APIRouter(tags=["accounts"])


class AddAccount(Body):
    channel: str = Field(description="telegram or discord")
    token: SecretStr = Field(description="the bot's token; never shown again")
    name: str = Field("", max_length=64, description="what you call it; default: the bot's user name")
    persona: str | None = Field(None, description="who speaks there; none: Gator, with operators only")
    base_url: str = Field("", max_length=500, description="the platform's server, if it is one of your own")
    webhook: bool = Field(False, description="Telegram: updates by webhook instead of polling")
    hears_names: bool = Field(False, description="Discord: answers to its name too; needs the message content intent")


class ChangeAccount(Body):
    enabled: bool | None = Field(None, description="false: nothing is received or sent there")
    token: SecretStr | None = Field(None, description="a new token of the same bot")


class AccountOut(Body):
    id: str
    channel: str
    name: str
    handle: str = Field(description="its user name on the platform")
    persona: str | None = Field(description="id of who speaks there; none: Gator, with operators only")
    state: accounts.State = Field(description="ready, waiting for a process that runs it, broken (see error), or off")
    error: str
    seen_at: datetime | None = Field(description="when the platform last answered")
    address: str = Field(description="where people open a chat with it, or take it to a server of theirs")
    notes: list[str] = Field([], description="what its owner should change on the platform")


class MakePairing(Body):
    user: str | None = Field(None, description="the operator's name; none: you. For others: accounts:write")


class PairingOut(Body):
    code: str = Field(description="sent as /pair CODE to Gator's account; works once")
    ends_at: datetime
    links: dict[str, str] = Field(description="by account: an address that opens the chat and sends the code")


class IdentityOut(FromRow):
    id: str
    channel: str
    external_id: str
    display_name: str
    created_at: datetime


def _shown(account: Account, notes: tuple[str, ...] = ()) -> AccountOut:
    return AccountOut(
        id=account.id,
        channel=account.channel,
        name=account.name,
        handle=account.handle,
        persona=account.persona_id,
        state=accounts.state_of(account),
        error=account.error,
        seen_at=account.seen_at,
        address=accounts.address(account),
        notes=list(notes),
    )


@router.get("/accounts", dependencies=[needs("accounts:write")])
async def list_accounts(core: CoreDep, caller: CallerDep) -> list[AccountOut]:
    """All accounts and how they are."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        return [_shown(account) for account in await work.accounts.all()]


@router.post("/accounts", status_code=201, dependencies=[needs("accounts:write")])
async def add_account(ask: AddAccount, core: CoreDep, caller: CallerDep, response: Response) -> AccountOut:
    """Prove a bot's token with its platform, and keep it sealed."""
    new = accounts.NewAccount(**ask.model_dump(exclude={"token"}), token=ask.token.get_secret_value())
    account, notes = await accounts.add(core.store, core.settings, caller.principal, new)
    response.headers["Location"] = f"/api/v1/accounts/{account.id}"
    return _shown(account, notes)


@router.get("/accounts/{account}", dependencies=[needs("accounts:write")])
async def get_account(account: str, core: CoreDep, caller: CallerDep) -> AccountOut:
    """An account by id or name."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        return _shown(await work.accounts.named(account))


@router.patch("/accounts/{account}", dependencies=[needs("accounts:write")])
async def change_account(account: str, ask: ChangeAccount, core: CoreDep, caller: CallerDep) -> AccountOut:
    """Switch an account on or off, or give it a new token."""
    if ask.token is not None:
        await accounts.renew(core.store, core.settings, caller.principal, account, ask.token.get_secret_value())
    if ask.enabled is not None:
        await accounts.switch(core.store, caller.principal, account, on=ask.enabled)
    return await get_account(account, core, caller)


@router.delete("/accounts/{account}", status_code=204, dependencies=[needs("accounts:write")])
async def remove_account(account: str, core: CoreDep, caller: CallerDep) -> None:
    """Forget an account and its token. Its conversations stay."""
    await accounts.remove(core.store, caller.principal, account)


@router.post("/accounts/{account}/check", dependencies=[needs("accounts:write")])
async def check_account(account: str, core: CoreDep, caller: CallerDep) -> AccountOut:
    """Ask the platform whether the token is good."""
    return _shown(*await accounts.check(core.store, core.settings, caller.principal, account))


@router.post("/pairing", status_code=201, dependencies=[needs("tokens:write")])
async def make_pairing_code(ask: MakePairing, core: CoreDep, caller: CallerDep) -> PairingOut:
    """A code by which an operator is known on a platform: ten minutes, once."""
    async with core.store.open_work(caller.principal) as work:
        user = await _user_id(work, caller, ask.user)
        code = await pairing.make(work, core.settings.secret, user)
        doors = [one for one in await work.accounts.all(enabled=True) if one.persona_id is None]
    links = {door.name: link for door in doors if (link := pairing.deep_link(door, code))}
    return PairingOut(code=code, ends_at=now() + codes.LIVES, links=links)


async def _user_id(work: Work, caller: Caller, name: str | None) -> str:
    if name is None or name == caller.name:
        return caller.principal.subject
    if "accounts:write" not in caller.permissions:
        raise Forbidden("A code for somebody else needs the permission accounts:write.")
    found = await work.people.user_named(name)
    if found is None:
        raise NotFound(f"There is no operator {name!r}.")
    return found.id


@router.get("/pairing", dependencies=[needs("tokens:write")])
async def list_pairings(core: CoreDep, caller: CallerDep) -> list[IdentityOut]:
    """Where you are known as an operator."""
    async with core.store.open_work(caller.principal, reads=True) as work:
        return [IdentityOut.model_validate(one) for one in await pairing.paired(work, caller.principal.subject)]


@router.delete("/pairing/{channel}/{external_id}", status_code=204, dependencies=[needs("tokens:write")])
async def remove_pairing(channel: str, external_id: str, core: CoreDep, caller: CallerDep) -> None:
    """Be known there no longer; with accounts:write, anybody."""
    async with core.store.open_work(caller.principal) as work:
        known = await work.accounts.identity(channel, external_id)
        mine = known is not None and known.user_id == caller.principal.subject
        if known is None or not (mine or "accounts:write" in caller.permissions):
            raise NotFound(f"Nobody is known as {external_id} on {channel}.")
        await pairing.unpair(work, channel, external_id)
