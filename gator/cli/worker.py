"""`gator worker`: does the heavy work in this process, until Ctrl-C. `gator up` starts one by itself."""

from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gator.cli.program import load_settings

if TYPE_CHECKING:
    from gator.settings import Settings


def worker(
    parent: Annotated[int, typer.Option(help="stop when the process of this number is gone", min=0)] = 0,
) -> None:
    """Do the jobs: pictures, voices, videos. Ctrl-C stops it; running jobs go back into the queue."""
    from gator import credentials, log

    settings = load_settings()
    log.configure(settings.log_level)
    credentials.check(settings)
    main(settings, parent or None)


def main(settings: "Settings", parent: int | None = None) -> NoReturn:
    """Be the worker of these settings; ends this process. Whoever names itself as `parent` has prepared the database."""
    from gpu_worker.worker import run

    if parent is None:
        from memory import schema

        schema.upgrade(settings.database)
    run(settings, parent=parent)
