"""What is done with memory when nobody talks? Sittings close, lines get vectors, a model looks for facts.

One loop of the process that serves, in small steps that give way to turns. What is done is rows, written once in one
transaction: killed anywhere, it is done again and never doubled. Of several processes one works on a conversation.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agents.models import Mind
from agents.noting import Noted, note_down
from gator.clock import now
from gator.errors import GatorError, NotFound, Unavailable
from gator.ids import new_id
from gator.principal import Kind, Principal, service
from gator.settings import Settings
from memory.alone import alone
from memory.embedding import embedder
from memory.embedding_batches import Embedder
from memory.episodes import Told, tell, text_of
from memory.founding import workspaces
from memory.own_words import card_of
from memory.sittings import SILENCE
from memory.store import Store
from memory.vault import Sitting, VaultKey, open_vault
from memory.vault.backlog import Place, Plain, Unclosed, plain_episodes, plain_messages, unclosed
from memory.work import Work
from tools.capability import Turn
from tools.personas.character import Character

log = structlog.get_logger()

EVERY_S = 20.0
BATCH = 32  # texts embedded at once: 0.25 CPU-s
BATCHES = 16  # a round; the rest is the next one's
GIVES_WAY_S = 30.0  # at most: where turns never cease, a step is done between them all the same
LOOK_S = 0.1
# What is talked in without a pause is looked at now and then, but not in the middle of an exchange.
LONG_EVERY, PAUSE = timedelta(minutes=10), timedelta(minutes=2)
ALL_AGAIN = timedelta(hours=1)  # what failed, or came with a time of long ago, is found then
FIRST: Place = (datetime(1970, 1, 1, tzinfo=UTC), "")


class Consolidator:
    """One process's share. `busy` says whether a turn is being answered."""

    def __init__(self, settings: Settings, store: Store, mind: Mind, busy: Callable[[], bool] = lambda: False) -> None:
        self._settings = settings
        self._store = store
        self._mind = mind
        self._busy = busy
        self._after: dict[str, Place] = {}  # by workspace: the last conversation that was looked at
        self._began = self._long_at = now() - LONG_EVERY

    async def run(self) -> None:
        """For as long as the process serves."""
        while True:
            try:
                await self.round()
            except Exception:
                log.exception("consolidation_failed")  # a database that is away comes back
            await asyncio.sleep(EVERY_S)

    async def round(self) -> None:
        """Do what there is to do now."""
        at = now()
        if at - self._began > ALL_AGAIN:
            self._after.clear()
            self._began = at
        long = at - self._long_at >= LONG_EVERY
        self._long_at = at if long else self._long_at
        for workspace in await workspaces(self._store):
            self._after[workspace] = await self._close_all(workspace, self._after.get(workspace, FIRST), at - SILENCE)
            if long:
                await self._close_all(workspace, (at - SILENCE, ""), at - PAUSE, long=True)
            async with alone(self._store, f"embed:{workspace}") as mine:
                if mine:
                    await self._embed(workspace)

    # Sittings

    async def _close_all(self, workspace: str, after: Place, until: datetime, *, long: bool = False) -> Place:
        """Close what is over in conversations last spoken in by `until`; gives where to go on next time."""
        who = _keeper(workspace)
        while True:
            await self._give_way()
            async with self._store.open_work(who, reads=True) as work:
                found, place = await unclosed(work, after, until, long=long)
            for one in found:
                try:
                    async with alone(self._store, f"consolidate:{one.conversation}") as mine:
                        if mine:
                            await self.close(one)
                except (GatorError, SQLAlchemyError):
                    log.exception("sitting_not_closed", conversation=one.conversation)
                after = max(after, (one.last_at, one.conversation))
            if place is None:
                return after
            after = place

    async def close(self, one: Unclosed) -> None:
        """Close the conversation's sittings that are over, one after the other."""
        who = _keeper(one.key.workspace)
        while True:
            await self._give_way()
            async with self._store.open_work(who, reads=True) as work:
                vault = open_vault(work, one.key)
                sitting = await vault.episodes.next_sitting(one.conversation, await vault.choice.off_at())
            if sitting is None or not await self._close(one.key, sitting):
                return

    async def _close(self, key: VaultKey, sitting: Sitting) -> bool:
        """Write its episode, by the model where there is one and memory is on; whether it was written."""
        noted = None if sitting.off_since else await self._noted(key, sitting)
        told = noted.told if noted and noted.told.lines else tell(sitting.messages, sitting.doubted)
        by = embedder()
        vector = await _vector_of(by, told) if not sitting.off else None
        async with self._store.open_work(_keeper(key.workspace)) as work:
            vault = open_vault(work, key, by.name)
            written = await vault.episodes.close(sitting, told, vector)
            if written and noted:
                for message_id, fact in noted.facts:
                    await vault.facts.learn([fact], message_id, source="model")
        return written is not None

    async def _noted(self, key: VaultKey, sitting: Sitting) -> Noted | None:
        if self._mind.builtin:
            return None
        who = Principal(key.workspace, Kind.loop, "consolidation", persona=key.persona)
        turn = Turn(principal=who, store=self._store, settings=self._settings, id=new_id())
        try:
            async with self._store.open_work(who, reads=True) as work:
                character = Character.model_validate((await work.personas.get(key.persona)).character)
        except NotFound:  # the persona was removed
            return None
        return await note_down(self._mind, turn, character, sitting)

    # Vectors

    async def _embed(self, workspace: str) -> None:
        """Give vectors to what has none: lines of personas, episodes that were told anew."""
        who = _keeper(workspace)
        for _ in range(BATCHES):
            await self._give_way()
            async with self._store.open_work(who, reads=True) as work:
                messages, episodes = await plain_messages(work, BATCH), await plain_episodes(work, BATCH)
            by, waiting = embedder(), [*messages, *episodes]
            vectors = await _vectors(by, [one.text for one in waiting]) if waiting else None
            if vectors is None:
                return
            async with self._store.open_work(who) as work:
                for one, vector in zip(messages, vectors, strict=False):
                    await _keep_vector(work, one, vector, by.name)
                for one, vector in zip(episodes, vectors[len(messages) :], strict=True):
                    await open_vault(work, one.key, by.name).episodes.embedded(one.id, vector, one.text)

    async def _give_way(self) -> None:
        """Wait while a turn is being answered."""
        for _ in range(int(GIVES_WAY_S / LOOK_S)):
            if not self._busy():
                return
            await asyncio.sleep(LOOK_S)


async def _keep_vector(work: Work, one: Plain, vector: Any, model: str) -> None:
    """The vector of a message, and what the persona says of herself in it: of what was not forgotten or changed meanwhile."""
    vault = open_vault(work, one.key, model)
    kept = await vault.said.embedded(one.id, vector, one.text)
    if kept and one.author == "persona" and not await vault.choice.is_off():
        await vault.own_words.learn(one.id, one.text, await _card(work, one.key.persona))


async def _vector_of(by: Embedder, told: Told) -> Any:
    vectors = await _vectors(by, [text_of(line.as_data() for line in told.lines)]) if told.lines else None
    return vectors[0] if vectors is not None else None


async def _vectors(by: Embedder, texts: Sequence[str]) -> Any:
    try:
        return await by.embed(list(texts))
    except Unavailable as away:
        log.warning("embedder_unavailable", why=away.message)
        return None


async def _card(work: Work, persona: str) -> dict[str, str]:
    """What the persona says of herself may not go against; nothing once she was removed."""
    try:
        return card_of((await work.personas.get(persona)).character)
    except NotFound:
        return {}


def _keeper(workspace: str) -> Principal:
    return service(workspace, "consolidation")
