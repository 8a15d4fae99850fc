"""The device's thread: the cache, and the ladder when memory runs out. In this process, on hardware that counts."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from socket import gethostname
from typing import Any

import pytest

from gator.errors import Refused
from gpu_worker.devices import Found
from gpu_worker.engine.batch import Batch, Ticket
from gpu_worker.engine.cache import Cache
from gpu_worker.engine.hand import Hand
from gpu_worker.engine.maker import DeviceLost, Made, Order, Spare
from gpu_worker.lease import Stopped
from gpu_worker.shelf import Shelf
from tests.gpu_worker.engine.making import KIND, Counting, Make, maker
from tests.gpu_worker.engine.shelves import put


class Bench:
    """A hand over a device of 100 bytes, and what it gave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hardware = maker.hardware = Counting(Found("cuda:0", "cuda", "Counting", 100))
        maker.did.clear()
        self.elsewhere: dict[str, int] = {}
        self.cache = Cache(self.hardware, elsewhere=lambda: self.elsewhere)
        self.gave: dict[str, Made | BaseException] = {}
        self.shares: list[float] = []
        self.on_step: Callable[[], None] = lambda: None
        self.hand = Hand(self.hardware, self.cache, Shelf(folder), 4, self._give, self._progress)

    def _give(self, ticket: Ticket, made: Made | BaseException) -> None:
        self.gave[ticket.order.id] = made

    def _progress(self, _part: Sequence[Ticket], share: float, _eta_s: float) -> None:
        self.shares.append(share)
        self.on_step()

    def meanwhile(self, batch: Batch) -> None:
        """At its first step, what is made next hears of that batch."""

        def urge() -> None:
            self.on_step = lambda: None
            self.hand.make_beside(batch)

        self.on_step = urge

    def batch(self, model: str, count: int, **told: Any) -> Batch:
        batch = Batch(KIND, model, [f"{model}{n}" for n in range(count)])
        for n in range(count):
            scratch = self.folder / "scratch" / f"{model}{n}"
            scratch.mkdir(parents=True, exist_ok=True)
            order = Order(f"{model}{n}", Make(**told), n, scratch, {})
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


async def test_a_model_that_no_machine_has_is_told_with_where_it_was_looked_for(bench: Bench) -> None:
    bench.make("gone")
    [error] = bench.gave.values()
    assert str(error).startswith(
        f"No machine that takes jobs has the model gone; it was looked for on {gethostname()}."
    )
    assert str(error).endswith("There is: huge.")


async def test_a_batch_is_made_at_once_and_told_by_step(bench: Bench) -> None:
    assert bench.make("a", 3, steps=2) == ["load a none", "make a 3"]
    assert len(bench.gave) == 3
    assert bench.shares == pytest.approx([0.475, 0.95])
    assert bench.hand.pace.speed > 0


async def test_out_of_memory_halves_the_batch_and_remembers(bench: Bench) -> None:
    assert bench.make("a", 4, needs=20) == ["load a none", "make a 2", "make a 2"]
    assert bench.make("a", 4, needs=20) == ["make a 2", "make a 2"]
    assert all(callable(made) for made in bench.gave.values())


async def test_a_large_batch_that_did_not_fit_makes_no_batch_of_small_ones_smaller(bench: Bench) -> None:
    assert bench.make("a", 4, needs=20, width=1024, height=1024)[1:] == ["make a 2", "make a 2"]
    assert bench.make("a", 4, width=512, height=512) == ["make a 4"]
    assert bench.make("a", 4, width=1024, height=1024) == ["make a 2", "make a 2"]


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


async def test_a_model_that_fits_one_part_at_a_time_is_loaded_so(bench: Bench) -> None:
    put(bench.folder, "large", 290)
    assert bench.make("large") == ["load large turns", "make large 1"]


async def test_a_part_goes_to_another_device_of_the_machine_before_it_goes_to_the_cpu(bench: Bench) -> None:
    bench.elsewhere["cuda:1"] = 60
    assert bench.make("big", 1, needs=50) == ["load big none", "load big apart", "make big 1"]
    assert bench.cache.spared("big") is Spare.apart


