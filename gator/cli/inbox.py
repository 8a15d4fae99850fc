"""`gator inbox` and `gator letters`: operators in the loop, from a terminal. Over the REST API of the running Gator.

Without one the same API answers inside this process: what is written then goes out, and the AI answers again, once
`gator up` runs.
"""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gator.cli.asking import Yes, make_sure
from gator.cli.program import run
from gator.cli.rest import asked, seen, the_one
from gator.cli.rest import client as client_of

if TYPE_CHECKING:
    import httpx

app = typer.Typer(help="Fans' conversations over all channels; take one over, write, hand it back.")
letters_app = typer.Typer(help="Messages that a platform refused, or that may not have arrived.")
NAME = "gator inbox"
SHOWN = 20
_SHOWS = "shows those there are"

_Id = Annotated[str, typer.Argument(metavar="ID", help="the conversation's id, or its end")]
_LetterId = Annotated[str, typer.Argument(metavar="ID", help="the letter's id, or its end")]
_Over = Annotated[bool, typer.Option("--over", help="in place of the operator who answers there; they are told")]
_Text = Annotated[str, typer.Argument(metavar="TEXT")]
_AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a line")]


@app.callback(invoke_without_command=True)
def inbox(
    context: typer.Context,
    wanted: Annotated[bool, typer.Option("--wanted", help="only where a person is asked for")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="only those that you took over")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200, help="how many at most")] = 20,
    as_json: _AsJson = False,
) -> None:
    """Show the inbox: those in which a person is asked for first. With a command, do something with one of them."""
    if context.invoked_subcommand:
        return
    rows = run(_get("/api/v1/inbox", wanted=wanted, mine=mine, limit=limit))["items"]
    for row in rows:
        typer.echo(json.dumps(row, ensure_ascii=False) if as_json else _line(row))
    if not rows and not as_json:
        typer.echo("No conversations here.")


@app.command("show")
def show(conversation: _Id, as_json: _AsJson = False) -> None:
    """Show the last messages and what operators noted; that you read them is written to the audit log."""
    run(_show(conversation, as_json))


@app.command("take")
def take(conversation: _Id, over: _Over = False) -> None:
    """Answer in the AI's place from now on; what it had not begun to send is dropped."""
    row = run(_post(conversation, "take", over=over))
    typer.echo(f"You answer {seen(row['fan'])} now: gator inbox say {row['code']} TEXT")


@app.command("say")
def say(conversation: _Id, text: _Text) -> None:
    """Write to the fan of a conversation that you took over."""
    run(_post(conversation, "say", text=text))
    typer.echo("Written.")


@app.command("note")
def note(conversation: _Id, text: _Text) -> None:
    """Keep a note for other operators; neither the fan nor the AI sees it."""
    run(_post(conversation, "notes", text=text))
    typer.echo("Noted.")


@app.command("suggest")
def suggest(conversation: _Id) -> None:
    """Show what the AI would say now; nothing is sent."""
    typer.echo(seen(run(_post(conversation, "suggest"))["text"]))


@app.command("want")
def want(conversation: _Id, reason: Annotated[str, typer.Option(help="why a person is needed")] = "") -> None:
    """Put it on the list of those that need a person, and tell the operators."""
    run(_post(conversation, "want", reason=reason))
    typer.echo("The operators are told.")


@app.command("back")
def hand_back(
    conversation: _Id,
    summary: Annotated[str, typer.Option(help="what the AI should know of it")] = "",
    over: _Over = False,
) -> None:
    """Have the AI answer again."""
    row = run(_post(conversation, "hand-back", summary=summary, over=over))
    typer.echo(f"{seen(row['persona'])}, an AI, answers {seen(row['fan'])} again.")


@letters_app.callback(invoke_without_command=True)
def letters(context: typer.Context, as_json: _AsJson = False) -> None:
    """Show dead letters, newest first, and why each lies there."""
    if context.invoked_subcommand:
        return
    rows = run(_get("/api/v1/letters"))["items"]
    for row in rows:
        typer.echo(json.dumps(row, ensure_ascii=False) if as_json else _letter_line(row))
    if not rows and not as_json:
        typer.echo("No dead letters: everything arrived.")


@letters_app.command("retry")
def retry(letter: _LetterId) -> None:
    """Send it again; one of which nobody knows whether it arrived may arrive twice."""
    row = run(_settle(letter, "retry"))
    typer.echo(f"It is being sent again. {row['warning']}".strip())


