"""Which models can be pulled by a short name, and how much memory do they need? A table, `known_models.toml`.

Light to import: `gator model list --known`, the doctor and the console read it. What is shown when a model is pulled
comes from its source, not from here.
"""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from gpu_worker.shelf import Defaults, Kind

_TABLE = Path(__file__).with_name("known_models.toml")
BYTES_EACH = 2  # of a parameter on a GPU


class KnownModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    source: str
    kind: Kind
    family: str
    licence: str = ""  # empty: shown when it is pulled
    gated: bool = False  # its owners ask who uses it: a token is needed
    files: tuple[str, ...] = ()
    parts: dict[str, float] = {}  # parameters in billions; empty: not counted
    denoiser: str = ""
    defaults: Defaults = Defaults()

    @property
    def bytes(self) -> int:
        """Of its weights in 16 bits; 0 where they were not counted."""
        return round(sum(self.parts.values()) * 1e9) * BYTES_EACH

    @property
    def denoiser_bytes(self) -> int:
        return round(self.parts.get(self.denoiser, 0.0) * 1e9) * BYTES_EACH


@cache
def known_models() -> dict[str, KnownModel]:
    """By name."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {name: KnownModel(name=name, **told) for name, told in table.items()}
