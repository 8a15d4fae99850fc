"""Which of her own posts fit what is said to a persona? Found by meaning through Chroma, read from SQL.

A persona with few posts needs no search: the newest are told in every turn. Chroma is only asked where there are more.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from gator.errors import Unavailable
from gator.principal import Principal
from memory.knowledge import Knowledge
from memory.store import Store
from memory.work import Work

if TYPE_CHECKING:
    from memory.minilm import Floats

log = structlog.get_logger()

FEW = 3  # posts that are told in every turn; a persona with no more is not indexed at all
NEAR = 0.25  # cosine below which two short texts have little in common, with MiniLM


class Archive:
    """The posts of all personas of one Gator. A Chroma that cannot be used costs old posts, never an answer."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    async def keep(self, store: Store, who: Principal, personas: Iterable[str]) -> None:
        """Index what these personas have published and the index lacks, be it new or lost in a crash."""
        for persona in set(personas):
            async with store.open_work(who, reads=True) as work:
                posts = {post.id: post.text for post in await work.posts.published(persona, limit=10_000) if post.text}
            if len(posts) <= FEW:
                continue
            try:
                lacking = await self._knowledge.missing(who.workspace, persona, list(posts))
                await self._knowledge.index(who.workspace, persona, [(id, posts[id]) for id in lacking])
            except Unavailable as away:
                log.warning("posts_not_indexed", persona=persona, why=away.message)

    async def near(self, workspace: str, persona: str, vector: "Floats", limit: int) -> list[str]:
        """Ids of the posts that fit best."""
        try:
            found = await self._knowledge.search(workspace, persona, vector, limit)
        except Unavailable as away:
            log.warning("posts_not_searched", persona=persona, why=away.message)
            return []
        return [id for id, cosine in found if cosine >= NEAR]

    async def read(self, work: Work, ids: list[str]) -> list[tuple[str, datetime]]:
        """Texts and times of those that are still published, oldest first."""
        return [(post.text, post.published_at or post.due_at) for post in await work.posts.by_ids(ids)]

    async def close(self) -> None:
        await self._knowledge.close()
