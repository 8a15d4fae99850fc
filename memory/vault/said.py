"""What was said between the two that fits a question? Vectors and words of one vault; texts are read through its key."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from memory.models import Conversation, Message, Recollection
from memory.packing import packed
from memory.prepared import Prepared
from memory.recall.speakers import Names
from memory.repositories.base import row_of, table_of
from memory.vault.key import VaultKey, as_of_now, of_key, said_at
from memory.vault.off_since import off_since
from memory.vault.pages import AT_ONCE, Pages, newer, spoken
from memory.vault.shelves import shelves_of

if TYPE_CHECKING:
    from memory.minilm import Floats
    from memory.recall.fusion import Parts
    from memory.recall.search import Hit
    from memory.recall.shelf import Shelf

# So many rows are indexed before other turns have their chance: a cold vault of a long history takes tenths of a second.
STEP = 100
HITS = 8  # messages that one statement reads
_HITS = [f"hit{n}" for n in range(HITS)]
NOBODY = Names()


@dataclass(frozen=True, slots=True)
class Memory:
    """Something that was said. `author` is fan or persona."""

    author: str
    text: str
    at: datetime
    message_id: str
    score: float


# What a turn asks, built once. Each carries the whole key.
_NEWER = newer(STEP)
_LACKING = Prepared(
    select(Recollection.id)
    .where(of_key(Recollection), Recollection.id > bindparam("newest"), Recollection.message_id <= bindparam("upto"))
    .limit(1)
)
_TEXTS = Prepared(
    select(Message.id, Message.author, Message.text, Message.created_at)
    .join(Conversation, Conversation.id == Message.conversation_id)
    .where(of_key(Conversation), Message.id.in_([bindparam(name) for name in _HITS]))
)


@cache
def _insertion(dialect: str) -> Prepared:
    """The insertion of a recollection whose message was said in the vault of the key; gives its id, once."""
    columns = table_of(Recollection).columns
    values = select(*(bindparam(f"v_{one.name}", type_=one.type) for one in columns))
    said = of_key(Conversation), Conversation.id == Message.conversation_id, Message.id == bindparam("message")
    into = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table_of(Recollection))
    theirs = into.from_select([one.name for one in columns], values.where(*said), include_defaults=False)
    return Prepared(theirs.on_conflict_do_nothing().returning(columns.id))


class Said:
    """What can be recalled in one vault. `model` names the embedder of the vectors it is given."""

    def __init__(self, session: AsyncSession, key: VaultKey, model: str) -> None:
        self._session = session
        self._key = key
        self._model = model

    async def keep(self, message_id: str, vector: "Floats | None", doubt: str = "") -> None:
        """Have a message recalled from now on; twice is once. Without a vector its words alone find it, until `embedded`.

        In doubt (`doubt` says why) it is kept apart, and recalled once it is `trusted`. Raises Forbidden when the message
        is not this vault's.
        """
        columns: dict[str, Any] = {
            **self._key.columns,
            "message_id": message_id,
            "doubt": doubt,
            "model": "",
            "vector": b"",
        }
        if vector is not None:
            columns |= {"model": self._model, "vector": packed(vector)}
        values = {**row_of(Recollection, **columns), **self._key.bound, "message": message_id}
        if not await _insertion(self._session.get_bind().dialect.name).run(self._session, values):
            await said_at(self._session, self._key, message_id)  # nothing was written: it is there, or not this vault's

    async def embedded(self, message_id: str, vector: "Floats", text: str) -> bool:
        """As `keep`, for a message that has a row without a vector: the new row takes its place, doubt and all.

        False, and nothing is kept, where it was forgotten meanwhile, done by another process, or no longer reads `text`.
        """
        plain = (self._key.opens(Recollection), Recollection.message_id == message_id, Recollection.model == "")
        as_read = exists().where(Message.id == message_id, Message.text == text)
        gone = delete(Recollection).where(*plain, as_read).returning(Recollection.doubt)
        doubt = (await self._session.execute(gone)).scalar_one_or_none()
        if doubt is not None:
            await self.keep(message_id, vector, doubt)
        return doubt is not None

    async def trusted(self, message_id: str) -> None:
        """Nothing is wrong with it: it is recalled from now on."""
        mine = (self._key.opens(Recollection), Recollection.message_id == message_id, Recollection.doubt != "")
        await self._session.execute(update(Recollection).where(*mine).values(doubt="", id=as_of_now(Recollection.id)))

    async def recall(
        self,
        query: str,
        vector: "Floats | None" = None,
        limit: int = 6,
        before: str | None = None,
        *,
        names: Names = NOBODY,
        asked_at: datetime | None = None,
        budget: int | None = None,
        floor: float | None = None,
        parts: "Parts | None" = None,
        though_off: bool = False,
    ) -> list[Memory]:
        """What was said that fits the query, best first; only messages older than `before`, the window's first one.

        Nothing while the fan wants nothing remembered, save for operators who look at what is kept (`though_off`).
        Without a vector (the embedder is unavailable) words alone decide. With `names`, `vector` is best that of
        `memory.recall.speakers.as_said(query, names)`. "Last summer" is told from `asked_at` (default: now). With a
        `budget` of tokens each thing is told once, short answers with the question before them, the same question asked
        before and its answer not at all, and no more than fits.
        A question that names a time and nothing else is given what was said then, with a `budget` as much as it holds.
        With a `floor` of 0 even what has nothing to do with the query is ranked.
        """
        from memory.recall import budget as budgets
        from memory.recall.echoes import SPARE, asks_the_same, without_echoes
        from memory.recall.fusion import ALL
        from memory.recall.search import FLOOR, search
        from memory.recall.then import MOST, asks_for_a_time

        at = asked_at or now()
        if not though_off and await off_since(self._session, self._key):
            return []
        shelf = await self._shelf(before)

        def best(most: int) -> "list[Hit]":
            return search(
                shelf, query, vector, most, before, names=names, at=at, parts=parts or ALL,
                floor=FLOOR if floor is None else floor,
            )  # fmt: skip

        if budget is not None and asks_for_a_time(query, at):
            limit = max(limit, MOST)
        hits = best(limit)
        if budget is None:
            return await self._read(hits)
        memories = await self._read(budgets.with_questions(shelf, hits))
        if any(asks_the_same(query, one.text) for one in memories):
            hits = best(limit * SPARE)
            texts = {one.message_id: one.text for one in await self._read(hits)}
            hits = without_echoes(query, shelf, hits, texts)[:limit]
            memories = await self._read(budgets.with_questions(shelf, hits))
        return budgets.within(memories, budget, lambda one, text: replace(one, text=text))

    async def _read(self, hits: "Sequence[Hit]") -> list[Memory]:
        """The texts of the hits, in their order."""
        found: dict[str, Memory] = {}
        scores = {hit.message_id: hit.score for hit in hits}
        for start in range(0, len(hits), HITS):
            ids = [hit.message_id for hit in hits[start : start + HITS]]
            wanted = dict(zip_longest(_HITS, ids, fillvalue=""))
            rows = await _TEXTS.run(self._session, {**self._key.bound, **wanted})
            found |= {id: Memory(author, text, at, id, scores[id]) for id, author, text, at in rows}
        return [found[hit.message_id] for hit in hits if hit.message_id in found]

    async def _shelf(self, before: str | None) -> "Shelf":
        """This vault's index, brought up to date: an indexed query that gives only rows not seen yet.

        What the window shows is not looked for: it is taken in when the first of it has left, a window's worth at once,
        which costs half of two messages a turn.
        """
        shelf = shelves_of(self._session).take(self._key, self._model)
        if not shelf.newest:
            await self._take_pages(shelf)
        elif before and not await self._lacks(shelf, before):
            return shelf
        while True:
            rows = await _NEWER.run(self._session, {**self._key.bound, "newest": shelf.newest})
            # Another turn of this fan may have added the same rows while this one waited.
            fresh = [row for row in rows if row[0] > shelf.newest]
            if fresh:
                shelf.add(spoken(fresh, self._model))
                shelf.newest = fresh[-1][0]
                shelf.loose += len(fresh)
            if len(rows) < STEP:
                return shelf
            await asyncio.sleep(0)

    async def _lacks(self, shelf: "Shelf", upto: str) -> bool:
        """Whether there are rows, not seen yet, of messages up to that one."""
        values = {**self._key.bound, "newest": shelf.newest, "upto": upto}
        return bool(await _LACKING.run(self._session, values))

    async def _take_pages(self, shelf: "Shelf") -> None:
        """What lies in pages; nothing after one that cannot be read."""
        from memory.recall.entries import from_bytes

        while True:
            found = await Pages(self._session, self._key, self._model).read(shelf.newest)
            for upto, page in found:
                if upto <= shelf.newest:
                    continue
                entries = from_bytes(page)
                if entries is None:
                    return
                shelf.add_page(entries)
                shelf.newest = upto
            if len(found) < AT_ONCE:
                return
            await asyncio.sleep(0)
