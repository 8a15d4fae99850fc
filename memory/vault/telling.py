"""What is kept in a vault besides facts, as it can be shown to whom it is about: episodes, the persona's own words, counts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from memory.models import Conversation, Episode, Message, OwnWord, Recollection, TurnRow
from memory.vault.key import VaultKey


@dataclass(frozen=True, slots=True)
class EpisodeShown:
    """One sitting in a few lines, each with the ids of the messages that it was made from."""

    id: str
    began_at: datetime
    ended_at: datetime
    lines: list[dict[str, Any]]  # {"text": …, "from": [message ids]}
    importance: float
    uses: int
    made_by: str

    @property
    def text(self) -> str:
        return "\n".join(str(line["text"]) for line in self.lines)


@dataclass(frozen=True, slots=True)
class OwnWordShown:
    """What the persona said of herself to this fan."""

    id: str
    kind: str
    subject: str
    value: str
    quote: str
    at: datetime
    doubt: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """Something that was said between the two, word for word."""

    id: str
    author: str
    text: str
    at: datetime


class Telling:
    """Reads a vault for whom it is about, and for operators; never for a reply."""

    def __init__(self, session: AsyncSession, key: VaultKey) -> None:
        self._session = session
        self._key = key

    async def episodes(self, limit: int | None = None) -> list[EpisodeShown]:
        """Those that tell something, newest first."""
        query = select(Episode).where(self._key.opens(Episode), cast(Episode.lines, String) != "[]")
        query = query.order_by(Episode.began_at.desc(), Episode.id.desc())
        rows = await self._session.scalars(query.limit(limit) if limit else query)
        return [_episode(row) for row in rows]

    async def own_words(self) -> list[OwnWordShown]:
        """What she said of herself to this fan alone, oldest first."""
        query = select(OwnWord).where(self._key.opens(OwnWord)).order_by(OwnWord.id)
        return [_own_word(row) for row in await self._session.scalars(query)]

    async def quoted(self, ids: Sequence[str]) -> list[Quoted]:
        """Those of these messages that were said between the two, oldest first."""
        query = self._said(Message.id, Message.author, Message.text, Message.created_at)
        rows = await self._session.execute(query.where(Message.id.in_(ids)).order_by(Message.id))
        return [Quoted(*row) for row in rows]

    async def count(self) -> tuple[int, datetime | None]:
        """How many messages there are between the two, and since when; those that were taken back are none."""
        there = Message.meta["deleted"].as_string().is_(None)
        row = (await self._session.execute(self._said(func.count(Message.id), func.min(Message.id)).where(there))).one()
        first = await self._session.scalar(select(Message.created_at).where(Message.id == row[1])) if row[1] else None
        return int(row[0]), first

    async def recalled(self) -> int:
        """How many of them can be recalled by what they mean."""
        messages = func.count(Recollection.message_id.distinct())  # one may have vectors of two models for a while
        query = select(messages).where(self._key.opens(Recollection))
        return (await self._session.scalar(query)) or 0

    async def uses(self) -> Counter[str]:
        """How often facts and episodes were used, by id, in sittings that are not over: closing one adds it to their rows."""
        told = Episode.conversation_id == TurnRow.conversation_id, self._key.opens(Episode)
        upto = select(func.max(Episode.last_id)).where(*told).correlate(TurnRow).scalar_subquery()
        query = select(TurnRow.trace).where(
            TurnRow.workspace == self._key.workspace, TurnRow.conversation_id.in_(self._key.conversations()),
            TurnRow.state == "closed", TurnRow.id > func.coalesce(upto, ""),
        )  # fmt: skip
        used = [trace.get("used", {}) for trace in await self._session.scalars(query)]
        return Counter(id for one in used for name in ("facts", "episodes") for id in one.get(name, []))

    def _said(self, *what: Any) -> Any:
        of_them = Message.conversation_id == Conversation.id, Conversation.id.in_(self._key.conversations())
        return select(*what).join(Conversation, of_them[0]).where(of_them[1])


def _episode(row: Episode) -> EpisodeShown:
    return EpisodeShown(row.id, row.began_at, row.ended_at, row.lines, row.importance, row.uses, row.made_by)


def _own_word(row: OwnWord) -> OwnWordShown:
    return OwnWordShown(row.id, row.kind, row.subject, row.value, row.quote, row.created_at, row.doubt)
