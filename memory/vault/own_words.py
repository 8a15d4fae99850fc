"""What did the persona say of herself? To this fan, and to everybody in her posts; kept so that she stays the same."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from gator.ids import new_id
from memory.found_fact import FoundFact
from memory.models import OwnWord, Post
from memory.own_words import doubt_about, said_of_herself
from memory.prepared import Prepared
from memory.repositories.base import table_of
from memory.vault.key import VaultKey, said_at
from memory.work import Work

MOST = 200  # that are compared; a persona who says more of herself than that repeats herself

_W = table_of(OwnWord)
_HELD = Prepared(
    select(_W.c.id, _W.c.kind, _W.c.subject, _W.c.value, _W.c.quote)
    .where(_W.c.workspace == bindparam("workspace"), _W.c.persona_id == bindparam("persona"), _W.c.doubt == "")
    .where((_W.c.fan_id == bindparam("fan")) | _W.c.fan_id.is_(None))
    # To this fan before to everybody; the newest first.
    .order_by(_W.c.fan_id.is_(None), _W.c.id.desc())
    .limit(bindparam("most"))
)


class Held(NamedTuple):
    """Something that she may say again."""

    id: str
    kind: str
    subject: str
    value: str
    quote: str

    @property
    def said(self) -> tuple[str, str, str]:
        return self.kind, self.subject, self.value


class OwnWords:
    """What was said of herself by the persona of one vault."""

    def __init__(self, session: AsyncSession, key: VaultKey) -> None:
        self._session = session
        self._key = key

    async def held(self, limit: int = MOST) -> list[Held]:
        """What she may say again: what she said to this fan first, then what she said to everybody."""
        return [Held(*row) for row in await _HELD.run(self._session, {**self._key.bound, "most": limit})]

    async def learn(self, message_id: str, text: str, card: Mapping[str, str]) -> int:
        """Keep what she says of herself in that line of hers; how much of it was new.

        Raises Forbidden when the message was not said between the two.
        """
        found = said_of_herself(text)
        if not found:
            return 0
        await said_at(self._session, self._key, message_id)
        before = [one.said for one in await self.held()]
        fresh = [one for one in found if not _known(one, before)]
        for one in fresh:
            self._keep(one, message_id, card, before)
        await self._session.flush()
        return len(fresh)

    def _keep(
        self, found: FoundFact, message_id: str, card: Mapping[str, str], before: list[tuple[str, str, str]]
    ) -> None:
        doubt = doubt_about(found, card, before)
        self._session.add(OwnWord(**self._key.columns, **_columns(found, doubt), message_id=message_id))
        if not doubt:
            before.append((found.kind, found.subject, found.value))


async def told_to_all(work: Work, post: Post, card: Mapping[str, str]) -> int:
    """Keep what a persona says of herself in a post that everybody reads; how much of it was new."""
    found = said_of_herself(post.text)
    if not found:
        return 0
    public = select(OwnWord.kind, OwnWord.subject, OwnWord.value).where(
        OwnWord.workspace == work.principal.workspace, OwnWord.persona_id == post.persona_id, OwnWord.fan_id.is_(None)
    )
    rows = await work.session.execute(public.where(OwnWord.doubt == "").order_by(OwnWord.id.desc()).limit(MOST))
    before: list[tuple[str, str, str]] = [(kind, subject, value) for kind, subject, value in rows]
    fresh = [one for one in found if not _known(one, before)]
    whose = {"workspace": work.principal.workspace, "persona_id": post.persona_id, "fan_id": None, "post_id": post.id}
    work.session.add_all(OwnWord(**whose, **_columns(one, doubt_about(one, card, before))) for one in fresh)
    await work.session.flush()
    return len(fresh)


def _known(found: FoundFact, before: Sequence[tuple[str, str, str]]) -> bool:
    said = (found.kind, found.subject, found.value.casefold())
    return any(said == (kind, subject, value.casefold()) for kind, subject, value in before)


def _columns(found: FoundFact, doubt: str) -> dict[str, str]:
    return {
        "id": new_id(),
        "kind": found.kind,
        "subject": found.subject[:100],
        "value": found.value,
        "quote": found.quote,
        "doubt": doubt,
    }
