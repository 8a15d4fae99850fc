"""`gator user`: who works with this Gator, and as what. Invited by a link that signs in once. Over the REST API."""

import json
from typing import Annotated, Any

import typer

from gator.cli.program import load_settings, run, running
from gator.cli.rest import asked, client

app = typer.Typer(help="Who signs in, and what they may do.", no_args_is_help=True)
NAME = "gator user"
_ROLES = "admin, operator, reviewer or viewer"

_Name = Annotated[str, typer.Argument(metavar="NAME", help="the user's name or id")]
_AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a line")]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="what they are called")],
    role: Annotated[list[str] | None, typer.Option(help=f"{_ROLES}; default: operator")] = None,
    as_json: _AsJson = False,
) -> None:
    """Add a user, and print the link that signs them in the first time: seven days, once."""
    _tell_invited(run(_ask("POST", "", {"name": name, "roles": role or ["operator"]})), as_json)


@app.command("invite")
def invite(name: _Name, as_json: _AsJson = False) -> None:
    """Print a new link for a user who lost theirs, or their password; the one before ends."""
    _tell_invited(run(_ask("POST", f"/{name}/invitation")), as_json)


@app.command("list")
def show(as_json: _AsJson = False) -> None:
    """Show all users, what they are and whether they came."""
    for one in run(_ask("GET", "")):
        _tell(one, as_json)


@app.command("role")
def role(
    name: _Name, roles: Annotated[list[str], typer.Argument(metavar="ROLE...", help=_ROLES)], as_json: _AsJson = False
) -> None:
    """Have a user be this from now on, and nothing else."""
    _tell(run(_ask("PUT", f"/{name}/roles", {"roles": roles})), as_json)


@app.command("disable")
def disable(name: _Name, as_json: _AsJson = False) -> None:
    """Let nobody in by this user: sessions and invitations end, API keys rest. `gator user enable` undoes it."""
    _tell(run(_ask("POST", f"/{name}/disable")), as_json)


@app.command("enable")
def enable(name: _Name, as_json: _AsJson = False) -> None:
    """Let a user in again: with their password, or by `gator user invite`."""
    _tell(run(_ask("POST", f"/{name}/enable")), as_json)


async def _ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    from urllib.parse import quote

    async with client(NAME) as reached:
        return await asked(reached, method, f"/api/v1/users{quote(path)}", body)


def _tell(user: dict[str, Any], as_json: bool) -> None:
    line = f"{user['name']}  {', '.join(user['roles'])}  {user['state']}"
    typer.echo(json.dumps(user, ensure_ascii=False) if as_json else line)


def _tell_invited(invited: dict[str, Any], as_json: bool) -> None:
    settings = load_settings()
    there = None if settings.public_url else running(settings)
    if there:  # the port may be another than the setting's
        invited["url"] = f"{there.url}/sign-in?code={invited['code']}"
    if as_json:
        typer.echo(json.dumps(invited, ensure_ascii=False))
        return
    _tell(invited["user"], as_json)
    typer.echo(f"Send them this link; it works once, until {invited['expires_at'][:10]}:\n  {invited['url']}")
