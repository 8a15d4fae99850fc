"""How is something forgotten? The rows of the vault that hold it go, under its key; what else holds it is `memory.erasing`'s."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gator.errors import NotFound
from memory.embedding import embedder
from memory.models import Episode, Fact, OwnWord, Recollection
from memory.vault import pages
from memory.vault.episodes import Episodes
from memory.vault.key import VaultKey
from memory.vault.shelves import shelves_of


@dataclass(frozen=True, slots=True)
class Span:
    """The messages that an episode spans."""

    conversation: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class FactGone:
    """A fact that was forgotten: every row of it, and the messages that told it."""

    value: str
    ids: list[str]
    messages: list[str]


def naming(value: str) -> re.Pattern[str] | None:
    """What finds the value in a text; None for what is too short, or a number, to tell that it is meant."""
    if len(value) < 3 or not any(sign.isalpha() for sign in value):
        return None
    words = r"\s+".join(map(re.escape, value.split()))
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


class Forgetting:
    """What can be taken out of one vault."""

    def __init__(self, session: AsyncSession, key: VaultKey) -> None:
        self._session = session
        self._key = key

    async def message(self, message_id: str) -> int:
        """Forget what one message told, which reads otherwise by now or not at all; how many facts that were.

        Its facts, vector and own words go, and what episodes tell of it. What a fact of it had ended stays ended.
        """
        told = await self._session.execute(
            delete(Fact).where(self._key.opens(Fact), Fact.message_id == message_id).returning(Fact.id)
        )
        await self._unsay(message_id)
        return len(told.all())

    async def words(self, message_id: str) -> None:
        """Forget how one message read: its other facts stay, each with its value in the place of its quote."""
        theirs = self._key.opens(Fact), Fact.message_id == message_id
        await self._session.execute(update(Fact).where(*theirs).values(quote=Fact.value))
        await self._unsay(message_id)

    async def fact(self, id: str) -> FactGone:
        """Forget a fact, however often it was told. Raises NotFound."""
        row = await self._session.scalar(select(Fact).where(self._key.opens(Fact), Fact.id == id))
        if row is None:
            raise NotFound(f"There is no memory {id} here.")
        alike = select(Fact).where(self._key.opens(Fact), Fact.kind == row.kind, Fact.subject == row.subject)
        same = [one for one in await self._session.scalars(alike) if one.value.casefold() == row.value.casefold()]
        ids = [one.id for one in same]
        await self._session.execute(delete(Fact).where(self._key.opens(Fact), Fact.id.in_(ids)))
        return FactGone(row.value, ids, list(dict.fromkeys(one.message_id for one in same)))

    async def own_words(self, value: str) -> list[str]:
        """Forget what the persona said of herself to this fan with that value in it; the ids of it."""
        meant = naming(value)
        held = await self._session.scalars(select(OwnWord).where(self._key.opens(OwnWord))) if meant else ()
        ids = [one.id for one in held if meant and (meant.search(one.value) or meant.search(one.quote))]
        for id in ids:
            await self.own_word(id)
        return ids

    async def own_word(self, id: str) -> None:
        """Forget one thing that the persona said of herself to this fan."""
        await self._session.execute(delete(OwnWord).where(self._key.opens(OwnWord), OwnWord.id == id))

    async def episode(self, id: str) -> Span:
        """Forget an episode; which messages it was made from. Its row keeps its place. Raises NotFound."""
        row = await self._session.scalar(select(Episode).where(self._key.opens(Episode), Episode.id == id))
        if row is None or not row.lines:
            raise NotFound(f"There is no memory {id} here.")
        await self._episodes.erase(id)
        return Span(row.conversation_id, row.first_id, row.last_id)

    async def everything(self) -> dict[str, int]:
        """Empty the vault, save for the fan's choice; how much of each there was."""
        counts = {}
        for name, table in (
            ("facts", Fact), ("recollections", Recollection), ("episodes", Episode), ("own_words", OwnWord)
        ):  # fmt: skip
            gone = await self._session.execute(delete(table).where(self._key.opens(table)))
            counts[name] = int(gone.rowcount)  # type: ignore[attr-defined]
        await pages.drop_all(self._session, self._key)
        shelves_of(self._session).drop(self._key)
        return counts

    async def sittings(self, conversations: Sequence[str]) -> None:
        """Forget the episodes of these conversations; the rest of what was told there goes with its messages."""
        sat = self._key.opens(Episode), Episode.conversation_id.in_(conversations)
        await self._session.execute(delete(Episode).where(*sat))
        await pages.drop_all(self._session, self._key)
        shelves_of(self._session).drop(self._key)

    async def _unsay(self, message_id: str) -> None:
        for table in (Recollection, OwnWord):
            theirs = self._key.opens(table), table.message_id == message_id
            await self._session.execute(delete(table).where(*theirs))
        await pages.drop(self._session, self._key, message_id)
        await self._uncite(message_id)
        shelves_of(self._session).drop(self._key)

    async def _uncite(self, message_id: str) -> None:
        """Tell the episode that spans the message anew, from how its messages read now: its row keeps the place."""
        await self._episodes.retell(message_id)

    @property
    def _episodes(self) -> Episodes:
        return Episodes(self._session, self._key, embedder().name)
