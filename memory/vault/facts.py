"""What did the fan tell of themselves? Typed facts: written down once, ended by what is told later, never erased by it.

What is in doubt is kept apart with the reason (`doubt`), shown to operators and never used. What may be kept at all is
decided by `memory.gate`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from gator.errors import NotFound, Refused
from memory.facts import SINGLE, FoundFact, opposite
from memory.models import Fact
from memory.prepared import Prepared
from memory.repositories.base import table_of
from memory.vault.key import VaultKey, of_key, said_at

LONGEST_VALUE = 200


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
    at: datetime  # since when it holds: when it was told, unless the fan told that too
    source: str = "rules"  # rules, model, fan, operator
    doubt: str = ""  # why it is not used
    uses: int = 0
    until: datetime | None = None  # since when, or until when, it no longer holds
    happens_at: datetime | None = None


_COLUMNS = tuple(
    table_of(Fact).c[name]
    for name in (
        "id", "kind", "subject", "value", "quote", "message_id", "confidence",
        "valid_from", "source", "doubt", "uses", "valid_to", "happens_at",
    )
)  # fmt: skip
# What a turn asks, built once. It carries the whole key.
_HELD = Prepared(
    select(*_COLUMNS)
    .where(of_key(Fact), or_(Fact.valid_to.is_(None), Fact.valid_to > bindparam("now", type_=Fact.valid_to.type)))
    .where(Fact.doubt == "")
    .order_by(Fact.id)
)
_ALL = Prepared(select(*_COLUMNS).where(of_key(Fact)).order_by(Fact.id))


class Facts:
    """The facts of one vault."""

    def __init__(self, session: AsyncSession, key: VaultKey) -> None:
        self._session = session
        self._key = key

    async def held(self) -> list[FactShown]:
        """What holds now and is not in doubt, oldest first: all that a reply may be made with."""
        return [FactShown(*row) for row in await _HELD.run(self._session, {**self._key.bound, "now": now()})]

    async def all(self) -> list[FactShown]:
        """Everything that is kept, what ended and what is in doubt too, oldest first."""
        return [FactShown(*row) for row in await _ALL.run(self._session, self._key.bound)]

    async def doubted(self) -> list[FactShown]:
        """What is kept apart, with the reason: for operators, never for a reply."""
        return [fact for fact in await self.all() if fact.doubt]

    async def learn(self, found: Sequence[FoundFact], message_id: str, source: str = "rules") -> list[FactShown]:
        """Write down what the fan told in that message; gives what is new.

        A fact that the new one replaces ends, it is not erased. Told again, it is not written again.
        Raises Forbidden when the message is not one of this vault's.
        """
        if not found:
            return []
        at = await said_at(self._session, self._key, message_id)
        current = await self._current()
        learned = [row for fact in found if (row := self._take(fact, message_id, at, current, source))]
        await self._session.flush()
        return [_shown(row) for row in learned]

    async def end(self, id: str) -> FactShown:
        """It no longer holds, from now on. Raises NotFound when it is not in this vault."""
        row = await self._row(id)
        if row.valid_to is None or row.valid_to > now():
            row.valid_to = now()
        return await self._written(row)

    async def correct(self, id: str, value: str, source: str) -> FactShown:
        """It was never so, it is `value`: said by the `fan` or an `operator`, who are believed.

        Raises NotFound when it is not in this vault, Refused when the value is empty or too long.
        """
        row = await self._row(id)
        row.value = row.quote = _checked(value)
        row.source, row.confidence, row.doubt = source, 1.0, ""
        return await self._written(row)

    async def release(self, id: str) -> FactShown:
        """An operator found that it is no harm: it is used from now on, and ends what it contradicts."""
        row = await self._row(id)
        row.doubt = ""
        return await self._written(row)

    async def erase(self, id: str) -> None:
        """Take it out without a trace. Raises NotFound when it is not in this vault."""
        await self._session.delete(await self._row(id))
        await self._session.flush()

    async def _row(self, id: str) -> Fact:
        row = await self._session.scalar(select(Fact).where(self._key.opens(Fact), Fact.id == id))
        if row is None:
            raise NotFound(f"There is no memory {id} here.")
        return row

    async def _written(self, row: Fact) -> FactShown:
        await self._session.flush()
        return _shown(row)

    async def _current(self) -> list[Fact]:
        holds = or_(Fact.valid_to.is_(None), Fact.valid_to > now())
        return list(await self._session.scalars(select(Fact).where(self._key.opens(Fact), holds, Fact.doubt == "")))

    def _take(self, fact: FoundFact, message_id: str, at: datetime, current: list[Fact], source: str) -> Fact | None:
        """End in `current` what the fact ends; add its row unless it is known or only ends something."""
        for row in current:
            if row.valid_to is None and _ends(fact, row):
                row.valid_to = at
        if fact.ends or any(row.valid_to is None and _same(fact, row) for row in current):
            return None
        row = Fact(
            **self._key.columns,
            kind=fact.kind,
            subject=fact.subject[:100],
            value=fact.value,
            quote=fact.quote,
            message_id=message_id,
            confidence=fact.confidence,
            source=source,
            doubt="",
            uses=0,
            valid_from=at,
        )
        self._session.add(row)
        current.append(row)
        return row


def _checked(value: str) -> str:
    value = " ".join(value.split())
    if not 0 < len(value) <= LONGEST_VALUE:
        raise Refused("A memory has 1 to 200 characters.", remedy="Say it in a few words.")
    return value


def _shown(row: Fact) -> FactShown:
    return FactShown(
        row.id, row.kind, row.subject, row.value, row.quote, row.message_id, row.confidence, row.valid_from,
        row.source, row.doubt, row.uses, row.valid_to, row.happens_at,
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
