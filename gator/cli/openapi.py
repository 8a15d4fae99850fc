"""`gator openapi`: the description of the REST API, for client generators."""

import typer

from gator.cli.program import load_settings


def openapi() -> None:
    """Print the OpenAPI document of the REST API."""
    import orjson

    from api.app import describe

    typer.echo(orjson.dumps(describe(load_settings()), option=orjson.OPT_INDENT_2).decode())
