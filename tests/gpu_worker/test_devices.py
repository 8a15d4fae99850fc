"""Which devices are named, found and left out; without torch."""

import os
from pathlib import Path

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


def test_a_container_has_what_its_limit_leaves_and_the_files_it_could_forget(tmp_path: Path) -> None:
    assert devices.left_in_group(tmp_path) == []
    told = {
        "memory.max": "8000",
        "memory.current": "6000",
        "memory.stat": "anon 4500\ninactive_file 1500\nactive_file 0",
    }
    for name, text in told.items():
        (tmp_path / name).write_text(text + "\n")
    assert devices.left_in_group(tmp_path) == [3500]
    (tmp_path / "memory.max").write_text("max\n")
    assert devices.left_in_group(tmp_path) == []


def test_gpus_are_numbered_as_their_tools_number_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    assert devices.environment() == {**os.environ, "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "FASTEST_FIRST")
    assert devices.environment()["CUDA_DEVICE_ORDER"] == "FASTEST_FIRST"
