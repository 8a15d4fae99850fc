"""`gator consent`: who agreed that their voice or likeness is used. Over the REST API."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from gator.cli.asking import Yes, make_sure
from gator.cli.program import run
from gator.cli.rest import asked, client, seen, the_one

app = typer.Typer(help="Consents to the use of a voice or a likeness.", no_args_is_help=True)
_NAME = "gator consent"
_REMEDY = "`gator consent list` shows the ids there are."
_AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a line")]


@app.command("add")
def add(
    subject: Annotated[str, typer.Argument(metavar="NAME", help="whose voice or likeness it is")],
    kind: Annotated[Literal["voice", "likeness"], typer.Option(help="what they agreed to the use of")],
    scope: Annotated[str, typer.Option(help="what they agreed to, in their words")],
    given: Annotated[str, typer.Option(metavar="DATE", help="when they agreed, such as 2026-11-20")],
    evidence: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="file that shows it; only its SHA-256 is kept")
    ] = None,
    asset: Annotated[str | None, typer.Option(metavar="ID", help="asset of Gator's that shows it")] = None,
    as_json: _AsJson = False,
) -> None:
    """Record that somebody agreed, with what shows it: a file kept elsewhere, or an asset."""
    body = {"subject": subject, "kind": kind, "scope": scope, "given_at": _time(given), "evidence": asset}
    if evidence is not None:
        body["evidence_sha256"] = _sha256(evidence)
    _tell(run(_ask("POST", "", body)), as_json)


@app.command("list")
def show(
    subject: Annotated[str | None, typer.Argument(metavar="NAME", help="only this person's")] = None,
    as_json: _AsJson = False,
) -> None:
    """Show who agreed to what, the revoked too."""
    found = run(_ask("GET", "", subject=subject))["consents"]
    for one in found:
        _tell(one, as_json)
    if not found and not as_json:
        typer.echo(f"There is no consent{f' of {seen(subject)}' if subject else ''} on record.")


@app.command("revoke")
def revoke(
    consent: Annotated[str, typer.Argument(metavar="ID", help="the consent's id, or its last characters")],
    yes: Yes = False,
    as_json: _AsJson = False,
) -> None:
    """Let a consent hold no more; voices cloned by it are deleted at their provider. Asks first."""
    _tell(run(_revoke(consent, yes)), as_json)


async def _revoke(ending: str, yes: bool) -> Any:
    async with client(_NAME) as reached:
        there = {one["id"]: one for one in (await asked(reached, "GET", "/api/v1/consents"))["consents"]}
        id = the_one(ending, list(there), "consent", _REMEDY)
        make_sure(f"Revoke the consent of {seen(there[id]['subject'])} ({there[id]['kind']}) for good?", yes)
        return await asked(reached, "POST", f"/api/v1/consents/{id}/revoke")


async def _ask(method: str, path: str, body: dict[str, Any] | None = None, **params: Any) -> Any:
    told = {name: value for name, value in params.items() if value is not None}
    async with client(_NAME) as reached:
        return await asked(reached, method, f"/api/v1/consents{path}", body, **told)


def _time(told: str) -> str:
    """As the API takes it: with a zone, that of this machine where none is said."""
    from datetime import datetime

    from gator.errors import Refused

    try:
        return datetime.fromisoformat(told).astimezone().isoformat()
    except ValueError as wrong:
        raise Refused(f"'{told}' is no date.", remedy="Write it like 2026-11-20.") from wrong


def _sha256(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tell(consent: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(consent, ensure_ascii=False))
        return
    from tools.consents import ConsentShown

    typer.echo(f"{consent['id']}  {seen(ConsentShown.model_validate(consent).in_words())}")
