"""What does a model call cost? Prices are dated data in prices.toml; no price is guessed."""

import tomllib
from functools import cache
from pathlib import Path


@cache
def _table() -> dict[str, dict[str, list[float]]]:
    data = tomllib.loads((Path(__file__).parent / "prices.toml").read_text())
    return {name: table for name, table in data.items() if isinstance(table, dict)}


def cost_microusd(model: str, tokens_in: int, tokens_out: int) -> int | None:
    """Millionths of a dollar for so many tokens of `provider:name`; None when the price is not known."""
    provider, _, name = model.partition(":")
    fitting = [start for start in _table().get(provider, {}) if name.startswith(start)]
    if not fitting:
        return None
    per_million_in, per_million_out = _table()[provider][max(fitting, key=len)]
    return round(tokens_in * per_million_in + tokens_out * per_million_out)
