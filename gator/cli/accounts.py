"""`gator account`: bots on Telegram and Discord, and the codes by which operators are admitted there.

A token is never an argument, where every process of the machine could read it: it is asked for without being shown, or
comes by a pipe or from a file.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gator.cli.asking import Yes, make_sure
from gator.cli.program import load_settings, open_store, owner, run, running
from gator.errors import NotFound, Refused

if TYPE_CHECKING:
    from bots.accounts import NewAccount
    from gator.principal import Principal
    from gator.settings import Settings
    from memory.models import Account

app = typer.Typer(help="Bots on Telegram and Discord.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="the account's name or id")]
TokenFile = Annotated[Path | None, typer.Option(help="a file that holds the token; default: asked for, or by a pipe")]


@app.command("add")
def add(
    channel: Annotated[str, typer.Argument(help="telegram or discord")],
    name: Annotated[str, typer.Option(help="what you call it; default: the bot's user name")] = "",
    persona: Annotated[str | None, typer.Option(help="who speaks there; default: Gator, with operators only")] = None,
    base_url: Annotated[str, typer.Option(help="the platform's server, if it is one of your own")] = "",
    webhook: Annotated[
        bool, typer.Option("--webhook", help="Telegram: updates by webhook, at GATOR_PUBLIC_URL")
    ] = False,
    hears_names: Annotated[
        bool, typer.Option("--hears-names", help="Discord: answers to its name too; needs the message content intent")
    ] = False,
    token_file: TokenFile = None,
) -> None:
    """Prove a bot's token with its platform, and keep it sealed."""
    from bots import platforms
    from bots.accounts import NewAccount

    platforms.known(channel)  # before anybody types a token for it
    token = _token(token_file)
    for line in run(_add(NewAccount(channel, token, name, persona, base_url, webhook, hears_names))):
        typer.echo(line)


async def _add(new: "NewAccount") -> list[str]:
    from bots import accounts

    async with _opened() as (settings, store, who):
        account, notes = await accounts.add(store, settings, who, new)
    lines = [f"{accounts.TITLES[account.channel]} knows it as {account.handle}; it is kept as {account.name}.", "Next:"]
    steps = [
        *([] if running(settings) else ["Start Gator: gator up"]),
        *([] if account.persona_id else ["Get a code that admits you as an operator: gator account pair"]),
        f"Open {accounts.address(account)} and {'say hello' if account.persona_id else 'send /pair and the code'}.",
        f"See how it is: gator account list, or gator account check {account.name}",
    ]
    lines += [f"  {n}. {step}" for n, step in enumerate(steps, 1)]
    return [*lines, *(f"Note: {note}" for note in notes)]


@app.command("list")
def show(as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False) -> None:
    """Show all accounts and how they are."""
    for line in run(_lines(as_json)):
        typer.echo(line)


async def _lines(as_json: bool) -> list[str]:
    import orjson

    async with _opened() as (_, store, who), store.open_work(who, reads=True) as work:
        personas = {one.id: one.name for one in await work.personas.all()}
        shown = [_shown(one, personas) for one in await work.accounts.all()]
    if as_json:
        return [orjson.dumps(one).decode() for one in shown]
    if not shown:
        return ["There are no accounts. `gator account add telegram` adds one."]
    width = max(len(one["name"]) for one in shown)
    return [_line(one, width) for one in shown]


def _shown(account: "Account", personas: dict[str, str]) -> dict[str, Any]:
    from bots.accounts import state_of

    return {
        "name": account.name,
        "channel": account.channel,
        "handle": account.handle,
        "persona": personas.get(account.persona_id or ""),
        "state": state_of(account),
        "error": account.error,
        "seen_at": account.seen_at.isoformat(timespec="seconds") if account.seen_at else None,
    }


def _line(one: dict[str, Any], width: int) -> str:
    whose = one["persona"] or "Gator"
    seen = f", last seen {one['seen_at']}" if one["seen_at"] else ""
    line = f"{one['name']:<{width}}  {one['state']:<7}  {one['channel']} {one['handle']} ({whose}){seen}"
    return f"{line}\n{'':<{width}}  -> {one['error']}" if one["error"] else line


@app.command("check")
def check(name: Name) -> None:
    """Ask the platform whether the token is good; exits with 1 when it is not."""
    for line in run(_check(name)):
        typer.echo(line)


async def _check(name: str) -> list[str]:
    from bots import accounts

    async with _opened() as (settings, store, who):
        account, notes = await accounts.check(store, settings, who, name)
    title = accounts.TITLES[account.channel]
    return [f"{title} knows it as {account.handle}. It is {accounts.state_of(account)}.", *notes]


