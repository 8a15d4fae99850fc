"""`gator backup`: take a Gator to safety, check what was taken, bring it back (docs/backups.md)."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gator.cli.program import load_settings, only_one, open_store, run
from gator.errors import Refused

if TYPE_CHECKING:
    from gator.settings import Settings

app = typer.Typer(help="Backups: rows, media and the key in one file.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="the backup")]


@app.command("create")
def create(to: Annotated[str, typer.Option("--to", help="a file, or a folder to put one in")]) -> None:
    """Write a backup; Gator may run meanwhile."""
    from memory import backups

    place = _place(to)

    settings = load_settings()
    run(_close(settings))
    path, manifest = backups.create(settings, place)
    size_mb = path.stat().st_size / 1e6
    typer.echo(f"{path}: {sum(manifest.rows.values()):,} rows and {_media(manifest.files)} files, {size_mb:.1f} MB.")
    if manifest.missing:
        typer.echo(f"Note: {len(manifest.missing)} files of media were gone or damaged and are not in it.")
    if "secret.key" not in manifest.files:
        typer.echo("Note: the key is not in it, because GATOR_SECRET_KEY gives it. Keep that, too.")


@app.command("verify")
def verify(path: File) -> None:
    """Read a backup whole and say what is in it; exits with 1 when it is damaged or of a newer Gator."""
    from memory import backups

    manifest = backups.verify(path)
    typer.echo(
        f"{path} is whole: made {manifest.made_at:%Y-%m-%d %H:%M} UTC from {manifest.database}, "
        f"{sum(manifest.rows.values()):,} rows and {_media(manifest.files)} files."
    )


@app.command("restore")
def restore(
    path: File, force: Annotated[bool, typer.Option("--force", help="overwrite the Gator that is in this home")] = False
) -> None:
    """Bring a backup back into this home; what fans had forgotten since it was made is forgotten again."""
    from memory import restoring

    settings = load_settings()
    with only_one(settings):
        done = run(restoring.restore(settings, path, force=force))
    typer.echo(f"Restored: {sum(done.manifest.rows.values()):,} rows of {done.manifest.made_at:%Y-%m-%d %H:%M} UTC.")
    if done.forgotten:
        typer.echo(f"{done.forgotten} things that were forgotten since then were forgotten again.")
    if done.other_key:
        typer.echo("Note: this home has another key, so tokens of bots are to be given anew: gator account token NAME.")


def _place(to: str) -> Path:
    """The file, or the folder for one, made where a slash at the end says so. Raises Refused; a typo makes no folders."""
    place = Path(to)
    if not place.parent.is_dir():
        raise Refused(f"There is no folder {place.parent}.", remedy="Make it, or choose another --to.")
    if to.endswith("/"):
        try:
            place.mkdir(mode=0o700, exist_ok=True)
        except OSError as failed:
            raise Refused(f"{to} cannot be made: {failed.strerror}.", remedy="Choose another --to.") from failed
    return place


async def _close(settings: "Settings") -> None:
    """The schema brought up to date, and the journal of what was forgotten."""
    from memory import erasures

    store = await asyncio.to_thread(open_store, settings)
    try:
        await erasures.sync(store, settings.home)
    finally:
        await store.close()


def _media(files: dict[str, str]) -> int:
    return sum(name.startswith("media/") for name in files)
