"""Which devices are named, found and left out; without torch."""

import pytest

from gator.errors import Refused
from gpu_worker import devices


def test_names_of_devices_are_read() -> None:
    assert devices.wanted("all") == ("all",)
    assert devices.wanted(" 0, 1,CPU ") == ("0", "1", "cpu")
    for wrong in ("", "gpu", "0;1", "cuda:0"):
        with pytest.raises(Refused, match="names no devices"):
            devices.wanted(wrong)


async def test_the_cpu_is_there_when_it_is_named_and_nothing_when_none_is() -> None:
    (cpu,) = await devices.find(("cpu",))
    assert (cpu.name, cpu.kind) == ("cpu", "cpu")
    assert 0 < devices.free_memory_bytes() <= devices.memory_bytes() * 1.01
    assert await devices.find(("none",)) == []
