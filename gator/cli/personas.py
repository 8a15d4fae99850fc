"""`gator persona`: characters in and out as files. What is refused, and why, is `tools.personas.cards`' business."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from gator.cli.asking import Yes, make_sure
from gator.cli.program import load_settings, open_store, owner, run, running, write_out
from gator.errors import Refused

if TYPE_CHECKING:
    from tools.personas.cards.writing import Export

app = typer.Typer(help="Personas as files: character cards and YAML.", no_args_is_help=True)


class Format(StrEnum):
    yaml = "yaml"
    json = "json"
    png = "png"
    charx = "charx"


_IN_TERMINAL = (Format.yaml, Format.json)
_BY_ENDING = {
    ".yaml": Format.yaml,
    ".yml": Format.yaml,
    ".json": Format.json,
    ".png": Format.png,
    ".charx": Format.charx,
}


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="a character card (JSON, PNG, APNG, CharX) or our YAML")],
    as_: Annotated[str | None, typer.Option("--as", metavar="NAME", help="call the persona this instead")] = None,
) -> None:
    """Make a persona from a character card."""
    typer.echo(run(_import(file, as_)))


async def _import(file: Path, name: str | None) -> str:
    from tools.personas.files import import_persona, open_card

    settings = load_settings()
    with _opened(file) as stream:
        card = open_card(stream, name=name)
    store = open_store(settings)
    try:
        async with store.open_work(await owner(store)) as work:
            persona = await import_persona(work, card)
    finally:
        await store.close()
    there = None if settings.public_url else running(settings)
    return f"{persona.name} is there, as {persona.slug}: {there.url if there else settings.url}/p/{persona.slug}"


@app.command("export")
def export(
    name: Annotated[str, typer.Argument(help="the persona's name or slug")],
    format: Annotated[Format | None, typer.Option(help="default: by the ending of PATH, else yaml")] = None,
    to: Annotated[Path | None, typer.Option(metavar="PATH", help="a file or folder; default: here")] = None,
    without_assets: Annotated[
        bool, typer.Option("--without-assets", help="as PNG although files that came in a CharX stay behind")
    ] = False,
) -> None:
    """Write a persona to a file; YAML and JSON without --to go to the terminal."""
    kind = format or (_BY_ENDING.get(to.suffix.lower()) if to else None) or Format.yaml
    slug, export = run(_export(name, kind, without_assets))
    if to is None and kind in _IN_TERMINAL:
        typer.echo(export.content.decode().rstrip("\n"))
    else:
        path = _file(to, f"{slug}.{export.extension}")
        write_out(path, export.content)
        typer.echo(f"Written to {path}.")


async def _export(name: str, kind: Format, without_assets: bool) -> tuple[str, "Export"]:
    from tools.personas.files import export_persona

    store = open_store(load_settings())
    try:
        async with store.open_work(await owner(store), reads=True) as work:
            persona = await work.personas.named(name)
            return persona.slug, await export_persona(work, persona, kind.value, without_assets=without_assets)
    finally:
        await store.close()


@app.command("list")
def show(as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False) -> None:
    """Show all personas."""
    for line in run(_lines(as_json)):
        typer.echo(line)


async def _lines(as_json: bool) -> list[str]:
    from tools.personas.capabilities import line_of
    from tools.personas.shapes import PersonaList

    store = open_store(load_settings())
    try:
        async with store.open_work(await owner(store), reads=True) as work:
            personas = [line_of(persona) for persona in await work.personas.all()]
    finally:
        await store.close()
    return [one.model_dump_json() for one in personas] if as_json else [PersonaList(personas=personas).in_words()]


@app.command("remove")
def remove(name: Annotated[str, typer.Argument(help="the persona's name or slug")], yes: Yes = False) -> None:
    """Remove a persona for good: it talks with nobody and posts nothing any more. Asks first."""
    run(_remove(name, yes))
    typer.echo(f"{name} is removed.")


async def _remove(name: str, yes: bool) -> None:
    from gator.ids import new_id
    from tools.capability import Turn
    from tools.personas.capabilities import preview_removal, remove_persona
    from tools.personas.shapes import NamePersona

    settings = load_settings()
    store = open_store(settings)
    try:
        turn = Turn(principal=await owner(store), store=store, settings=settings, id=new_id())
        ask, what_goes = await preview_removal(NamePersona(persona=name), turn)
        make_sure(f"{what_goes}. Are you sure?", yes)
        await remove_persona(ask, turn)
    finally:
        await store.close()


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as failed:
        raise Refused(f"{file} cannot be read: {failed.strerror}.", remedy="Choose another file.") from failed


def _file(to: Path | None, name: str) -> Path:
    return to / name if to and to.is_dir() else to or Path(name)
