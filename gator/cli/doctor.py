"""`gator doctor`: is each part ready, off or broken, and what to do about it. The exit status says whether all is well."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gator.cli.program import load_settings, run, running

if TYPE_CHECKING:
    from gator.settings import Settings
    from tools.part import Part
    from tools.studio import StudioSeen


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a part")] = False,
    studio: Annotated[bool, typer.Option("--studio", help="what this machine can make, and with which models")] = False,
) -> None:
    """Check every part; exits with 1 when one is broken."""
    from tools.overview import examine

    settings = load_settings()
    if studio:
        _studio(settings, as_json)
    there = running(settings)
    parts = run(examine(settings, here=there.url if there else ""))
    _show(parts, as_json)
    _end(parts)


def _studio(settings: "Settings", as_json: bool) -> NoReturn:
    seen = run(_examined(settings))
    if as_json:
        for what, ones in (("device", seen.devices), ("engine", seen.engines), ("model", seen.models)):
            for one in ones:
                typer.echo(json.dumps({"what": what, **one.model_dump(mode="json")}))
        _end(seen.engines)
    typer.echo("Devices")
    for device in seen.devices:
        typer.echo(f"  {device.in_words()}")
    typer.echo("Engines")
    _show(seen.engines, as_json, "  ")
    typer.echo("Models, by their weights; working with them takes more")
    for model in seen.models:
        typer.echo(f"  {model.in_words()}")
    _end(seen.engines)


async def _examined(settings: "Settings") -> "StudioSeen":
    """With the store where there is one: to look must not make it."""
    from sqlalchemy import make_url

    from memory.store import Store
    from tools.studio import examine_studio

    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():  # noqa: ASYNC240  # nothing else runs
        return await examine_studio(settings, None)
    store = Store(settings.database)
    try:
        return await examine_studio(settings, store)
    finally:
        await store.close()


def _show(parts: "Sequence[Part]", as_json: bool, before: str = "") -> None:
    width = max(len(part.name) for part in parts)
    for part in parts:
        if as_json:
            typer.echo(part.model_dump_json())
            continue
        typer.echo(f"{before}{part.name:<{width}}  {part.state:<6}  {part.detail}")
        if part.remedy:
            typer.echo(f"{before}{'':<{width}}          -> {part.remedy}")


def _end(parts: "Sequence[Part]") -> NoReturn:
    raise typer.Exit(1 if any(part.state == "broken" for part in parts) else 0)
