"""How does a benchmark use the real memory? A room is one vault of two speakers, filled and asked as turns do it."""

import uuid
from datetime import UTC, datetime

from gator.clock import set_to
from gator.ids import id_at, new_id
from gator.principal import Principal
from memory.embedding import embedder
from memory.recall.fusion import ALL, Parts
from memory.recall.speakers import FAN, PERSONA, Names, as_said
from memory.store import Store
from memory.vault import VaultKey, open_vault

AUTHORS = (FAN, PERSONA)  # of the first speaker and of the second


class BadLine(Exception):
    """What was asked makes no sense; its words are for who asked."""


class Room:
    """One vault. `add` keeps a turn without its vector; `search` makes the vectors that are missing, all at once."""

    def __init__(self, store: Store, owner: Principal, key: VaultKey, conversation: str) -> None:
        self._store, self._owner, self._key, self._conversation = store, owner, key, conversation
        self._ours: dict[str, str] = {}  # the id that was given -> the message's
        self._theirs: dict[str, str] = {}
        self._authors: dict[str, str] = {}  # a speaker's name -> fan or persona
        self._newest: datetime | None = None  # a search has no time of its own: it is asked when the last turn was said
        self._waiting: list[tuple[str, str, str, datetime]] = []  # message id, author, text, time

    async def add(self, id: str, text: str, at: str) -> None:
        """One turn, `text` being "Speaker: what they said"."""
        if id in self._ours:
            raise BadLine(f"there is a turn {id} already")
        moment = _moment(at)
        ours = _id_of(moment, len(self._ours), self._conversation)
        self._ours[id], self._theirs[ours] = ours, id
        author, said = self._heard(text)
        self._newest = max(moment, self._newest or moment)
        self._waiting.append((ours, author, said, moment))

    async def search(self, query: str, k: int, parts: Parts = ALL) -> list[str]:
        """Ids of the turns that answer the query, best first."""
        await self._write_down()
        vector = (
            (await embedder().embed([as_said(query, self._names) if parts.speakers else query]))[0]
            if parts.meaning
            else None
        )
        async with self._store.open_work(self._owner, reads=True) as work:
            said = open_vault(work, self._key).said
            hits = await said.recall(query, vector, k, names=self._names, asked_at=self._newest, floor=0, parts=parts)
        ids = [self._theirs[hit.message_id] for hit in hits]
        return (ids + [id for id in reversed(self._ours) if id not in set(ids)])[:k]

    @property
    def _names(self) -> Names:
        return Names(**{author: name for name, author in self._authors.items()})

    def _heard(self, text: str) -> tuple[str, str]:
        """Who speaks as whom, and what. Of a third speaker the name stays among the words."""
        name, colon, said = text.partition(": ")
        if not colon:
            return AUTHORS[0], text
        if name not in self._authors and len(self._authors) < len(AUTHORS):
            self._authors[name] = AUTHORS[len(self._authors)]
        return (self._authors[name], said) if name in self._authors else (AUTHORS[0], text)

    async def _write_down(self) -> None:
        """Messages, rows and vectors of what was added since the last search."""
        if not self._waiting:
            return
        vectors = await embedder().embed([text for _, _, text, _ in self._waiting])
        async with self._store.open_work(self._owner) as work:
            vault = open_vault(work, self._key)
            for (id, author, text, at), vector in zip(self._waiting, vectors, strict=True):
                with set_to(lambda at=at: at):  # type: ignore[misc]
                    await work.conversations.say(self._conversation, author, text, id=id)
                await vault.said.keep(id, vector)
        self._waiting.clear()


class Rooms:
    """Opens vaults: a persona and a fan of their own each."""

    def __init__(self, store: Store, owner: Principal) -> None:
        self._store, self._owner = store, owner

    async def open(self, space: str) -> Room:
        """A fresh vault, whatever was opened under that name before."""
        name = f"{space[:40]} {new_id()}"
        async with self._store.open_work(self._owner) as work:
            persona = await work.personas.create(new_id(), name, {"name": name}, author="bench")
            fan = await work.people.meet_fan("web", name)
            room = await work.conversations.meet("web", "", name, persona_id=persona.id, fan_id=fan.id)
        return Room(self._store, self._owner, VaultKey(self._owner.workspace, persona.id, fan.id), room.id)


def _moment(at: str) -> datetime:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as bad:
        raise BadLine(f"at is a time as 2023-05-08T13:56:00, not {at[:40]}") from bad
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _id_of(moment: datetime, number: int, room: str) -> str:
    """An id of a message of then: sorted by time and, within a millisecond, by the order of adding."""
    own = uuid.UUID(room).int & 0xFFFF_FFFF  # the same may be said at the same time elsewhere
    return str(uuid.UUID(int=uuid.UUID(id_at(moment)).int | 7 << 76 | 2 << 62 | number << 32 | own))
