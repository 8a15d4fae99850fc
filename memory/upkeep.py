"""What is put right while nobody waits? The index of knowledge, and vectors of another model than the configured one.

One loop of the process that serves: it compares the index with the rows when it starts, when they changed, when the index
was lost and when somebody wishes it rebuilt. Turns go on meanwhile; words decide for them.
"""

import asyncio
import time
from collections import Counter

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gator.errors import GatorError, Unavailable
from gator.principal import Principal, service
from memory import knowledge_state
from memory.archive import Archive, Filling, Tell
from memory.embedding import wanted
from memory.founding import workspaces
from memory.knowledge import Holding
from memory.knowledge_state import Progress, Wish
from memory.store import Store

log = structlog.get_logger()

TICK_S = 2.0
COMPARE_EVERY_S = 120.0  # with the rows, where nothing is known to be wrong: new stories of feeds


class Upkeep:
    """See the module."""

    def __init__(self, store: Store, archive: Archive) -> None:
        self._store = store
        self._archive = archive
        self._compared_at: float | None = None
        self._compared_for: set[str] = set()
        self._losses = 0
        self._noted: Progress | None = None

    async def keep(self) -> None:
        """For as long as the process serves."""
        while True:
            try:
                await self.step()
            except Exception:
                log.exception("upkeep_failed")  # a database that is away comes back
            await asyncio.sleep(TICK_S)

    async def step(self) -> None:
        """Whatever is to be done now."""
        wish = knowledge_state.wished(self._archive.knowledge.home)
        if wish:
            await self._rebuild(wish)
        elif self._is_due():
            await self._compare()

    def _is_due(self) -> bool:
        knowledge = self._archive.knowledge
        if knowledge.trouble:
            return False
        changed = (knowledge.losses, self._models()) != (self._losses, self._compared_for)
        return changed or self._compared_at is None or time.monotonic() - self._compared_at > COMPARE_EVERY_S

    def _models(self) -> set[str]:
        """Who embeds, and who is to."""
        return {self._archive.knowledge.embedder.name, wanted().name}

    async def _compare(self) -> None:
        knowledge = self._archive.knowledge
        self._losses, self._compared_for, self._compared_at = knowledge.losses, self._models(), time.monotonic()
        try:
            holdings = [one for who in await _workspaces(self._store) for one in await self._look_after(who)]
            if holdings:
                await knowledge.keep_only({one.collection(model) for one in holdings for model in self._models()})
        except Unavailable as away:
            self._compared_at = None
            self._note(Progress("away", f"{away.message} {away.remedy}".strip()))
            return
        if holdings or self._noted:
            self._note(Progress("ready", total=self._archive.size))

    async def _look_after(self, who: Principal) -> list[Holding]:
        """Of one workspace; also with the vectors of the embedder that is to answer once all memories have them."""
        holdings = await self._archive.look_after(self._store, who, self._tell)
        if len(self._models()) > 1:
            await self._archive.look_after(self._store, who, self._tell, wanted())
        return holdings

    async def _rebuild(self, wish: Wish) -> None:
        """Carry the wish out, once; what went wrong is written beside it."""
        count, why = 0, ""
        try:
            count = sum((await rebuild(self._store, self._archive, wish.persona, self._tell)).values())
        except (GatorError, SQLAlchemyError) as failed:
            why = failed.message if isinstance(failed, GatorError) else type(failed).__name__
        knowledge_state.granted(self._archive.knowledge.home)
        self._note(Progress("away" if why else "ready", why, count, count, asked=wish.id))

    def _tell(self, now: Filling) -> None:
        self._note(Progress("rebuilding", now.holding.kind, now.done, now.total))

    def _note(self, progress: Progress) -> None:
        if progress != self._noted:
            self._noted = progress
            self._archive.note(progress)


async def rebuild(store: Store, archive: Archive, persona: str = "", tell: Tell | None = None) -> Counter[str]:
    """Make the index anew from the rows, all of it or one persona's; how many texts of each kind. Raises Unavailable."""
    if not persona or archive.knowledge.trouble:
        await archive.knowledge.throw_away("it is made anew")
    counts: Counter[str] = Counter()
    for who in await _workspaces(store):
        try:
            counts.update(await archive.rebuild(store, who, persona or None, tell))
        except Unavailable:  # what was broken is thrown away now; another time it is another trouble
            await archive.knowledge.throw_away("it is made anew")
            counts.update(await archive.rebuild(store, who, persona or None, tell))
    return counts


async def _workspaces(store: Store) -> list[Principal]:
    return [service(workspace, "upkeep") for workspace in await workspaces(store)]
