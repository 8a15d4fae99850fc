"""How does a command show a list? Line by line; an empty one says so, and one that stopped says that there is more."""

from collections.abc import Sequence

import typer


def tell_list(
    lines: Sequence[str], as_json: bool, empty: str, *, limit: int | None = None, most: int | None = None
) -> None:
    """Without `as_json` nothing is said but the lines. `limit` is where the list stopped, `most` what it may be told."""
    for line in lines:
        typer.echo(line)
    if as_json:
        return
    if not lines:
        typer.echo(empty)
    elif limit is not None and len(lines) >= limit:
        how = f"--limit {most} shows up to {most}" if most and limit < most else "the console shows the rest"
        typer.echo(f"There may be more: {how}.")
