"""Which lines are labelled how? The sets of tests/agents/care/lines.toml."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _sets() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "lines.toml").read_text(encoding="utf-8"))


def lines(subject: str, label: str) -> list[str]:
    return list(_sets()[subject][label])
