"""What does a persona know of one fan? Facts and things said, opened by a key (workspace, persona, fan) and nothing else.

This is the only module that touches the models Fact and Recollection (tests/memory/test_vault.py walks the tree).
What a fan said stays a quotation: it is recalled, never obeyed. Facts are found by `memory.facts`, ranked by
`memory.ranking`; what is known across a persona lies in `memory.knowledge`.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, update

from gator.errors import Forbidden
from gator.ids import new_id
from gator.principal import Kind
from memory.facts import SINGLE, FoundFact, opposite
from memory.models import Conversation, Fact, Inbound, LoreState, Message, Recollection, TurnRow
from memory.prepared import Prepared
from memory.ranking import Shelf
from memory.repositories.base import insertion_once, row_of, table_of
from memory.work import Work

if TYPE_CHECKING:
    from memory.minilm import Floats

# Vectors kept in memory between turns, over all fans; 16,384 of them are 24 MiB.
KEPT_ROWS = 16_384
KEPT_SHELVES = 512
TIDY_EVERY = 16  # turns; counting the rows of all shelves costs as much as a statement
# So many rows are indexed before other turns have their chance: a cold vault of a long history takes tenths of a second.
STEP = 100
HITS = 8  # messages that one statement reads


@dataclass(frozen=True, slots=True)
class VaultKey:
    """Whose memory: one fan's, with one persona, in one workspace."""

    workspace: str
    persona: str
    fan: str


@dataclass(frozen=True, slots=True)
class FactShown:
    """Something the fan told about themselves. `subject` is whose it is: empty for the fan, else "sister", "dog"."""

    id: str
    kind: str
    subject: str
    value: str
    quote: str
    message_id: str
    confidence: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Memory:
    """Something that was said. `author` is fan or persona."""

    author: str
    text: str
    at: datetime
    message_id: str
    score: float


# What a turn asks of a vault, built once (see memory.repositories.base). Each carries the whole key.
def _of_key(table: type[Fact] | type[Recollection] | type[Conversation]) -> ColumnElement[bool]:
    return (
        (table.workspace == bindparam("workspace"))
        & (table.persona_id == bindparam("persona"))
        & (table.fan_id == bindparam("fan"))
    )


_VALID = Prepared(
    select(
        *(
            table_of(Fact).c[name]
            for name in ("id", "kind", "subject", "value", "quote", "message_id", "confidence", "valid_from")
        )
    )
    .where(_of_key(Fact), Fact.valid_to.is_(None))
    .order_by(Fact.id)
)
_NEWER = Prepared(
    select(Recollection.id, Recollection.message_id, Recollection.model, Recollection.vector, Message.text)
    .join(Message, Message.id == Recollection.message_id)
    .where(_of_key(Recollection), Recollection.id > bindparam("newest"))
    .order_by(Recollection.id)
    .limit(STEP)
)
_TEXTS = Prepared(
    select(Message.id, Message.author, Message.text, Message.created_at)
    .join(Conversation, Conversation.id == Message.conversation_id)
    .where(_of_key(Conversation), Message.id.in_([bindparam(f"hit{n}") for n in range(HITS)]))
)
_SAID = Prepared(
    select(Message.created_at)
    .join(Conversation, Conversation.id == Message.conversation_id)
    .where(_of_key(Conversation), Message.id == bindparam("message"))
)


def open_vault(work: Work, key: VaultKey, model: str | None = None) -> "Vault":
    """The vault of that key. `model` names the embedder of the vectors it is given (default: this process's).

    Raises Forbidden for a key of another workspace, and to a fan for any key but their own with their own persona.
    """
    who = work.principal
    theirs = who.kind is not Kind.fan or (who.subject == key.fan and who.persona == key.persona)
    if who.workspace != key.workspace or not theirs:
        raise Forbidden("That memory is somebody else's.")
    if model is None:
        from memory.embedding import embedder

        model = embedder().name
    return Vault(work, key, model)


