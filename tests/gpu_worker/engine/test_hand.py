"""The device's thread: the cache, and the ladder when memory runs out. In this process, on hardware that counts."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gator.errors import Refused
from gpu_worker.devices import Found
from gpu_worker.engine.batch import Batch, Ticket
from gpu_worker.engine.cache import Cache
from gpu_worker.engine.hand import Hand
from gpu_worker.engine.maker import DeviceLost, Made, Order, Spare
from gpu_worker.shelf import Shelf
from tests.gpu_worker.engine.making import KIND, Counting, Make, maker
from tests.gpu_worker.engine.shelves import put


class Bench:
    """A hand over a device of 100 bytes, and what it gave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hardware = maker.hardware = Counting(Found("cuda:0", "cuda", "Counting", 100))
        maker.did.clear()
        self.cache = Cache(self.hardware)
        self.gave: dict[str, Made | BaseException] = {}
        self.shares: list[float] = []
        self.hand = Hand(self.hardware, self.cache, Shelf(folder), 4, self._give, self._progress)

    def _give(self, ticket: Ticket, made: Made | BaseException) -> None:
        self.gave[ticket.order.id] = made

    def _progress(self, _part: Sequence[Ticket], share: float, _eta_s: float) -> None:
        self.shares.append(share)

    def batch(self, model: str, count: int, **told: Any) -> Batch:
        batch = Batch(KIND, model, [str(n) for n in range(count)])
        for n in range(count):
            scratch = self.folder / "scratch" / f"{model}{n}"
            scratch.mkdir(parents=True, exist_ok=True)
            order = Order(str(n), Make(**told), n, scratch, {})
            made = asyncio.get_running_loop().create_future()
            batch.tickets.append(Ticket(KIND, order, made, lambda _share, _eta: None))
        return batch

    def make(self, model: str, count: int = 1, **told: Any) -> list[str]:
        """What the maker did for a batch."""
        maker.did.clear()
        self.hand.make(self.batch(model, count, **told))
        return list(maker.did)


@pytest.fixture
async def bench(tmp_path: Path) -> Bench:
    for name, size in {"a": 40, "b": 40, "c": 40, "big": 90, "huge": 390, "colossus": 900}.items():
        put(tmp_path, name, size)
    return Bench(tmp_path)


async def test_a_model_stays_until_its_room_is_needed(bench: Bench) -> None:
    assert bench.make("a") == ["load a none", "make a 1"]
    assert bench.make("a") == ["make a 1"]
    bench.make("b")
    bench.make("a")
    assert bench.cache.loaded() == {"b": 40, "a": 40}
    assert bench.make("c") == ["load c none", "make c 1"]
    assert bench.cache.loaded() == {"a": 40, "c": 40}
    assert bench.hardware.held == 80


async def test_a_batch_is_made_at_once_and_told_by_step(bench: Bench) -> None:
    assert bench.make("a", 3, steps=2) == ["load a none", "make a 3"]
    assert len(bench.gave) == 3
    assert bench.shares == pytest.approx([0.475, 0.95])
    assert bench.hand.pace.speed > 0


async def test_out_of_memory_halves_the_batch_and_remembers(bench: Bench) -> None:
    assert bench.make("a", 4, needs=20) == ["load a none", "make a 2", "make a 2"]
    assert bench.make("a", 4, needs=20) == ["make a 2", "make a 2"]
    assert all(callable(made) for made in bench.gave.values())


async def test_then_other_models_leave(bench: Bench) -> None:
    bench.make("b")
    assert bench.make("a", 1, needs=50) == ["load a none", "make a 1"]
    assert bench.cache.loaded() == {"a": 40}


async def test_then_the_model_is_loaded_with_less_of_it_on_the_device(bench: Bench) -> None:
    assert bench.make("big", 1, needs=50) == ["load big none", "load big offload", "make big 1"]
    assert bench.cache.spared("big") is Spare.offload
    assert bench.make("big", 1, needs=50) == ["make big 1"]


async def test_a_model_that_fits_only_sequentially_is_loaded_so(bench: Bench) -> None:
    assert bench.make("huge") == ["load huge sequential", "make huge 1"]


async def test_what_fits_in_no_way_fails_and_says_so(bench: Bench) -> None:
    bench.make("colossus")
    assert "does not fit" in str(bench.gave["0"])
    bench.make("a", 2, needs=95)
    assert all(isinstance(bench.gave[id], Refused) for id in "01")
    assert bench.hardware.held == sum(bench.cache.loaded().values())
    assert bench.make("a") == ["load a none", "make a 1"], "an order that was too large spoils no other"


async def test_a_model_larger_than_a_cpus_memory_is_not_tried(bench: Bench) -> None:
    bench.hardware.found = Found("cpu", "cpu", "Counting", 100)
    assert bench.make("colossus") == []
    assert "does not fit" in str(bench.gave["0"])


async def test_one_bad_order_of_a_batch_fails_alone(bench: Bench) -> None:
    batch = bench.batch("a", 3)
    bad = batch.tickets[1]
    batch.tickets[1] = Ticket(KIND, Order("1", Make(trouble="refused"), 1, bad.order.scratch, {}), bad.made, bad.note)
    bench.hand.make(batch)

    assert isinstance(bench.gave["1"], Refused)
    assert callable(bench.gave["0"])
    assert callable(bench.gave["2"])


async def test_what_nobody_wants_any_more_ends_at_the_next_step(bench: Bench) -> None:
    batch = bench.batch("a", 2, steps=9)
    bench.hand._progress = lambda part, _share, _eta: [one.made.cancel() for one in part][:0]  # type: ignore[assignment]
    bench.hand.make(batch)

    assert "cancelled" in maker.did
    assert bench.gave == {}
    assert bench.hardware.emptied


async def test_what_one_of_two_wants_is_made(bench: Bench) -> None:
    batch = bench.batch("a", 2)
    batch.tickets[0].made.cancel()
    bench.hand.make(batch)
    assert maker.did[-1] == "make a 1"


async def test_orders_that_do_not_go_together_are_made_apart(bench: Bench) -> None:
    assert bench.make("a", 2, alone=True) == ["load a none", "make a 1", "make a 1"]


async def test_a_lost_device_gives_nothing(bench: Bench) -> None:
    with pytest.raises(DeviceLost, match="bus"):
        bench.make("a", 2, trouble="lost")
    assert bench.gave == {}


async def test_a_model_that_is_not_there_is_named(bench: Bench) -> None:
    bench.make("bigg")
    assert "big" in str(bench.gave["0"])
