"""`gator token`: credentials for programs, and a way back in for the owner."""

from typing import Annotated

import typer

from gator.cli.program import load_settings, open_store, owner, run

app = typer.Typer(help="API keys and sign-in links.", no_args_is_help=True)


@app.command("create")
def create(
    name: Annotated[str, typer.Option(help="what the key is for")] = "cli",
    scope: Annotated[list[str] | None, typer.Option(help="a permission it has; all of yours without")] = None,
    sign_in: Annotated[bool, typer.Option(help="a link that signs the owner in once, instead of a key")] = False,
) -> None:
    """Make an API key, shown once."""
    run(_create(name, scope or [], sign_in))


async def _create(name: str, scopes: list[str], sign_in: bool) -> None:
    from api.permissions import known
    from api.tokens import make_api_key, make_signin_code
    from gator.cli.program import running

    scopes = known(scopes)
    settings = load_settings()
    store = open_store(settings)
    who = await owner(store)
    async with store.open_work(who) as work:
        if sign_in:
            there = running(settings)
            code = await make_signin_code(work, await work.people.user(who.subject))
            typer.echo(f"{there.url if there else settings.url}/sign-in?code={code}")
        else:
            _, text = await make_api_key(work, who.subject, name=name, scopes=scopes, lives=None)
            typer.echo(text)
    await store.close()
