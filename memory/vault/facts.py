"""What did the fan tell of themselves? Typed facts: written down once, ended by what is told later, never erased by it.

What is in doubt is kept apart with the reason (`doubt`), shown to operators and never used. What may be kept at all is
decided by `memory.gate`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from gator.errors import NotFound
from gator.ids import new_id
from memory.found_fact import FoundFact
from memory.gate import Heard, Verdict, judge
from memory.models import Fact, Message
from memory.prepared import Prepared
from memory.repositories.base import table_of
from memory.vault.by_hand import checked
from memory.vault.key import VaultKey, of_key, said_at
from memory.vault.learning import (
    BY_HAND,
    Validity,
    corrected,
    ended_by,
    ends,
    same,
    taken_back,
    told_later,
    validity,
)

log = structlog.get_logger(__name__)
MOST_DOUBTED = 100  # of one vault: who tries all day fills no disk


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
_TOLD_IN = Prepared(
    select(Fact.message_id, func.count())
    .where(of_key(Fact), Fact.doubt == "", Fact.message_id >= bindparam("first"), Fact.message_id <= bindparam("last"))
    .group_by(Fact.message_id)
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
        """Write down what the fan told in that message, if the gate lets it; gives what is new and may be used.

        A fact that the new one replaces ends, it is not erased. Told again, it is not written again. What is in doubt is
        kept apart. Raises Forbidden when the message is not one of this vault's.
        """
        if not found:
            return []
        said = await self._said(message_id)
        verdicts = [judge(fact, said.heard, source) for fact in found]
        if refused := [one.reason for one in verdicts if one.reason]:
            log.info("facts_refused", message=message_id, source=source, reasons=sorted(refused))
        rows = list(await self._session.scalars(select(Fact).where(self._key.opens(Fact))))
        learned = _Learned(self._key, said, source, rows)
        for one in verdicts:
            if one.kept:
                learned.take(one)
        self._session.add_all(learned.new)
        for row in learned.never_so:
            await self._session.delete(row)
        await self._session.flush()
        return [_shown(row) for row in learned.new if not row.doubt and not row.valid_to]

    async def end(self, id: str) -> FactShown:
        """It no longer holds, from now on. Raises NotFound when it is not in this vault."""
        row = await self._row(id)
        if row.valid_to is None or row.valid_to > now():
            row.valid_to = now()
        return await self._written(row)

    async def correct(self, id: str, value: str, source: str) -> FactShown:
        """It was never so, it is `value`: said by the `fan` or an `operator`, who are believed.

        Raises NotFound when it is not in this vault, or kept apart and not shown to the fan; Refused as `by_hand.checked`.
        """
        row = await self._row(id)
        if row.doubt and source == "fan":
            raise _not_here(id)
        row.value = row.quote = checked(value)
        row.source, row.confidence, row.doubt = source, 1.0, ""
        row.created_at = now()  # what was said before this does not undo it
        return await self._written(row)

    async def release(self, id: str) -> FactShown:
        """An operator found that it is no harm: it is used, and ends what it contradicts, or was ended by what was told later."""
        row = await self._row(id)
        row.doubt = ""
        fact = FoundFact(row.kind, row.subject, row.value, row.quote, row.confidence)
        trusted = select(Fact).where(self._key.opens(Fact), Fact.id != id, Fact.doubt == "")
        others = list(await self._session.scalars(trusted))
        later = [one for one in others if told_later(one, row.message_id, row.valid_from)]
        for other in others:
            if other not in later and other.valid_to is None and ends(fact, other):
                other.valid_to = row.valid_from
        if (ended := ended_by(fact, later, row.valid_from)) and (row.valid_to is None or ended < row.valid_to):
            row.valid_to = max(ended, row.valid_from)
        return await self._written(row)

    async def told_in(self, messages: Sequence[str]) -> dict[str, int]:
        """How many facts that are used were told in each of these messages; none: not named."""
        if not messages:
            return {}
        between = {"first": min(messages), "last": max(messages)}  # ids are in the order of time
        told = dict(await _TOLD_IN.run(self._session, {**self._key.bound, **between}))
        return {id: told[id] for id in messages if id in told}

    async def erase(self, id: str) -> None:
        """Take it out without a trace. Raises NotFound when it is not in this vault."""
        await self._session.delete(await self._row(id))
        await self._session.flush()

    async def _row(self, id: str) -> Fact:
        row = await self._session.scalar(select(Fact).where(self._key.opens(Fact), Fact.id == id))
        if row is None:
            raise _not_here(id)
        return row

    async def _written(self, row: Fact) -> FactShown:
        await self._session.flush()
        return _shown(row)

    async def _said(self, message_id: str) -> "_Said":
        """The message as it stands, with what the persona said before it."""
        at = await said_at(self._session, self._key, message_id)
        message = await self._session.get_one(Message, message_id)
        before = await self._session.scalar(
            select(Message.text)
            .where(
                Message.conversation_id == message.conversation_id, Message.id < message_id, Message.author == "persona"
            )
            .order_by(Message.id.desc())
            .limit(1)
        )
        return _Said(message_id, at, Heard(message.text, message.author, before or ""))


@dataclass(frozen=True, slots=True)
class _Said:
    id: str
    at: datetime
    heard: Heard


@dataclass(slots=True)
class _Learned:
    """Takes what the gate let through, one by one, against all rows of the vault."""

    key: VaultKey
    said: _Said
    source: str
    rows: list[Fact]
    new: list[Fact] = field(default_factory=list)
    never_so: list[Fact] = field(default_factory=list)  # told by mistake: they are no past, they go

    def take(self, verdict: Verdict) -> None:
        fact, at = verdict.fact, self.said.at
        if verdict.reason:
            self._keep_apart(fact, verdict.reason)
            return
        held = [row for row in self.rows if not row.doubt and (row.valid_to is None or row.valid_to > at)]
        later = [row for row in held if told_later(row, self.said.id, at)]
        earlier = [row for row in held if row not in later]
        if fact.kind == "correction":
            self._correct(fact, earlier)
            return
        since = None
        for row in [row for row in earlier if ends(fact, row)]:
            if taken_back(fact, row, at):
                since = self._was_never_so(row)
            else:
                row.valid_to = at
        if any(same(fact, row) for row in (self.rows if fact.ends else held) if not row.doubt) or self._by_hand(fact):
            return
        if fact.past and fact.value:
            self._write(fact, validity(fact, at, alone=self._alone(fact)))
        elif not fact.ends:
            self._write_until(fact, ended_by(fact, later, at), since)

    def _by_hand(self, fact: FoundFact) -> bool:
        """Whether a person wrote down by hand what that message says of it."""
        return any(
            row.source in BY_HAND and (row.message_id, row.kind, row.subject) == (self.said.id, fact.kind, fact.subject)
            for row in self.rows
        )

    def _write_until(self, fact: FoundFact, ended: datetime | None, since: datetime | None) -> None:
        """As long as it held, or `since` then; not at all where what was told later held already."""
        when = validity(fact, self.said.at, alone=self._alone(fact))
        when = replace(when, since=min(since or when.since, when.since))
        if ended is None:
            self._write(fact, when)
        elif ended > when.since:
            self._write(fact, replace(when, until=min(ended, when.until or ended)))

    def _alone(self, fact: FoundFact) -> bool:
        return not any(row.quote == fact.quote for row in self.new)

    def _correct(self, fact: FoundFact, held: list[Fact]) -> None:
        """What was told by mistake was never so, and the right value has held as long."""
        row = corrected(fact, held, self.said.at)
        if row is not None:
            meant = replace(fact, kind=row.kind, subject=row.subject)
            self._write(meant, Validity(self._was_never_so(row), row.valid_to))

    def _was_never_so(self, row: Fact) -> datetime:
        """Take it out; since when it was held. Told again by a model later, it would not have held before the right one."""
        self.rows.remove(row)
        if row in self.new:
            self.new.remove(row)
        else:
            self.never_so.append(row)
        return row.valid_from

    def _keep_apart(self, fact: FoundFact, reason: str) -> None:
        doubted = [row for row in self.rows if row.doubt]
        if len(doubted) < MOST_DOUBTED and not any(same(fact, row) for row in doubted):
            self._write(fact, Validity(self.said.at), reason)

    def _write(self, fact: FoundFact, when: Validity, doubt: str = "") -> None:
        row = Fact(
            **self.key.columns,
            id=new_id(),
            created_at=now(),
            kind=fact.kind,
            subject=fact.subject[:100],
            value=fact.value,
            quote=fact.quote,
            message_id=self.said.id,
            confidence=fact.confidence,
            source=self.source,
            doubt=doubt,
            uses=0,
            valid_from=when.since,
            valid_to=when.until,
            happens_at=when.happens_at,
        )
        self.new.append(row)
        self.rows.append(row)


def _not_here(id: str) -> NotFound:
    return NotFound(f"There is no memory {id} here.")


def _shown(row: Fact) -> FactShown:
    return FactShown(
        row.id, row.kind, row.subject, row.value, row.quote, row.message_id, row.confidence, row.valid_from,
        row.source, row.doubt, row.uses, row.valid_to, row.happens_at,
    )  # fmt: skip
