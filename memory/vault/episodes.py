"""What were the sittings of the two about? Episodes: dated, a few lines each, every line with the messages it was made from.

Each message that was consolidated lies in the span of exactly one row. Where nothing may be told (the fan had memory off,
or had an episode erased) a row without a line holds the place, so that it is not made again. The id of an episode follows
from its first message: made again, it is the same row.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from gator.errors import Forbidden, NotFound
from gator.ids import id_from
from memory.episodes import EpisodeLine, Told, tell, text_of
from memory.models import Conversation, Episode, Fact, Message, Recollection, TurnRow
from memory.packing import packed
from memory.repositories.base import insertion_once, row_of
from memory.repositories.conversations import Line
from memory.sittings import MOST, first_sitting
from memory.vault import episode_recall
from memory.vault.episode_recall import EpisodeFound, shown
from memory.vault.key import VaultKey
from memory.vault.off_since import off_since

if TYPE_CHECKING:
    from memory.minilm import Floats

ERASED, OFF = "erased", "off"  # who made a row that only holds its place
EMPTY = Told((), 0.0)


@dataclass(frozen=True, slots=True)
class Sitting:
    """Messages of one conversation that make an episode.

    `off`: they were said while the fan had memory off; `off_since`: since when it was off when they were read.
    """

    conversation: str
    messages: tuple[Line, ...]
    doubted: frozenset[str]  # ids of messages that are kept apart: no line is made from them
    off: bool = False
    off_since: datetime | None = None


class Episodes:
    """The episodes of one vault. `model` names the embedder of the vectors it is given."""

    def __init__(self, session: AsyncSession, key: VaultKey, model: str) -> None:
        self._session = session
        self._key = key
        self._model = model

    async def all(self) -> list[EpisodeFound]:
        """Every episode that tells something, oldest first."""
        return [shown(row) for row in await self._rows() if row.lines]

    async def recent(self, limit: int) -> list[EpisodeFound]:
        """The last ones that tell something, newest first."""
        return await episode_recall.recent(self._session, self._key, limit)

    async def recall(
        self,
        query: str,
        vector: "Floats | None" = None,
        limit: int = 3,
        budget: int = 400,
        **how: Any,
    ) -> list[EpisodeFound]:
        """Those that fit the query, best first, within a budget of tokens; see `episode_recall.recall`."""
        return await episode_recall.recall(
            self._session, self._key, self._model, query, vector, limit=limit, budget=budget, **how
        )

    # Closing

    async def next_sitting(self, conversation: str, off_since: datetime | None = None) -> Sitting | None:
        """The next sitting of the conversation that is over and has no episode; None while there is none.

        What was said since `off_since`, when the fan switched memory off, is a sitting of its own.
        """
        upto = await self._session.scalar(
            select(Episode.last_id).where(self._key.opens(Episode), Episode.conversation_id == conversation)
            .order_by(Episode.last_id.desc()).limit(1)
        )  # fmt: skip
        page = await self._messages(conversation, upto or "")
        if off_since and page and page[0].at >= off_since:
            return Sitting(conversation, tuple(page), frozenset(), off=True, off_since=off_since)
        before = [line for line in page if not off_since or line.at < off_since]
        count = first_sitting(before, now()) or (len(before) if len(before) < len(page) else 0)
        return replace(await self._sitting(conversation, before[:count]), off_since=off_since) if count else None

    async def close(
        self, sitting: Sitting, told: Told | None = None, vector: "Floats | None" = None
    ) -> EpisodeFound | None:
        """Write the episode of that sitting, by rules unless it was `told`; None when it is there, or no longer as it was read,
        or memory was switched on or off since then.

        Counts the uses of what the sitting's replies were made with, in the same transaction: once, like the row.
        """
        await self._hold(sitting.conversation)
        if not await self._still_said(sitting) or await off_since(self._session, self._key) != sitting.off_since:
            return None
        if sitting.off:
            told, made_by = EMPTY, OFF
        else:
            told = told or tell(sitting.messages, sitting.doubted)
            made_by = told.made_by
        id = await self._insert(sitting, told, made_by, vector)
        if id is None:
            return None
        await self._count_uses(sitting.conversation, sitting.messages[0].id, sitting.messages[-1].id)
        return shown(await self._row(id))

    async def embedded(self, id: str, vector: "Floats", text: str) -> None:
        """Keep the vector of an episode that had none, unless it has been told anew since it read so."""
        row = await self._session.scalar(select(Episode).where(self._key.opens(Episode), Episode.id == id))
        if row is not None and text_of(row.lines) == text:
            row.model, row.vector = self._model, packed(vector)
            await self._session.flush()

    # Changing

    async def retell(self, message_id: str) -> None:
        """A message was changed or taken back: what was told of it is told anew, or taken out of a model's lines.

        The row stays where nothing is left to tell: it keeps the place, so that nothing is made of it again.
        """
        spans = (Episode.first_id <= message_id, Episode.last_id >= message_id)
        for row in list(await self._session.scalars(select(Episode).where(self._key.opens(Episode), *spans))):
            if not row.lines and row.made_by != "rules":
                continue
            if row.made_by == "rules":
                sitting = await self._sitting(row.conversation_id, await self._span(row))
                told = tell(sitting.messages, sitting.doubted)
                row.lines, row.importance = [line.as_data() for line in told.lines], told.importance
            else:
                row.lines = [line for line in row.lines if message_id not in line["from"]]
                row.importance = row.importance if row.lines else 0.0
            row.model, row.vector = ("" if row.lines else self._model), b""
        await self._session.flush()

    async def erase(self, id: str) -> None:
        """Take out what the episode tells, for good: only its place is kept. Raises NotFound when it is not in this vault."""
        row = await self._row(id)
        row.lines, row.importance, row.made_by = [], 0.0, ERASED
        row.model, row.vector = self._model, b""  # nothing waits for a vector
        await self._session.flush()

    async def replay(self, conversation: str, after: str = "") -> str | None:
        """Tell the next sitting after that message anew, by rules; its last message, None when there is no further one.

        One sitting, so that a long past holds up nobody. What a model told stays, what was erased or is said while memory
        is off stays untold.
        """
        await self._hold(conversation)
        stays = await self._next_that_stays(conversation, after)
        page = await self._messages(conversation, after, stays.first_id if stays else None)
        off_at = await off_since(self._session, self._key)
        before = [line for line in page if not off_at or line.at < off_at]
        whole = stays is not None or len(before) < len(page)  # what comes next is no part of the sitting
        if count := first_sitting(before, now()) or (len(before) if whole else 0):
            await self._tell_anew(await self._sitting(conversation, before[:count]))
            return before[count - 1].id
        return stays.last_id if stays and not page else None

    async def pass_over(self, since: datetime) -> None:
        """Memory is switched on again: what was said `since` it was off is told neither here nor in a summary."""
        for conversation in list(await self._session.scalars(self._key.conversations())):
            while sitting := await self.next_sitting(conversation, since):
                if await self.close(sitting) is None:
                    break
            newest = select(func.max(Message.id)).where(Message.conversation_id == conversation).scalar_subquery()
            this = self._key.conversations().where(Conversation.id == conversation)
            await self._session.execute(
                update(Conversation).where(Conversation.id.in_(this)).values(summary_upto=newest)
            )

    async def _next_that_stays(self, conversation: str, after: str) -> Episode | None:
        mine = select(Episode).where(self._key.opens(Episode), Episode.conversation_id == conversation)
        stays = mine.where(Episode.first_id > after, Episode.made_by != "rules").order_by(Episode.first_id).limit(1)
        found: Episode | None = await self._session.scalar(stays)
        return found

    async def _tell_anew(self, sitting: Sitting) -> None:
        """Write it into its row; where there is none, or its span was another one, close it."""
        told = tell(sitting.messages, sitting.doubted)
        first, last = sitting.messages[0].id, sitting.messages[-1].id
        spans = (Episode.conversation_id == sitting.conversation, Episode.first_id <= last, Episode.last_id >= first)
        rows = list(await self._session.scalars(select(Episode).where(self._key.opens(Episode), *spans)))
        if [(row.first_id, row.last_id) for row in rows] == [(first, last)]:
            self._put(rows[0], told)
            await self._session.flush()
            return
        await self._session.execute(delete(Episode).where(self._key.opens(Episode), *spans))
        await self._insert(sitting, told, told.made_by, None)
        if not rows:
            await self._count_uses(sitting.conversation, first, last)

    def _put(self, row: Episode, told: Told) -> None:
        """What tells the same keeps its vector."""
        lines = [line.as_data() for line in told.lines]
        if text_of(row.lines) != text_of(lines):
            row.model, row.vector = ("" if lines else self._model), b""
        row.lines, row.importance = lines, told.importance

    # Rows

    async def _insert(self, sitting: Sitting, told: Told, made_by: str, vector: "Floats | None") -> str | None:
        first, last = sitting.messages[0], sitting.messages[-1]
        kept, model = b"", "" if told.lines else self._model
        if vector is not None and told.lines:
            kept, model = packed(vector), self._model
        row = row_of(
            Episode,
            **self._key.columns,
            id=id_from(first.id, "episode"),
            conversation_id=sitting.conversation,
            first_id=first.id,
            last_id=last.id,
            began_at=first.at,
            ended_at=last.at,
            lines=[line.as_data() for line in told.lines],
            importance=told.importance,
            made_by=made_by,
            model=model,
            vector=kept,
        )
        done = await insertion_once(Episode, self._session.get_bind().dialect.name).first(self._session, row)
        return str(done[0]) if done else None

    async def _rows(self) -> list[Episode]:
        query = select(Episode).where(self._key.opens(Episode)).order_by(Episode.id)
        return list(await self._session.scalars(query.execution_options(populate_existing=True)))

    async def _row(self, id: str) -> Episode:
        query = select(Episode).where(self._key.opens(Episode), Episode.id == id)
        row = await self._session.scalar(query.execution_options(populate_existing=True))
        if row is None:
            raise NotFound(f"There is no memory {id} here.")
        return row

    # Messages

    async def _hold(self, conversation: str) -> None:
        """Nobody else changes the conversation before this transaction ends. Raises Forbidden when it is not of this vault."""
        mine = self._key.held_conversations().where(Conversation.id == conversation)
        if await self._session.scalar(mine) is None:
            raise Forbidden("That conversation is not part of this memory.")

    async def _messages(self, conversation: str, after: str, before: str | None = None) -> list[Line]:
        """As many messages after that one as `first_sitting` asks for."""
        query = self._lines(conversation).where(Message.id > after).limit(MOST + 1)
        query = query.where(Message.id < before) if before else query
        return [Line(*row) for row in await self._session.execute(query)]

    async def _span(self, row: Episode) -> list[Line]:
        query = self._lines(row.conversation_id).where(Message.id >= row.first_id, Message.id <= row.last_id)
        return [Line(*one) for one in await self._session.execute(query)]

    def _lines(self, conversation: str) -> Any:
        mine = (Message.workspace == self._key.workspace, Message.conversation_id == conversation)
        query = select(Message.id, Message.author, Message.text, Message.created_at).where(*mine)
        return query.where(Message.conversation_id.in_(self._key.conversations())).order_by(Message.id)

    async def _still_said(self, sitting: Sitting) -> bool:
        """Whether every message is there as it was read: meanwhile one may have been changed, taken back or forgotten."""
        first, last = sitting.messages[0].id, sitting.messages[-1].id
        query = self._lines(sitting.conversation).where(Message.id >= first, Message.id <= last)
        said = [(id, text) for id, _, text, _ in await self._session.execute(query)]
        return said == [(line.id, line.text) for line in sitting.messages]

    async def _sitting(self, conversation: str, messages: Sequence[Line]) -> Sitting:
        ids = [line.id for line in messages]
        doubted: set[str] = set()
        for table in (Recollection, Fact):
            apart = (self._key.opens(table), table.message_id.in_(ids), table.doubt != "")
            doubted.update(await self._session.scalars(select(table.message_id).where(*apart)))
        doubted.update(await self._answered_by_code([line.id for line in messages if line.author == "notice"]))
        return Sitting(conversation, tuple(messages), frozenset(doubted))

    async def _answered_by_code(self, notices: Sequence[str]) -> list[str]:
        """Messages that the persona did not answer: of a crisis nothing is remembered (`bots.turns`), here neither."""
        said = select(Message.meta).where(Message.workspace == self._key.workspace, Message.id.in_(notices))
        return [id for meta in await self._session.scalars(said) for id in meta.get("answers", [])] if notices else []

    async def _count_uses(self, conversation: str, first: str, last: str) -> None:
        """Add to facts and episodes how many replies of that span were made with them."""
        turns = select(TurnRow.trace).where(
            TurnRow.workspace == self._key.workspace, TurnRow.conversation_id == conversation,
            TurnRow.id >= first, TurnRow.id <= last, TurnRow.state == "closed",
        )  # fmt: skip  # a turn has the id of the first message that it answers
        traces = [trace.get("used", {}) for trace in await self._session.scalars(turns)]
        for table, name in ((Fact, "facts"), (Episode, "episodes")):
            for id, uses in Counter(id for used in traces for id in used.get(name, [])).items():
                this = (self._key.opens(table), table.id == id)
                await self._session.execute(update(table).where(*this).values(uses=table.uses + uses))


__all__ = ["EpisodeFound", "EpisodeLine", "Episodes", "Sitting"]