async def hand_over(work: Work, conversations: Sequence[str], owner: str, to: str) -> None:
    """Have what was told in these conversations, and only that, belong to another fan: two who are linked, or who part.

    Recollections get ids of now, because an index that another process has in memory takes in only what is newer.
    """
    for start in range(0, len(conversations), 500):  # SQLite takes 32,766 values in a statement
        part = conversations[start : start + 500]
        told = select(Message.id).where(Message.conversation_id.in_(part)).scalar_subquery()
        for table in (Fact, Recollection):
            theirs = (table.workspace == work.principal.workspace, table.fan_id == owner, table.message_id.in_(told))
            values: dict[str, Any] = {"fan_id": to}
            if table is Recollection:
                values["id"] = new_id()[:_TIME_OF_ID] + func.substr(Recollection.id, _TIME_OF_ID + 1)
            await work.session.execute(update(table).where(*theirs).values(**values))
    _shelves_of(work.session.get_bind()).drop_fans(work.principal.workspace, {owner, to})


_TIME_OF_ID = len("01900000-0000")  # the milliseconds of a UUIDv7


class Vault:
    """One fan's memory with one persona, inside a unit of work."""

    def __init__(self, work: Work, key: VaultKey, model: str) -> None:
        self._session = work.session
        self._key = key
        self._model = model
        self._bound = {"workspace": key.workspace, "persona": key.persona, "fan": key.fan}

    def _mine(self, table: type[Fact] | type[Recollection]) -> ColumnElement[bool]:
        """The condition that every statement here carries."""
        key = self._key
        return (table.workspace == key.workspace) & (table.persona_id == key.persona) & (table.fan_id == key.fan)

    def _conversations(self) -> Select[str]:
        """Ids of the conversations between the two."""
        key = self._key
        return select(Conversation.id).where(
            Conversation.workspace == key.workspace, Conversation.persona_id == key.persona, Conversation.fan_id == key.fan
        )  # fmt: skip

    # Facts

    async def facts(self) -> list[FactShown]:
        """What holds now, oldest first."""
        return [FactShown(*row) for row in await _VALID.run(self._session, self._bound)]

    async def learn(self, found: Sequence[FoundFact], message_id: str) -> list[FactShown]:
        """Write down what the fan told in that message; gives what is new.

        A fact that the new one replaces ends, it is not erased. Told again, it is not written again.
        Raises Forbidden when the message is not one of this vault's.
        """
        if not found:
            return []
        at = await self._said_at(message_id)
        query = select(Fact).where(self._mine(Fact), Fact.valid_to.is_(None))
        current = list(await self._session.scalars(query))
        learned = [row for fact in found if (row := self._take(fact, message_id, at, current))]
        await self._session.flush()
        return [_shown(row) for row in learned]

    def _take(self, fact: FoundFact, message_id: str, at: datetime, current: list[Fact]) -> Fact | None:
        """End in `current` what the fact ends; add its row unless it is known or only ends something."""
        for row in current:
            if row.valid_to is None and _ends(fact, row):
                row.valid_to = at
        if fact.ends or any(row.valid_to is None and _same(fact, row) for row in current):
            return None
        row = Fact(
            **self._columns(),
            kind=fact.kind,
            subject=fact.subject[:100],
            value=fact.value,
            quote=fact.quote,
            message_id=message_id,
            confidence=fact.confidence,
            valid_from=at,
        )
        self._session.add(row)
        current.append(row)
        return row

    # What was said

    async def keep(self, message_id: str, vector: "Floats") -> None:
        """Keep a message's vector, so that it can be recalled; twice is once. Raises Forbidden when it is not this vault's."""
        import numpy as np

        await self._said_at(message_id)
        packed = np.asarray(vector, "<f4").tobytes()
        row = row_of(Recollection, **self._columns(), message_id=message_id, model=self._model, vector=packed)
        await insertion_once(Recollection, self._session.get_bind().dialect.name).run(self._session, row)

    async def recall(
        self, query: str, vector: "Floats | None" = None, limit: int = 6, before: str | None = None
    ) -> list[Memory]:
        """What was said that fits the query, best first; only messages older than `before`, the window's first one.

        Without a vector (the embedder is unavailable) words alone decide.
        """
        shelf = await self._shelf()
        hits = shelf.search(query, vector, limit, before)
        if not hits:
            return []
        scores = {hit.message_id: hit.score for hit in hits}
        found: list[Memory] = []
        for start in range(0, len(hits), HITS):
            ids = [hit.message_id for hit in hits[start : start + HITS]]
            wanted = {f"hit{n}": id for n, id in enumerate(ids + [""] * (HITS - len(ids)))}
            rows = await _TEXTS.run(self._session, {**self._bound, **wanted})
            found += [Memory(author, text, at, id, scores[id]) for id, author, text, at in rows]
        return sorted(found, key=lambda memory: -memory.score)

    async def _shelf(self) -> Shelf:
        """This vault's index, brought up to date: an indexed query that gives only rows not seen yet."""
        shelf = _shelves_of(self._session.get_bind()).take(self._key, self._model)
        while True:
            rows = await _NEWER.run(self._session, {**self._bound, "newest": shelf.newest})
            # Another turn of this fan may have added the same rows while this one waited.
            fresh = [row for row in rows if row[0] > shelf.newest]
            if fresh:
                shelf.add([(row[1], row[3] if row[2] == self._model else None, row[4]) for row in fresh])
                shelf.newest = fresh[-1][0]
            if len(rows) < STEP:
                return shelf
            await asyncio.sleep(0)

    # Forgetting

    async def unlearn(self, message_id: str) -> None:
        """Forget what one message told: its facts and its vector. What a fact of it had ended stays ended."""
        for table in (Fact, Recollection):
            await self._session.execute(delete(table).where(self._mine(table), table.message_id == message_id))
        _shelves_of(self._session.get_bind()).drop(self._key)

    async def forget_everything(self) -> None:
        """Erase what is known of the fan here: facts, vectors, every message between the two, and their summaries.

        What came in and is not answered yet stays until it is, so that the fan learns that it was done.
        """
        conversations = self._conversations().scalar_subquery()
        await self._session.execute(delete(Fact).where(self._mine(Fact)))
        await self._session.execute(delete(Recollection).where(self._mine(Recollection)))
        await self._session.execute(delete(Message).where(Message.conversation_id.in_(conversations)))
        await self._session.execute(delete(LoreState).where(LoreState.conversation_id.in_(conversations)))
        answered = Inbound.conversation_id.in_(conversations) & (Inbound.state != "open")
        await self._session.execute(update(Inbound).where(answered).values(text="", attachments=[]))
        closed = TurnRow.conversation_id.in_(conversations) & TurnRow.state.in_(("closed", "failed"))
        await self._session.execute(update(TurnRow).where(closed).values(trace={}))
        await self._session.execute(
            update(Conversation)
            .where(Conversation.id.in_(conversations))
            .values(
                summary="", summary_upto=None, notes={}, title="", notice_at=None
            )  # and the notice comes again (L1)
        )
        _shelves_of(self._session.get_bind()).drop(self._key)

    # Shared

    def _columns(self) -> dict[str, str]:
        return {"workspace": self._key.workspace, "persona_id": self._key.persona, "fan_id": self._key.fan}

    async def _said_at(self, message_id: str) -> datetime:
        """When the message was said between the two. Raises Forbidden when it was not said between them."""
        said = await _SAID.first(self._session, {**self._bound, "message": message_id})
        if said is None:
            raise Forbidden("That message is not part of this memory.")
        at: datetime = said[0]
        return at


