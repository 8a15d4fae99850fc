"""Which vaults' indices stay in memory between turns? Those used last, as many as fit."""

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

        shelf = self._kept.get((key, model)) or self._kept.setdefault((key, model), Shelf())
        self._kept.move_to_end((key, model))
        self._taken += 1
        if self._taken % TIDY_EVERY == 0 or len(self._kept) > KEPT_SHELVES:
            self._tidy()
        return shelf

    def _tidy(self) -> None:
        rows = sum(map(len, self._kept.values()))
        while (rows > KEPT_ROWS or len(self._kept) > KEPT_SHELVES) and len(self._kept) > 1:
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
