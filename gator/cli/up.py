"""`gator up`: everything on this machine, until Ctrl-C."""

import asyncio
import signal
from typing import TYPE_CHECKING

import typer

from gator.cli.program import load_settings, only_one, run_to_the_end

if TYPE_CHECKING:
    from gator.settings import Settings


def up() -> None:
    """Start everything: migrations, API, web, worker, scheduler. Ctrl-C stops it; nothing is lost."""
    from gator import credentials, log

    settings = load_settings()
    log.configure(settings.log_level)
    credentials.check(settings)
    run_to_the_end(lambda: _up(settings), only_one(settings))


async def _up(settings: "Settings") -> None:
    from gator.cli.serving import serving

    asked_to_stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, asked_to_stop.set)
    typer.echo("Starting Gator ...")
    async with serving(settings, settings.port) as served:
        typer.echo(await _welcome(settings, served))
        await asked_to_stop.wait()
        typer.echo("Stopping ...")


async def _welcome(settings: "Settings", served: object) -> str:
    """Where to go, how to get in, and what runs embedded."""
    from api.tokens import make_signin_code
    from gator.cli.serving import Served

    assert isinstance(served, Served)
    public = settings.public_url.rstrip("/") or served.url
    lines = ["", f"Gator is ready:  {public}"]
    async with served.core.store.open_work(served.owner) as work:
        user = await work.people.user(served.owner.subject)
        if user.password_hash is None:
            code = await make_signin_code(work, user)
            lines.append(f"Sign in once:    {public}/sign-in?code={code}")
    lines.append("Chat:            gator chat   (in this checkout: .venv/bin/gator chat)")
    if embedded := _embedded(settings):
        lines.append(f"Embedded:        {embedded}. What to set for the real thing: gator doctor")
    return "\n".join(lines)


def _embedded(settings: "Settings") -> str:
    parts = {
        "SQLite (GATOR_DATABASE_URL)": not settings.database_url,
        "broker (GATOR_BROKER_URL)": not settings.broker_url,
        "Chroma (GATOR_CHROMA_URL)": not settings.chroma_url,
        "built-in model, no language model (GATOR_MODEL)": settings.model == "builtin",
    }
    return ", ".join(name for name, embedded in parts.items() if embedded)
