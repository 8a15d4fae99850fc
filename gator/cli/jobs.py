"""`gator job`: what the worker does, from the command line. The same capabilities as in a chat."""

from typing import TYPE_CHECKING, Annotated

import typer

from gator.cli.lists import tell_list
from gator.cli.program import load_settings, open_store, owner, run

if TYPE_CHECKING:
    from pydantic import BaseModel

    from memory.models import Device

app = typer.Typer(help="Jobs of the worker.", no_args_is_help=True)
_AsJson = Annotated[bool, typer.Option("--json", help="one JSON object a line")]
_MOST = 100  # as many as `list_jobs` gives
_Id = Annotated[str, typer.Argument(metavar="ID", help='the job\'s id, or "last"')]


@app.command("list")
def show(
    state: Annotated[str | None, typer.Option(help="queued, paused, running, done, failed or cancelled")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="how many at most")] = 20,
    as_json: _AsJson = False,
) -> None:
    """Show jobs, newest first: what each makes, on which device with which model, how far it is."""
    from tools.jobs import JobList, list_jobs

    found = run(_call(list_jobs, {"state": state, "limit": limit}))
    assert isinstance(found, JobList)
    lines = [job.model_dump_json() if as_json else f"{job.id}  {job.in_words()}" for job in found.jobs]
    none = "There is no such job." if state else "There is no job yet."
    tell_list(lines, as_json, none, limit=limit, most=_MOST)


@app.command("cancel")
def cancel(job: _Id, as_json: _AsJson = False) -> None:
    """Stop a job that waits or runs."""
    from tools.jobs import cancel_job

    _tell(run(_call(cancel_job, {"job": job})), as_json)


@app.command("pause")
def pause(job: _Id, as_json: _AsJson = False) -> None:
    """Hold a job that waits or runs; one that runs begins anew when it is resumed."""
    from tools.jobs import pause_job

    _tell(run(_call(pause_job, {"job": job})), as_json)


@app.command("resume")
def resume(job: _Id, as_json: _AsJson = False) -> None:
    """Let a held job wait for its turn again."""
    from tools.jobs import resume_job

    _tell(run(_call(resume_job, {"job": job})), as_json)


@app.command("devices")
def devices(as_json: _AsJson = False) -> None:
    """Show what jobs on models can run on: each device, its memory, and the models it holds."""
    from tools.devices import seen

    found = run(_devices())
    if not found and not as_json:
        typer.echo("No device is known: a worker tells of its own with the first job on a model.")
    for one in found:
        shown = seen(one)
        typer.echo(shown.model_dump_json() if as_json else shown.in_words())


@app.command("retry")
def retry(job: _Id, as_json: _AsJson = False) -> None:
    """Try a failed or cancelled job again."""
    from tools.jobs import retry_job

    _tell(run(_call(retry_job, {"job": job})), as_json)


async def _devices() -> "list[Device]":
    store = open_store(load_settings())
    try:
        async with store.open_work(await owner(store), reads=True) as work:
            found: list[Device] = await work.devices.all()
            return found
    finally:
        await store.close()


def _tell(shown: "BaseModel", as_json: bool) -> None:
    from tools.jobs import JobShown

    assert isinstance(shown, JobShown)
    typer.echo(shown.model_dump_json() if as_json else shown.in_words())


async def _call(capability: object, arguments: dict[str, object]) -> "BaseModel":
    """Carry out a capability as the owner of this home. Raises Refused for arguments it does not take."""
    from pydantic import ValidationError

    from gator.errors import Refused
    from gator.ids import new_id
    from tools.capability import Capability, Turn

    assert isinstance(capability, Capability)
    try:
        ask = capability.asks.model_validate(arguments)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        raise Refused(f"{first['loc'][0]}: {first['msg']}.") from wrong
    settings = load_settings()
    store = open_store(settings)
    try:
        turn = Turn(principal=await owner(store), store=store, settings=settings, id=new_id(), zone=settings.timezone)
        return await capability(ask, turn)
    finally:
        await store.close()
