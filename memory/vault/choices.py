"""Does the fan want to be remembered? Off: nothing new is learned and nothing old is recalled, until they say on again.

Each decision is written down among the erasures (`memory.erasures`), so that a backup of before undoes none.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gator.clock import now
from memory.embedding import embedder
from memory.models import Erasure, Fan, MemoryChoice
from memory.repositories.base import insertion_once, row_of
from memory.vault.episodes import Episodes
from memory.vault.key import VaultKey
from memory.vault.off_since import off_since
from memory.work import Work

ON, OFF = CHOICES = ("on", "off")  # scopes of erasures


class Choice:
    """What a fan decided about one vault. It outlives all that is in it."""

    def __init__(self, session: AsyncSession, key: VaultKey) -> None:
        self._session = session
        self._key = key

    async def off_at(self) -> datetime | None:
        """Since when nothing is remembered; None while it is on."""
        return await off_since(self._session, self._key)

    async def is_off(self) -> bool:
        return await self.off_at() is not None

    async def off(self) -> None:
        """Remember nothing from now on; said twice, the first time counts.

        A turn that is just being written down is waited for: whoever writes holds the conversation and asks again.
        """
        await self._session.execute(self._key.held_conversations())
        if not await self.is_off():
            await self._set(now())
            await self._write_down(OFF)

    async def on(self) -> None:
        """Remember again; what was said meanwhile is never consolidated."""
        if await self._resume():
            await self._write_down(ON)

    async def again(self, off_at: datetime | None) -> None:
        """As it was decided, to rows of before that."""
        if off_at is None:
            await self._resume()
        elif not await self.is_off():
            await self._set(off_at)

    async def _resume(self) -> bool:
        """Whether it was off."""
        since = await self.off_at()
        if since:
            await Episodes(self._session, self._key, embedder().name).pass_over(since)
        await self._set(None)
        return since is not None

    async def _write_down(self, choice: str) -> None:
        """For each fan who is that person: a backup may be of before they were linked."""
        linked = select(Fan.id).where(Fan.workspace == self._key.workspace, Fan.person_id == self._key.fan)
        for fan in [self._key.fan, *await self._session.scalars(linked)]:
            whose = {**self._key.columns, "fan_id": fan}
            self._session.add(Erasure(**whose, scope=choice, asked_by="", counts={}, receipt=""))
        await self._session.flush()

    async def _set(self, off_at: datetime | None) -> None:
        row = row_of(MemoryChoice, **self._key.columns, off_at=off_at)
        await insertion_once(MemoryChoice, self._session.get_bind().dialect.name).run(self._session, row)
        theirs = self._key.opens(MemoryChoice)
        await self._session.execute(update(MemoryChoice).where(theirs).values(off_at=off_at))


async def hold_to_the_stricter(work: Work, fans: Sequence[str], person: str) -> None:
    """Where one of the fans wants nothing remembered by a persona, neither does who stands for all of them."""
    theirs = MemoryChoice.workspace == work.principal.workspace, MemoryChoice.fan_id.in_(fans)
    off: dict[str, datetime] = {}
    for row in await work.session.scalars(select(MemoryChoice).where(*theirs)):
        if row.off_at:
            off[row.persona_id] = min(row.off_at, off.get(row.persona_id, row.off_at))
    for persona, since in off.items():
        await Choice(work.session, VaultKey(work.principal.workspace, persona, person))._set(since)


async def take_along(work: Work, person: str, fans: Sequence[str]) -> None:
    """What the person decided last is what each of the fans decided: they part."""
    theirs = MemoryChoice.workspace == work.principal.workspace, MemoryChoice.fan_id == person
    for persona, off_at in list(
        await work.session.execute(select(MemoryChoice.persona_id, MemoryChoice.off_at).where(*theirs))
    ):
        for fan in fans:
            await Choice(work.session, VaultKey(work.principal.workspace, persona, fan))._set(off_at)