async def test_on_a_cpu_nothing_but_smaller_parts_is_tried(bench: Bench) -> None:
    bench.hardware.found = Found("cuda:0", "cpu", "Counting", 100)
    assert bench.make("big", 1, needs=70) == ["load big none", "load big offload"]
    assert isinstance(bench.gave["big0"], Refused)


async def test_what_fits_in_no_way_fails_and_says_so(bench: Bench) -> None:
    bench.make("colossus")
    assert "does not fit" in str(bench.gave["colossus0"])
    bench.make("a", 2, needs=95)
    assert all(isinstance(bench.gave[id], Refused) for id in ("a0", "a1"))
    assert bench.hardware.held == sum(bench.cache.loaded().values())
    assert bench.make("a") == ["load a none", "make a 1"], "an order that was too large spoils no other"


async def test_a_model_larger_than_a_cpus_memory_is_not_tried(bench: Bench) -> None:
    bench.hardware.found = Found("cpu", "cpu", "Counting", 100)
    assert bench.make("colossus") == []
    assert "does not fit" in str(bench.gave["colossus0"])


async def test_one_bad_order_of_a_batch_fails_alone(bench: Bench) -> None:
    batch = bench.batch("a", 3)
    bad = batch.tickets[1]
    batch.tickets[1] = Ticket(KIND, Order("a1", Make(trouble="refused"), 1, bad.order.scratch, {}), bad.made, bad.note)
    bench.hand.make(batch)

    assert isinstance(bench.gave["a1"], Refused)
    assert callable(bench.gave["a0"])
    assert callable(bench.gave["a2"])


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
    assert "big" in str(bench.gave["bigg0"])


async def test_a_model_that_was_pulled_anew_is_loaded_anew(bench: Bench) -> None:
    bench.make("a")
    shelf = Shelf(bench.folder)
    shelf.put(shelf.get("a").model_copy(update={"revision": "2", "bytes": 60}))
    assert bench.make("a") == ["load a none", "make a 1"]
    assert bench.cache.loaded() == {"a": 60}
    assert bench.hardware.held == 60


async def test_what_is_urgent_is_made_at_a_step_and_leaves_the_memory_as_it_was(bench: Bench) -> None:
    bench.meanwhile(bench.batch("b", 2))
    assert bench.make("a", 1, steps=3) == ["load a none", "make a 1", "load b none", "make b 2"]
    assert callable(bench.gave["b0"])
    assert callable(bench.gave["a0"])
    assert bench.cache.loaded() == {"a": 40}
    assert bench.hardware.held == 40
    assert not bench.hand.is_beside


async def test_what_does_not_fit_beside_waits_and_loses_nothing(bench: Bench) -> None:
    bench.meanwhile(bench.batch("big", 1))
    assert bench.make("a", 1, steps=3) == ["load a none", "make a 1"]
    assert isinstance(bench.gave["big0"], Stopped)
    assert callable(bench.gave["a0"])
    assert bench.hand.no_room_beside
    assert bench.cache.spared("big") is Spare.none, "it fits alone"


async def test_an_error_of_the_urgent_one_is_its_own(bench: Bench) -> None:
    bench.meanwhile(bench.batch("b", 1, trouble="bug"))
    bench.make("a", 1)
    assert isinstance(bench.gave["b0"], KeyError)
    assert callable(bench.gave["a0"])


async def test_what_rests_is_put_back_where_nothing_of_it_is_lost(bench: Bench) -> None:
    bench.on_step = bench.hand.let_rest
    assert bench.make("a", 1, steps=3, pauses=True) == ["load a none", "make a 1", "rested"]
    assert isinstance(bench.gave["a0"], Stopped)
    bench.on_step = lambda: None
    bench.make("a", 1, steps=3, pauses=True)
    assert callable(bench.gave["a0"]), "and is asked to rest once"


async def test_a_batch_that_ended_first_leaves_the_urgent_one(bench: Bench) -> None:
    urgent = bench.batch("b", 1)
    bench.hand.make_beside(urgent)
    assert bench.hand.left() is urgent
    assert bench.hand.left() is None
