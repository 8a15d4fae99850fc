"""What one vault keeps in memory between turns: of each message its words, its vector and its nature, never its text.

It holds what was said in one vault only and is no way to it: `memory.vault` reads each text through its own key.
`search` finds in it what answers a question.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from memory.recall import entries
from memory.recall.columns import Column
from memory.recall.entries import ID, Entries, Spoken
from memory.recall.lexicon import Lexicon
from memory.recall.nature import WIDTH
from memory.recall.neighbours import Layout
from memory.recall.speakers import PERSONA
from memory.recall.vectors import Vectors

Floats = NDArray[np.float32]


class Shelf:
    """The index of one vault, in the order of ids, which is that of time.

    What SQL no longer has is never read, so nothing needs to be taken out.
    """

    def __init__(self, salt: bytes = b"") -> None:
        self.newest = ""  # id of the newest row taken in
        self.loose = 0  # rows taken in that lie in no page (memory.vault.pages)
        self.taken_at = 0.0  # when it was last asked for
        self._salt = salt
        self._ids = Column(ID)
        self.lexicon = Lexicon(salt)
        self._vectors = Vectors()
        self._natures = Column(np.float32, WIDTH)
        self._persona = Column(np.bool_)
        self._at = Column(np.float64)
        self._happened = Column(np.int32, 2)
        self._talks = Column(np.int32)
        self._talk_numbers: dict[bytes, int] = {}
        self._layout: Layout | None = None

    def __len__(self) -> int:
        return len(self._ids.rows)

    def id_at(self, place: int) -> str:
        """The id of the message."""
        return bytes(self._ids.rows[place]).decode()

    def ids_at(self, places: NDArray[np.intp]) -> list[str]:
        """The ids of those messages, in that order."""
        return [id.decode() for id in self._ids.rows[places].tolist()]

    def since(self, message_id: str) -> int:
        """The place of that message, or of the first one after it."""
        return int(np.searchsorted(self._ids.rows, np.array(message_id, ID)))

    def add(self, messages: Sequence[Spoken]) -> None:
        """Take in messages, new ones or such as have their vector only now."""
        fresh: dict[str, Spoken] = {}
        for one, place in zip(messages, self._find([one.message_id for one in messages]), strict=True):
            if place is not None:
                if one.vector:
                    self._vectors.put(place, one.vector)
            elif one.vector or one.message_id not in fresh:
                fresh[one.message_id] = one
        if fresh:
            self._take_in(entries.read(list(fresh.values()), self._salt), [one.vector for one in fresh.values()])

    def add_page(self, page: Entries) -> None:
        """Take in what was kept of messages; of what is there already nothing but the vector."""
        known = self._find(page.ids.tolist()) if len(self) else [None] * len(page)
        if not any(place is not None for place in known):
            self._take_in(page)
            return
        rows = iter(page.vectors)
        vectors = [next(rows).tobytes() if has else None for has in page.there.tolist()]
        for place, vector in zip(known, vectors, strict=True):
            if place is not None and vector:
                self._vectors.put(place, vector)
        fresh = [at for at, place in enumerate(known) if place is None]
        self._take_in(page.only(fresh), [vectors[at] for at in fresh])

    def _find(self, ids: "Sequence[str] | Sequence[bytes]") -> list[int | None]:
        """The places of those messages."""
        there, wanted = self._ids.rows, np.array(ids, ID)
        places = np.searchsorted(there, wanted).tolist()
        return [
            place if place < len(there) and there[place] == id else None
            for place, id in zip(places, wanted, strict=True)
        ]

    def _take_in(self, fresh: Entries, vectors: list[bytes | None] | None = None) -> None:
        """New messages; `vectors`, where they are given, in place of those of the entries."""
        if not len(fresh):
            return
        self._ids.extend(fresh.ids)
        self.lexicon.add(fresh.marks, fresh.counts, fresh.different, fresh.lengths)
        if vectors is None:
            self._vectors.add_many(fresh.there, fresh.vectors)
        else:
            self._vectors.add(vectors)
        self._natures.extend(fresh.natures)
        self._persona.extend(fresh.persona)
        self._at.extend(fresh.at)
        self._happened.extend(fresh.happened)
        numbers = [self._talk_numbers.setdefault(one, len(self._talk_numbers)) for one in fresh.talks.tolist()]
        self._talks.extend(np.array(numbers, np.int32)[fresh.talk])
        self._layout = None
        self._put_in_order(len(fresh))

    def _put_in_order(self, fresh: int) -> None:
        """Nearly always they come in order: what is said is newer than all before."""
        ids = self._ids.rows
        late = ids[max(0, len(ids) - fresh - 1) :]
        if bool((late[1:] > late[:-1]).all()):
            return
        order = np.argsort(ids, kind="stable")
        for column in (self._ids, self._natures, self._persona, self._at, self._happened, self._talks):
            column.put_in(order)
        self.lexicon.put_in(order)
        self._vectors.put_in(order)

    @property
    def layout(self) -> Layout:
        if self._layout is None:
            self._layout = Layout(self._talks.rows, self._at.rows)
        return self._layout

    @property
    def natures(self) -> Floats:
        return self._natures.rows

    @property
    def moments(self) -> NDArray[np.float64]:
        """When each message was said, in seconds since 1970."""
        return self._at.rows

    @property
    def said_on(self) -> NDArray[np.float64]:
        """The day on which each message was said, as `date.toordinal` counts."""
        return np.floor(self._at.rows / 86_400) + _EPOCH

    @property
    def happened(self) -> NDArray[np.int32]:
        """The first and last day of what each message tells."""
        return self._happened.rows

    def said_by(self, author: str) -> Floats:
        """1 for each message of that author."""
        theirs: Floats = (self._persona.rows == (author == PERSONA)).astype(np.float32)
        return theirs

    def cosines(self, vector: Floats) -> Floats | None:
        """How near each message is to that vector; None where there is nothing to compare it with."""
        return self._vectors.cosines(vector)


_EPOCH = datetime(1970, 1, 1).toordinal()  # noqa: DTZ001 (a day, not a moment)
