"""What does a model call cost? Prices are dated data in prices.toml; what is not in it has no price here."""

import re
import tomllib
from functools import cache
from pathlib import Path

FREE = ("builtin", "ollama")  # they run on machines of one's own
_DATE = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8}|latest)$")


@cache
def _table() -> dict[str, dict[str, list[float]]]:
    data = tomllib.loads((Path(__file__).parent / "prices.toml").read_text())
    return {name: table for name, table in data.items() if isinstance(table, dict)}


def cost_microusd(model: str, tokens_in: int, tokens_out: int) -> int | None:
    """Millionths of a dollar for so many tokens of `provider:name`; None when the price is not known."""
    provider, _, name = model.partition(":")
    if provider in FREE:
        return 0
    price = _table().get(provider, {}).get(_DATE.sub("", name))
    return round(tokens_in * price[0] + tokens_out * price[1]) if price else None


@cache
def _dearest() -> tuple[float, float]:
    prices = [price for table in _table().values() for price in table.values()]
    return max(price[0] for price in prices), max(price[1] for price in prices)


def dearest_microusd(tokens_in: int, tokens_out: int) -> int:
    """What so many tokens would cost at the highest prices of the table: an upper bound for a model that is not in it."""
    return round(tokens_in * _dearest()[0] + tokens_out * _dearest()[1])
