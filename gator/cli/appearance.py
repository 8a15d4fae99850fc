"""`gator appearance`: a persona's face, proposed, approved and locked. Over the REST API."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from gator.cli.asking import Yes, make_sure
from gator.cli.program import load_settings, run, running
from gator.cli.rest import asked, client, seen, sent
from gator.errors import Refused

app = typer.Typer(help="How personas look.", no_args_is_help=True)
_NAME = "gator appearance"
_AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a line")]
_Persona = Annotated[str, typer.Argument(metavar="PERSONA", help="the persona's name")]
_Version = Annotated[int | None, typer.Option(help="which version of the face; left out: the newest")]
_View = Literal["front", "three-quarter-left", "three-quarter-right", "profile", "full-body"]


@app.command("show")
def show(persona: _Persona, as_json: _AsJson = False) -> None:
    """Show every version of a persona's face, newest first."""
    found = run(_ask("GET", persona, ""))["faces"]
    for one in found:
        _tell(one, as_json)
    if not found and not as_json:
        typer.echo("There is no face yet: `gator appearance propose` proposes one.")


@app.command("propose")
def propose(
    persona: _Persona,
    picture: Annotated[
        str, typer.Argument(metavar="ID|FILE", help="the picture with the face: an asset's id, or a file")
    ],
    shows: Annotated[
        Literal["made", "real"] | None, typer.Option(help="somebody invented, or somebody who lives; a file needs it")
    ] = None,
    consent: Annotated[
        str | None, typer.Option(metavar="ID", help="the consent of the real person whom it shows")
    ] = None,
    as_json: _AsJson = False,
) -> None:
    """Propose a face; nothing is made with it before it is approved."""
    file = _file(picture)
    if shows is None and file:
        raise Refused("Whom does the picture show?", remedy="Add --shows made, or --shows real with --consent ID.")
    _tell(run(_propose(persona, picture, file, shows, consent)), as_json)


@app.command("view")
def view(
    persona: _Persona,
    side: Annotated[
        _View,
        typer.Argument(metavar="SIDE", help="front, three-quarter-left, three-quarter-right, profile or full-body"),
    ],
    picture: Annotated[str, typer.Argument(metavar="ID|FILE", help="the picture's id, or a file")],
    version: _Version = None,
    as_json: _AsJson = False,
) -> None:
    """Have the face seen from another side by a picture; not while it is locked."""
    _tell(run(_view(persona, side, picture, _file(picture), version)), as_json)


@app.command("views")
def views(
    persona: _Persona,
    side: Annotated[
        list[str] | None,
        typer.Option("--view", metavar="SIDE", help="from which side, several times; left out: those that are missing"),
    ] = None,
    as_json: _AsJson = False,
) -> None:
    """Have the approved face made from other sides by the image model, as a version to look at and approve."""
    queued = run(_ask("POST", persona, "/views", {"views": side or []}))
    if as_json:
        typer.echo(json.dumps(queued, ensure_ascii=False))
        return
    from tools.views import ViewsQueued

    typer.echo(seen(ViewsQueued.model_validate(queued).in_words()))


@app.command("approve")
def approve(persona: _Persona, version: _Version = None, yes: Yes = False, as_json: _AsJson = False) -> None:
    """Have the persona's pictures made with a face from now on, and lock it. Shows the pictures first, and asks."""
    _tell(run(_approve(persona, version, yes, as_json)), as_json)


@app.command("lock")
def lock(persona: _Persona, as_json: _AsJson = False) -> None:
    """Lock the face in use again."""
    _tell(run(_ask("POST", persona, "/lock")), as_json)


@app.command("unlock")
def unlock(persona: _Persona, yes: Yes = False, as_json: _AsJson = False) -> None:
    """Let the face be changed, or another one take its place. Asks first."""
    make_sure(f"Unlock the face of {seen(persona)}?", yes)
    _tell(run(_ask("POST", persona, "/unlock")), as_json)


@app.command("retire")
def retire(persona: _Persona, version: _Version = None, as_json: _AsJson = False) -> None:
    """Drop a candidate, or use a face no more."""
    _tell(run(_ask("POST", persona, "/retire", {"version": version})), as_json)


@app.command("threshold")
def threshold(
    persona: _Persona,
    value: Annotated[float | None, typer.Argument(metavar="VALUE", help="0 to 1; left out: as measured")] = None,
    as_json: _AsJson = False,
) -> None:
    """Say how alike her pictures must be to the face in use; not while it is locked."""
    _tell(run(_ask("PUT", persona, "/threshold", {"threshold": value})), as_json)


def _file(told: str) -> Path | None:
    """The file of that name; None for an asset's id. Raises Refused for what reads as a file's name and is not there."""
    path = Path(told).expanduser()
    if path.is_file():
        return path
    if path.suffix or "/" in told:
        raise Refused(f"There is no file {told}.", remedy="Name a picture's file, or the id of one of Gator's.")
    return None


async def _propose(persona: str, picture: str, file: Path | None, shows: str | None, consent: str | None) -> Any:
    path = f"/api/v1/personas/{persona}/appearance"
    async with client(_NAME) as reached:
        if file:
            form = {"shows": shows or "", "consent": consent or ""}
            return await sent(reached, f"{path}/upload", file, {k: v for k, v in form.items() if v})
        return await asked(reached, "POST", path, {"seed": picture, "shows": shows, "consent": consent})


async def _view(persona: str, side: str, picture: str, file: Path | None, version: int | None) -> Any:
    path = f"/api/v1/personas/{persona}/appearance/views/{side}"
    async with client(_NAME) as reached:
        if file:
            return await sent(reached, f"{path}/upload", file, {"version": str(version)} if version else {})
        return await asked(reached, "PUT", path, {"asset": picture, "version": version})


async def _approve(persona: str, version: int | None, yes: bool, as_json: bool) -> Any:
    """Approve those pictures that are shown here, and no others."""
    path = f"/api/v1/personas/{persona}/appearance"
    async with client(_NAME) as reached:
        faces = (await asked(reached, "GET", path))["faces"]
        face = next((one for one in faces if version in (None, one["version"])), None)
        if face is None:
            raise Refused("There is no such face.", remedy="See `gator appearance show`.")
        for side, id in face["views"].items():
            picture = await asked(reached, "GET", f"/api/v1/content/{id}")
            typer.echo(f"{side}: {_place(picture)}  (SHA-256 {picture['sha256'][:16]}…)", err=as_json)
        make_sure(f"Is that the face of {seen(persona)}, version {face['version']}?", yes)
        return await asked(
            reached, "POST", f"{path}/approve", {"version": face["version"], "views": face["views"]}
        )  # fmt: skip


def _place(picture: dict[str, Any]) -> str:
    """Where to look at it: a link while Gator runs, else its file."""
    from memory.blobs import Blobs

    settings = load_settings()
    if not picture["sha256"]:
        return "not there"
    if there := running(settings):
        return f"{there.url}{picture['url']}"
    return str(Blobs(settings.media_folder).path(picture["sha256"]))


async def _ask(method: str, persona: str, what: str, body: dict[str, Any] | None = None) -> Any:
    async with client(_NAME) as reached:
        return await asked(reached, method, f"/api/v1/personas/{persona}/appearance{what}", body)


def _tell(face: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(face, ensure_ascii=False))
        return
    from tools.appearance import FaceShown

    typer.echo(seen(FaceShown.model_validate(face).in_words()))
