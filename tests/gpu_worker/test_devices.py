"""Which devices are named, found and left out; without torch."""

import os
from dataclasses import replace
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


def test_devices_of_which_some_are_hidden_have_names_of_their_own() -> None:
    found = devices.Found("cuda:0", "cuda", "A", 1, "8f2c1a3b-5d6e")
    assert found.seat == "cuda:0"
    assert replace(found, is_renumbered=True).seat == "cuda:0@8f2c1a3b"
    for visible, moved in (("", False), ("0", False), ("0, 1", False), ("1", True), ("GPU-8f2c1a3b", True)):
        assert devices._renumbers(visible) is moved
