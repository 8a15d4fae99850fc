"""What does recall keep of messages? Numbers, one column under the other, made from texts once and never to be read as such.

    read(messages)  texts -> marks of their words, what each is like, its days, its vector
    to_bytes        many messages as one value of a row (memory.vault.pages); from_bytes reads them where they lie

`FORM` changes when any of it would come out otherwise: what was kept under another one is made anew from the rows.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memory.recall.lexicon import MOST, marks_of
from memory.recall.nature import WIDTH, nature
from memory.recall.speakers import PERSONA
from memory.recall.times import days_of
from memory.recall.words import Words

FORM = 1
ID = np.dtype("S36")
LONGEST = 65_535  # words of a message that are counted
_HEAD = np.dtype("<u4")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message as it comes to the shelf."""

    message_id: str
    author: str  # fan or persona
    text: str
    at: datetime
    talk: str  # its conversation
    vector: bytes | None  # as its row keeps it; None while it has none of this shelf's embedder


@dataclass(frozen=True, slots=True)
class Entries:
    """Columns of messages: a row each, but for `talks`, `marks`, `counts` and `vectors`."""

    at: NDArray[np.float64]  # seconds since 1970
    happened: NDArray[np.int32]  # first and last day of what it tells
    natures: NDArray[np.float32]
    marks: NDArray[np.uint32]  # of each message's different words, one message after the other
    different: NDArray[np.uint16]  # words of the message
    lengths: NDArray[np.uint16]  # words, each as often as it stands there
    talk: NDArray[np.uint16]  # which of `talks`
    vectors: NDArray[np.uint8]  # of those that have one, as their rows keep them
    ids: NDArray[np.bytes_]
    talks: NDArray[np.bytes_]  # conversations
    counts: NDArray[np.uint8]  # how often each of `marks` stands there
    persona: NDArray[np.bool_]
    there: NDArray[np.bool_]  # whether it has a vector

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, places: Sequence[int]) -> "Entries":
        """Those of them, without their vectors."""
        words = np.isin(np.repeat(np.arange(len(self)), self.different), places)
        columns = {
            name: getattr(self, name)[places] for name in _KINDS if name not in ("marks", "counts", "talks", "vectors")
        }
        columns["there"] = np.zeros(len(places), np.bool_)
        return Entries(
            **columns, marks=self.marks[words], counts=self.counts[words], talks=self.talks, vectors=self.vectors[:0]
        )

    def to_bytes(self) -> bytes:
        """Lengths of the columns, then the columns: wide numbers first, so that each lies where it may be read."""
        columns = [getattr(self, name) for name in _KINDS]
        head = np.array([FORM, self.vectors.shape[1], *map(len, columns)], _HEAD)
        if head.nbytes % 8:
            head = np.append(head, np.zeros(1, _HEAD))
        return head.tobytes() + b"".join(column.tobytes() for column in columns)


_COLUMNS: dict[str, tuple[Any, int]] = {
    "at": ("<f8", 1), "happened": ("<i4", 2), "natures": ("<f4", WIDTH), "marks": ("<u4", 1), "different": ("<u2", 1),
    "lengths": ("<u2", 1), "talk": ("<u2", 1), "vectors": ("u1", 0), "ids": (ID, 1), "talks": (ID, 1), "counts": ("u1", 1),
    "persona": ("?", 1), "there": ("?", 1),
}  # fmt: skip
_KINDS = {name: (np.dtype(kind), width) for name, (kind, width) in _COLUMNS.items()}
assert list(_KINDS) == [field.name for field in fields(Entries)]
_HEADS = 2 + len(_KINDS)
_START = (_HEADS + _HEADS % 2) * _HEAD.itemsize
_SIZES = [kind.itemsize * width for kind, width in _KINDS.values()]  # bytes of a row; 0: as the vectors have


def from_bytes(page: bytes) -> Entries | None:
    """The entries that `to_bytes` gave; None where it was another form's, or bytes are missing."""
    if len(page) < _HEADS * _HEAD.itemsize:
        return None
    form, size, *counts = np.frombuffer(page, _HEAD, _HEADS).tolist()
    if form != FORM or len(page) != _size(counts, size):
        return None
    at, columns = _START, []
    for (kind, width), count in zip(_KINDS.values(), counts, strict=True):
        width = width or size
        column = np.frombuffer(page, kind, count * width, at)
        columns.append(column if width == 1 else column.reshape(count, width))
        at += column.nbytes
    return Entries(*columns)


def _size(counts: Sequence[int], size: int) -> int:
    columns = zip(_SIZES, counts, strict=True)
    return _START + sum((wide or size) * count for wide, count in columns)


def read(messages: Sequence[Spoken], salt: bytes = b"") -> Entries:
    """What is kept of these messages; a vector that is not as long as the most are is left out."""
    said = [Words(one.text) for one in messages]
    words = [Counter(one.terms) for one in said]
    talks = list(dict.fromkeys(one.talk for one in messages))
    sizes = Counter(len(one.vector) for one in messages if one.vector).most_common(1)
    length = sizes[0][0] if sizes else 1
    there = [bool(one.vector) and len(one.vector or b"") == length for one in messages]
    vectors = b"".join(one.vector or b"" for one, has in zip(messages, there, strict=True) if has)
    return Entries(
        at=np.array([one.at.timestamp() for one in messages], np.float64),
        happened=np.array([_happened(words, one.at) for one, words in zip(messages, said, strict=True)], np.int32),
        natures=np.array([nature(one) for one in said], np.float32),
        marks=marks_of([word for bag in words for word in bag], salt),
        different=np.array([len(bag) for bag in words], np.uint16),
        lengths=np.array([min(bag.total(), LONGEST) for bag in words], np.uint16),
        talk=np.array([talks.index(one.talk) for one in messages], np.uint16),
        vectors=np.frombuffer(vectors, np.uint8).reshape(-1, length),
        ids=np.array([one.message_id for one in messages], ID),
        talks=np.array(talks, ID),
        counts=np.array([min(count, MOST) for bag in words for count in bag.values()], np.uint8),
        persona=np.array([one.author == PERSONA for one in messages], np.bool_),
        there=np.array(there, np.bool_),
    )


def _happened(said: Words, at: datetime) -> tuple[int, int]:
    """The days that the message speaks of, or else the day on which it was said."""
    days = days_of(said, at)
    return (days.first, days.last) if days else (at.toordinal(), at.toordinal())
