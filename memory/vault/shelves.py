"""Which vaults' indices stay in memory between turns? Those used last, as many as fit."""

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from memory.vault.key import VaultKey

if TYPE_CHECKING:
    from memory.recall.shelf import Shelf

# Messages kept in memory between turns, over all fans: 2.2 KB each (vector, words, nature), 36 MB in all.
KEPT_ROWS = 16_384
KEPT_SHELVES = 512
TIDY_EVERY = 16  # turns; counting the rows of all shelves costs as much as a statement


class Shelves:
    """The shelves of one database that were used last, as many as fit KEPT_ROWS."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[VaultKey, str], Shelf] = OrderedDict()
        self._taken = 0

    def take(self, key: VaultKey, model: str) -> "Shelf":
        from memory.recall.shelf import Shelf  # brings numpy

        shelf = self._kept.get((key, model))
        if shelf is None:
            shelf = self._kept[key, model] = Shelf(key.salt)
        shelf.taken_at = time.monotonic()
        self._kept.move_to_end((key, model))
        self._taken += 1
        if len(self._kept) > KEPT_SHELVES:
            self._kept.popitem(last=False)
        if self._taken % TIDY_EVERY == 0:
            self._tidy()
        return shelf

    def loose(self, rows: int, idle_s: float) -> list[tuple[VaultKey, str]]:
        """Of which vaults so many rows lie in no page, and nobody asked for so long; with the embedder of their vectors."""
        since = time.monotonic() - idle_s
        return [one for one, shelf in self._kept.items() if shelf.loose >= rows and shelf.taken_at < since]

    def paged(self, key: VaultKey, model: str) -> None:
        """Nothing of it is to be put in a page for now."""
        if (key, model) in self._kept:
            self._kept[key, model].loose = 0

    def _tidy(self) -> None:
        rows = sum(map(len, self._kept.values()))
        while rows > KEPT_ROWS and len(self._kept) > 1:
            rows -= len(self._kept.popitem(last=False)[1])

    def drop_fans(self, workspace: str, fans: set[str]) -> None:
        for key, _ in list(self._kept):
            if key.workspace == workspace and key.fan in fans:
                self.drop(key)

    def drop(self, key: VaultKey) -> None:
        for kept in [one for one in self._kept if one[0] == key]:
            del self._kept[kept]


_shelves: WeakKeyDictionary[Any, Shelves] = WeakKeyDictionary()


def shelves_of(session: AsyncSession) -> Shelves:
    """The shelves of the session's database."""
    bind: Any = session.get_bind()
    return _shelves.setdefault(bind.engine, Shelves())  # a session may be bound to a connection
