"""Which models are in a device's memory? As many as fit, by measured size; the longest unused make room for the next.

Used by one thread, the one that works on the device.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from gator.errors import Refused, Unavailable
from gpu_worker.engine.hardware import Hardware, is_out_of_memory
from gpu_worker.engine.maker import Loaded, Maker, Spare
from gpu_worker.scheduling.views import to_evict
from gpu_worker.shelf import ShelfEntry

_OVER_FILES = 1.1  # a model takes somewhat more in memory than its files, until it was measured
SPARES = tuple(Spare)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Held:
    loaded: Loaded
    maker: Maker
    size: int
    entry: ShelfEntry  # as it was when it was loaded

    def serves(self, maker: Maker, entry: ShelfEntry) -> bool:
        """Not where another maker loaded it (a pipeline that makes pictures and clips is two in memory) or it was pulled anew."""
        return self.maker is maker and self.entry == entry


class Cache:
    """`on_change` is called whenever a model came or went; `elsewhere` gives what other devices of this machine have free."""

    def __init__(
        self,
        hardware: Hardware,
        on_change: Callable[[], None] = lambda: None,
        elsewhere: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._hardware = hardware
        self._on_change = on_change
        self._elsewhere = elsewhere
        self._held: dict[str, _Held] = {}  # the longest unused first
        self._floors: dict[str, Spare] = {}  # without which a model does not fit
        self._eased: dict[str, Spare] = {}  # for an order that took much memory, until the model leaves
        self._measured: dict[str, int] = {}
        self._in_use: set[str] = set()

    def loaded(self) -> dict[str, int]:
        """Bytes by model, the longest unused first."""
        return {model: held.size for model, held in list(self._held.items())}

    @contextmanager
    def using(self, model: str) -> Iterator[None]:
        """It is worked with: nothing that is made in the middle of that makes it leave, or is spared for its sake."""
        self._in_use.add(model)
        try:
            yield
        finally:
            self._in_use.discard(model)

    def in_use(self) -> frozenset[str]:
        return frozenset(self._in_use)

    def need_bytes(self, entry: ShelfEntry) -> int:
        """What the model takes: as measured here, else as its files let expect."""
        return self._measured.get(entry.name) or int(entry.bytes * _OVER_FILES)

    def get(self, maker: Maker, entry: ShelfEntry) -> Loaded:
        """The model in memory, loaded if it was not. Raises Refused when it does not fit whatever is spared.

        Raises Unavailable while the machine's own memory has no room to read it, even without other models.
        """
        held = self._held.get(entry.name)
        if held and held.serves(maker, entry):
            self._held[entry.name] = self._held.pop(entry.name)
            return held.loaded
        if held:
            if held.entry != entry:  # other weights: what was learnt of the old ones says nothing
                self._measured.pop(entry.name, None)
                self._floors.pop(entry.name, None)
            del held
            self.drop(entry.name)
        if self._hardware.found.kind == "cpu" and self.need_bytes(entry) > self._hardware.found.memory_bytes:
            raise self._too_large(entry)  # nothing can be kept off a CPU, and the system would kill the process
        self._make_room(entry)
        while True:
            try:
                return self._load(maker, entry)
            except Unavailable:  # the machine's own memory has no room to read it
                if self._in_use or not self.evict_others(entry.name):
                    raise
                continue
            except Exception as error:
                if not is_out_of_memory(error) or self._in_use:
                    raise
            self._hardware.empty()
            if not self.evict_others(entry.name) and not self.spare_more(entry.name, always=True):
                raise self._too_large(entry)

    def _too_large(self, entry: ShelfEntry) -> Refused:
        return Refused(
            f"The model {entry.name} does not fit into the memory of {self._hardware.found.label}.",
            remedy="Use a smaller model, or a device with more memory.",
        )

    def evict_others(self, model: str) -> bool:
        """Unload all models but this one; whether there were any."""
        others = [name for name in self._held if name != model and name not in self._in_use]
        for name in others:
            self.drop(name)
        return bool(others)

    def spare_more(self, model: str, *, always: bool = False) -> bool:
        """Let the model be loaded with more of it kept off the device; whether there is more to keep off.

        Until it leaves, or `always`, where it does not fit otherwise.
        """
        now = SPARES.index(self.spared(model))
        further = next((one for one in self._levels() if SPARES.index(one) > now), None)
        self.drop(model)
        self._measured.pop(model, None)
        if further is None:
            return False
        (self._floors if always else self._eased)[model] = further
        log.info("model_spared", model=model, spare=further.value)
        return True

    def _levels(self) -> tuple[Spare, ...]:
        if self._hardware.found.kind == "cpu":  # there is nowhere else; decoding in parts is what helps it
            return (Spare.none, Spare.offload)
        return tuple(one for one in SPARES if one is not Spare.apart or self._elsewhere())

    def spared(self, model: str) -> Spare:
        return self._eased.get(model) or self._floors.get(model, Spare.none)

    def drop(self, model: str) -> None:
        self._eased.pop(model, None)
        held = self._held.pop(model, None)
        if held:
            held.loaded.unload()
            del held
            self._hardware.empty()
            log.info("model_unloaded", model=model)
            self._on_change()

    def _make_room(self, entry: ShelfEntry) -> None:
        idle = {name: size for name, size in self.loaded().items() if name not in self._in_use}
        for name in to_evict(idle, self._hardware.free_bytes(), self.need_bytes(entry)):
            self.drop(name)

    def _load(self, maker: Maker, entry: ShelfEntry) -> Loaded:
        spare = self.spared(entry.name)
        name = self._hardware.found.name
        loaded = maker.load(entry, name, spare, {**self._elsewhere(), name: self._hardware.free_bytes()})
        size = self._measured[entry.name] = loaded.size_bytes()
        self._held[entry.name] = _Held(loaded, maker, size, entry)
        log.info("model_loaded", model=entry.name, size_bytes=size, spare=spare.value)
        self._on_change()
        return loaded
