"""`gator model`: which models lie on the shelf, pull one, remove one (docs/studio.md)."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gator.cli.asking import Yes, make_sure
from gator.cli.program import load_settings, open_store, owner, run

if TYPE_CHECKING:
    from gator.settings import Settings
    from gpu_worker.pulling.fetching import Step
    from gpu_worker.pulling.offers import Offer
    from tools.models import Users

app = typer.Typer(help="Models of pictures, clips and voices.", no_args_is_help=True)
_AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a line")]
_Name = Annotated[str, typer.Argument(metavar="NAME", help="the model's name")]
_LINE_EVERY_S = 10.0  # where there is no terminal for a bar
_LEFT = "Half here, which the next pull goes on with:"


@app.command("list")
def show_all(
    known: Annotated[bool, typer.Option("--known", help="those that can be pulled by a short name")] = False,
    as_json: _AsJson = False,
) -> None:
    """Show the models that are here, or those that can be pulled by name, with licence and memory."""
    from gpu_worker.shelf import shelf
    from tools import models
    from tools.wording import sized

    settings = load_settings()
    if known:
        for one in models.list_known(settings):
            typer.echo(one.model_dump_json() if as_json else one.in_words())
        if not as_json:
            typer.echo(
                "Memory is that of the weights in 16 bits, counted on the architecture; working with them takes more."
            )
        return
    here = run(_with_store(settings, lambda work: models.list_models(work, settings)))
    for model in here:
        typer.echo(model.model_dump_json() if as_json else model.in_words())
    if as_json:
        return
    if not here:
        typer.echo("There is no model: `gator model list --known` shows some, `gator model pull NAME` fetches one.")
    for name, size in _half(shelf(settings).folder):
        typer.echo(f"{_LEFT} {name}, {sized(size)}")


@app.command("show")
def show(name: _Name, as_json: _AsJson = False) -> None:
    """Show all that is known of a model that is here."""
    from gpu_worker.licences import licence_of
    from gpu_worker.shelf import shelf
    from tools.wording import counted, sized

    settings = load_settings()
    entry = shelf(settings).get(name)
    if as_json:
        typer.echo(entry.model_dump_json())
        return
    by = entry.accepted_by
    if ":" in by:  # accepted over REST or at the console
        from tools.people import who

        by = run(_with_store(settings, lambda work: who(work, [by])))[by]
    accepted = f"{entry.accepted_at:%Y-%m-%d %H:%M} by {by}" if entry.accepted_at else "by nobody"
    told = {
        "kind": f"{entry.kind} for {entry.family}",
        "from": entry.source + (f" at {entry.revision}" if entry.revision else ""),
        "licence": f"{licence_of(entry.licence).words}; accepted {accepted}",
        "size": f"{sized(entry.bytes)} in {counted(len(entry.sha256), 'file')}",
        "folder": str(entry.path),
    }
    for what, words in told.items():
        typer.echo(f"{what:8}{words}")


@app.command("pull")
def pull(
    what: Annotated[str, typer.Argument(metavar="MODEL", help="a known name, a hub's owner/name, or a folder or file")],
    revision: Annotated[str, typer.Option(help="branch, tag or commit of the hub's; left out: the newest")] = "",
    file: Annotated[list[str] | None, typer.Option(help="only this file or folder of it; may be given again")] = None,
    name: Annotated[str, typer.Option(help="what it is called here")] = "",
    kind: Annotated[str, typer.Option(help="pipeline, lora, controlnet, ..., where it cannot be told")] = "",
    family: Annotated[str, typer.Option(help="which models it fits, such as sdxl, where it cannot be told")] = "",
    licence: Annotated[str, typer.Option(help="of a folder: the licence it is under")] = "",
    accept_licence: Annotated[bool, typer.Option("--accept-licence", help="do not ask about the licence")] = False,
) -> None:
    """Fetch a model: checked by its hashes, on the shelf only when it is whole. What was cut off is gone on with."""
    from gator import log
    from gpu_worker.pulling.fetching import pull as fetch
    from gpu_worker.pulling.offers import Order, look
    from gpu_worker.shelf import shelf

    log.configure("error")
    settings = load_settings()
    offer = look(Order(what, revision, tuple(file or ()), name, kind, family, licence), settings)
    _introduce(offer)
    here = shelf(settings)
    accepted = _accepted(offer, accept_licence, any(_is(one, offer) for one in here.entries()))
    with _progress() as told:
        done = fetch(offer, here, accepted=accepted, by=_who(), told=told, waits=_wait)
    typer.echo(f"{done.entry.name} is {'here' if done.new else 'here already'}: {done.entry.path}")


@app.command("remove")
def remove(name: _Name, yes: Yes = False) -> None:
    """Delete a model's files for good. Not while a device has it loaded; asks first, and says who names it.

    Of a model that is half here, what is here of it goes.
    """
    from gpu_worker.pulling import fetching
    from gpu_worker.shelf import shelf
    from tools.wording import sized

    settings = load_settings()
    here = shelf(settings)
    half = fetching.leftovers(here).get(name)
    if half is not None and all(one.name != name for one in here.entries()):
        make_sure(f"Delete the half of {name} that is here, {sized(half)}?", yes)
        fetching.forget(name, here)
        typer.echo(f"What was here of {name} is removed.")
        return
    entry = here.get(name)

    async def work() -> "Users":
        from gator.ids import new_id
        from tools.capability import Turn
        from tools.models import remove_model

        store = open_store(settings)
        try:
            turn = Turn(principal=await owner(store), store=store, settings=settings, id=new_id())
            return (await remove_model(name, turn, anyway=yes))[1]
        finally:
            await store.close()

    make_sure(f"Delete {name}, {sized(entry.bytes)}, for good?", yes)
    users = run(work())
    told = f" {', '.join(users.named_by)} named it and must be given another." if users.named_by else ""
    typer.echo(f"{name} is removed.{told}")


def _introduce(offer: "Offer") -> None:
    from tools.wording import counted, sized

    at = f" at {offer.source.revision[:12]}" if offer.source.revision else ""
    typer.echo(f"{offer.name}: {offer.kind} for {offer.family}, from {offer.source.source}{at}")
    typer.echo(f"{counted(len(offer.wanted), 'file')}, {sized(offer.bytes)}")
    link = f" ({offer.licence.link})" if offer.licence.link else ""
    typer.echo(f"Licence: {offer.licence.words}{link}")


def _is(entry: Any, offer: "Offer") -> bool:
    """Whether it is here at that commit: nothing is accepted anew then."""
    return bool(entry.name == offer.name and offer.source.revision and entry.revision == offer.source.revision)


def _accepted(offer: "Offer", accept: bool, is_here: bool) -> str:
    """The licence, when somebody accepts it. Raises Refused where nobody can be asked, typer.Abort for a no."""
    if accept or is_here:
        return offer.licence.id
    if not sys.stdin.isatty():
        from gpu_worker.pulling.fetching import not_accepted

        raise not_accepted(offer)
    typer.confirm("Do you accept it?", abort=True)
    return offer.licence.id


def _who() -> str:
    import getpass

    try:
        return f"{getpass.getuser()} at the command line"
    except (KeyError, OSError):  # a container's user may have no name
        return "the command line"


def _wait() -> None:
    typer.echo("Another pull of this model is under way; waiting for it.")


@contextmanager
def _progress() -> "Iterator[Callable[[Step], None]]":
    """A bar on a terminal; elsewhere a line now and then."""
    if not sys.stdout.isatty():
        yield _Lines()
        return
    from rich import progress

    columns = (
        progress.TextColumn("{task.description}"), progress.BarColumn(), progress.DownloadColumn(),
        progress.TransferSpeedColumn(), progress.TimeRemainingColumn(),
    )  # fmt: skip
    with progress.Progress(*columns) as bar:
        task = bar.add_task("", total=None)

        def told(step: "Step") -> None:
            words = f"{step.number}/{step.count} {step.file[-40:]}"
            bar.update(task, completed=step.done, total=step.of, description=words)

        yield told


class _Lines:
    def __init__(self) -> None:
        self._file, self._said = "", 0.0

    def __call__(self, step: "Step") -> None:
        soon = step.file == self._file and time.monotonic() - self._said < _LINE_EVERY_S
        if soon and step.done < step.of:
            return
        self._file, self._said = step.file, time.monotonic()
        share = step.done / step.of if step.of else 1.0
        typer.echo(f"{share:4.0%}  {step.number}/{step.count}  {step.file}")


def _half(folder: Any) -> list[tuple[str, int]]:
    from gpu_worker.pulling.fetching import leftovers
    from gpu_worker.shelf import Shelf

    return sorted(leftovers(Shelf(folder)).items())


async def _with_store(settings: "Settings", ask: "Callable[[Any], Any]") -> Any:
    store = open_store(settings)
    try:
        async with store.open_work(await owner(store), reads=True) as work:
            return await ask(work)
    finally:
        await store.close()
