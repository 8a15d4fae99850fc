"""What of a persona's own knowledge fits what is said to her? Found by meaning through Chroma, read from SQL.

A persona with few posts, a short lorebook and few stories needs no search. Only what was compared with the rows since this
process started is searched; before that, and while Chroma or the embedder is away, the words of the newest decide. A
Chroma that cannot be used costs old posts found by meaning, never an answer: `memory.upkeep` rebuilds it in the background.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from gator.errors import Unavailable
from gator.principal import Principal
from memory import knowledge_state
from memory.holdings import FEW_POSTS, LORE, POSTS, STORIES, Told, holdings_of, row_id, stories_of, texts_of
from memory.knowledge import Holding, Knowledge
from memory.knowledge_state import Progress
from memory.recall.words import terms
from memory.store import Store
from memory.work import Work

if TYPE_CHECKING:
    from memory.embedding_batches import Embedder
    from memory.minilm import Floats

log = structlog.get_logger()

Reads = Callable[[], AbstractAsyncContextManager[Work]]

FEW = FEW_POSTS
NEAR = 0.25  # cosine below which two short texts have little in common, with MiniLM
NEAR_LORE = 0.4  # an entry nobody named: it must fit well
NEWEST = 300  # texts whose words are looked at where meaning cannot be
STEP = 64  # texts that are embedded between two looks at the clock


@dataclass(frozen=True, slots=True)
class Filling:
    """How far it is with a holding that lacks many."""

    holding: Holding
    done: int
    total: int


Tell = Callable[[Filling], None]


@dataclass(frozen=True, slots=True)
class _Complete:
    """With which mark of the rows and how many texts a holding was found complete."""

    mark: str
    count: int


class Archive:
    """The knowledge of all personas of one Gator."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._good: dict[tuple[Holding, str], _Complete] = {}  # by holding and model
        self._losses = 0
        self._filling = False
        self._untouched: set[tuple[Holding, str]] = set()  # whose vectors were looked at since this process started

    # Keeping

    async def keep(self, store: Store, who: Principal, personas: Iterable[str]) -> None:
        """Index what these personas have published and the index lacks, be it new or lost in a crash."""
        for persona in set(personas):
            async with store.open_work(who, reads=True) as work:
                found = await holdings_of(work, persona)
            for holding, mark in found:
                if holding.kind == POSTS:
                    try:
                        await self._tidy(store, who, holding, mark)
                    except Unavailable as away:
                        log.warning("posts_not_indexed", persona=persona, why=away.message)

    async def look_after(
        self, store: Store, who: Principal, tell: Tell | None = None, by: "Embedder | None" = None
    ) -> list[Holding]:
        """Make the index what SQL says, where it is not; what there is to be indexed. Raises Unavailable.

        `by` is an embedder that will answer later.
        """
        async with store.open_work(who, reads=True) as work:
            found = await holdings_of(work)
        self._filling = self._filling or any(not self._is_good(holding) for holding, _ in found)
        for holding, mark in found:
            if not self._is_good(holding, by, mark):
                await self._tidy(store, who, holding, mark, tell, by)
        self._filling = False
        there = {holding for holding, _ in found}
        for gone in [one for one in self._good if one[0].workspace == who.workspace and one[0] not in there]:
            await self.knowledge.forget(*gone)
            del self._good[gone]
        return list(there)

    async def rebuild(
        self, store: Store, who: Principal, persona: str | None = None, tell: Tell | None = None
    ) -> dict[str, int]:
        """Throw what is indexed away and make it again from the rows; how many texts of each kind. Raises Unavailable."""
        async with store.open_work(who, reads=True) as work:
            found = await holdings_of(work, persona)
        counts = {POSTS: 0, LORE: 0, STORIES: 0}
        for holding, mark in found:
            self._good.pop((holding, self.knowledge.embedder.name), None)
            await self.knowledge.forget(holding)
            counts[holding.kind] += await self._tidy(store, who, holding, mark, tell)
        return counts

    @property
    def size(self) -> int:
        """How many texts are known to be indexed."""
        name = self.knowledge.embedder.name
        return sum(one.count for (_, model), one in self._good.items() if model == name)

    @property
    def is_degraded(self) -> bool:
        """Whether what was indexed cannot be searched now, or was lost and is not all made again."""
        return self.knowledge.trouble is not None or self.knowledge.losses != self._losses or self._filling

    def _is_good(self, holding: Holding, by: "Embedder | None" = None, mark: str | None = None) -> bool:
        if self.knowledge.losses != self._losses:
            self._losses, self._filling = self.knowledge.losses, True
            self._good.clear()
            self._untouched.clear()
        there = self._good.get((holding, (by or self.knowledge.embedder).name))
        return there is not None and mark in (None, there.mark)

    async def _tidy(
        self,
        store: Store,
        who: Principal,
        holding: Holding,
        mark: str,
        tell: Tell | None = None,
        by: "Embedder | None" = None,
    ) -> int:
        """Put in what is lacking, take out what is stale or spoiled; how many texts the holding has."""
        async with store.open_work(who, reads=True) as work:
            texts = await texts_of(work, holding)
        losses, by = self.knowledge.losses, by or self.knowledge.embedder
        this = holding, by.name
        there = await self.knowledge.ids(holding, by)
        spoiled = [] if this in self._untouched else await self.knowledge.spoiled(holding, by)
        if spoiled:  # a changed byte shows in one place and may be in others
            await self.knowledge.throw_away(f"{len(spoiled)} spoiled vectors")
            raise Unavailable("The index of knowledge was spoiled.", remedy="It is rebuilt by itself.")
        await self.knowledge.remove(holding, sorted(there - texts.keys()), by)
        lacking = [(id, text) for id, text in texts.items() if id not in there]
        for start in range(0, len(lacking), STEP):
            if tell and len(lacking) > STEP:
                tell(Filling(holding, len(texts) - len(lacking) + start, len(texts)))
            await self.knowledge.index(holding, lacking[start : start + STEP], by)
        if self.knowledge.losses == losses:
            self._good[this] = _Complete(mark, len(texts))
            self._untouched.add(this)
        return len(texts)

    # Finding

    async def posts(
        self, reads: Reads, workspace: str, persona: str, question: str, vector: "Floats | None", model: str
    ) -> list[tuple[str, datetime]]:
        """Texts and times of her posts that fit best, oldest first."""
        found = await self._near(Holding(workspace, persona, POSTS), vector, model, FEW)
        async with reads() as work:
            if found is None:
                newest = await work.posts.latest(persona, NEWEST)
                return sorted((newest[at] for at in by_words(question, [text for text, _ in newest], FEW)), key=_time)
            ids = [row_id(id) for id, cosine in found if cosine >= NEAR]
            return (
                [(post.text, post.published_at or post.due_at) for post in await work.posts.by_ids(ids)] if ids else []
            )

    async def stories(
        self, reads: Reads, workspace: str, persona: str, question: str, vector: "Floats | None", model: str, limit: int
    ) -> list[Told]:
        """What she read that fits best, best first: by its words among the newest, by meaning among all; else the newest."""
        near: dict[str, float] = {}
        for owner in (persona, ""):
            holding = Holding(workspace, owner, STORIES)
            for id, cosine in await self._near(holding, vector, model, limit) or []:
                near[row_id(id)] = cosine
        async with reads() as work:
            newest = await stories_of(work, persona, limit=NEWEST)
            known = {story.id: story for story in newest}
            old = [id for id in near if id not in known]
            known |= {story.id: story for story in (await stories_of(work, persona, ids=old) if old else [])}
        told = list(known.values())
        worded = [told[at].id for at in by_words(question, [f"{one.title} {one.summary}" for one in told], limit)]
        fitting = [id for id in sorted(near, key=lambda id: -near[id]) if near[id] >= NEAR and id in known]
        best = dict.fromkeys([*worded[:1], *fitting, *worded]) or [story.id for story in newest]
        return [known[id] for id in best][:limit]

    async def lore(self, workspace: str, persona: str, vector: "Floats | None", model: str, limit: int) -> list[str]:
        """Ids (`lore_id`) of the entries that fit although nobody named a key of theirs, best first."""
        found = await self._near(Holding(workspace, persona, LORE), vector, model, limit)
        return [id for id, cosine in found or [] if cosine >= NEAR_LORE]

    async def _near(
        self, holding: Holding, vector: "Floats | None", model: str, limit: int
    ) -> list[tuple[str, float]] | None:
        """(id, cosine), best first; None where meaning cannot be asked."""
        if vector is None or not self._is_good(holding) or (holding, model) not in self._good:
            return None
        try:
            return await self.knowledge.search(holding, vector, limit, model)
        except Unavailable as away:
            log.warning("knowledge_not_searched", persona=holding.persona, kind=holding.kind, why=away.message)
            return None

    def note(self, progress: Progress) -> None:
        """Write down how the index fares, for who may not open it."""
        knowledge_state.note(self.knowledge.home, progress)

    async def close(self) -> None:
        await self.knowledge.close()


def by_words(question: str, texts: Sequence[str], limit: int) -> list[int]:
    """Places of the texts that share the question's rarest words, best first; none that share none."""
    asked = set(terms(question))
    holding = [asked.intersection(terms(text)) for text in texts] if asked else []
    spread = Counter(word for words in holding for word in words)
    weight = {word: math.log(1 + len(texts) / count) for word, count in spread.items()}
    scores = {at: sum(weight[word] for word in words) for at, words in enumerate(holding) if words}
    return sorted(scores, key=lambda at: (-scores[at], at))[:limit]


def _time(post: tuple[str, datetime]) -> datetime:
    return post[1]
