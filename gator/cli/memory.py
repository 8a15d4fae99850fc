"""`gator memory`: what personas remember and know, from the command line."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from gator.cli import fans_memory
from gator.cli.program import load_settings, open_store, owner, run, running

if TYPE_CHECKING:
    from gator.settings import Settings
    from memory.archive import Filling

app = typer.Typer(help="What personas remember and know.", no_args_is_help=True)
for command in fans_memory.COMMANDS:
    app.command(command.__name__)(command)
app.add_typer(fans_memory.receipt_app, name="receipt")

POLL_S = 0.3


@app.callback()
def memory() -> None:
    """What personas remember and know."""


@app.command("rebuild")
def rebuild(
    persona: Annotated[str, typer.Option(help="only this persona's: a name or slug; all of them without")] = "",
) -> None:
    """Make the index of what personas know anew from the database: posts, lorebooks, stories of feeds.

    A running Gator does it in the background; nobody waits for it.
    """
    run(_rebuild(persona))


async def _rebuild(persona: str) -> None:
    from memory.embedding import embedder, use

    settings = load_settings()
    use(settings)
    store = open_store(settings)
    try:
        who = await owner(store)
        async with store.open_work(who, reads=True) as work:
            id = (await work.personas.named(persona)).id if persona else ""
        if running(settings) and not settings.chroma_url:
            counted = await _asked_for(settings, id)
        else:
            counted = await _done_here(settings, store, id)
        typer.echo(counted)
    finally:
        await embedder().close()
        await store.close()


async def _done_here(settings: "Settings", store: object, persona: str) -> str:
    """Rebuild in this process. Raises Unavailable when it cannot be."""
    from memory.archive import Archive
    from memory.knowledge import Knowledge
    from memory.store import Store
    from memory.upkeep import rebuild

    assert isinstance(store, Store)
    archive = Archive(Knowledge(settings))
    try:
        counts = await rebuild(store, archive, persona, _tell)
    finally:
        await archive.close()
    return f"Indexed: {counts['posts']} posts, {counts['lore']} lorebook entries, {counts['stories']} stories."


async def _asked_for(settings: "Settings", persona: str) -> str:
    """Have the Gator that runs on this home rebuild it, and watch. Raises Unavailable when it cannot, or ends."""
    from gator.errors import Unavailable
    from gator.ids import new_id
    from memory import knowledge_state

    wanted, told = new_id(), ""
    knowledge_state.wish(settings.home, knowledge_state.Wish(wanted, persona))
    while True:
        await asyncio.sleep(POLL_S)
        now = knowledge_state.read(settings.home)
        if now and now.asked == wanted:
            break
        if now and now.state == "rebuilding" and now.in_words() != told:
            typer.echo(told := now.in_words(), err=True)
        if not running(settings):
            raise Unavailable("Gator ended before it was done.", remedy="Ask again: `gator memory rebuild`.")
    if now.state == "away":
        raise Unavailable(f"The index could not be rebuilt. {now.why}")
    return f"Indexed: {now.total} texts."


def _tell(now: "Filling") -> None:
    typer.echo(f"{now.holding.kind}: {now.done} of {now.total}", err=True)
