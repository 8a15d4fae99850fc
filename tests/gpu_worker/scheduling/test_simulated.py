"""The goals of bench/gpu_sim.py on two of its rooms and one seed: figures of simulated time, so the same on every machine."""

import pytest

from bench.gpu_sim import ROOMS, measure


@pytest.mark.parametrize("name", ["4 equal, one slot", "4 unlike"])
def test_devices_are_shared_out_better_than_by_one_queue(name: str) -> None:
    [room] = [one for one in ROOMS if one.name == name]
    run = measure(room, 1, 0.3)

    assert run["makespan/bound"] <= 1.15  # a third as long as in the bench, so the first loads count three times
    assert run["fifo makespan/bound"] > 1.5
    assert run["useful"] >= 0.75
    assert run["fifo/urgent p95"] >= 20
    assert run["worst persona p95 s"] <= run["fifo worst persona p95 s"] / 5
    assert run["uneven"] <= 0.05


@pytest.mark.parametrize(("name", "times"), [("1 rack, long clips", 20), ("1 big, long clips", 3)])
def test_urgent_pictures_do_not_wait_for_long_clips(name: str, times: int) -> None:
    [room] = [one for one in ROOMS if one.name == name]
    run = measure(room, 1, 0.5)

    assert run["no way urgent p95 s"] >= times * run["urgent p95 s"]
    assert run["useful"] >= 0.95 * run["no way useful"]
