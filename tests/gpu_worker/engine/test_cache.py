"""What leaves a device's memory where the machine's own has no room to read another model."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from gator.errors import Unavailable
from gpu_worker.devices import Found
from gpu_worker.engine.cache import Cache
from gpu_worker.engine.maker import Maker, Spare
from gpu_worker.shelf import ShelfEntry
from tests.gpu_worker.engine.making import Counting, TestMaker, Weights


class Reading(TestMaker):
    """Reads a model only where no other is in memory."""

    def load(self, entry: ShelfEntry, device: str, spare: Spare, rooms: Mapping[str, int]) -> Weights:
        if self.hardware.held:
            raise Unavailable("Some of the machine's memory is missing.")
        return super().load(entry, device, spare, rooms)


def test_other_models_leave_where_there_is_no_room_to_read_one(tmp_path: Path) -> None:
    reading = Reading()
    reading.hardware = Counting(Found("cpu", "cpu", "Counting", 100))
    cache, maker = Cache(reading.hardware), cast(Maker, reading)
    one, other = (
        ShelfEntry(name=name, kind="pipeline", family="sdxl", path=tmp_path / name, bytes=10) for name in ("a", "b")
    )
    cache.get(maker, one)

    cache.get(maker, other)
    assert cache.loaded() == {"b": 10}

    with cache.using("b"), pytest.raises(Unavailable, match="missing"):
        cache.get(maker, one)
    assert cache.loaded() == {"b": 10}