@app.command("token")
def token(name: Name, token_file: TokenFile = None) -> None:
    """Give an account a new token of the same bot."""
    run(_renew(name, _token(token_file)))
    typer.echo(f"{name} has its new token.")


async def _renew(name: str, text: str) -> None:
    from bots import accounts

    async with _opened() as (settings, store, who):
        await accounts.renew(store, settings, who, name, text)


@app.command("enable")
def enable(name: Name) -> None:
    """Have an account run."""
    run(_switch(name, True))
    typer.echo(f"{name} is on.")


@app.command("disable")
def disable(name: Name) -> None:
    """Have an account rest: nothing is received or sent there. What is due waits."""
    run(_switch(name, False))
    typer.echo(f"{name} is off.")


async def _switch(name: str, on: bool) -> None:
    from bots import accounts

    async with _opened() as (_, store, who):
        await accounts.switch(store, who, name, on=on)


@app.command("remove")
def remove(name: Name, yes: Yes = False) -> None:
    """Forget an account and its token. Its conversations stay. Asks first."""
    make_sure(run(_what_goes(name)), yes)
    run(_remove(name))
    typer.echo(f"{name} is removed. The bot itself stays with its platform; take its token back there.")


async def _what_goes(name: str) -> str:
    """The question whose yes removes the account. Raises NotFound."""
    async with _opened() as (_, store, who), store.open_work(who, reads=True) as work:
        found = await work.accounts.named(name)
        return f"Remove {found.name} ({found.channel} {found.handle}) and its token for good?"


async def _remove(name: str) -> None:
    from bots import accounts

    async with _opened() as (_, store, who):
        await accounts.remove(store, who, name)


User = Annotated[str | None, typer.Option(help="the operator's name; default: the owner")]


@app.command("pair")
def pair(user: User = None) -> None:
    """A code by which an operator is known on a platform: ten minutes, once."""
    for line in run(_pair(user)):
        typer.echo(line)


async def _pair(user: str | None) -> list[str]:
    from bots import codes, pairing

    async with _opened() as (settings, store, who), store.open_work(who) as work:
        id = await _user_id(work, who, user)
        code = await pairing.make(work, settings.secret, id)
        doors = [one for one in await work.accounts.all(enabled=True) if one.persona_id is None]
    minutes = round(codes.LIVES.total_seconds() / 60)
    lines = [f"{code}   (works once, for {minutes} minutes)"]
    for door in doors:
        link = pairing.deep_link(door, code)
        lines.append(f"{door.channel}: open {link}" if link else f"{door.channel}: send {door.handle} /pair {code}")
    if not doors:
        lines.append("Gator has no account for operators yet: `gator account add telegram` adds one.")
    return lines


@app.command("paired")
def paired(user: User = None) -> None:
    """Where an operator is known."""
    for line in run(_paired(user)):
        typer.echo(line)


async def _paired(user: str | None) -> list[str]:
    from bots import pairing

    async with _opened() as (_, store, who), store.open_work(who, reads=True) as work:
        known = await pairing.paired(work, await _user_id(work, who, user))
    return [f"{one.channel}  {one.external_id}  {one.display_name}" for one in known] or ["Nowhere."]


@app.command("unpair")
def unpair(
    channel: Annotated[str, typer.Argument(help="telegram or discord")],
    external_id: Annotated[str, typer.Argument(help="the platform's id of the person, from `gator account paired`")],
) -> None:
    """Have Gator know somebody as an operator no longer."""
    run(_unpair(channel, external_id))
    typer.echo("Done.")


async def _unpair(channel: str, external_id: str) -> None:
    from bots import pairing

    async with _opened() as (_, store, who), store.open_work(who) as work:
        if not await pairing.unpair(work, channel, external_id):
            raise NotFound(
                f"Nobody is known as {external_id} on {channel}.", remedy="`gator account paired` lists them."
            )


async def _user_id(work: Any, who: "Principal", name: str | None) -> str:
    if name is None:
        return who.subject
    found = await work.people.user_named(name)
    if found is None:
        raise NotFound(f"There is no operator {name!r}.")
    return str(found.id)


@asynccontextmanager
async def _opened() -> "AsyncIterator[tuple[Settings, Any, Principal]]":
    settings = load_settings()
    store = open_store(settings)
    try:
        yield settings, store, await owner(store)
    finally:
        await store.close()


def _token(file: Path | None) -> str:
    if file is not None:
        try:
            return file.read_text()
        except (OSError, UnicodeDecodeError) as failed:
            raise Refused(f"{file} cannot be read.", remedy="Choose another --token-file.") from failed
    if sys.stdin.isatty():
        return str(typer.prompt("Token", hide_input=True))
    return sys.stdin.read()
