"""`gator media`: how much there is, what nothing refers to, and one thing less (docs/media.md)."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gator.cli.asking import Yes, make_sure
from gator.cli.program import load_settings, open_store, owner, run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gator.settings import Settings

app = typer.Typer(help="Files of media.", no_args_is_help=True)
_AsJson = Annotated[bool, typer.Option("--json", help="JSON, one object a line")]
_WHY = {
    "file": "no row names it",
    "small": "small picture of what is gone",
    "row": "removed, and nothing names it",
    "link": "has ended",
    "scratch": "left by a process that died",
}


@app.command("usage")
def usage(as_json: _AsJson = False) -> None:
    """Show what the media take, and what they may take."""
    from memory import storage

    async def ask(store: Any, settings: "Settings") -> storage.Usage:
        async with store.open_work(await owner(store), reads=True) as work:
            return await storage.usage(work, settings)

    found = _with_store(ask)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    files = f"{found.files:,} of {found.most_files:,} files" if found.most_files else _many(found.files, "file")
    size = _mb(found.size_bytes) + (f" of {_mb(found.most_bytes)}" if found.most_bytes else "")
    typer.echo(f"{files}, {size}.")


@app.command("gc")
def gc(
    yes: Annotated[bool, typer.Option("--yes", help="delete it; without this it is only shown")] = False,
    as_json: _AsJson = False,
) -> None:
    """Show what nothing refers to any more, or delete it; Gator may run meanwhile."""
    from memory import leftovers

    found = _with_store(leftovers.remove if yes else leftovers.find)
    for one in found:
        line = f"{one.kind:8}{_mb(one.size_bytes):>11}  {one.name}  {_WHY[one.kind]}"
        typer.echo(json.dumps(asdict(one) | {"deleted": yes}) if as_json else line)
    if as_json:
        return
    told = f"{_many(len(found), 'thing')}, {_mb(sum(one.size_bytes for one in found))}"
    if not found:
        typer.echo("Nothing is left over.")
    elif yes:
        typer.echo(f"Deleted: {told}.")
    else:
        typer.echo(f"{told}. Nothing was deleted: gator media gc --yes does that.")


@app.command("remove")
def remove(asset: Annotated[str, typer.Argument(metavar="ID", help="the asset's id")], yes: Yes = False) -> None:
    """Delete an asset's file for good, with its small picture and its links; posts and jobs must not need it. Asks first."""
    from gator.cli.rest import asked, client, seen

    async def ask() -> None:
        async with client("gator media") as reached:
            there = await asked(reached, "GET", f"/api/v1/content/{asset}")
            title = f" “{seen(there['title'])}”" if there["title"] else ""
            make_sure(f"Delete the {there['kind']}{title} and its links for good?", yes)
            await asked(reached, "DELETE", f"/api/v1/content/{asset}")

    run(ask())
    typer.echo("It is removed.")


def _with_store(ask: "Callable[[Any, Settings], Awaitable[Any]]") -> Any:
    settings = load_settings()
    store = open_store(settings)

    async def work() -> Any:
        try:
            return await ask(store, settings)
        finally:
            await store.close()

    return run(work())


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"
