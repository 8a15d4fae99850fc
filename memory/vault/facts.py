"""What did the fan tell of themselves? Typed facts: written down once, ended by what is told later, never erased by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from memory.facts import SINGLE, FoundFact, opposite
from memory.models import Fact
from memory.prepared import Prepared
from memory.repositories.base import table_of
from memory.vault.key import VaultKey, of_key, said_at


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


# What a turn asks, built once. It carries the whole key.
_VALID = Prepared(
    select(
        *(
            table_of(Fact).c[name]
            for name in ("id", "kind", "subject", "value", "quote", "message_id", "confidence", "valid_from")
        )
    )
    .where(of_key(Fact), Fact.valid_to.is_(None), Fact.doubt == "")
    .order_by(Fact.id)
)


class Facts:
    """The facts of one vault."""

    def __init__(self, session: AsyncSession, key: VaultKey) -> None:
        self._session = session
        self._key = key

    async def held(self) -> list[FactShown]:
        """What holds now, oldest first."""
        return [FactShown(*row) for row in await _VALID.run(self._session, self._key.bound)]

    async def learn(self, found: Sequence[FoundFact], message_id: str) -> list[FactShown]:
        """Write down what the fan told in that message; gives what is new.

        A fact that the new one replaces ends, it is not erased. Told again, it is not written again.
        Raises Forbidden when the message is not one of this vault's.
        """
        if not found:
            return []
        at = await said_at(self._session, self._key, message_id)
        query = select(Fact).where(self._key.opens(Fact), Fact.valid_to.is_(None))
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
            **self._key.columns,
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
