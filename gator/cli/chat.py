"""`gator chat` and `gator approve`: talk with the Gator agent, or with a persona as a fan, in the terminal."""

import asyncio
import contextlib
import difflib
from typing import TYPE_CHECKING, Annotated

import typer

from gator.cli import approving
from gator.cli.program import load_settings, open_store, owner, run
from gator.cli.screen import Screen
from gator.errors import Refused

if TYPE_CHECKING:
    from gator.settings import Settings
    from memory.models import Approval

HELP = """Write to talk. Lines that start with a slash:
  /approve [ID]  say yes to what waits; of several, by its number or id
  /reject [ID]   say no
  /approvals     what waits for a yes
  /history       what was said before
  /help          this
  /quit          leave (Ctrl-D too)
With a persona there are /memory, /why, /fix, /forget, /export, /remember and /stop, too."""
_COMMANDS = ("/approve", "/reject", "/approvals", "/history", "/help", "/quit")
_DECIDING = frozenset({"/approve", "/reject", "/approvals"})  # said once, too: answers tell people to say them
LOOK_S = 1.0
_HERE = frozenset(
    {"/history", "/help"}
)  # of a fan's commands, those that the terminal carries out; all else the persona's chat


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
                await _say_once(screen, once.strip(), reader)
            else:
                await _talk(screen, reader)
        finally:
            reader.cancel()
    if once is not None:
        _leave(screen)


async def _say_once(screen: Screen, text: str, reader: "asyncio.Task[None]") -> None:
    if screen.line.is_operators and text.partition(" ")[0] in _DECIDING:
        await _command(screen, text, reader)
        if screen.answered.is_set():  # decided, so what was waited for may be made now
            await _first(screen.jobs_done, reader)
        return
    await screen.line.say(text)
    await _answered(screen, reader)
    screen.failed = screen.failed or await _unanswered(screen)
    await _first(screen.jobs_done, reader)


def _leave(screen: Screen) -> None:
    """With 1 when what was asked for was refused, or nothing answered it; the reason is on the screen by now."""
    if screen.failed:
        raise typer.Exit(1)


async def _answered(screen: Screen, reader: "asyncio.Task[None]") -> None:
    """Wait for the answer. Where none comes now, say so: a person may answer for hours, a persona may sleep."""
    while not await _first(screen.answered, reader, LOOK_S):
        held = await screen.line.held(screen.accepted) if screen.accepted else None
        if held:
            said = await _first(
                screen.answered, reader, LOOK_S
            )  # what code says comes all the same, such as help lines
            if not (said and held.for_good):
                screen.show_held(held)
            screen.failed = screen.failed or held.for_good
            return


async def _unanswered(screen: Screen) -> bool:
    """Whether what came is no answer, but that there is none: no model answers just now, or the turn was given up."""
    return bool(screen.accepted) and await screen.line.unanswered(screen.accepted)


async def _first(event: asyncio.Event, reader: "asyncio.Task[None]", within_s: float | None = None) -> bool:
    """Wait for the event, or for the reader to fail; whether the event came within that time."""
    waiting = asyncio.create_task(event.wait())
    await asyncio.wait({waiting, reader}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if reader.done():
        await reader
    return event.is_set()


async def _talk(screen: Screen, reader: "asyncio.Task[None]") -> None:
    typer.echo(f"You talk with {screen.line.persona}. /help says more.") if not screen.as_json else None
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  # arrow keys in input()
    while not reader.done():
        try:
            text = (await asyncio.to_thread(input, "" if screen.as_json else "> ")).strip()
        except EOFError:
            return
        if text in ("/quit", "/exit"):
            return
        if text.startswith("/") and (screen.line.is_operators or text.partition(" ")[0] in _HERE):
            await _command(screen, text, reader)
        elif text:
            screen.answered.clear()
            await screen.line.say(text)
            await _answered(screen, reader)
    await reader


async def _command(screen: Screen, text: str, reader: asyncio.Task[None]) -> None:
    word, _, id = text.partition(" ")
    if word in ("/approve", "/reject"):
        await _decide(screen, id.strip(), word == "/approve", reader)
    elif word == "/approvals":
        await _list(screen)
    elif word == "/history":
        await screen.show_history()
    elif word == "/help":
        typer.echo(HELP)
    else:
        near = difflib.get_close_matches(word, _COMMANDS, n=1)
        typer.echo(f"There is no {word}. {f'Did you mean {near[0]}? ' if near else ''}/help shows what there is.")


async def _decide(screen: Screen, said: str, approved: bool, reader: asyncio.Task[None]) -> None:
    """Say yes or no to what is meant, and see what comes of it; where several may be meant, list them."""
    there = await approving.pending(screen.line.store, screen.line.who)
    try:
        wanted = approving.meant(said, there, screen.listed)
    except Refused as unclear:
        screen.failed = True
        typer.echo(str(unclear), err=screen.as_json)
        if there and not said:
            await _list(screen)
            typer.echo(f"Say {'/approve' if approved else '/reject'} and its number or id.", err=screen.as_json)
        return
    screen.answered.clear()
    await screen.line.decide(wanted, approved)
    await _first(screen.answered, reader)


async def _list(screen: Screen) -> None:
    there = await approving.pending(screen.line.store, screen.line.who)
    screen.listed = [one.id for one in there]
    approving.show(there, screen.as_json, numbered=True)


async def _approve(settings: "Settings", approval: str | None, approved: bool, as_json: bool) -> None:
    from gator.cli.client import line

    wanted = approval or await _only_one_waiting(settings)
    async with line(settings, None, None) as open_line:
        screen = Screen(open_line, as_json)
        reader = asyncio.create_task(screen.follow())
        await open_line.decide(wanted, approved)
        await _first(screen.answered, reader)
        reader.cancel()
    _leave(screen)


async def _waiting(settings: "Settings") -> list["Approval"]:
    store = open_store(settings)
    try:
        return await approving.pending(store, await owner(store))
    finally:
        await store.close()


async def _only_one_waiting(settings: "Settings") -> str:
    there = await _waiting(settings)
    if len(there) > 1:
        raise Refused(f"{len(there)} things wait for a yes.", remedy="gator approve --list shows them.")
    return approving.meant("", there)


async def _show_waiting(settings: "Settings", as_json: bool) -> None:
    approving.show(await _waiting(settings), as_json)
