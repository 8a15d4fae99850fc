"""What is told of how a file came to be, beside the draft's own provenance? The job's asset, its seed and what it was made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What of a provenance is told to everybody who has the file: how it was made. What was asked for and for whom is not.
_TOLD = ("engine", "model", "design", "language")


@dataclass(frozen=True, slots=True)
class Parent:
    """An asset that something was made of. `path` is None for what people sent: of that only the id is told."""

    id: str
    kind: str
    mime: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class Making:
    """What the manifest tells beside the draft's own provenance."""

    asset: str
    kind: str
    seed: int
    parents: tuple[Parent, ...] = ()

    def told(self, provenance: Mapping[str, Any]) -> dict[str, Any]:
        return {name: provenance[name] for name in _TOLD if provenance.get(name)} | {"seed": self.seed}
