"""Which commands are there? Each lives in a module of its own and imports what it needs when it runs."""

import typer

from gator.cli import (
    accounts,
    appearance,
    backups,
    chat,
    consents,
    doctor,
    inbox,
    jobs,
    media,
    memory,
    models,
    openapi,
    personas,
    reels,
    tokens,
    up,
    users,
    voices,
    worker,
)

app = typer.Typer(
    name="gator",
    help="Gator runs AI personas: talk with the Gator agent, let personas talk with fans.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("up")(up.up)
app.command("chat")(chat.chat)
app.command("doctor")(doctor.doctor)
app.command("approve")(chat.approve)
app.command("openapi")(openapi.openapi)
app.command("worker")(worker.worker)
app.add_typer(personas.app, name="persona")
app.add_typer(accounts.app, name="account")
app.add_typer(jobs.app, name="job")
app.add_typer(reels.app, name="reel")
app.add_typer(appearance.app, name="appearance")
app.add_typer(consents.app, name="consent")
app.add_typer(voices.app, name="voice")
app.add_typer(media.app, name="media")
app.add_typer(models.app, name="model")
app.add_typer(memory.app, name="memory")
app.add_typer(backups.app, name="backup")
app.add_typer(tokens.app, name="token")
app.add_typer(users.app, name="user")
app.add_typer(inbox.app, name="inbox")
app.add_typer(inbox.letters_app, name="letters")