@letters_app.command("drop")
def drop(letter: _LetterId, yes: Yes = False) -> None:
    """Give it up for good. Asks first."""
    make_sure(f"Give up {letter} for good?", yes)
    run(_settle(letter, "drop"))
    typer.echo("Dropped.")


# Words


def _line(row: dict[str, Any]) -> str:
    last = row["last"]
    said = f"  {last['author']}: {last['text'][:80]}".replace("\n", " ") if last else ""
    return seen(f"{row['code']}  {row['fan']} with {row['persona']} ({row['channel']}){_state(row)}{said}")


def _state(row: dict[str, Any]) -> str:
    wanted = f"  WANTED ({row['wanted_for']})" if row["wanted_at"] else ""
    return wanted + (f"  taken by {row['taken_by']}" if row["taken_by"] else "")


def _letter_line(row: dict[str, Any]) -> str:
    said = row["text"][:60].replace("\n", " ")
    return seen(f"{row['id'][-8:]}  {row['state']}  {row['persona']} to {row['fan']}: {said}  ({row['why']})")


async def _show(conversation: str, as_json: bool) -> None:
    async with client_of(NAME) as client:
        id = await _named(client, conversation)
        row = await asked(client, "GET", f"/api/v1/inbox/{id}")
        said = (await asked(client, "GET", f"/api/v1/conversations/{id}/messages", limit=SHOWN))["items"]
        notes = await asked(client, "GET", f"/api/v1/conversations/{id}/handoffs", limit=SHOWN)
    if as_json:
        for one in (row, *said, *notes):
            typer.echo(json.dumps(one, ensure_ascii=False))
        return
    typer.echo(seen(f"{row['fan']} with {row['persona']} ({row['channel']}){_state(row)}"))
    names = {"fan": row["fan"], "persona": row["persona"], "operator": "Team", "notice": "Gator", "gator": "Gator"}
    for one in said:
        typer.echo(seen(f"{_when(one)}  {names.get(one['author'], one['author'])}: {_said(one)}"))
    if notes:
        typer.echo("Notes and handoffs:")
    for one in notes:
        typer.echo(seen(f"{_when(one)}  {_happened(one)}"))


def _when(one: dict[str, Any]) -> str:
    """By the clock of this machine."""
    return f"{datetime.fromisoformat(one['created_at']).astimezone():%Y-%m-%d %H:%M}"


def _said(one: dict[str, Any]) -> str:
    """A message in words, also one that has none."""
    if one["deleted"]:
        return "(deleted)"
    files = f"[{len(one['assets'])} file{'s' if len(one['assets']) > 1 else ''}]" if one["assets"] else ""
    words = one["text"] + (" (edited)" if one["edited"] else "")
    return words if one["text"] else files or "(empty)"


def _happened(one: dict[str, Any]) -> str:
    """What somebody did, in words."""
    told = f": {one['text']}" if one["text"] else ""
    if one["kind"] == "taken":
        return f"{one['by_name']} took over" + (f" from {one['text']}" if one["text"] else "")
    if one["kind"] == "returned":
        why = {"gone": " (nobody was there any more)", "absent": " (nobody answered for hours)"}.get(one["reason"], "")
        return f"{one['by_name']} handed back{why}{told}"
    if one["kind"] == "wanted":
        return f"{one['by_name']} asked for a person ({one['reason']}){told}"
    return f"{one['by_name']} noted{told}"


# The API


async def _get(path: str, **params: Any) -> Any:
    async with client_of(NAME) as client:
        return await asked(client, "GET", path, **params)


async def _post(conversation: str, what: str, **body: Any) -> Any:
    async with client_of(NAME, thinks=what == "suggest") as client:
        id = await _named(client, conversation)
        return await asked(client, "POST", f"/api/v1/conversations/{id}/{what}", body=body or None)


async def _settle(letter: str, what: str) -> Any:
    async with client_of(NAME) as client:
        ids = [one["id"] for one in (await asked(client, "GET", "/api/v1/letters", limit=200))["items"]]
        id = the_one(letter, ids, "letter", f"`gator letters` {_SHOWS}.")
        return await asked(client, "POST", f"/api/v1/letters/{id}/{what}")


async def _named(client: "httpx.AsyncClient", conversation: str) -> str:
    """The whole id of a conversation. Raises NotFound."""
    if len(conversation) == 36:
        return conversation
    rows = (await asked(client, "GET", "/api/v1/inbox", limit=200))["items"]
    ids = [row["conversation"] for row in rows]
    return the_one(conversation, ids, "conversation", f"`gator inbox` {_SHOWS}.")
