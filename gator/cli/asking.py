"""Is somebody sure? Commands that delete for good ask first; `--yes` skips the question."""

import sys
from typing import Annotated

import typer

from gator.errors import Refused

Yes = Annotated[bool, typer.Option("--yes", "-y", help="do not ask")]


def make_sure(question: str, yes: bool) -> None:
    """Go on only with a yes. Raises Refused where nobody is there to give one, typer.Abort for a no."""
    if yes:
        return
    if not sys.stdin.isatty():  # a script: a question would take the next line of what is piped for its answer
        raise Refused(f"{question} Nobody is here to say so.", remedy="Add --yes to the command.")
    typer.confirm(question, abort=True)
