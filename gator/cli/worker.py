"""`gator worker`: does the heavy work in this process, until Ctrl-C. `gator up` starts one by itself."""

import gc
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gator.cli.program import load_settings

if TYPE_CHECKING:
    from gator.settings import Settings


def worker(
    parent: Annotated[int, typer.Option(help="stop when the process of this number is gone", min=0)] = 0,
    devices: Annotated[
        str, typer.Option(metavar="NAMES", help="for jobs on models: all, none, cpu, or numbers of GPUs such as 0,1")
    ] = "",
) -> None:
    """Do the jobs: pictures, voices, videos. Ctrl-C stops it; running jobs go back into the queue."""
    from gator import credentials, log

    settings = load_settings()
    log.configure(settings.log_level)
    credentials.check(settings)
    main(settings.model_copy(update={"devices": devices}) if devices else settings, parent or None)


def main(settings: "Settings", parent: int | None = None) -> NoReturn:
    """Be the worker of these settings; ends this process. Whoever names itself as `parent` has prepared the database."""
    from gator.garbage import THRESHOLDS
    from gpu_worker.worker import run

    if parent is None:
        from memory import schema

        schema.upgrade(settings.database)
    gc.set_threshold(*THRESHOLDS)  # it lives long: those of `gator.cli` are for loading
    run(settings, parent=parent)