def _shown(row: Fact) -> FactShown:
    return FactShown(
        row.id, row.kind, row.subject, row.value, row.quote, row.message_id, row.confidence, row.valid_from
    )  # fmt: skip


def _same(fact: FoundFact, row: Fact) -> bool:
    return (fact.kind, fact.subject, fact.value.casefold()) == (row.kind, row.subject, row.value.casefold())


def _ends(fact: FoundFact, row: Fact) -> bool:
    """Whether the fact, now told, means that the row no longer holds."""
    if fact.subject != row.subject:
        return False
    same_value = fact.value.casefold() == row.value.casefold()
    if fact.ends:
        return fact.kind == row.kind and (not fact.value or same_value)
    if opposite(fact.kind) == row.kind:
        return same_value
    return fact.kind == row.kind and fact.kind in SINGLE and not same_value


class _Shelves:
    """The shelves of one database that were used last, as many as fit KEPT_ROWS."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[VaultKey, str], Shelf] = OrderedDict()
        self._taken = 0

    def take(self, key: VaultKey, model: str) -> Shelf:
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


_shelves: WeakKeyDictionary[Any, _Shelves] = WeakKeyDictionary()


def _shelves_of(engine: Any) -> _Shelves:
    return _shelves.setdefault(engine.engine, _Shelves())  # a session may be bound to a connection
