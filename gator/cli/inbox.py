"""`gator inbox` and `gator letters`: operators in the loop, from a terminal. Over the REST API of the running Gator.

Without one the same API answers inside this process: what is written then goes out, and the AI answers again, once
`gator up` runs.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gator.cli.program import load_settings, open_store, owner, run, running
from gator.errors import Conflict, Forbidden, GatorError, NotFound, Refused, Unavailable

if TYPE_CHECKING:
    import httpx

    from gator.settings import Settings

app = typer.Typer(help="Fans' conversations over all channels; take one over, write, hand it back.")
letters_app = typer.Typer(help="Messages that a platform refused, or that may not have arrived.")
ENDING = 4  # characters of an id's end that name a conversation
SHOWN = 20
_ERRORS: dict[int, type[GatorError]] = {403: Forbidden, 404: NotFound, 409: Conflict, 503: Unavailable}

_Id = Annotated[str, typer.Argument(metavar="ID", help="the conversation's id, or its end")]
_LetterId = Annotated[str, typer.Argument(metavar="ID", help="the letter's id, or its end")]
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
def show(conversation: _Id) -> None:
    """Show the last messages and what operators noted; that you read them is written to the audit log."""
    run(_show(conversation))


@app.command("take")
def take(conversation: _Id) -> None:
    """Answer in the AI's place from now on; what it had not begun to send is dropped."""
    row = run(_post(conversation, "take"))
    typer.echo(f"You answer {_seen(row['fan'])} now: gator inbox say {row['code']} TEXT")


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
    typer.echo(_seen(run(_post(conversation, "suggest"))["text"]))


@app.command("want")
def want(conversation: _Id, reason: Annotated[str, typer.Option(help="why a person is needed")] = "") -> None:
    """Put it on the list of those that need a person, and tell the operators."""
    run(_post(conversation, "want", reason=reason))
    typer.echo("The operators are told.")


@app.command("back")
def hand_back(
    conversation: _Id, summary: Annotated[str, typer.Option(help="what the AI should know of it")] = ""
) -> None:
    """Have the AI answer again."""
    row = run(_post(conversation, "hand-back", summary=summary))
    typer.echo(f"{_seen(row['persona'])}, an AI, answers {_seen(row['fan'])} again.")


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
def drop(letter: _LetterId) -> None:
    """Give it up for good."""
    run(_settle(letter, "drop"))
    typer.echo("Dropped.")


# Words


def _seen(text: str) -> str:
    """A stranger's words for a terminal: nothing in them moves its cursor or turns its direction."""
    from tools.unseen import with_unseen_shown

    return with_unseen_shown(text)


def _line(row: dict[str, Any]) -> str:
    state = f"  WANTED ({row['wanted_for']})" if row["wanted_at"] else ""
    state += f"  taken by {row['taken_by']}" if row["taken_by"] else ""
    last = row["last"]
    said = f"  {last['author']}: {last['text'][:80]}".replace("\n", " ") if last else ""
    return _seen(f"{row['code']}  {row['fan']} with {row['persona']} ({row['channel']}){state}{said}")


def _letter_line(row: dict[str, Any]) -> str:
    said = row["text"][:60].replace("\n", " ")
    return _seen(f"{row['id'][-8:]}  {row['state']}  {row['persona']} to {row['fan']}: {said}  ({row['why']})")


async def _show(conversation: str) -> None:
    async with _client() as client:
        id = await _named(client, conversation)
        said = await _asked(client, "GET", f"/api/v1/conversations/{id}/messages", limit=SHOWN)
        notes = await _asked(client, "GET", f"/api/v1/conversations/{id}/handoffs", limit=SHOWN)
    for one in said["items"]:
        typer.echo(_seen(f"{one['created_at'][:16].replace('T', ' ')}  {one['author']}: {one['text']}"))
    for one in notes:
        typer.echo(_seen(f"[{one['kind']}] {one['created_at'][:16].replace('T', ' ')} {one['by']}: {one['text']}"))


# The API


async def _get(path: str, **params: Any) -> Any:
    async with _client() as client:
        return await _asked(client, "GET", path, **params)


async def _post(conversation: str, what: str, **body: Any) -> Any:
    async with _client() as client:
        id = await _named(client, conversation)
        return await _asked(client, "POST", f"/api/v1/conversations/{id}/{what}", body=body or None)


async def _settle(letter: str, what: str) -> Any:
    async with _client() as client:
        ids = [one["id"] for one in (await _asked(client, "GET", "/api/v1/letters", limit=200))["items"]]
        return await _asked(client, "POST", f"/api/v1/letters/{_the_one(letter, ids, 'letter')}/{what}")


async def _named(client: "httpx.AsyncClient", conversation: str) -> str:
    """The whole id of a conversation. Raises NotFound."""
    if len(conversation) == 36:
        return conversation
    rows = (await _asked(client, "GET", "/api/v1/inbox", limit=200))["items"]
    return _the_one(conversation, [row["conversation"] for row in rows], "conversation")


def _the_one(ending: str, ids: list[str], what: str) -> str:
    found = [id for id in ids if id == ending or (len(ending) >= ENDING and id.endswith(ending))]
    if len(found) != 1:
        raise NotFound(
            f"There is no one {what} that ends with {ending!r}.",
            remedy=f"`gator {'inbox' if what == 'conversation' else 'letters'}` shows those there are.",
        )
    return found[0]


async def _asked(
    client: "httpx.AsyncClient", method: str, path: str, body: dict[str, Any] | None = None, **params: Any
) -> Any:
    """The answer. Raises what the API says went wrong."""
    import httpx

    try:
        answer = await client.request(method, path, params=params, json=body)
    except httpx.HTTPError as lost:
        raise Unavailable("The running Gator does not answer.", remedy="Look at it, or start it again.") from lost
    if answer.is_success:
        return answer.json()
    problem = answer.json()
    raise _ERRORS.get(answer.status_code, Refused)(problem["detail"], remedy=problem.get("remedy", ""))


@asynccontextmanager
async def _client() -> AsyncIterator["httpx.AsyncClient"]:
    """The API on the owner's behalf: of the running Gator of this home, or in this process."""
    from api.tokens import open_session
    from gator import log

    log.configure("error")
    settings = load_settings()
    store = open_store(settings)
    try:
        who = await owner(store)
        async with store.open_work(who) as work:
            session = await open_session(work, settings.secret, who, name="gator inbox")
        try:
            async with _reached(settings, store) as client:
                client.headers["Authorization"] = f"Bearer {session.access}"
                yield client
        finally:
            async with store.open_work(who) as work:
                await work.people.revoke_token(session.id)
    finally:
        await store.close()


@asynccontextmanager
async def _reached(settings: "Settings", store: Any) -> AsyncIterator["httpx.AsyncClient"]:
    import httpx

    if there := running(settings):
        async with httpx.AsyncClient(base_url=there.url, timeout=60, trust_env=False) as client:
            yield client
        return
    from agents.brain import Brain
    from agents.checkpoints import open_saver
    from api.app import create_app
    from bots.core import Core
    from bots.hub import Hub
    from bots.web_channel import WebChannel

    async with open_saver(settings) as saver:
        hub = Hub()
        core = Core(settings, store, Brain(settings, store, saver), hub, [WebChannel(hub)])
        core.desk.wake = lambda _workspace, _conversation: None  # this process ends before an answer would be there
        try:
            inside = httpx.ASGITransport(app=create_app(core))
            async with httpx.AsyncClient(transport=inside, base_url="http://gator") as client:
                yield client
        finally:
            await core.stop()
