"""What tests of orders for pictures share: a shelf of models, and Nova."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from gpu_worker.shelf import Shelf, ShelfEntry
from tests.tools.picturing import NOVA
from tools.capability import Turn


@pytest.fixture
def stocked(turn: Turn, home: Path) -> Turn:
    """With models on the shelf, whose weights are never read here."""
    if find_spec("torch") is None:
        pytest.skip("torch is not installed: `make dev` says why")
    there = Shelf((home / "models").resolve())
    for name, kind, family in (("dream", "pipeline", "sdxl"), ("old", "pipeline", "sd15"), ("ink", "lora", "sdxl")):
        (there.folder / name).mkdir(parents=True)
        told = {"name": name, "kind": kind, "family": family, "path": there.folder / name}
        there.put(ShelfEntry.model_validate(told))
    return turn


@pytest.fixture
async def nova(turn: Turn) -> None:
    async with turn.open_work() as work:
        await work.personas.create("nova", "Nova", NOVA, author="tests")
