"""How do all memories get vectors of another model, while the old ones answer? In small steps, when nobody talks.

A workspace has one row that tells whose vectors answer (`EmbeddedBy`). When another embedder is configured, its vectors are
made beside the old ones, page by page; the old embedder goes on with questions and new messages, where it can still be
had, else words decide. Once all are made the new one takes over, and after a while the old vectors go. Killed anywhere,
it goes on from the page it was at. Neighbours: `memory.vault.reembedding` (the rows), `memory.upkeep` (the index of Chroma).
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select

from gator.clock import now
from gator.errors import Unavailable
from gator.principal import Principal, service
from gator.settings import Settings
from memory.alone import alone
from memory.embedding import embedder, made_with, serve, wanted
from memory.founding import workspaces
from memory.models import EmbeddedBy
from memory.store import Store
from memory.vault import open_vault
from memory.vault import reembedding as rows
from memory.work import Work

log = structlog.get_logger()

STEP = 16  # texts embedded at once: 0.12 CPU-s, for which a fan's question may wait
SWEPT = 500  # rows looked at at once
TICK_S = 5.0
GIVES_WAY = 300  # tenths of a second: where turns never cease, a step is done between them all the same
GRACE = timedelta(minutes=2)  # in which other processes learn whose vectors answer now, before the old ones go


@dataclass(frozen=True, slots=True)
class Progress:
    """From which model to which, and how many of how many rows were looked at."""

    old: str
    new: str
    done: int
    total: int

    def in_words(self) -> str:
        return f"{self.done} of {self.total} memories embedded anew by {self.new}; {self.old} answers meanwhile"


async def settle(store: Store, settings: Settings) -> None:
    """Have the embedder answer whose vectors there are: the configured one, or the one before until all are made."""
    new = wanted()
    for workspace in await workspaces(store):
        async with store.open_work(service(workspace, "reembedding"), reads=True) as work:
            state = await _state(work)
            model = state.model if state else await rows.newest_model(work)
        if model and model != new.name and (old := made_with(model, settings)):
            if embedder().name != old.name:
                serve(old)
                log.info("embedder_serves", model=old.name, until=new.name)
            return
    if embedder() is not new:
        serve(new)
        log.info("embedder_serves", model=new.name)


async def reembed_some(store: Store, who: Principal, limit: int = STEP) -> int:
    """Do a little of what is to be done in this workspace; how many rows were looked at, 0 when all is done.

    Raises Unavailable while the new embedder cannot be used.
    """
    new = wanted()
    async with store.open_work(who, reads=True) as work:
        state = await _state(work)
    if state and state.model == new.name and state.swept and not state.becoming:
        return 0
    async with store.open_work(who) as work:
        state = await _state(work, lock=True) or await _begin(work)
        if state.model != new.name and state.becoming != new.name:
            state.becoming, state.upto, state.done, state.total = new.name, "", 0, await rows.count(work)
        elif state.model == new.name and state.becoming:  # it was changed back before it was done
            state.becoming, state.upto, state.swept = "", "", False
        making, sweeping = bool(state.becoming), not state.swept and now() - state.since >= GRACE
        upto = state.upto
    if making:
        return await _make(store, who, upto, limit)
    return await _sweep(store, who, upto) if sweeping else 0


async def progress(store: Store) -> list[Progress]:
    """What is being made now, by workspace."""
    found = []
    for workspace in await workspaces(store):
        async with store.open_work(service(workspace, "reembedding"), reads=True) as work:
            state = await _state(work)
        if state and state.becoming:
            found.append(Progress(state.model, state.becoming, min(state.done, state.total), state.total))
    return found


async def keep_reembedding(store: Store, settings: Settings, busy: Callable[[], bool] = lambda: False) -> None:
    """For as long as the process serves. It rests as long as it works, and while a turn is being answered."""
    while True:
        try:
            await settle(store, settings)
            for workspace in await workspaces(store):
                async with alone(store, f"reembed:{workspace}") as mine:
                    if mine:
                        await _all(store, service(workspace, "reembedding"), busy)
            await settle(store, settings)
        except Unavailable as away:
            log.warning("embedder_unavailable", why=away.message)
        except Exception:
            log.exception("reembedding_failed")  # a database that is away comes back
        await asyncio.sleep(TICK_S)


async def _all(store: Store, who: Principal, busy: Callable[[], bool]) -> None:
    began = time.monotonic()
    while await reembed_some(store, who):
        await asyncio.sleep(min(time.monotonic() - began, 1.0))
        for _ in range(GIVES_WAY):
            if not busy():
                break
            await asyncio.sleep(0.1)
        began = time.monotonic()


async def _make(store: Store, who: Principal, upto: str, limit: int) -> int:
    """Make the vectors of the next page; of episodes when there is none; then the new embedder takes over."""
    new = wanted()
    async with store.open_work(who, reads=True) as work:
        lacking, last = await rows.page(work, upto, new.name, limit)
        episodes = [] if last else await rows.old_episodes(work, new.name, limit)
    found = lacking + episodes
    vectors = await new.embed([one.text for one in found])
    async with store.open_work(who) as work:
        state = await _state(work, lock=True)
        if state is None or (state.becoming, state.upto) != (new.name, upto):
            return 1  # somebody else did it meanwhile
        await rows.put(work, lacking, vectors[: len(lacking)], new.name)
        for one, vector in zip(episodes, vectors[len(lacking) :], strict=True):
            await open_vault(work, one.key, new.name).episodes.embedded(one.id, vector, one.text)
        if last:
            state.upto, state.done = last, state.done + limit
        elif not episodes:
            state.model, state.becoming, state.upto, state.since, state.swept = new.name, "", "", now(), False
            log.info("reembedded", workspace=who.workspace, model=new.name)
    return limit


async def _sweep(store: Store, who: Principal, upto: str) -> int:
    """Remove old vectors that have a new one beside them; what another process kept meanwhile by the old one gets one."""
    new = wanted()
    async with store.open_work(who, reads=True) as work:
        lacking, _ = await rows.page(work, upto, new.name, SWEPT)
    late = lacking[:STEP]
    vectors = await new.embed([one.text for one in late])
    async with store.open_work(who) as work:
        state = await _state(work, lock=True)
        if state is None or state.model != new.name or state.becoming or state.upto != upto:
            return 1
        if late:
            await rows.put(work, late, vectors, new.name)
            return len(late)
        state.upto = await rows.sweep(work, upto, new.name, SWEPT)
        state.swept = not state.upto
    return SWEPT if state.upto else 0


async def _state(work: Work, *, lock: bool = False) -> EmbeddedBy | None:
    mine = select(EmbeddedBy).where(EmbeddedBy.workspace == work.principal.workspace)
    return await work.session.scalar(mine.with_for_update() if lock else mine)


async def _begin(work: Work) -> EmbeddedBy:
    """The first look at a workspace: what its newest vector was made by, or who is wanted where it has none."""
    model = await rows.newest_model(work) or wanted().name
    state = EmbeddedBy(workspace=work.principal.workspace, model=model, since=now())
    work.session.add(state)
    await work.session.flush()
    return state
