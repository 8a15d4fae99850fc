"""`gator doctor`: is each part ready, off or broken, and what to do about it. The exit status says whether all is well."""

from typing import Annotated

import typer

from gator.cli.program import load_settings, run, running


def doctor(as_json: Annotated[bool, typer.Option("--json", help="one JSON object a part")] = False) -> None:
    """Check every part; exits with 1 when one is broken."""
    import orjson

    from tools.overview import examine

    settings = load_settings()
    there = running(settings)
    parts = run(examine(settings, here=there.url if there else ""))
    width = max(len(part.name) for part in parts)
    for part in parts:
        if as_json:
            typer.echo(orjson.dumps(part.model_dump(mode="json")).decode())
            continue
        typer.echo(f"{part.name:<{width}}  {part.state:<6}  {part.detail}")
        if part.remedy:
            typer.echo(f"{'':<{width}}          -> {part.remedy}")
    raise typer.Exit(1 if any(part.state == "broken" for part in parts) else 0)
