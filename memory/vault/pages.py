"""How is a fan's past ready for a question without a text being read? In pages, made from its rows when nobody talks.

A page holds what recall works out of many messages, as numbers (memory.recall.entries). The rows stay what counts: a page
is made from them alone, and goes, with all that follow it, as soon as one of its messages is forgotten, changed or handed
over; until it is made again its rows are read one by one. One that was made in another form, or with another embedder's
vectors, is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from gator.ids import id_at
from memory.models import Message, RecallPage, Recollection
from memory.prepared import Prepared
from memory.repositories.base import insertion_once, row_of
from memory.vault.key import VaultKey, of_key
from memory.work import Work

if TYPE_CHECKING:
    from memory.recall.entries import Spoken

PAGE = 128  # recollections: some 115 KB
AT_ONCE = 8  # pages that one statement reads
FRESH = timedelta(
    minutes=1
)  # a row of another process may be older than one that is seen already, by as long as it writes


def newer(limit: int) -> Prepared:
    """The statement that gives what may be recalled of a vault after `newest`: rows of `spoken`."""
    columns = (
        Recollection.id, Recollection.message_id, Recollection.model, Recollection.vector,
        Message.text, Message.author, Message.created_at, Message.conversation_id,
    )  # fmt: skip
    of_vault = of_key(Recollection), Recollection.id > bindparam("newest"), Recollection.doubt == ""
    query = select(*columns).join(Message, Message.id == Recollection.message_id).where(*of_vault)
    return Prepared(query.order_by(Recollection.id).limit(limit))


def spoken(rows: Sequence[tuple[Any, ...]], model: str) -> "list[Spoken]":
    """Rows of `newer` as recall reads them, with the vectors of that model."""
    from memory.recall.entries import Spoken

    return [
        Spoken(message, author, text, at, talk, vector if made_by == model else None)
        for _, message, made_by, vector, text, author, at, talk in rows
    ]


_NEWER = newer(PAGE)
_READ = Prepared(
    select(RecallPage.upto, RecallPage.entries)
    .where(of_key(RecallPage), RecallPage.model == bindparam("model"), RecallPage.form == bindparam("form"))
    .where(RecallPage.upto > bindparam("newest"))
    .order_by(RecallPage.upto)
    .limit(AT_ONCE)
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A page that is to be written, if its rows are still as they were read: those after `after`."""

    after: str
    rows: tuple[str, ...]
    first_said: str
    last_said: str
    entries: bytes


class Pages:
    """The pages of one vault, with the vectors of that embedder."""

    def __init__(self, session: AsyncSession, key: VaultKey, model: str) -> None:
        self._session = session
        self._key = key
        self._model = model

    async def read(self, newest: str) -> list[tuple[str, bytes]]:
        """The next pages after that recollection, AT_ONCE at most: each with the last recollection in it."""
        from memory.recall.entries import FORM

        values = {**self._key.bound, "model": self._model, "form": FORM, "newest": newest}
        return [(upto, entries) for upto, entries in await _READ.run(self._session, values)]

    async def draft(self, until: datetime | None = None) -> Draft | None:
        """The next page that is to be made, of what was kept before `until` (default: a minute ago); None where there is none."""
        from memory.recall.entries import read

        after, held, upto = await self._last()
        rows = await _NEWER.run(self._session, {**self._key.bound, "newest": after})
        settled = id_at(until or now() - FRESH)
        rows = [row for row in rows if row[0] < settled]
        if len(rows) <= held and (not rows or rows[-1][0] <= upto):
            return None
        # Of a message with vectors of two embedders, or with one only since later, one row is enough.
        best = {
            one.message_id: one for one in sorted(spoken(rows, self._model), key=lambda one: one.vector is not None)
        }
        said = [best[id] for id in sorted(best)]
        entries = read(said, self._key.salt).to_bytes()
        return Draft(after, tuple(row[0] for row in rows), said[0].message_id, said[-1].message_id, entries)

    async def write(self, draft: Draft) -> bool:
        """Keep the page in the place of one that is not full; False where its rows are others by now."""
        from memory.recall.entries import FORM

        # Whoever forgets deletes rows before pages: waits for us here, and then sees this page; or came first, and is seen.
        await self._session.execute(self._key.held_conversations())
        mine, last = self._key.opens(Recollection), draft.rows[-1]
        there = select(Recollection.id).where(mine, Recollection.doubt == "", Recollection.id > draft.after)
        there = there.where(Recollection.id <= last).order_by(Recollection.id).with_for_update(read=True)
        after, _, _ = await self._last()
        if after != draft.after or tuple(await self._session.scalars(there)) != draft.rows:
            return False
        others = or_(RecallPage.model != self._model, RecallPage.form != FORM, RecallPage.upto > draft.after)
        await self._session.execute(delete(RecallPage).where(self._key.opens(RecallPage), others))
        values = {
            **self._key.columns, "model": self._model, "form": FORM, "upto": last, "held": len(draft.rows),
            "first_said": draft.first_said, "last_said": draft.last_said, "entries": draft.entries,
        }  # fmt: skip
        insertion = insertion_once(RecallPage, self._session.get_bind().dialect.name)
        await insertion.run(self._session, row_of(RecallPage, **values))
        return True

    async def _last(self) -> tuple[str, int, str]:
        """After which row the next page begins; how many rows one that is not full holds of it, and the last of them."""
        from memory.recall.entries import FORM

        query = select(RecallPage.upto, RecallPage.held).where(
            self._key.opens(RecallPage), RecallPage.model == self._model, RecallPage.form == FORM
        )
        last = [
            (upto, held) for upto, held in await self._session.execute(query.order_by(RecallPage.upto.desc()).limit(2))
        ]
        if last and last[0][1] < PAGE:
            return (last[1][0] if len(last) > 1 else ""), last[0][1], last[0][0]
        return (last[0][0] if last else ""), 0, ""


async def drop(session: AsyncSession, key: VaultKey, message_id: str) -> None:
    """That message lies in no page any more. Its recollections were deleted before."""
    mine = key.opens(RecallPage)
    first = select(func.min(RecallPage.upto)).where(
        mine, RecallPage.first_said <= message_id, RecallPage.last_said >= message_id
    )
    await session.execute(delete(RecallPage).where(mine, RecallPage.upto >= first.scalar_subquery()))


async def drop_all(session: AsyncSession, key: VaultKey) -> None:
    """Nothing of the vault lies in a page any more."""
    await session.execute(delete(RecallPage).where(key.opens(RecallPage)))


async def drop_fans(work: Work, fans: Sequence[str]) -> None:
    """As `drop_all`, for all vaults of those fans."""
    theirs = RecallPage.workspace == work.principal.workspace, RecallPage.fan_id.in_(fans)
    await work.session.execute(delete(RecallPage).where(*theirs))


async def drop_others(work: Work, model: str) -> None:
    """The pages with vectors of other embedders go."""
    theirs = RecallPage.workspace == work.principal.workspace, RecallPage.model != model
    await work.session.execute(delete(RecallPage).where(*theirs))
