"""`gator chat` and `gator approve`: talk with the Gator agent, or with a persona as a fan, in the terminal."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gator.cli.program import load_settings, open_store, owner, run
from gator.errors import Refused

if TYPE_CHECKING:
    from gator.cli.client import Line
    from gator.settings import Settings

HELP = """Write to talk. Lines that start with a slash:
  /approve [ID]  say yes to what waits (the newest without an id)
  /reject [ID]   say no
  /approvals     what waits for a yes
  /help          this
  /quit          leave (Ctrl-D too)"""

ENDED = ("done", "failed", "cancelled")


def chat(
    persona: Annotated[str | None, typer.Option(help="talk with this persona, as a fan")] = None,
    fan: Annotated[str | None, typer.Option(help="the fan's name; with --persona")] = None,
    once: Annotated[str | None, typer.Option(metavar="TEXT", help="say this, print the answer and leave")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object an event (docs/cli.md)")] = False,
) -> None:
    """Talk with the Gator agent; with --persona and --fan, talk with a persona as a fan."""
    if fan and not persona:
        raise Refused("--fan needs --persona.", remedy="Say with whom the fan talks.")
    run(_chat(_quiet(), persona, fan, once, as_json))


def approve(
    approval: Annotated[
        str | None, typer.Argument(help="the approval's id; the only one that waits without it")
    ] = None,
    reject: Annotated[bool, typer.Option("--reject", help="say no instead")] = False,
    show: Annotated[bool, typer.Option("--list", help="show what waits")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object an event (docs/cli.md)")] = False,
) -> None:
    """Say yes (or no) to what Gator wants to do, and see it done."""
    settings = _quiet()
    if show:
        run(_show_waiting(settings, as_json))
    else:
        run(_approve(settings, approval, not reject, as_json))


def _quiet() -> "Settings":
    """Settings, and only errors logged: the terminal belongs to the conversation."""
    from gator import log

    log.configure("error")
    return load_settings()


async def _chat(settings: "Settings", persona: str | None, fan: str | None, once: str | None, as_json: bool) -> None:
    from gator.cli.client import line

    async with line(settings, persona, fan) as open_line:
        screen = Screen(open_line, as_json)
        reader = asyncio.create_task(screen.follow())
        try:
            if once is not None:
                await open_line.say(once)
                await _first(screen.answered, reader)
                await _first(screen.jobs_done, reader)
            else:
                await _talk(screen, reader)
        finally:
            reader.cancel()


async def _first(event: asyncio.Event, reader: "asyncio.Task[None]") -> None:
    """Wait for the event, or for the reader to fail."""
    waiting = asyncio.create_task(event.wait())
    await asyncio.wait({waiting, reader}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if reader.done():
        await reader


async def _talk(screen: "Screen", reader: "asyncio.Task[None]") -> None:
    typer.echo(f"You talk with {screen.line.persona}. /help says more.") if not screen.as_json else None
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  # arrow keys and history in input()
    while not reader.done():
        try:
            text = (await asyncio.to_thread(input, "" if screen.as_json else "> ")).strip()
        except EOFError:
            return
        if text in ("/quit", "/exit"):
            return
        if text.startswith("/"):
            await _command(screen, text)
        elif text:
            screen.answered.clear()
            await screen.line.say(text)
            await _first(screen.answered, reader)
    await reader


async def _command(screen: "Screen", text: str) -> None:
    word, _, id = text.partition(" ")
    if word in ("/approve", "/reject"):
        if id or screen.waiting:
            screen.answered.clear()
            await screen.line.decide(id or screen.waiting[-1], word == "/approve")
        else:
            typer.echo("Nothing waits for a yes.")
    elif word == "/approvals":
        typer.echo("\n".join(screen.waiting) or "Nothing waits for a yes.")
    else:
        typer.echo(HELP)


async def _approve(settings: "Settings", approval: str | None, approved: bool, as_json: bool) -> None:
    from gator.cli.client import line

    wanted = approval or await _only_one_waiting(settings)
    async with line(settings, None, None) as open_line:
        screen = Screen(open_line, as_json)
        reader = asyncio.create_task(screen.follow())
        await open_line.decide(wanted, approved)
        await _first(screen.answered, reader)
        reader.cancel()


async def _waiting(settings: "Settings") -> list[Any]:
    store = open_store(settings)
    try:
        async with store.open_work(await owner(store), reads=True) as work:
            return list(await work.approvals.pending())
    finally:
        await store.close()


async def _only_one_waiting(settings: "Settings") -> str:
    there = await _waiting(settings)
    if len(there) == 1:
        return str(there[0].id)
    told = "Nothing waits for a yes." if not there else f"{len(there)} things wait for a yes."
    raise Refused(told, remedy="gator approve --list shows them." if there else "")


async def _show_waiting(settings: "Settings", as_json: bool) -> None:
    there = await _waiting(settings)
    for one in there:
        if as_json:
            told = {"id": one.id, "capability": one.capability, "summary": one.summary}
            typer.echo(json.dumps({**told, "expires_at": one.expires_at.isoformat()}))
        else:
            typer.echo(f"{one.id}  {one.summary}")
    if not there and not as_json:
        typer.echo("Nothing waits for a yes.")


class Screen:
    """What the terminal shows of a conversation; the events that a command waits for."""

    def __init__(self, line: "Line", as_json: bool) -> None:
        self.line = line
        self.as_json = as_json
        self.waiting: list[str] = []  # approvals
        self.answered = asyncio.Event()
        self.jobs_done = asyncio.Event()
        self._replied = False
        self._expected: set[str] = set()  # approvals that a reply names and whose question has yet to come
        self._jobs: set[str] = set()  # assets under way that this conversation asked for
        self._streamed = ""
        self._progress: dict[str, int] = {}

    async def follow(self) -> None:
        """Show frames as they come, until the line ends."""
        async for frame in self.line.frames():
            if self.as_json:
                print(json.dumps(frame, ensure_ascii=False), flush=True)  # noqa: T201
            else:
                self._show(frame)
            self._notice(frame)

    def _notice(self, frame: dict[str, Any]) -> None:
        """Set what a command waits for."""
        kind = frame["type"]
        if kind == "new_message" and frame["message"]["author"] not in ("fan", "operator"):
            self._jobs.update(frame["message"]["assets"])
            self._replied = bool(frame["message"]["answers"]) or frame["message"]["author"] == "gator"
            self._expected.update(frame["message"]["approvals"])
        elif kind == "approval_request":
            self.waiting.append(frame["approval"]["id"])
            self._expected.discard(frame["approval"]["id"])
        elif kind == "decided":
            self.waiting = [id for id in self.waiting if id != frame["approval_id"]]
        elif kind == "job_update" and frame["job"]["state"] in ENDED:
            self._jobs.discard(frame["job"]["asset"])
        elif kind == "error":
            self._replied = True
        if self._replied and not self._expected:
            self._replied = False
            self.answered.set()
        self.jobs_done.set() if not self._jobs else self.jobs_done.clear()

    def _show(self, frame: dict[str, Any]) -> None:
        shown: dict[str, Callable[[dict[str, Any]], None]] = {
            "message_delta": self._show_delta,
            "message_reset": self._show_reset,
            "new_message": self._show_message,
            "step": self._show_step,
            "job_update": self._show_job,
            "approval_request": self._show_approval,
            "error": lambda frame: self._line(f"! {frame['message']}"),
        }
        if frame["type"] in shown:
            shown[frame["type"]](frame)

    def _line(self, text: str) -> None:
        if self._streamed:
            sys.stdout.write("\n")
            self._streamed = ""
        typer.echo(text)

    def _show_delta(self, frame: dict[str, Any]) -> None:
        self._streamed += frame["delta"]
        sys.stdout.write(frame["delta"])
        sys.stdout.flush()

    def _show_reset(self, _frame: dict[str, Any]) -> None:
        self._line(" ... (starting over)") if self._streamed else None

    def _show_message(self, frame: dict[str, Any]) -> None:
        message = frame["message"]
        if message["author"] in ("fan", "operator"):
            return
        streamed, whole = self._streamed.strip(), message["content"]
        if streamed and whole.startswith(streamed):  # code may have added to what the model said
            typer.echo(whole[len(streamed) :])
            self._streamed = ""
        else:
            self._line(whole)

    def _show_step(self, frame: dict[str, Any]) -> None:
        # What was done is told in the reply; what failed is said at once.
        self._line(f"  [{frame['tool']}] {'done' if frame['ok'] else frame['said']}")

    def _show_job(self, frame: dict[str, Any]) -> None:
        job = frame["job"]
        tenth = int(job["progress"] * 10)
        if self._progress.get(job["id"]) == tenth and job["state"] not in ENDED:
            return
        self._progress[job["id"]] = tenth
        eta = f", {job['eta_s']:.0f} s to go" if job["eta_s"] else ""
        error = f": {job['error']}" if job["error"] else ""
        self._line(f"  [{job['kind']}] {job['title']}: {job['state']} {job['progress']:.0%}{eta}{error}")

    def _show_approval(self, frame: dict[str, Any]) -> None:
        self._line(f"  Say /approve or /reject (or: gator approve {frame['approval']['id']})")
