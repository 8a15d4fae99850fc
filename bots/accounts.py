"""How does Gator come to an account on a platform? Proved there before it is kept, its token sealed and never shown again.

Doors: `gator account` and /api/v1/accounts. That it runs is `bots.roster`'s business, which sees the row.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bots import platforms
from gator.clock import now
from gator.crypto import seal, unseal
from gator.errors import GatorError, Refused, Unavailable
from gator.principal import Principal
from gator.settings import Settings
from memory.models import Account
from memory.repositories.accounts import State, state_of
from memory.store import Store

__all__ = ["TITLES", "NewAccount", "State", "add", "address", "check", "remove", "renew", "state_of", "switch"]

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}")
_LONGEST_TOKEN = 500
TITLES = {"telegram": "Telegram", "discord": "Discord"}
_ADDRESSES = {"telegram": "https://api.telegram.org", "discord": "https://discord.com/api"}


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What is wanted. Without a persona it is Gator's own, for operators."""

    channel: str
    token: str
    name: str = ""  # the bot's own user name when empty
    persona: str | None = None
    base_url: str = ""  # of a server of one's own
    webhook: bool = False
    hears_names: bool = False  # reads what others say in a server, to answer when its name falls


async def add(store: Store, settings: Settings, who: Principal, new: NewAccount) -> tuple[Account, tuple[str, ...]]:
    """The account, and what its owner should change on the platform.

    Raises Refused for a token that the platform does not take, Conflict for a bot or name that is there already.
    """
    channel = platforms.known(new.channel)
    token, options = _token(new.token), _options(new, settings)
    async with store.open_work(who, reads=True) as work:
        persona = await work.personas.named(new.persona) if new.persona else None
    checked = await _proved(channel, token, options)
    row = Account(
        channel=channel,
        name=_name(new.name or checked.handle or new.channel),
        external_id=checked.external_id,
        handle=checked.handle,
        persona_id=persona.id if persona else None,
        credential=seal(settings.secret, token),
        options=options,
        seen_at=now(),
    )
    async with store.open_work(who) as work:
        account = await work.accounts.add(row)
        await work.audit.note("account.add", account.id, channel=account.channel, name=account.name)
    return account, checked.notes


async def check(store: Store, settings: Settings, who: Principal, name: str) -> tuple[Account, tuple[str, ...]]:
    """Ask the platform again; the row says what came of it. Raises what the platform's answer means."""
    async with store.open_work(who, reads=True) as work:
        account = await work.accounts.named(name)
    try:
        token = unseal(settings.secret, account.credential)
        checked = await _proved(account.channel, token, account.options)
        if checked.external_id != account.external_id:
            raise Refused("That token is another bot's.", remedy="Remove the account and add the other bot.")
    except GatorError as wrong:
        async with store.open_work(who) as work:
            await work.accounts.failed(account.id, str(wrong))
        raise
    async with store.open_work(who) as work:
        account = await work.accounts.get(account.id)
        account.handle, account.error, account.seen_at = checked.handle, "", now()
    return account, checked.notes


async def renew(store: Store, settings: Settings, who: Principal, name: str, token: str) -> Account:
    """Give the account a new token of the same bot."""
    async with store.open_work(who, reads=True) as work:
        account = await work.accounts.named(name)
    token = _token(token)
    checked = await _proved(account.channel, token, account.options)
    if checked.external_id != account.external_id:
        raise Refused("That token is another bot's.", remedy="Add the other bot as an account of its own.")
    async with store.open_work(who) as work:
        account = await work.accounts.get(account.id)
        account.credential, account.error = seal(settings.secret, token), ""
        await work.audit.note("account.token", account.id, name=account.name)
    return account


async def switch(store: Store, who: Principal, name: str, *, on: bool) -> Account:
    """Have it run, or not, from now on."""
    async with store.open_work(who) as work:
        account = await work.accounts.named(name)
        if account.enabled != on:
            account.enabled, account.error = on, ""
            await work.audit.note("account.enable" if on else "account.disable", account.id, name=account.name)
    return account


async def remove(store: Store, who: Principal, name: str) -> Account:
    """Forget the account and its token. Its conversations stay."""
    async with store.open_work(who) as work:
        account = await work.accounts.named(name)
        await work.accounts.remove(account.id)
        await work.audit.note("account.remove", account.id, channel=account.channel, name=account.name)
    return account


# To see channels, read back, write (in threads too), attach files and voice notes, and manage webhooks:
# https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags
_DISCORD_PERMISSIONS = sum(1 << bit for bit in (10, 11, 15, 16, 29, 38, 46))


def address(account: Account) -> str:
    """Where people open a chat with it, or take it to a server of theirs."""
    if account.channel == "telegram":
        return f"https://t.me/{account.handle}" if account.handle else ""
    asked = f"client_id={account.external_id}&scope=bot%20applications.commands&permissions={_DISCORD_PERMISSIONS}"
    return f"https://discord.com/oauth2/authorize?{asked}"


async def _proved(channel: str, token: str, options: dict[str, Any]) -> platforms.Checked:
    """What the platform says of the token. Raises as Platform.check, with a remedy where nothing answered."""
    try:
        return await platforms.platform(channel).check(token, options)
    except Unavailable as away:
        if away.remedy or away.retry_after_s:
            raise
        where = options.get("base_url") or _ADDRESSES[channel]
        remedy = f"Look whether this machine reaches {where}; --base-url names a server of your own."
        raise Unavailable(away.message, remedy=remedy) from away


def _token(text: str) -> str:
    token = text.strip()
    if not token or len(token) > _LONGEST_TOKEN or not token.isprintable() or " " in token:
        raise Refused("That is no token.", remedy="Copy it whole, on one line, from where the platform made it.")
    return token


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise Refused(f"An account cannot be called {text!r}.", remedy="Use up to 64 letters, digits, dots and dashes.")
    return text


def _options(new: NewAccount, settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {"mode": "webhook" if new.webhook else "polling"} if new.channel == "telegram" else {}
    if new.webhook and new.channel != "telegram":
        raise Refused("Only Telegram has webhooks.", remedy="Leave --webhook out.")
    if new.webhook and not new.base_url and not settings.url.startswith("https://"):
        raise Unavailable(
            "Telegram sends webhooks to https:// addresses only.",
            remedy="Set GATOR_PUBLIC_URL to the https address of this Gator, or leave --webhook out.",
        )
    if new.hears_names:
        options["hears_names"] = True
    if new.base_url:
        options["base_url"] = _base_url(new.base_url)
    return options


def _base_url(text: str) -> str:
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Refused(f"{text!r} is no base URL.", remedy="Write it like https://telegram.example.org.")
    return text.strip().rstrip("/")
